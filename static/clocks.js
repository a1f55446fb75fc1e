// Clocks: they run here, once a second, from the times the server wrote, and are silent to screen readers.
(() => {
  "use strict";
  const { $, $$, put } = baton;
  const SPOKEN = { ok: ", within promise", risk: ", promise at risk", over: ", promise broken" };
  const two = (number) => String(number).padStart(2, "0");
  function digits(seconds) {
    const whole = Math.max(0, Math.floor(seconds)), minutes = Math.floor(whole / 60);
    return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }
  function words(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return `${whole} s`;
    return whole < 3600 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
  }
  function promised(element, now) {
    const since = Date.parse(element.dataset.since), due = Date.parse(element.dataset.promise);
    const used = (now - since) / Math.max(1, due - since);
    return { used, state: used >= 1 ? "over" : used >= 0.7 ? "risk" : "ok", waited: (now - since) / 1000 };
  }
  function tick() {
    const now = Date.now();
    for (const clock of $$(".clock[data-since]")) {
      const { used, state, waited } = promised(clock, now);
      put($("[data-digits]", clock), digits(waited));
      clock.style.setProperty("--used", `${Math.min(100, Math.round(used * 100))}%`);
      if (clock.dataset.sla !== state) { clock.dataset.sla = state; put($("[data-word]", clock), SPOKEN[state]); }
    }
    for (const kpi of $$("[data-sla-of]")) {
      const { state } = promised(kpi, now);
      kpi.classList.toggle("kpi--risk", state === "risk");
      kpi.classList.toggle("kpi--over", state === "over");
    }
    for (const run of $$("[data-run]")) {
      const seconds = (now - Date.parse(run.dataset.since)) / 1000;
      if (run.dataset.run === "left") {
        put(run, seconds < 0 ? `${digits(-seconds)} left` : `${digits(seconds)} over`);
        run.classList.toggle("over", seconds >= 0);
      }
      else put(run, run.dataset.run === "span" ? words(seconds) : digits(seconds));
    }
    for (const toast of $$("[data-until]")) if (Date.parse(toast.dataset.until) <= now) toast.hidden = true;
  }
  baton.promised = promised;
  document.addEventListener("baton:changed", tick);
  setInterval(tick, 1000);
})();
