// The policy's pages: keys for judging, grips on the histogram, and a word when a change was not saved or somebody else changes the draft.
// It builds no HTML: it moves focus, fills in values and presses buttons.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (element) => element?.closest?.("textarea, input:not([type=range]), select, [contenteditable]");

  // --- Keys: from one conversation to the next, right and wrong, Ctrl Enter for a replay ---------------------------
  const rows = () => $$("[data-flip]");
  let at = null;
  function cursor() {
    for (const row of rows()) row.classList.toggle("row--cursor", row.id === at);
  }
  function step(by) {
    const link = $(by > 0 ? "[data-after]" : "[data-before]");
    if (link) { link.click(); return; }
    const all = rows(), index = all.findIndex((row) => row.id === at);
    const next = all[index < 0 ? 0 : Math.min(all.length - 1, Math.max(0, index + by))];
    if (!next) return;
    at = next.id;
    cursor();
    $(".policy-open", next).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function verdict(name) {
    const among = rows().length ? at && document.getElementById(at) : document;
    if (among) $(`[data-${name}]`, among)?.click();
  }
  const ACTS = { next: () => step(1), previous: () => step(-1), right: () => verdict("right"), wrong: () => verdict("wrong") };
  document.addEventListener("baton:key", (event) => {
    const act = ACTS[event.detail.action];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    // Enter in a dialog's field presses the dialog's button, not the form's.
    const dialog = event.key === "Enter" && event.target.matches?.("input") && event.target.closest("#draft [popover]");
    if (dialog) { event.preventDefault(); $(".btn--solid", dialog).click(); return; }
    if ($("[popover]:popover-open")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("[data-run-replay]")?.click();
    else if (event.key === "Escape" && !typing(event.target)) $("[data-back]")?.click();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-flip]");
    if (row) { at = row.id; cursor(); }
  });

  // --- Marks and replays: sent without leaving the page, by a button that a push may replace meanwhile ------------------
  let sent = Promise.resolve();
  async function send(url, body) {
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.ok && !answer.redirected) htmx.swap(document.body, await answer.text(), { swapStyle: "none" });
    else if (answer.status >= 500) throw new Error(answer.status);
    else location.reload();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-quiet]");
    if (!button) return;
    event.preventDefault();
    const body = new URLSearchParams({ csrfmiddlewaretoken: $("[name=csrfmiddlewaretoken]", button.form).value, [button.name || "pressed"]: button.value });
    const url = button.formAction;
    // One after the other, so that the last answer is the newest.
    sent = sent.then(() => send(url, body)).then(() => { if (!isLost) say(""); }, () => say("Not done: the server did not answer. Press it again."));
  });

  // --- Grips: a limit moved by hand is a number typed into its field ------------------------------------------------
  document.addEventListener("input", (event) => {
    const field = event.target.dataset?.grip && document.getElementById(event.target.dataset.grip);
    if (field) field.value = Number(event.target.value).toFixed(2);
  });

  // --- Saving: a change that did not arrive is said where it was typed and sent again; what builds on the draft waits for it ---
  const WAITING = "#run, #options, #ask-publish";
  let typed = new Set(), under = new Set(), isLost = false, waiting = "", act = null;
  let saving = 0;  // our own change comes back by the socket before its answer does
  const isWrong = () => $$("#draft .wrong").some((word) => word.textContent);
  const isOpen = () => saving > 0 || typed.size > 0 || isLost || isWrong();
  // Every save sends all fields; what a button in a dialog was to do, as long as the dialog asks for it.
  const save = () => $("#draft").requestSubmit(act?.closest(":popover-open") ? act : null);
  function say(words) {
    const notice = $("[data-not-saved]");
    $("span", notice).textContent = words;
    notice.hidden = !words;
  }
  // Who is sent to sign in is answered too, by another page.
  const arrived = ({ successful, pathInfo }) => successful && pathInfo.responsePath === pathInfo.requestPath;
  function lost(status) {
    isLost = true;
    typed = new Set([...typed, ...under]);
    for (const id of typed) {
      const word = document.getElementById(`${id}-wrong`);
      if (word) { word.textContent = "Not saved yet."; word.dataset.lost = ""; }
    }
    const why = !status ? "no connection. It is tried again when the line is back" : status >= 500 ? "the server did not answer. Save it again"
      : "the server did not take it. Load the page and change it again";
    say(`Not saved: ${why}. Replay and publishing wait for it.`);
    if (waiting) $("[data-not-saved]").scrollIntoView({ block: "nearest" });
    waiting = "";
  }
  function saved(form) {
    isLost = false;
    // Another form stands in its place, and shows what there is.
    if (!form.isConnected) typed.clear();
    for (const word of $$("[data-lost]")) { word.textContent = ""; delete word.dataset.lost; }
    say(isWrong() && !$("#policy > [role=alert]") ? "Not saved: something is wrong, and marked below." : "");
    const button = isOpen() ? null : document.getElementById(waiting);
    waiting = "";
    button?.click();
  }
  document.addEventListener("change", ({ target }) => { if (target.closest("#draft")) typed.add(target.dataset.grip || target.id); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(WAITING);
    if (!button || !isOpen()) return;
    event.preventDefault();
    event.stopPropagation();
    waiting = button.id;
    if (!saving) save();
  }, true);
  document.addEventListener("baton:online", () => { if (isLost && !saving) save(); });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "draft") return;
    saving += 1;
    act = event.detail.requestConfig.triggeringEvent?.submitter;
    [under, typed] = [typed, new Set()];
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.requestConfig.elt;
    if (form.id !== "draft") return;
    saving -= 1;
    if (arrived(detail)) saved(form); else lost(detail.xhr.status);
    behind();
  });

  // --- What happens beside this page -----------------------------------------------------------------------------------
  function behind() {
    const now = $("#policy-head")?.dataset.mark, seen = $("[data-mark-seen]")?.value, notice = $("[data-behind]");
    if (notice && now !== undefined) notice.hidden = saving > 0 || now === seen;
  }
  function open() {
    for (const panel of $$("[data-open]")) { panel.showPopover(); $("[aria-invalid]", panel)?.focus(); }
  }
  function wrong() {
    for (const word of $$(".wrong[id]:not([data-lost])")) document.getElementById(word.id.replace(/-wrong$/, ""))?.toggleAttribute("aria-invalid", !!word.textContent);
  }
  document.addEventListener("baton:pushed", () => { behind(); cursor(); });
  document.addEventListener("htmx:afterSettle", (event) => { behind(); cursor(); wrong(); if (event.target.id === "policy") open(); });
  document.addEventListener("htmx:oobAfterSwap", cursor);
  document.addEventListener("DOMContentLoaded", () => { open(); behind(); });
})();
