// What pages tell one another in passing: who types, and which colleague looks. It is kept nowhere and ends by itself.
// It builds no HTML: it shows, hides and copies what the server rendered.
(() => {
  "use strict";
  const TYPING_EVERY = 3000, TYPING_FOR = 6000, LOOKING_EVERY = 10000, LOOKING_FOR = 25000, MOST_STREAMS = 8;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const me = () => document.body.dataset.me;
  const desk = () => $("main[data-handoff]");
  const say = (frame) => document.dispatchEvent(new CustomEvent("baton:say", { detail: frame }));

  // --- Typing: only that somebody does, never what. A team note is none of it. ---------------------------------------
  let saidAt = 0, until = 0, typist = "";
  const box = () => (desk() ? (desk().dataset.hold === "mine" ? $("#reply") : null) : $("#write #text"));
  function stopped() { if (saidAt) say({ t: "typing", gone: true }); saidAt = 0; }
  function typed() {
    if (!box().value.trim()) { stopped(); return; }
    if (Date.now() - saidAt < TYPING_EVERY) return;
    saidAt = Date.now();
    say({ t: "typing" });
  }
  function showTyping() {
    const who = Date.now() < until ? typist : "";
    for (const slot of $$("[data-typist]")) slot.hidden = !who || slot.dataset.typist !== who;
  }

  // --- Looking: who else has a handoff open --------------------------------------------------------------------------
  const lookers = new Map();
  let looks = false, early = 0;
  function look() {
    const may = desk() && ["waiting", "other"].includes(desk().dataset.hold) && !document.hidden;
    if (may) say({ t: "looking" }); else if (looks) say({ t: "looking", gone: true });
    looks = may;
  }
  function looked(frame) {
    if (String(frame.who) === me()) return;
    const among = lookers.get(frame.handoff) || new Map();
    if (frame.gone) among.delete(frame.who); else among.set(frame.who, { ...frame, until: Date.now() + LOOKING_FOR });
    lookers.set(frame.handoff, among);
    showLookers();
  }
  function showLookers() {
    const now = Date.now(), sample = $("#looker");
    for (const [handoff, among] of lookers) {
      for (const [who, each] of among) if (each.until <= now) among.delete(who);
      if (!among.size) lookers.delete(handoff);
    }
    for (const slot of sample ? $$("[data-lookers]") : []) {
      const here = [...(lookers.get(slot.dataset.lookers) || new Map()).values()];
      const key = here.map((each) => each.who).join(" ");
      if ((slot.dataset.shown || "") === key) continue;
      slot.dataset.shown = key;
      slot.replaceChildren(...here.slice(0, 3).map((each) => {
        const copy = sample.content.firstElementChild.cloneNode(true);
        $("[data-initials]", copy).textContent = each.initials;
        $("[data-name]", copy).textContent = each.name;
        copy.title = $(".vh", copy).textContent;
        return copy;
      }));
    }
  }

  // --- Wiring ----------------------------------------------------------------------------------------------------------
  document.addEventListener("baton:whisper", ({ detail: frame }) => {
    if (frame.t === "looking") looked(frame);
    if (frame.t !== "typing") return;
    typist = frame.who;
    until = frame.gone ? 0 : Date.now() + TYPING_FOR;
    showTyping();
  });
  document.addEventListener("input", (event) => { if (event.target === box()) typed(); });
  document.addEventListener("submit", (event) => { if (event.target.id === "write") stopped(); });
  document.addEventListener("baton:sent", () => { saidAt = 0; });
  document.addEventListener("baton:turns", () => { until = 0; showTyping(); });
  for (const name of ["baton:pushed", "baton:changed"]) document.addEventListener(name, () => { showTyping(); showLookers(); });
  // A socket that has only just opened is not heard yet: what each of its streams shows first says that it is, the desk's first of all.
  document.addEventListener("htmx:wsOpen", () => { early = MOST_STREAMS; });
  document.addEventListener("baton:pushed", () => { if (early > 0) { early -= 1; look(); } });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", () => { stopped(); if (looks) say({ t: "looking", gone: true }); });
  setInterval(look, LOOKING_EVERY);
  setInterval(() => { showTyping(); showLookers(); if (looks && desk()?.dataset.hold === "mine") look(); }, 1000);
})();
