// Undo counts its seconds down, and what comes back from a snooze while its desk is open needs no mark.
(() => {
  "use strict";
  const { $, $$, desk, put, post } = baton;
  function countDown() {
    for (const left of $$("[data-countdown]")) {
      put(left, String(Math.max(0, Math.ceil((Date.parse(left.closest("[data-until]").dataset.until) - Date.now()) / 1000))));
    }
  }
  function seen() {
    const row = desk() && !document.hidden && $(`.mine[data-woken][data-handoff="${desk().dataset.handoff}"]`);
    if (!row) return;
    row.removeAttribute("data-woken");
    post(desk().dataset.seenUrl, { number: 0 }).catch(() => {});
  }
  document.addEventListener("baton:changed", seen);
  document.addEventListener("visibilitychange", seen);
  baton.begin(countDown);
  setInterval(countDown, 1000);
})();
