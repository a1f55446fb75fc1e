// What every page of the console does: focus and folds survive a swap, the strip says when the line is cut, a form is sent once.
// No script here builds HTML: they move what the server rendered, and fill in words and attributes.
(() => {
  "use strict";
  const { $, $$, put } = baton;
  const SAME = "a, button, summary";
  let focusedBefore = null;

  // What is focused and has no id is known by what it says, within the nearest part that has one.
  const remembered = (active) => (active.id ? { id: active.id } : { id: active.closest("[id]")?.id, says: active.textContent });
  function focusAgain({ id, says }) {
    const part = document.getElementById(id), all = part ? [...(part.matches(SAME) ? [part] : []), ...$$(SAME, part)] : [];
    (all.find((each) => each.textContent === says) || all[0])?.focus();
  }

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.defaultPrevented) return;
    // A swapped part may hold the focus (a button in it): it goes back to the same one.
    const target = event.detail.target, active = document.activeElement;
    focusedBefore = target?.contains?.(active) && active !== document.body ? remembered(active) : null;
    // What somebody has opened or folded stays so.
    for (const old of target ? $$("details[id]", target) : []) {
      const fresh = event.detail.fragment?.querySelector(`#${CSS.escape(old.id)}`);
      if (fresh) fresh.open = old.open;
    }
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    if (focusedBefore) focusAgain(focusedBefore);
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
