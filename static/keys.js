// Keys: a pressed key becomes an act, and an act presses its button. Which key is whose comes with the page; here are only those that never change.
(() => {
  "use strict";
  const { $, $$, prefers, outer } = baton;
  const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
  const typing = (element) => element?.closest?.("textarea, input:not([type=range], [type=checkbox]), select, [contenteditable]");
  const openPop = () => $("[popover]:popover-open");
  // A capital is no key of ours: "?" and "/" may need Shift, letters never do.
  const capital = (event) => event.shiftKey && event.key.toLowerCase() !== event.key.toUpperCase();
  let afterGo = 0;

  // Whoever listens does it; otherwise the first button of that name that can be pressed. What this page has not, the page around it may have.
  function act(action) {
    if (!baton.tell("key", { action })) return true;
    const button = baton.button(action);
    if (button) { button.click(); return true; }
    return outer ? outer.act(action) : false;
  }
  baton.act = act;

  function goTo(letter) {
    const link = $(`[data-go="${letter.toUpperCase()}"]`);
    if (link) link.click();
    else outer?.goTo(letter);
  }
  baton.goTo = goTo;

  // Alt with a letter inside the box: what the letter does outside of it. On a Mac, where Option writes letters, Control and Option.
  function fromBox(event) {
    const held = event.altKey && event.ctrlKey === MAC && !event.metaKey && !capital(event) && !event.getModifierState("AltGraph");
    if (!held || event.target.id !== "reply") return false;
    const name = MAC ? event.code.replace("Key", "").toLowerCase() : event.key.toLowerCase();
    const action = prefers.keys[name];
    return !!action && action !== "go" && act(action);
  }
  function escape(event) {
    if (openPop()) return;
    if (typing(event.target)) event.target.blur();
    else if (outer) window.parent.focus();
    else if (baton.desk()) $("[data-go=Q]").click();
  }
  function single(event) {
    const name = event.key.toLowerCase();
    if (Date.now() - afterGo < 1500) { afterGo = 0; goTo(name); return true; }
    const action = prefers.keys[name];
    if (action === "go") afterGo = Date.now();
    return !!action && (action === "go" || act(action));
  }
  function key(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !capital(event);
    let done = false;
    if (event.key === "Escape") escape(event);
    else if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") done = act("palette");
    else if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-4]$/.test(event.code)) done = (outer || baton).toMine(Number(event.code.at(-1)));
    else if (plain && event.key.length === 1 && prefers.single_keys && !typing(event.target) && !openPop()) done = single(event);
    else done = fromBox(event);
    if (done) event.preventDefault();
  }

  // --- Caps: the agent's own keys, wherever one is drawn -----------------------------------------------------------------
  function caps() {
    for (const cap of $$("[data-cap]")) {
      const name = cap.dataset.cap;
      baton.put(cap, prefers.caps[name] || "");
      cap.hidden = !prefers.caps[name] || !prefers.single_keys;
    }
    if (prefers.single_keys) for (const button of $$("[data-action]")) if (prefers.caps[button.dataset.action]) button.ariaKeyShortcuts = prefers.caps[button.dataset.action];
    document.body.toggleAttribute("data-mac", MAC);
  }
  if (MAC) for (const cap of $$("kbd.kbd")) if (cap.textContent === "Ctrl") cap.textContent = "⌘";
  document.addEventListener("keydown", key);
  document.addEventListener("baton:key", (event) => { if (event.detail.action === "keys") { event.preventDefault(); document.getElementById("keys")?.showPopover(); } });
  document.addEventListener("baton:changed", caps);
})();
