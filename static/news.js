// News: the count in the title, tones, system notifications, and one polite sentence at most every 20 s.
// One tone for a new handoff of one's teams, then every 30 s only while a promise is at risk; it ends with the card.
(() => {
  "use strict";
  const { $, $$, desk, deskOf, put, prefers } = baton;
  const AGAIN = 30000, SPEAK = 20000, SEEN_LATELY = 3000;
  const tab = baton.kept("sessionStorage"), browser = baton.kept("localStorage");
  const notices = new Map();
  const offers = new Set();
  let toSay = [], saidAt = 0, sayLater = 0;

  const own = new Set((document.body.dataset.own || "").split(" ").filter(Boolean));
  const forMe = (card) => !own.size || own.has(card.dataset.team);
  const cards = () => { const list = baton.waiting?.(); return list ? $$("li[id^=card-]", list) : null; };
  const idOf = (card) => card.id.replace("card-", "");
  // A conversation is on screen in this page or in the frame beside it.
  const onScreen = (id) => !document.hidden && (desk()?.dataset.handoff === id || !!$(`iframe[data-beside="${id}"]`)?.getClientRects().length);

  // --- System notifications: only while nobody looks, with the feeling and the need, never the customer's words --------
  function notify(id, mood, need, about) {
    if (!document.hidden || !prefers.notify || !window.Notification || Notification.permission !== "granted") return;
    if (Date.now() - (browser.get("baton.looked") || 0) < SEEN_LATELY) return;
    const notice = new Notification(`${mood.charAt(0).toUpperCase()}${mood.slice(1)}: ${need}`, { body: about, tag: `baton-${id}`, silent: true });
    notice.onclick = () => { window.focus(); notice.close(); location.assign(deskOf(id)); };
    notices.set(id, notice);
  }
  function close(id) { notices.get(id)?.close(); notices.delete(id); }

  // --- New handoffs, and promises at risk --------------------------------------------------------------------------------
  function arrivals() {
    const all = cards();
    if (!all) return;
    const before = tab.get("baton.waiting"), ids = all.map(idOf);
    tab.set("baton.waiting", ids);
    for (const id of notices.keys()) if (!ids.includes(id) && !offers.has(id) && !$(`.mine[data-handoff="${id}"]`)) close(id);
    if (!before) return;
    const fresh = all.filter((card) => !before.includes(idOf(card)) && forMe(card));
    if (!fresh.length) return;
    if (baton.tone("new")) tab.set("baton.toned", Date.now());
    for (const card of fresh) notify(idOf(card), card.dataset.mood, $(".card__goal", card).textContent, "Waits for your teams");
    say(fresh.map((card) => card.dataset.mood));
  }
  function risks() {
    if (!document.hidden) browser.set("baton.looked", Date.now());
    const at = Date.now(), waiting = cards() || [];
    if (at - (tab.get("baton.toned") || 0) < AGAIN) return;
    const clocks = waiting.filter((card) => forMe(card) && card.dataset.left === undefined).map((card) => $(".clock[data-promise]", card)).filter(Boolean);
    const risky = clocks.some((clock) => baton.promised(clock, at).state !== "ok");
    if (risky && baton.tone("risk")) tab.set("baton.toned", at);
  }
  const count = () => parseInt(($("#queue-count") || $("#rail-count"))?.textContent || "0", 10) || 0;
  function say(moods) {
    toSay.push(...moods);
    clearTimeout(sayLater);
    sayLater = setTimeout(() => {
      const hot = toSay.filter((mood) => mood === "angry" || mood === "worried");
      put($("#summary"), `${toSay.length} new${hot.length ? `, ${hot.length} ${hot[0]}` : ""}`);
      toSay = []; saidAt = Date.now();
    }, Math.max(0, saidAt + SPEAK - Date.now()));
  }

  // --- Answers in conversations of mine ------------------------------------------------------------------------------------
  function answers() {
    const before = tab.get("baton.unread"), now = {};
    for (const mine of $$(".mine[data-unread]")) {
      // Back from being put aside is news like an answer.
      const id = mine.dataset.handoff, unread = onScreen(id) ? 0 : Number(mine.dataset.unread) || Number("woken" in mine.dataset);
      const mark = Number(mine.dataset.unread) && $(".count--new", mine);
      if (mark) mark.hidden = !unread;
      if (before && unread > (before[id] || 0)) {
        baton.tone("answer");
        notify(id, mine.dataset.mood, $("b", mine).textContent, Number(mine.dataset.unread) ? "Answered you" : "Back from snooze");
      }
      if (!unread && notices.has(id)) close(id);
      now[id] = unread;
    }
    tab.set("baton.unread", now);
    return Object.values(now).reduce((sum, each) => sum + each, 0);
  }

  function title(waiting, unread) {
    const front = [offers.size ? "Offer · " : "", unread ? `${unread} new · ` : "", waiting ? `(${waiting}) ` : ""];
    document.title = `${front.join("")}${document.body.dataset.title}`;
  }
  function look() {
    for (const id of offers) if (!$(`[data-offer="${id}"]`)) { offers.delete(id); close(id); }
    const waiting = count();
    arrivals();
    title(waiting, answers());
  }
  // The page beside another one leaves all of this to the page around it.
  if (baton.outer) return;
  document.addEventListener("baton:offer", (event) => {
    const { id, mood, need, fresh } = event.detail;
    offers.add(id);
    if (fresh) baton.tone("offer");
    notify(id, mood, need, "Offered to you");
    look();
  });
  document.addEventListener("baton:alarm", ({ detail: { id, mood, need, what, fresh } }) => {
    if (fresh) baton.tone("risk");
    notify(id, mood, need, what);
  });
  document.addEventListener("baton:pushed", look);
  document.addEventListener("visibilitychange", () => { risks(); look(); });
  baton.begin(() => { look(); setInterval(risks, 1000); });
})();
