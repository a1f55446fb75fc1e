// The brief: words mark the turns they came from, and values are put right in small forms that no push can take away.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const TRACED = ":is([data-turns], main[data-handoff] a[href^='#turn-'], #person a[href^='#turn-'])";

  // --- Traces: what is hovered or focused marks its turns; nothing scrolls until it is pressed ----------------------
  function numbers(source) {
    return source.dataset.turns ? source.dataset.turns.split(" ") : [source.hash.slice("#turn-".length)];
  }
  function trace() {
    const source = $$(`${TRACED}:hover`).pop() || $(`${TRACED}:focus`);
    const wanted = new Set(source ? numbers(source).map((number) => `turn-${number}`) : []);
    for (const turn of $$("#log .is-traced")) if (!wanted.has(turn.id)) turn.classList.remove("is-traced");
    for (const id of wanted) document.getElementById(id)?.classList.add("is-traced");
  }
  for (const name of ["mouseover", "mouseout", "focusin", "focusout", "click"]) document.addEventListener(name, () => setTimeout(trace, 0));

  // --- Folds stay as they were when a push replaces their part -------------------------------------------------------
  const nameOf = (fold) => $("summary", fold)?.textContent.replace(/[\d\s]+/g, " ").trim();
  let folds = null;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    folds = target?.id ? { id: target.id, open: new Map($$("details", target).map((fold) => [nameOf(fold), fold.open])) } : null;
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    const part = folds && document.getElementById(folds.id);
    for (const fold of part ? $$("details", part) : []) if (folds.open.has(nameOf(fold))) fold.open = folds.open.get(nameOf(fold));
    folds = null;
    trace();
  });

  // --- Putting right: the pressed pencil fills its form --------------------------------------------------------------
  let pressed = null;
  function fill(button) {
    const pop = document.getElementById(button.getAttribute("popovertarget")), form = pop && $("form", pop);
    if (!form) return;
    pressed = button.id;
    say(form, "");
    for (const [name, value] of [["name", button.dataset.name], ["before", button.dataset.value], ["after", button.dataset.value]]) {
      const field = form.elements[name];
      if (field instanceof HTMLInputElement) field.value = value ?? "";
    }
    const title = $("[data-fix-title]", form);
    if (title && button.dataset.name) title.textContent = button.dataset.name;
    for (const choice of $$("button[name=after]", form)) choice.setAttribute("aria-pressed", String(choice.value === button.dataset.value));
    place(pop, button.getBoundingClientRect());
  }
  // Beside the value: below it in the upper half of the window, above it in the lower.
  function place(pop, at) {
    const below = at.bottom < innerHeight * 0.55;
    Object.assign(pop.style, {
      left: `${Math.max(8, Math.min(at.left - 12, innerWidth - 368))}px`,
      top: below ? `${at.bottom + 6}px` : "auto", bottom: below ? "auto" : `${innerHeight - at.top + 6}px`,
    });
  }
  const say = (form, words) => { const problem = $("[data-fix-problem]", form); if (problem) problem.textContent = words; };
  const pull = () => document.dispatchEvent(new CustomEvent("baton:pull"));

  async function post(form, submitter) {
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(submitter?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (answer.ok) return "";
    const refusal = await answer.json().catch(() => ({}));
    return `Not saved: ${refusal.title || "the server did not take it"}.${refusal.owner ? ` ${refusal.owner}` : ""}`;
  }
  async function save(form, submitter) {
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const words = await post(form, submitter).catch(() => "Not saved: no connection. What you wrote is kept here.");
    delete form.dataset.busy;
    say(form, words);
    if (words) return;
    form.closest("[popover]").hidePopover();
    form.reset();
    pull();
  }
  // Before the console's own listener, which knows plain forms alone.
  document.addEventListener("submit", (event) => {
    const submitter = event.submitter;
    if (event.target.matches("[data-fixing]")) { event.preventDefault(); event.stopPropagation(); save(event.target, submitter); }
    else if (submitter?.matches("[data-fix-now]")) { event.preventDefault(); event.stopPropagation(); post(event.target, submitter).catch(() => "").then(pull); }
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[popovertarget^='fix-']");
    if (button) fill(button);
  }, true);
  document.addEventListener("focusin", (event) => { if (event.target.matches?.(".fix-pop input.field")) event.target.select(); });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".fix-pop")) return;
    if (event.newState === "open") return;
    const back = pressed && document.getElementById(pressed);
    if (back && (document.activeElement === document.body || event.target.contains(document.activeElement))) back.focus();
  }, true);
})();
