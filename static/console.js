// The console's pages: clocks, keys, sound, what is mine, drafts, and lists that hold still under the hand.
// It builds no HTML: it moves what the server rendered, and fills in words and attributes.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const me = () => document.body.dataset.me;
  const desk = () => $("main[data-handoff]");
  const typing = (element) => element?.closest?.("textarea, input, select, [contenteditable]");
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode: the choice lasts for this page */ } },
  };
  const drafts = {
    get: (key) => { try { return sessionStorage.getItem(key) || ""; } catch { return ""; } },
    set: (key, value) => { try { if (value) sessionStorage.setItem(key, value); else sessionStorage.removeItem(key); } catch { /* kept in the box */ } },
  };

  // --- Clocks: run here, once a second, silent to screen readers --------------------------------------------------
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
  const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
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

  // --- What is mine: fragments name people, the page knows who looks ----------------------------------------------
  const own = (element) => element.dataset.agent === me();
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
    const here = desk()?.dataset.handoff;
    for (const link of $$(".mine")) link.toggleAttribute("aria-current", link.dataset.handoff === here);
    for (const link of $$(".mine[aria-current]")) link.setAttribute("aria-current", "true");
    cursor();
    filter();
    owner();
    customerSaw();
  }

  function owner() {
    const main = desk(), part = main && $(`#owner-${main.dataset.handoff}`);
    if (!part) return;
    const { state, agent } = part.dataset;
    const hold = state === "waiting" ? "waiting" : state === "claimed" ? (agent === me() ? "mine" : "other") : "over";
    if (main.dataset.hold === hold) return;
    const was = main.dataset.hold;
    main.dataset.hold = hold;
    if (was === "mine" && hold !== "over") lost("This conversation is not with you any more. What you wrote is kept here.");
    if (hold === "mine") { found(); focusComposer(); }
  }

  function customerSaw() {
    const seen = Number($(".baton[data-customer-seen]")?.dataset.customerSeen || 0);
    for (const state of $$("[data-seen]")) state.hidden = Number(state.closest("[data-number]").dataset.number) > seen;
  }

  function reportSeen() {
    const main = desk();
    if (!main || main.dataset.hold !== "mine" || document.hidden) return;
    const number = Math.max(0, ...$$("#log [data-number]").map((turn) => Number(turn.dataset.number)));
    if (String(number) === main.dataset.reported) return;
    main.dataset.reported = number;
    post(main.dataset.seenUrl, { number }).catch(() => {});
  }

  // --- The queue: a cursor, team filter, and a list that holds still under the hand ---------------------------------
  let cursorId = null, show = "", held = null, lastCount = null, lastIds = null;
  const cards = () => $$("#queue-list > li[id]").filter((card) => !card.hidden);
  const inList = () => { const list = $("#queue-list"); return !!list && (list.matches(":hover") || list.contains(document.activeElement)); };

  function cursor() {
    const here = desk()?.dataset.handoff, all = cards();
    if (!all.some((card) => card.id === cursorId)) cursorId = (all.find((card) => card.id === `card-${here}`) || all[0])?.id || null;
    for (const card of $$("#queue-list > li[id]")) {
      const link = $(".card", card);
      link.classList.toggle("card--cursor", card.id === cursorId);
      if (card.id === `card-${here}`) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  }
  function step(by) {
    const rows = $("#wall-teams") ? $$("#wall-teams tbody tr") : null;
    if (rows) {
      const at = rows.findIndex((row) => row.classList.contains("row--cursor"));
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
      for (const row of rows) row.classList.toggle("row--cursor", row === next);
      next?.scrollIntoView({ block: "nearest" });
      return;
    }
    const all = cards(), at = all.findIndex((card) => card.id === cursorId);
    const next = all[Math.min(all.length - 1, Math.max(0, document.activeElement?.closest?.("#queue-list") ? at + by : at))];
    if (!next) return;
    cursorId = next.id;
    cursor();
    $(".card", next).focus();
  }
  function filter() {
    const codes = show ? show.split(" ") : null;
    for (const card of $$("#queue-list > li[id]")) card.hidden = !!codes && !codes.includes(card.dataset.team);
    for (const button of $$("[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === show));
      const among = button.dataset.show ? button.dataset.show.split(" ") : null;
      const count = $$("#queue-list > li[id]").filter((card) => !among || among.includes(card.dataset.team)).length;
      put($("[data-n]", button), String(count));
    }
  }

  function holdList(event) {
    const incoming = [...event.detail.fragment.children].find((element) => element.id === "queue-list") || event.detail.fragment.querySelector?.("#queue-list");
    if (!incoming || !inList()) { if (incoming) dropHeld(); return; }
    event.detail.shouldSwap = false;
    event.preventDefault();
    held = incoming.cloneNode(true);
    held.removeAttribute("hx-swap-oob");
    const next = new Map($$("li[id]", held).map((card) => [card.id, card]));
    for (const card of $$("#queue-list > li[id]")) {
      const changed = next.get(card.id);
      if (!changed) fade(card);
      else if (!card.contains(document.activeElement)) card.replaceWith(changed.cloneNode(true));
      next.delete(card.id);
    }
    showNew(next.size);
    queueMicrotask(() => { tick(); mark(); });
  }
  function fade(card) {
    if (card.classList.contains("gone")) return;
    card.classList.add("gone");
    const claim = $(".card__claim", card);
    if (claim) claim.disabled = true;
  }
  function showNew(count) {
    const button = $("[data-show-new]");
    if (!button) return;
    button.hidden = !count;
    put(button, `${count} new`);
  }
  function dropHeld() { held = null; showNew(0); }
  function applyHeld() {
    const list = $("#queue-list");
    if (!held || !list) return;
    const focused = document.activeElement?.closest?.("#queue-list > li")?.id, top = list.scrollTop;
    list.replaceWith(held);
    held = null;
    showNew(0);
    $("#queue-list").scrollTop = top;
    mark(); tick();
    if (focused) ($(`#${CSS.escape(focused)} .card`) || $("#queue-list .card"))?.focus();
  }
  function maybeApply() { setTimeout(() => { if (held && !inList()) applyHeld(); }, 250); }

  // --- News: title, tone, and one polite sentence at most every 20 s ------------------------------------------------
  let saidAt = 0, toSay = [], sayLater = 0;
  function count() {
    const badge = $("#queue-count") || $("#rail-count");
    const number = parseInt(badge?.textContent || "0", 10) || 0;
    document.title = `${number ? `(${number}) ` : ""}${document.body.dataset.title}`;
    if (lastCount !== null && number > lastCount && !$("#queue-list")) tone();
    lastCount = number;
  }
  function arrivals() {
    const list = held || $("#queue-list");
    if (!list) return;
    const now = new Map($$("li[id]", list).map((card) => [card.id, card.dataset.mood]));
    if (lastIds) {
      const fresh = [...now.keys()].filter((id) => !lastIds.has(id));
      if (fresh.length) { tone(); say(fresh.map((id) => now.get(id))); }
    }
    lastIds = now;
  }
  function say(moods) {
    toSay.push(...moods);
    clearTimeout(sayLater);
    sayLater = setTimeout(() => {
      const hot = toSay.filter((mood) => mood === "angry" || mood === "worried");
      put($("#summary"), `${toSay.length} new${hot.length ? `, ${hot.length} ${hot[0]}` : ""}`);
      toSay = []; saidAt = Date.now();
    }, Math.max(0, saidAt + 20000 - Date.now()));
  }
  let audio = null;
  const soundOn = () => store.get("baton.sound") !== "off";
  function tone() {
    if (!soundOn() || !audio || audio.state !== "running") return;
    const at = audio.currentTime, swing = audio.createOscillator(), level = audio.createGain();
    swing.type = "sine";
    swing.frequency.setValueAtTime(587, at);
    swing.frequency.setValueAtTime(880, at + 0.12);
    level.gain.setValueAtTime(0.0001, at);
    level.gain.exponentialRampToValueAtTime(0.06, at + 0.03);
    level.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    swing.connect(level).connect(audio.destination);
    swing.start(at);
    swing.stop(at + 0.55);
  }
  // Browsers allow sound only after somebody has touched the page.
  function wakeAudio() { if (!audio && window.AudioContext) audio = new AudioContext(); audio?.resume?.(); }
  function sound() {
    const button = $("[data-sound]");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(soundOn()));
    $("[data-on]", button).hidden = !soundOn();
    $("[data-off]", button).hidden = soundOn();
  }
  function toggleSound() { store.set("baton.sound", soundOn() ? "off" : "on"); wakeAudio(); sound(); }

  // --- Writing -------------------------------------------------------------------------------------------------------
  const composer = () => $("form[data-composer]");
  const box = () => $("#reply");
  const wide = () => matchMedia("(min-width: 53.8em)").matches;
  function problem(text) { put($("[data-problem]"), text); }
  function lost(words) {
    const area = box();
    if (!area || !area.value.trim()) return;
    desk().dataset.lost = "";
    area.readOnly = true;
    $("[data-send]").disabled = true;
    problem(words);
  }
  function found() {
    const area = box();
    if (!area) return;
    delete desk().dataset.lost;
    area.readOnly = false;
    $("[data-send]").disabled = false;
    problem("");
  }
  function focusComposer() { if (wide() && desk()?.dataset.hold === "mine") box()?.focus(); }
  const token = () => $("#act [name=csrfmiddlewaretoken]").value;
  function post(url, values) {
    const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: token() });
    return fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
  }
  const newId = () => crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const draftKey = () => `baton.draft.${desk()?.dataset.handoff}`;
  let sending = false;

  async function send(then) {
    const form = composer(), text = box().value.trim();
    if (sending || !text || desk().dataset.hold !== "mine") return;
    // Whoever listens may hold it back once, with words of its own beside the box.
    if (!document.dispatchEvent(new CustomEvent("baton:sending", { cancelable: true, detail: { text } }))) return;
    const button = $("[data-send]");
    sending = true;
    button.disabled = true;
    problem("");
    // The same id again until it is known to have arrived: a repeat is harmless.
    const id = form.dataset.pending || newId();
    form.dataset.pending = id;
    try {
      const answer = await post(form.action, { ...Object.fromEntries(new FormData(form)), text, client_id: id });
      if (answer.status === 201) {
        delete form.dataset.pending;
        const { number } = await answer.json();
        if (box().value.trim() === text) { box().value = ""; drafts.set(draftKey(), ""); }
        put($("[data-send-word]"), "Send");
        grow(box());
        document.dispatchEvent(new CustomEvent("baton:sent", { detail: { number } }));
        fold(true);
        setTimeout(() => { if (!document.getElementById(`turn-${number}`)) document.dispatchEvent(new CustomEvent("baton:pull")); }, 1200);
        if (then) then();
      } else {
        const refusal = await answer.json().catch(() => ({}));
        delete form.dataset.pending;
        put($("[data-send-word]"), "Send again");
        const why = answer.status === 404 ? "this conversation is not with you any more" : refusal.title || "the server did not take it";
        problem(`Not sent: ${why}.${refusal.owner ? ` ${refusal.owner}` : ""}`);
        document.dispatchEvent(new CustomEvent("baton:pull"));
      }
    } catch {
      put($("[data-send-word]"), "Send again");
      problem("Not sent: no connection. Your words are safe here; send again.");
    } finally {
      sending = false;
      button.disabled = "lost" in desk().dataset;
    }
  }

  function fold(folded) {
    const main = desk();
    if (!main) return;
    main.dataset.brief = folded ? "folded" : "open";
    for (const button of $$("[data-fold]")) button.setAttribute("aria-expanded", String(!folded));
  }

  async function addNote(form) {
    const button = $("button[type=submit]", form);
    button.disabled = true;
    try {
      const answer = await post(form.action, { text: form.elements.text.value });
      if (answer.status !== 201) throw new Error(answer.status);
      form.reset();
      $("#note").hidePopover();
      document.dispatchEvent(new CustomEvent("baton:pull"));
    } catch { form.submit(); } finally { button.disabled = false; }
  }

  // --- Keys ----------------------------------------------------------------------------------------------------------
  const singles = () => store.get("baton.keys") !== "off";
  const visible = (element) => element && !element.hidden && element.getClientRects().length ? element : null;
  const press = (selector) => { const target = $$(selector).find(visible); if (target) target.click(); return !!target; };
  const pop = (id) => { const panel = document.getElementById(id); if (panel && $$(`[popovertarget="${id}"]`).some(visible)) panel.showPopover(); };
  const openPop = () => $("[popover]:popover-open");
  const tell = (name) => document.dispatchEvent(new CustomEvent(name));
  let afterG = 0;

  function claim() {
    if (desk()?.dataset.hold === "waiting" && !inList()) return press(`#owner-${desk().dataset.handoff} [data-claim]`);
    const card = cursorId && document.getElementById(cursorId);
    if (card && (inList() || document.activeElement === document.body) && $(".card__claim", card) && !card.classList.contains("gone")) return $(".card__claim", card).click();
    const form = $("#act");
    form.submit();
    return true;
  }
  const KEYS = {
    j: () => step(1), k: () => step(-1), c: claim, r: () => box()?.focus(), n: () => pop("note"), b: () => fold(desk()?.dataset.brief !== "folded"),
    d: () => tell("baton:draft"), "/": () => tell("baton:replies"), t: () => pop("transfer"), h: () => pop("hand-back"), e: () => pop("resolve"), z: () => press("[data-undo]"), m: toggleSound,
    "?": () => document.getElementById("keys")?.showPopover(),
  };

  function key(event) {
    if (event.isComposing) return;
    const inText = typing(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "reply") {
      event.preventDefault();
      send(event.shiftKey ? () => pop("resolve") : null);
      return;
    }
    if (event.key === "Escape") {
      if (openPop()) return;
      if (inText) { event.target.blur(); return; }
      if (desk()) location.assign($(".rail a[href]:not(.rail__mark)").href);
      return;
    }
    if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-4]$/.test(event.code)) {
      const link = $$(".mine")[Number(event.code.at(-1)) - 1];
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (inText || event.ctrlKey || event.metaKey || event.altKey || openPop() || !singles()) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (afterG && Date.now() - afterG < 1500) {
      afterG = 0;
      const to = { q: ".rail a[href$='/queue/']:not(.rail__mark)", w: ".rail a[href$='/wall/']", p: ".rail a[href$='/policy/']" }[name];
      if (to && $(to)) { event.preventDefault(); $(to).click(); }
      return;
    }
    if (name === "g") { afterG = Date.now(); return; }
    if (KEYS[name]) { event.preventDefault(); KEYS[name](); }
  }

  // --- Wiring ---------------------------------------------------------------------------------------------------------
  let focusedBefore = null;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    holdList(event);
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
    tick(); mark();
  });
  document.addEventListener("baton:pushed", () => { arrivals(); count(); tick(); mark(); });
  document.addEventListener("baton:turns", () => { mark(); reportSeen(); });
  document.addEventListener("visibilitychange", reportSeen);
  document.addEventListener("baton:offline", (event) => {
    const strip = $("#offline"), { since, tries } = event.detail;
    put($("[data-tries]", strip), tries ? `, try ${tries}` : "");
    put($("[data-asof]", strip), new Date(since).toLocaleTimeString(undefined, { hourCycle: "h23" }));
    put($("[data-line]"), "Offline");
    document.body.dataset.offline = "";
    strip.hidden = false;
  });
  // The handoff went where this agent may not look: what was written stays to be copied, nothing else is live here.
  document.addEventListener("baton:refused", () => {
    if (!desk()) { location.reload(); return; }
    if (!box()?.value.trim()) { location.assign($(".rail a[href]:not(.rail__mark)").href); return; }
    desk().dataset.hold = "other";
    lost("This conversation went to another team. What you wrote is kept here to copy.");
    put($("[data-line]"), "Not live");
  });
  document.addEventListener("baton:online", () => { $("#offline").hidden = true; put($("[data-line]"), "Live"); delete document.body.dataset.offline; });

  document.addEventListener("click", (event) => {
    wakeAudio();
    const target = event.target.closest("button, a, summary");
    if (!target) return;
    if (target.matches("[data-sound]")) toggleSound();
    else if (target.matches("[data-show]")) { show = target.dataset.show; filter(); cursorId = null; cursor(); }
    else if (target.matches("[data-show-new]")) { applyHeld(); $("#queue-list").scrollTop = 0; }
    else if (target.matches("[data-fold]")) fold(desk().dataset.brief !== "folded");
    else if (target.matches("[data-reconnect]")) document.dispatchEvent(new CustomEvent("baton:reconnect"));
    else if (target.matches("[data-mode=reply]")) box()?.focus();
  });
  document.addEventListener("keydown", (event) => { wakeAudio(); key(event); });
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.("#queue-list > li[id]");
    if (card) { cursorId = card.id; cursor(); }
  });
  document.addEventListener("focusout", maybeApply);
  document.addEventListener("mouseover", (event) => { if (held && !event.target.closest?.("#queue-list")) maybeApply(); });
  document.addEventListener("input", (event) => {
    if (event.target.id === "reply") { drafts.set(draftKey(), event.target.value); delete composer().dataset.pending; grow(event.target); }
    if (event.target.matches("[data-single-keys]")) store.set("baton.keys", event.target.checked ? "on" : "off");
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-composer]")) { event.preventDefault(); send(null); }
    else if (event.target.closest("#note")) { event.preventDefault(); addNote(event.target); }
    else if (event.target.id !== "act" && event.submitter && !event.defaultPrevented) setTimeout(() => { event.submitter.disabled = true; }, 0);
  });
  const grow = (area) => { area.style.height = ""; area.style.height = `${Math.min(area.scrollHeight, 220)}px`; };

  function begin() {
    for (const seg of $$("[data-teams]")) seg.hidden = false;
    const keys = $("[data-single-keys]");
    if (keys) keys.checked = singles();
    for (const live of $$("[data-live]")) live.hidden = false;
    sound(); tick(); mark(); count(); arrivals(); reportSeen();
    fold(desk()?.dataset.brief === "folded");
    const area = box();
    if (area) {
      if (!area.value) area.value = drafts.get(draftKey());
      if (area.value) grow(area);
    }
    if (desk()?.dataset.hold === "mine" && !location.hash) focusComposer();
    else if ($("[data-toast]:not([hidden])") && wide()) $("#queue-list .card")?.focus();
    setInterval(tick, 1000);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
