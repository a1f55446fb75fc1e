// The conversations one holds: which is open, Alt 1 to 4 between them, and a second one beside the first.
(() => {
  "use strict";
  const { $, $$, desk, deskOf } = baton;
  const beside = () => $("iframe[data-beside]");

  function mark() {
    const here = desk()?.dataset.handoff, there = beside()?.dataset.beside;
    for (const link of $$(".mine")) {
      const open = link.dataset.handoff === here || link.dataset.handoff === there;
      if (open) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
    for (const button of $$("[data-open-beside]")) button.hidden = !here || [here, there].includes(button.dataset.openBeside) || baton.outer;
  }
  function focusIn(main) { (main?.dataset.hold === "mine" && $("#reply", main.ownerDocument) || main)?.focus(); }
  // The one that is open already gets the focus, wherever it stands; any other is opened.
  baton.toMine = (number) => {
    const link = $$(".mine")[number - 1], frame = beside();
    if (!link) return false;
    if (link.dataset.handoff === desk()?.dataset.handoff) { window.focus(); focusIn(desk()); }
    else if (link.dataset.handoff === frame?.dataset.beside && frame.getClientRects().length) { frame.contentWindow.focus(); focusIn(frame.contentDocument.querySelector("main")); }
    else link.click();
    return true;
  };
  const here = () => deskOf(desk().dataset.handoff);
  function openBeside(id) { location.assign(`${here()}?beside=${id}`); }
  baton.closeBeside = () => location.assign(here());

  document.addEventListener("baton:changed", mark);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-beside]");
    if (button) openBeside(button.dataset.openBeside);
    else if (event.target.closest("[data-close-beside]")) baton.outer?.closeBeside();
  });
  // What is done with the conversation beside leads its frame elsewhere: then it is over here.
  document.addEventListener("load", (event) => {
    if (event.target.matches("iframe[data-beside]") && !event.target.contentDocument?.querySelector(`main[data-handoff="${event.target.dataset.beside}"]`)) {
      baton.closeBeside();
    }
  }, true);
})();
