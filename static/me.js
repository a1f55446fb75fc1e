// The page of preferences: a key pressed in its field is that key, and the browser is asked to notify only from a button.
(() => {
  "use strict";
  const { $, put } = baton;
  const WORDS = { granted: "This browser shows them.", denied: "This browser refuses them; its settings for this site can allow them again.", default: "" };

  function permission() {
    if (!window.Notification) return;
    $("[data-allow]").hidden = false;
    $("[data-ask-permission]").hidden = Notification.permission !== "default";
    put($("[data-permission]"), WORDS[Notification.permission]);
  }
  async function ask() {
    const switched = $("[name=notify]");
    await Notification.requestPermission();
    if (Notification.permission === "granted") switched.checked = true;
    permission();
    ($("[data-ask-permission]").hidden ? switched : $("[data-ask-permission]")).focus();
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-ask-permission]")) ask(); });
  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-key-field]")) event.target.select(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("#preferences").requestSubmit($(".me__save button")); return; }
    if (!event.target.matches("[data-key-field]") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    event.preventDefault();
    event.target.value = event.key.trim().toUpperCase();
  });
  baton.begin(() => {
    permission();
    $("[aria-invalid]")?.focus();
  });
})();
