// Writing to a customer: drafts put into the box, canned replies behind "/", and gaps that nobody has filled in yet.
// It builds no HTML: the list of replies comes from the server, filled in for this handoff.
(() => {
  "use strict";
  const { $, $$, put } = baton;
  const box = () => $("#reply");
  const form = () => $("form[data-composer]");
  const mine = () => $("main[data-handoff]")?.dataset.hold === "mine" && !box().readOnly;
  const plain = (text) => text.split(/\s+/).filter(Boolean).join(" ");

  // What the box was made from is kept with the words themselves, so that neither is lost without the other.
  const nothing = () => ({ draft: "", by: "", text: "", gaps: [] });
  let made = nothing(), warned = "";
  const keep = () => baton.drafts.set({ made });
  const remembered = () => ({ ...nothing(), ...baton.drafts.get().made });
  function show() {
    const tag = $("[data-from-draft]"), edited = plain(box().value) !== plain(made.text);
    form().elements.draft.value = made.draft;
    tag.hidden = !made.text;
    put(tag, `Draft from ${made.by || "suggestion"}${edited ? ", edited" : ""}`);
    for (const panel of $$("[data-draft]")) panel.toggleAttribute("data-used", panel.dataset.draft === made.draft);
    for (const field of $$("[data-rejects]")) field.value = $("[data-draft]")?.dataset.draft || "";
  }
  function forget() { made = nothing(); warned = ""; keep(); show(); }

  // Typed in as if by hand, so that Ctrl+Z takes it back.
  function insert(text, from, to) {
    const area = box();
    area.focus();
    area.setSelectionRange(from, to);
    if (document.execCommand("insertText", false, text)) return;
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function useDraft(button) {
    const source = button || $("[data-draft] [data-use-draft]") || $("[data-use-draft]");
    if (!source || !box() || !mine()) return;
    const text = source.dataset.useDraft.replaceAll("{agent}", document.body.dataset.name).trim(), panel = source.closest("[data-draft]");
    const before = box().value.trim();
    made = { ...made, draft: panel?.dataset.draft || "", by: panel?.dataset.by || "", text };
    if (!box().value.includes(text)) insert(before ? `${text}\n` : text, 0, before ? 0 : box().value.length);
    box().focus();
    keep(); show();
  }

  // --- Canned replies ------------------------------------------------------------------------------------------------
  const menu = () => $("#slash"), find = () => $("#slash-find"), list = () => $("#slash-list");
  const options = () => $$("[role=option]", list()).filter((option) => !option.hidden);
  let caret = 0, literal = false;
  function choose(option) {
    for (const each of $$("[role=option]", list())) each.setAttribute("aria-selected", String(each === option));
    if (option) { find().setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else find().removeAttribute("aria-activedescendant");
  }
  function filter() {
    const words = find().value.toLowerCase().replace(/^\//, "").split(/\s+/).filter(Boolean);
    for (const option of $$("[role=option]", list())) option.hidden = !words.every((word) => option.dataset.find.includes(word));
    const left = options();
    list().hidden = !left.length;
    find().setAttribute("aria-expanded", String(!!left.length));
    put($("[data-found]", menu()), left.length ? "" : $("[role=option]", list()) ? "No reply fits." : "There are no canned replies yet.");
    choose(left[0]);
  }
  async function open() {
    if (!box() || !mine()) return;
    caret = box().selectionEnd;
    find().value = "";
    menu().hidden = false;
    find().focus();
    if ($("[role=option]", list())) filter();
    try {
      const answer = await fetch(menu().dataset.url, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.status);
      list().innerHTML = await answer.text();
      filter();
    } catch { put($("[data-found]", menu()), "Couldn’t load the replies. Close and try again."); }
  }
  function close(back = true) {
    if (menu().hidden) return;
    menu().hidden = true;
    find().setAttribute("aria-expanded", "false");
    if (back) box().focus();
  }
  function use(option) {
    if (!option || !mine()) return;
    close();
    const text = option.dataset.text, gaps = option.dataset.gaps.split("\n").filter(Boolean);
    const from = box().value.trim() ? caret : 0;
    insert(text, from, box().value.trim() ? caret : box().value.length);
    made.gaps = [...new Set([...made.gaps, ...gaps])];
    keep();
    gap(from);
  }
  // The first gap is selected: what is typed next takes its place.
  function gap(from = 0) {
    const first = made.gaps.map((each) => [box().value.indexOf(each, from), each]).filter(([at]) => at >= 0).sort(([a], [b]) => a - b)[0];
    if (first) { box().focus(); box().setSelectionRange(first[0], first[0] + first[1].length); }
    return first?.[1];
  }
  function menuKey(event) {
    const all = options(), at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: all.length - 1, PageUp: 0 }[event.key];
    if (go !== undefined) { event.preventDefault(); choose(all[(go + all.length) % all.length]); }
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && all.length)) { event.preventDefault(); use(all[at]); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "Backspace" && !find().value) { event.preventDefault(); close(); }
    else if (event.key === "/" && !find().value) { event.preventDefault(); close(); literal = true; insert("/", caret, caret); literal = false; }
  }

  // --- Wiring ---------------------------------------------------------------------------------------------------------
  document.addEventListener("baton:key", (event) => {
    const act = { draft: () => useDraft(), canned: open }[event.detail.action];
    if (act && box()) { event.preventDefault(); act(); }
  });
  document.addEventListener("baton:draft-came", () => { made = remembered(); show(); });
  document.addEventListener("baton:pushed", () => { if (box()) show(); });
  document.addEventListener("baton:sent", () => { if (!box().value) forget(); });
  document.addEventListener("baton:sending", (event) => {
    const left = made.gaps.filter((each) => event.detail.text.includes(each));
    if (!left.length || warned === event.detail.text) return;
    event.preventDefault();
    warned = event.detail.text;
    put($("[data-problem]"), `Not sent: ${left.join(", ")} is not filled in. Send again to send it as it is.`);
    gap();
  });
  // On a phone the box folds when it loses the focus, and the button would slip away from under the finger.
  document.addEventListener("mousedown", (event) => { if (event.target.closest("[data-use-draft], .draft button, #slash-list")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, [role=option]");
    if (target?.matches("[data-use-draft]")) useDraft(target);
    else if (target?.matches("[data-slash]")) { if (menu().hidden) open(); else close(); }
    else if (target?.matches("#slash-list [role=option]")) use(target);
    else if (menu() && !menu().hidden && !event.target.closest("#slash")) close(false);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.closest?.("#slash") && event.relatedTarget && !event.relatedTarget.closest("#slash, [data-slash]")) close(false);
  });
  document.addEventListener("mousemove", (event) => { const option = event.target.closest?.("#slash-list [role=option]"); if (option) choose(option); });
  document.addEventListener("keydown", (event) => { if (event.target.id === "slash-find" && !event.isComposing) menuKey(event); }, true);
  document.addEventListener("input", (event) => {
    if (event.target.id === "slash-find") filter();
    if (event.target.id !== "reply") return;
    if (event.target.value === "/" && event.inputType === "insertText" && menu().hidden && !literal) {
      event.target.value = "";
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
      open();
      return;
    }
    if (!event.target.value.trim() && (made.text || made.gaps.length)) forget();
    show();
  });
  baton.begin(() => {
    if (!box()) return;
    made = remembered();
    if (box().value.trim()) show(); else forget();
  });
})();
