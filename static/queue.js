// Lists: a cursor, the team filter, claiming what it stands on, and a queue that holds still under the hand.
(() => {
  "use strict";
  const { $, $$, desk, put } = baton;
  let cursorId = null, chosen = false, show = "", held = null, lacks = false, asked = "";
  const cards = () => $$("#queue-list > li[id]").filter((card) => !card.hidden);
  const inList = () => { const list = $("#queue-list"); return !!list && (list.matches(":hover") || list.contains(document.activeElement)); };

  // Until somebody moves it, the cursor is on the most urgent: what C claims then.
  function cursor() {
    const here = desk()?.dataset.handoff, all = cards();
    chosen = chosen && all.some((card) => card.id === cursorId);
    if (!chosen) cursorId = (all.find((card) => card.id === `card-${here}`) || all[0])?.id || null;
    for (const card of $$("#queue-list > li[id]")) {
      const link = $(".card", card);
      link.classList.toggle("card--cursor", card.id === cursorId);
      if (card.id === `card-${here}`) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  }
  function choose(card) { cursorId = card.id; chosen = true; cursor(); }
  function step(by) {
    const all = cards(), at = all.findIndex((card) => card.id === cursorId);
    const next = all[Math.min(all.length - 1, Math.max(0, document.activeElement?.closest?.("#queue-list") ? at + by : at))];
    if (!next) return;
    choose(next);
    $(".card", next).focus();
  }
  function filter() {
    const codes = show ? show.split(" ") : null;
    for (const card of $$("#queue-list > li[id]")) card.hidden = !!codes && !codes.includes(card.dataset.team);
    for (const button of $$("[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === show));
      const among = button.dataset.show ? button.dataset.show.split(" ") : null;
      put($("[data-n]", button), String($$("#queue-list > li[id]").filter((card) => !among || among.includes(card.dataset.team)).length));
    }
  }
  function claim() {
    const open = desk()?.dataset.hold === "waiting" && !inList() && $(`#owner-${desk().dataset.handoff} [data-action=claim]`);
    const card = cursorId && document.getElementById(cursorId), button = card && $(".card__claim", card);
    const atCard = button && !card.classList.contains("gone") && (inList() || document.activeElement === document.body);
    if (open || atCard) (open || button).click();
    else $("#act").submit();
  }

  // --- Held while it is used: what arrives waits behind a button, what is taken fades in place ------------------------
  // The server says a list anew, or of one card that it went, came after another, or changed.
  const here = (id, root = document) => root.querySelector(`#${CSS.escape(id)}`);
  const isNew = (card) => !here(card.id);
  function hold(event) {
    const { target, fragment } = event.detail;
    const list = [...fragment.children].find((element) => element.id === "queue-list") || $("#queue-list", fragment);
    if (list) holdList(event, list);
    else if (fragment.dataset?.edit) holdEdit(event, target, fragment);
    else for (const card of held ? $$("li[id^=card-]", fragment) : []) edit(held, card.id, card);
  }
  function holdList(event, list) {
    if (!inList()) { drop(); return; }
    event.detail.shouldSwap = false;
    event.preventDefault();
    held = list.cloneNode(true);
    held.removeAttribute("hx-swap-oob");
    for (const card of $$("#queue-list > li[id]")) {
      const changed = here(card.id, held);
      if (!changed) fade(card);
      else if (!card.contains(document.activeElement)) card.replaceWith(changed.cloneNode(true));
    }
    showNew();
    baton.changed();
  }
  function holdEdit(event, target, given) {
    if (!held && !inList()) {
      // It may be here already, by way of a pull.
      if (given.dataset.edit === "came") here(given.firstElementChild.id)?.remove();
      return;
    }
    event.detail.shouldSwap = false;
    event.preventDefault();
    held = held || $("#queue-list").cloneNode(true);
    edit(held, target.id, given);
    if (!inList()) { apply(); return; }
    if (given.dataset.edit === "went") fade(target);
    showNew();
    baton.changed();
  }
  // Of the list that is held back: whether it has what the edit is about.
  function edit(list, id, given) {
    const at = id === list.id ? list : here(id, list);
    if (!at) return false;
    if (given.dataset.edit === "went") at.remove();
    else if (given.dataset.edit === "came") {
      const card = given.firstElementChild.cloneNode(true);
      here(card.id, list)?.remove();
      if (at === list) at.prepend(card); else at.after(card);
    }
    else { const card = given.cloneNode(true); card.removeAttribute("hx-swap-oob"); at.replaceWith(card); }
    return true;
  }
  // Not on the page: it may be held back. Otherwise this page lacks something, and the whole list has it.
  function unplaced(event) {
    const { target, content } = event.detail;
    if (!target.startsWith("#card-")) return;
    if (held && edit(held, target.slice(1), content)) showNew(); else lacks = true;
  }
  // Adler-32 of the cards in their order, as the server has it beside the count.
  function order(list) {
    let low = 1, high = 0;
    for (const byte of new TextEncoder().encode($$("li[id]", list).map((card) => card.id).join(" "))) { low = (low + byte) % 65521; high = (high + low) % 65521; }
    return String(high * 65536 + low);
  }
  function check() {
    const list = baton.waiting(), said = $("#queue-count")?.dataset.order;
    // Asked for once for each state: a page that counts otherwise must not ask without end.
    if (list && (lacks || (said && said !== order(list) && said !== asked))) { asked = said; baton.tell("pull"); }
    lacks = false;
  }
  function fade(card) {
    if (card.classList.contains("gone")) return;
    card.classList.add("gone");
    const button = $(".card__claim", card);
    if (button) button.disabled = true;
  }
  function showNew() {
    const button = $("[data-show-new]"), count = held ? $$("li[id]", held).filter(isNew).length : 0;
    if (!button) return;
    button.hidden = !count;
    put(button, `${count} new`);
  }
  function drop() { held = null; showNew(); }
  function apply() {
    const list = $("#queue-list");
    if (!held || !list) return;
    const focused = document.activeElement?.closest?.("#queue-list > li")?.id, top = list.scrollTop;
    list.replaceWith(held);
    drop();
    $("#queue-list").scrollTop = top;
    baton.changed();
    if (focused) ($(`#${CSS.escape(focused)} .card`) || $("#queue-list .card"))?.focus();
  }
  const maybeApply = () => setTimeout(() => { if (held && !inList()) apply(); }, 250);

  // --- The wall's teams have the same cursor --------------------------------------------------------------------------
  function stepTeam(by) {
    const rows = $$("#wall-teams tbody tr"), at = rows.findIndex((row) => row.classList.contains("row--cursor"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    for (const row of rows) row.classList.toggle("row--cursor", row === next);
    next?.scrollIntoView({ block: "nearest" });
  }
  function moveOne() {
    const team = $("#wall-teams .row--cursor")?.id;
    ($$("[data-action=move]").find((button) => `team-${button.dataset.team}` === team) || baton.button("move"))?.click();
  }
  function fullScreen() { if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen?.().catch(() => {}); }

  const ACTS = $("#wall-teams")
    ? { next: () => stepTeam(1), previous: () => stepTeam(-1), move: moveOne, "full-screen": fullScreen }
    : { next: () => step(1), previous: () => step(-1), claim };
  if ($("#wall-teams, #queue-list")) document.addEventListener("baton:key", (event) => {
    const act = ACTS[event.detail.action];
    if (act) { event.preventDefault(); act(); }
  });
  // The list as it is, be it shown or held back.
  baton.waiting = () => held || $("#queue-list");
  document.addEventListener("htmx:oobBeforeSwap", hold);
  document.addEventListener("htmx:oobErrorNoTarget", unplaced);
  document.addEventListener("baton:pushed", check);
  document.addEventListener("baton:changed", () => { cursor(); filter(); });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (target?.matches("[data-show]")) { show = target.dataset.show; filter(); chosen = false; cursor(); }
    else if (target?.matches("[data-show-new]")) { apply(); $("#queue-list").scrollTop = 0; }
    else if (target?.matches("[data-action=full-screen]")) fullScreen();
  });
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.("#queue-list > li[id]");
    if (card) choose(card);
  });
  document.addEventListener("focusout", maybeApply);
  document.addEventListener("mouseover", (event) => { if (held && !event.target.closest?.("#queue-list")) maybeApply(); });
})();
