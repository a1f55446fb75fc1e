// Half-written words: kept in this browser for each agent and conversation, through a reload, a crash and in another tab, until they are sent:
// a reply, and what stands in the fields of its dialogs.
// Nobody else who signs in on this browser finds them.
(() => {
  "use strict";
  const { $, $$, me, desk } = baton;
  const local = baton.kept("localStorage");
  const PREFIX = "baton.draft.", DAYS = 3 * 24 * 3600 * 1000;
  const key = () => `${PREFIX}${me()}.${desk()?.dataset.handoff}`;
  const box = () => $("#reply");

  function clean(all = false) {
    for (const each of local.keys().filter((name) => name.startsWith(PREFIX))) {
      const mine = each.startsWith(`${PREFIX}${me()}.`), fresh = Date.now() - (local.get(each)?.at || 0) < DAYS;
      if (all || !mine || !fresh) local.set(each, null);
    }
  }
  baton.drafts = {
    get: () => local.get(key()) || {},
    // What is given changes, the rest stays; without words nothing is kept.
    set(change) {
      const draft = { ...baton.drafts.get(), ...change, at: Date.now() };
      local.set(key(), draft.text || Object.values(draft.fields || {}).some(Boolean) ? draft : null);
    },
  };
  // Sent, the words of a field have arrived once its `data-kept` is something else. Those about an assistant's draft are of that one alone.
  const kept = (form) => $$("textarea[data-kept]", form);
  const about = (field) => field.form.elements.draft?.value;
  function keep(field, words, sent) {
    baton.drafts.set({ fields: { ...baton.drafts.get().fields, [field.id]: words ? { words, sent, draft: about(field) } : null } });
  }
  function restore(field) {
    const { words, sent, draft } = baton.drafts.get().fields?.[field.id] || {};
    if (!words) return;
    if (draft !== about(field) || (sent !== undefined && sent !== field.dataset.kept)) keep(field, "");
    else if (sent === undefined || !field.value) field.value = words;
  }
  document.addEventListener("input", ({ target }) => { if (target.matches("[data-kept]")) keep(target, target.value); });
  document.addEventListener("submit", ({ target }) => { for (const field of kept(target)) keep(field, field.value, field.dataset.kept); });
  // A form that stays on its page is emptied once it has been taken.
  document.addEventListener("reset", ({ target }) => { for (const field of kept(target)) keep(field, ""); });
  baton.begin(() => { for (const field of kept()) restore(field); });
  // Another tab with the same conversation: its words come here, unless this box has others of its own.
  window.addEventListener("storage", (event) => {
    if (!desk() || event.key !== key() || !box()) return;
    const before = JSON.parse(event.oldValue || "{}")?.text || "", now = JSON.parse(event.newValue || "{}")?.text || "";
    if (box().value !== before || now === before) return;
    box().value = now;
    baton.tell("draft-came");
  });
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-sign-out]")) clean(true); });
  clean();
})();
