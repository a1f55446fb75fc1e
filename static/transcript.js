// The transcript: of many waiting updates in a row the last three show, and the others open on a press.
(() => {
  "use strict";
  const { $, $$, put } = baton;
  const SHOWN = 3;

  function runs() {
    const found = [];
    for (const update of $$("#log > :has(> [data-earlier])")) {
      const run = found.at(-1);
      if (run?.at(-1) === update.previousElementSibling) run.push(update);
      else found.push([update]);
    }
    return found;
  }
  function fold() {
    for (const run of runs()) {
      const earlier = run.slice(0, -SHOWN), open = run.some((update) => "open" in update.dataset);
      for (const update of run) $("[data-earlier]", update).hidden = true;
      for (const update of earlier) update.hidden = !open;
      const button = $("[data-earlier]", open ? run[0] : run[earlier.length]);
      button.hidden = !earlier.length;
      button.ariaExpanded = String(open);
      put(button, open ? "Show fewer" : `${earlier.length} earlier update${earlier.length === 1 ? "" : "s"}`);
    }
  }
  function turn(button) {
    const run = runs().find((each) => each.some((update) => update.contains(button)));
    if (button.ariaExpanded === "true") for (const update of run) delete update.dataset.open;
    else run[0].dataset.open = "";
    fold();
    $("[data-earlier]:not([hidden])", run.find((update) => $("[data-earlier]:not([hidden])", update))).focus();
  }
  document.addEventListener("click", (event) => { const button = event.target.closest("[data-earlier]"); if (button) turn(button); });
  document.addEventListener("baton:turns", fold);
  baton.begin(fold);
})();
