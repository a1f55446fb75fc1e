// Offers and calls for help: says once that there is a new one, runs its bar, and passes it on without leaving the page.
// The server takes an offer away when its time is over; a computer whose clock is wrong must not hide it before.
(() => {
  "use strict";
  const $$ = (selector) => [...document.querySelectorAll(selector)];
  const seen = new Set();
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`baton:${name}`, { detail }));

  function look() {
    for (const offer of $$("[data-offer]")) {
      run(offer);
      if (isNew(offer.id)) tell("offer", { id: offer.dataset.offer, mood: offer.dataset.mood, need: offer.dataset.need, until: offer.dataset.ends });
    }
    for (const call of $$("[data-alarm]")) if (isNew(`alarm-${call.dataset.alarm}`)) tell("alarm", { id: call.dataset.alarm, mood: call.dataset.mood, need: call.dataset.need });
    for (const card of $$("[data-offered]")) card.classList.toggle("offered--other", card.dataset.offered !== document.body.dataset.me);
  }
  const isNew = (key) => !seen.has(key) && seen.add(key);

  function run(offer) {
    const bar = offer.querySelector(".offer__bar"), from = Date.parse(offer.dataset.from), ends = Date.parse(offer.dataset.ends);
    if (!bar || bar.style.animationDuration) return;
    const whole = Math.max(1, ends - from), gone = Math.min(whole, Math.max(0, Date.now() - from));
    bar.style.animationDuration = `${whole}ms`;
    bar.style.animationDelay = `${-gone}ms`;
  }

  async function pass(button) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("#act [name=csrfmiddlewaretoken]").value });
    button.disabled = true;
    try {
      await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
      tell("pull");
    } catch { button.disabled = false; }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-action=decline]");
    if (button) { event.preventDefault(); pass(button); }
  });
  document.addEventListener("htmx:oobAfterSwap", look);
  document.addEventListener("DOMContentLoaded", look);
})();
