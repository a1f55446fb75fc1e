// While an agent types: gentle lines above the box when the message asks for what is known already. Never in the way of sending, silent when it fails.
(() => {
  "use strict";
  const PAUSE = 300;
  const box = () => document.getElementById("reply");
  const slot = () => document.querySelector("[data-agains]");
  const field = (name) => slot().parentElement.elements[name];
  const lines = () => [...slot().querySelectorAll("[data-field]")];
  const seen = { warned: new Set(), excused: new Set() };
  let later = 0, asked = null;

  function keep() {
    for (const name of ["warned", "excused"]) field(name).value = [...seen[name]].join("\n");
  }
  function show(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    for (const line of made.content.querySelectorAll("[data-field]")) if (seen.excused.has(line.dataset.field)) line.remove();
    const next = [...made.content.querySelectorAll("[data-field]")];
    // The same lines again stay as they are: they are not read out twice, and a focused button keeps the focus.
    if (next.map((line) => line.textContent).join() !== lines().map((line) => line.textContent).join()) slot().replaceChildren(...next);
    for (const line of next) seen.warned.add(line.dataset.field);
    keep();
  }
  function forget() {
    clearTimeout(later);
    asked?.abort();
    seen.warned.clear();
    seen.excused.clear();
    show("");
  }
  async function check() {
    asked?.abort();
    const text = box().value.trim(), hold = document.querySelector("main[data-handoff]")?.dataset.hold;
    if (!text || hold !== "mine" || !navigator.onLine || "offline" in document.body.dataset) { show(""); return; }
    const mine = asked = new AbortController();
    try {
      const body = new URLSearchParams({ text, csrfmiddlewaretoken: field("csrfmiddlewaretoken").value });
      const answer = await fetch(slot().dataset.url, { method: "POST", body, signal: mine.signal, headers: { Accept: "application/json" }, credentials: "same-origin" });
      const html = answer.status === 200 ? await answer.text() : "";
      if (mine === asked && box().value.trim()) show(html);
    } catch { /* a newer text is asked about, or nobody answers: the agent writes on */ }
  }
  function soon() {
    clearTimeout(later);
    later = setTimeout(check, PAUSE);
  }
  function insert(value) {
    const area = box(), at = area.selectionEnd, space = at && !/\s$/.test(area.value.slice(0, at)) ? " " : "";
    area.setRangeText(space + value, at, at, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }
  function click(event) {
    const target = event.target.closest("[data-agains] button");
    if (!target) return;
    if (target.dataset.insertValue !== undefined) insert(target.dataset.insertValue);
    else {
      seen.excused.add(target.closest("[data-field]").dataset.field);
      target.closest("[data-field]").remove();
      keep();
      box().focus();
    }
  }
  function begin() {
    if (!slot() || !box()) return;
    document.addEventListener("input", (event) => { if (event.target === box()) soon(); });
    document.addEventListener("click", click);
    document.addEventListener("baton:sent", forget);
    document.addEventListener("baton:offline", () => show(""));
    document.addEventListener("baton:online", soon);
    soon();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
