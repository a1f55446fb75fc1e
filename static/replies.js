// The page of canned replies: J and K between them, N for a new one, Ctrl Enter saves. It only moves focus and presses buttons.
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  function step(by) {
    const all = [...document.querySelectorAll("[data-reply]")], here = all.indexOf(document.activeElement);
    const at = here < 0 ? all.findIndex((link) => link.ariaCurrent === "true") : here;
    all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
  }
  const ACTS = { next: () => step(1), previous: () => step(-1) };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || $("[popover]:popover-open")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $(".replies__form")?.requestSubmit($(".replies__form .btn--solid"));
  });
  document.addEventListener("baton:key", (event) => {
    const act = ACTS[event.detail.action];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("DOMContentLoaded", () => {
    const wrong = $("[aria-invalid]");
    if (wrong) wrong.focus();
    else if (location.hash === "#reply-form" && !$("[data-reply][aria-current]")) $("#reply-shortcut")?.focus();
  });
})();
