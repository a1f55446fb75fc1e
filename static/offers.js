// Offers and calls for help: says once that there is a new one, runs its bar, and passes it on without leaving the page.
// The server takes an offer away when its time is over; a computer whose clock is wrong must not hide it before.
(() => {
  "use strict";
  const { $, $$, tell, post, put, me, desk } = baton;
  // The page beside another one leaves all of this to the page around it.
  if (baton.outer) return;
  const tab = baton.kept("sessionStorage");
  const browser = baton.kept("localStorage"), ASIDE = `baton.aside.${me()}`, REMEMBERED = 100;
  const ALARMS = matchMedia("(max-width: 53.75em)").matches ? 1 : 2;
  let told = [];

  function look() {
    $$("[data-offer]").forEach(run);
    show();
    const heard = tab.get("baton.called") || [], before = told, calls = $$("[data-offer], [data-alarm]").filter((call) => !call.hidden || isBefore(call));
    told = calls.map(keyOf);
    // Only what calls now is kept: on the next page it has been heard, and what comes back is new.
    tab.set("baton.called", told);
    for (const call of calls.filter((each) => !before.includes(keyOf(each)))) {
      const { offer, alarm, mood, need, what } = call.dataset;
      tell(offer ? "offer" : "alarm", { id: offer || alarm, mood, need, what, fresh: !heard.includes(keyOf(call)) });
    }
    for (const card of $$("[data-offered]")) card.classList.toggle("offered--other", card.dataset.offered !== document.body.dataset.me);
  }
  const keyOf = (call) => call.id || `alarm-${call.dataset.alarm}`;

  // Where calls cover the box of a reply, who is at the conversation in which their own answer is overdue hears of it, and keeps the box.
  const COVERING = matchMedia("(min-width: 53.76em) and (max-width: 79.9375em)");
  const isBefore = (call) => COVERING.matches && "own" in call.dataset && desk()?.dataset.handoff === call.dataset.alarm;

  // What was put aside stays so in this browser; of the other alarms one or two are shown, and how many more there are.
  function show() {
    const aside = browser.get(ASIDE) || [], more = $("[data-more-alarms]");
    for (const call of $$("[data-call]")) call.hidden = aside.includes(call.dataset.call) || isBefore(call);
    const rest = $$("[data-alarm]:not([hidden])").slice(ALARMS);
    for (const call of rest) call.hidden = true;
    if (!more) return;
    const unseen = rest.length + Number(more.dataset.moreAlarms);
    more.hidden = !unseen;
    put(more, `And ${unseen} more.`);
  }
  function putAside(call) {
    browser.set(ASIDE, [...(browser.get(ASIDE) || []), call.dataset.call].slice(-REMEMBERED));
    look();
  }

  function run(offer) {
    const bar = offer.querySelector(".offer__bar"), from = Date.parse(offer.dataset.from), ends = Date.parse(offer.dataset.ends);
    if (!bar || bar.style.animationDuration) return;
    const whole = Math.max(1, ends - from), gone = Math.min(whole, Math.max(0, Date.now() - from));
    bar.style.animationDuration = `${whole}ms`;
    bar.style.animationDelay = `${-gone}ms`;
  }

  async function pass(button) {
    button.disabled = true;
    try {
      const answer = await post(button.formAction, {});
      if (!answer.ok && answer.status !== 409) throw new Error(answer.status);
      tell("pull");
    } catch { button.disabled = false; }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-action=decline], button[data-put-aside]");
    if (button?.matches("[data-put-aside]")) putAside(button.closest("[data-call]"));
    else if (button) { event.preventDefault(); pass(button); }
  });
  document.addEventListener("htmx:oobAfterSwap", look);
  document.addEventListener("DOMContentLoaded", look);
})();
