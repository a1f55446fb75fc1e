// In the frame of another site: tells the widget around it how the chat stands, and marks words as read only while they are in sight.
(() => {
  "use strict";
  if (window.parent === window) return;
  const tag = document.currentScript, allowed = [location.origin, ...tag.dataset.origins.split(" ")], root = document.documentElement;
  let port = null, seen = Number(tag.dataset.seen) || 0;
  root.dataset.framed = "closed";

  const isShown = () => root.dataset.framed === "open";
  const turns = () => [...document.querySelectorAll("#log > [data-number]")];
  const newest = () => Number(turns().pop()?.dataset.number) || 0;
  function report() {
    if (isShown()) seen = newest();
    const unread = turns().filter((turn) => Number(turn.dataset.number) > seen && !turn.matches(".bub--me")).length;
    const state = document.getElementById("head")?.dataset.state;
    if (port) port.postMessage({ path: tag.dataset.chat, gone: tag.dataset.gone !== undefined, live: Boolean(state) && state !== "closed", unread });
  }

  function hear({ shown, focus, read }) {
    if (read) seen = newest();
    if (shown !== undefined) root.dataset.framed = shown ? "open" : "closed";
    report();
    // To the page's other scripts it is as if its tab had been chosen.
    if (shown) document.dispatchEvent(new Event("visibilitychange"));
    if (focus) (matchMedia("(pointer: fine)").matches && document.querySelector("#text, #name") || document.querySelector("main")).focus({ preventScroll: true });
  }

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !allowed.includes(event.origin) || event.data?.baton !== "hello" || !event.ports[0]) return;
    port = event.ports[0];
    port.onmessage = (message) => hear(message.data);
    report();
  });
  document.addEventListener("baton:turns", report);
  document.addEventListener("baton:pushed", report);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && port) port.postMessage({ close: true }); });
  // A link of somebody's words would replace the chat in its frame.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && link.origin !== location.origin) { link.target = "_blank"; link.rel = "noopener"; }
  });
})();
