// What every page of the console does: focus and folds survive a swap, the strip says when the line is cut, a form is sent once.
// No script here builds HTML: they move what the server rendered, and fill in words and attributes.
(() => {
  "use strict";
  const { $, $$, put } = baton;
  let focusedBefore = null;

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.defaultPrevented) return;
    // A swapped part may hold the focus (a button in it): it goes back to the element with the same id.
    const target = event.detail.target, active = document.activeElement;
    focusedBefore = target?.contains?.(active) && active !== document.body ? active.id || active.closest("[id]")?.id : null;
    // What somebody has opened or folded stays so.
    for (const old of target ? $$("details[id]", target) : []) {
      const fresh = event.detail.fragment?.querySelector(`#${CSS.escape(old.id)}`);
      if (fresh) fresh.open = old.open;
    }
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    if (focusedBefore) { const back = document.getElementById(focusedBefore); (back?.matches("a, button") ? back : back?.querySelector("a, button"))?.focus(); }
    focusedBefore = null;
    baton.changed();
  });
  document.addEventListener("baton:pushed", baton.changed);
  document.addEventListener("baton:offline", (event) => {
    const strip = $("#offline"), { since, tries } = event.detail;
    put($("[data-tries]", strip), tries ? `, try ${tries}` : "");
    put($("[data-asof]", strip), new Date(since).toLocaleTimeString(undefined, { hourCycle: "h23" }));
    put($("[data-line]"), "Offline");
    document.body.dataset.offline = "";
    strip.hidden = false;
  });
  document.addEventListener("baton:online", () => { $("#offline").hidden = true; put($("[data-line]"), "Live"); delete document.body.dataset.offline; });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-reconnect]")) baton.tell("reconnect"); });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "act" && event.submitter && !event.defaultPrevented) setTimeout(() => { event.submitter.disabled = true; }, 0);
  });
  baton.begin(() => {
    // What an act was answered with stands at the act's address: a reload must not do it once more.
    const address = $("[data-address]")?.dataset.address;
    if (address) history.replaceState(null, "", address);
    for (const only of $$("[data-teams], [data-live]")) only.hidden = false;
    baton.changed();
  });
})();
