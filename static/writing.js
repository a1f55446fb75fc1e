// Writing to a customer: the box and what is kept of it, sending once whatever happens on the way, and notes for the team.
(() => {
  "use strict";
  const { $, $$, desk, put, post, prefers, composes } = baton;
  const composer = () => $("form[data-composer]");
  const box = () => $("#reply");
  const wide = () => matchMedia("(min-width: 53.8em)").matches;
  const newId = () => crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const grow = (area) => { area.style.height = ""; area.style.height = `${Math.min(area.scrollHeight, 220)}px`; };
  // The words last sent with the id they were sent by, until it is known what became of them: a repeat with the same id is harmless.
  let sending = false, pending = null, noted = null;

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
  function focusBox() { if (wide() && desk()?.dataset.hold === "mine") box()?.focus(); }

  async function send(then) {
    const form = composer(), text = box().value.trim();
    if (sending || !text || desk().dataset.hold !== "mine") return;
    // Whoever listens may hold it back once, with words of its own beside the box.
    if (!baton.tell("sending", { text })) return;
    const button = $("[data-send]");
    sending = true;
    button.disabled = true;
    problem("");
    if (pending?.text !== text) pending = { id: newId(), text };
    baton.drafts.set({ text: box().value, pending });
    try {
      const answer = await post(form.action, { ...Object.fromEntries(new FormData(form)), text, client_id: pending.id });
      if (answer.status === 201) arrived(text, (await answer.json()).number, then);
      else await refused(answer);
    } catch {
      put($("[data-send-word]"), "Send again");
      problem("Not sent: no connection. Your words are safe here; send again.");
    } finally {
      sending = false;
      button.disabled = "lost" in desk().dataset;
    }
  }
  function settled() { pending = null; baton.drafts.set({ pending }); }
  function arrived(text, number, then) {
    settled();
    if (box().value.trim() === text) { box().value = ""; baton.drafts.set({ text: "" }); }
    put($("[data-send-word]"), "Send");
    grow(box());
    baton.tell("sent", { number });
    setTimeout(() => { if (!document.getElementById(`turn-${number}`)) baton.tell("pull"); }, 1200);
    if (then) then();
  }
  async function refused(answer) {
    const refusal = await answer.json().catch(() => ({}));
    // Who answers in place of a server that went away does not know whether it was written.
    put($("[data-send-word]"), "Send again");
    if (answer.status >= 500) { problem("Not known to be sent: the server did not answer. Send again; it is written once."); return; }
    settled();
    const why = answer.status === 404 ? "this conversation is not with you any more" : refusal.title || "the server did not take it";
    problem(`Not sent: ${why}.${refusal.owner ? ` ${refusal.owner}` : ""}`);
    baton.tell("pull");
  }

  async function give(input) {
    const names = [...input.files].map((file) => file.name).join(", "), body = new FormData(input.form);
    if (!names) return;
    body.set("client_id", newId());
    problem(`Sending ${names} …`);
    const request = { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", signal: AbortSignal.timeout?.(600000) };
    const refusal = await fetch(input.form.action, request).then(refusedNote, () => "no connection");
    problem(refusal && `${names} not sent: ${refusal}.`);
    input.value = "";
    baton.tell("pull");
  }
  async function addNote(form) {
    const button = $("button[type=submit]", form), text = form.elements.text.value.trim();
    if (!text) return;
    if (noted?.text !== text) noted = { id: newId(), text };
    button.disabled = true;
    const refusal = await post(form.action, { text, client_id: noted.id }).then(refusedNote, () => "no connection");
    button.disabled = false;
    put($("[data-note-problem]", form), refusal && `Not saved: ${refusal}. Your words are safe here; add it again.`);
    if (refusal) return;
    noted = null;
    form.reset();
    $("#note").hidePopover();
    baton.tell("pull");
  }
  async function refusedNote(answer) {
    if (answer.status === 201) return "";
    return answer.status >= 500 ? "the server did not answer" : (await answer.json().catch(() => ({}))).title || "the server did not take it";
  }

  function enter(event) {
    if (event.key !== "Enter" || composes(event) || event.target.id !== "reply" || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    if (!command && (event.shiftKey || !prefers.enter_sends)) return;
    event.preventDefault();
    send(command && event.shiftKey ? () => baton.button("resolve")?.click() : null);
  }

  document.addEventListener("keydown", enter);
  document.addEventListener("baton:key", (event) => { if (event.detail.action === "reply" && box()) { event.preventDefault(); box().focus(); } });
  document.addEventListener("baton:hold", ({ detail: { was, hold } }) => {
    if (was === "mine" && hold !== "over") lost("This conversation is not with you any more. What you wrote is kept here.");
    if (hold === "mine") { found(); focusBox(); }
  });
  // The handoff went where this agent may not look: what was written stays to be copied, nothing else is live here.
  document.addEventListener("baton:refused", () => {
    if (!desk()) { location.reload(); return; }
    if (!box()?.value.trim()) { location.assign($("[data-go=Q]")?.href || location.href); return; }
    desk().dataset.hold = "other";
    lost("This conversation went to another team. What you wrote is kept here to copy.");
    put($("[data-line]"), "Not live");
  });
  document.addEventListener("baton:draft-came", () => grow(box()));
  document.addEventListener("click", (event) => { if (event.target.closest("[data-mode=reply]")) box()?.focus(); });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "reply") return;
    baton.drafts.set({ text: event.target.value });
    grow(event.target);
  });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-give]")) give(event.target); });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-composer]")) { event.preventDefault(); send(null); }
    else if (event.target.closest("#note")) { event.preventDefault(); addNote(event.target); }
  });
  baton.begin(() => {
    const area = box();
    pending = baton.drafts.get().pending || null;
    if (area && !area.value) area.value = baton.drafts.get().text || "";
    if (area?.value) grow(area);
    if (desk()?.dataset.hold === "mine" && !location.hash && !baton.outer) focusBox();
    else if ($("[data-toast]:not([hidden])") && wide()) $("#queue-list .card")?.focus();
  });
})();
