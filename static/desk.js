// The open conversation: what is whose, who holds it, what has been seen. Fragments name people; the page knows who looks.
(() => {
  "use strict";
  const { $, $$, me, desk, put } = baton;
  const own = (element) => element.dataset.agent === me();
  // Nobody has read what has stood here for less time: letting go of it is refused.
  const READING = 1000;
  let openedAt = 0;
  const local = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  function mark() {
    for (const name of $$("[data-you]")) if (own(name)) put(name, name.dataset.you);
    for (const avatar of $$(".msg[data-agent] > .avatar")) avatar.className = own(avatar.parentElement) ? "avatar avatar--you" : "avatar avatar--team";
    for (const name of $$("[data-my-name]")) put(name, document.body.dataset.name);
    for (const only of $$("[data-agent-only]")) only.hidden = only.dataset.agentOnly !== me();
    for (const time of $$("time[datetime]:not([data-local])")) {
      const at = new Date(time.dateTime);
      if (/^\d\d:\d\d$/.test(time.textContent.trim()) && !Number.isNaN(at.valueOf())) time.textContent = local.format(at);
      time.dataset.local = "";
    }
    owner();
    customerSaw();
  }
  function owner() {
    const main = desk(), part = main && $(`#owner-${main.dataset.handoff}`);
    if (!part) return;
    const { state, agent } = part.dataset;
    const hold = state === "waiting" ? "waiting" : state === "claimed" ? (agent === me() ? "mine" : "other") : "over";
    const was = main.dataset.hold;
    if (was === hold) return;
    main.dataset.hold = hold;
    baton.tell("hold", { was, hold });
  }
  function customerSaw() {
    const seen = Number($(".baton[data-customer-seen]")?.dataset.customerSeen || 0);
    for (const state of $$("[data-seen]")) state.hidden = Number(state.closest("[data-number]").dataset.number) > seen;
  }
  const newest = () => Math.max(0, ...$$("#log [data-number]").map((turn) => Number(turn.dataset.number)));
  // A phone shows one pane at a time: what lies behind another has not been read.
  function reportSeen() {
    const main = desk();
    if (!main || main.dataset.hold !== "mine" || document.hidden || !baton.visible(main)) return;
    const number = newest();
    if (String(number) === main.dataset.reported) return;
    main.dataset.reported = number;
    setTimeout(() => { for (const field of $$("[data-heard]")) field.value = number; }, READING);
    baton.post(main.dataset.seenUrl, { number }).catch(() => {});
  }
  // Behind an open dialog nobody reads: what comes meanwhile stands in it as well.
  function showUnheard() {
    const said = $$("#log .msg[data-by=customer]").filter((turn) => Number(turn.dataset.number) > openedAt);
    const words = said.flatMap((turn) => $$(":scope > p", turn)).map((each) => each.textContent.trim()).join(" ");
    for (const line of $$("[data-unheard]")) put(line, words && line.dataset.unheard + words);
  }
  function fold(folded) {
    const main = desk();
    if (!main) return;
    main.dataset.brief = folded ? "folded" : "open";
    for (const button of $$("[data-fold]")) button.setAttribute("aria-expanded", String(!folded));
  }
  const turnOver = () => fold(desk()?.dataset.brief !== "folded");

  document.addEventListener("baton:changed", mark);
  document.addEventListener("baton:turns", () => { mark(); reportSeen(); showUnheard(); });
  document.addEventListener("baton:sent", () => fold(true));
  document.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open" && $("[data-unheard]", event.target)) { openedAt = newest(); showUnheard(); }
  }, true);
  document.addEventListener("visibilitychange", reportSeen);
  window.addEventListener("hashchange", reportSeen);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-fold]")) turnOver(); });
  document.addEventListener("baton:key", (event) => { if (event.detail.action === "brief" && desk()) { event.preventDefault(); turnOver(); } });
  baton.begin(() => { reportSeen(); fold(desk()?.dataset.brief === "folded"); });
})();
