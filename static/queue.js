// Lists: a cursor, the team filter, claiming what it stands on, and a queue that holds still under the hand.
(() => {
  "use strict";
  const { $, $$, desk, put } = baton;
  let cursorId = null, chosen = false, show = "", held = null;
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
  function hold(event) {
    const list = [...event.detail.fragment.children].find((element) => element.id === "queue-list") || $("#queue-list", event.detail.fragment);
    if (!list) { heldCard(event.detail.fragment); return; }
    if (!inList()) { drop(); return; }
    event.detail.shouldSwap = false;
    event.preventDefault();
    held = list.cloneNode(true);
    held.removeAttribute("hx-swap-oob");
    const next = new Map($$("li[id]", held).map((card) => [card.id, card]));
    for (const card of $$("#queue-list > li[id]")) {
      const changed = next.get(card.id);
      if (!changed) fade(card);
      else if (!card.contains(document.activeElement)) card.replaceWith(changed.cloneNode(true));
      next.delete(card.id);
    }
    showNew(next.size);
    queueMicrotask(baton.changed);
  }
  // A single card is swapped at once; the list that is held back must not bring back what it was.
  function heldCard(fragment) {
    for (const card of held ? $$("li[id^=card-]", fragment) : []) {
      const fresh = card.cloneNode(true);
      fresh.removeAttribute("hx-swap-oob");
      $(`#${CSS.escape(card.id)}`, held)?.replaceWith(fresh);
    }
  }
  function fade(card) {
    if (card.classList.contains("gone")) return;
    card.classList.add("gone");
    const button = $(".card__claim", card);
    if (button) button.disabled = true;
  }
  function showNew(count) {
    const button = $("[data-show-new]");
    if (!button) return;
    button.hidden = !count;
    put(button, `${count} new`);
  }
  function drop() { held = null; showNew(0); }
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
