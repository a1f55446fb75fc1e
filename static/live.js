// Live pages: keeps the socket up, answers pings, drops turns already shown, asks for missing ones, pulls while the line is cut.
// It builds no HTML: frames are rendered by the server and swapped by htmx.
(() => {
  "use strict";
  const SIGN_IN = 4401, FORBIDDEN = 4403;
  const RETRIED_BY_HTMX = [1006, 1011, 1012, 1013];
  const PULL_EVERY = 20000;
  let known = null, hold = false, current = null, wrapper = null, isOpen = false, offlineSince = null, tries = 0, everOpen = false, over = false;

  const source = () => document.querySelector("[ws-connect]");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`baton:${name}`, { detail }));
  const delay = (count) => Math.min(8000, 500 * 2 ** Math.min(count, 6)) * (0.5 + Math.random() / 2);

  function startNumber() {
    const element = source();
    return element ? Number(new URL(element.getAttribute("ws-connect"), location.href).searchParams.get("after")) || 0 : 0;
  }

  function send(frame) {
    if (isOpen && wrapper) wrapper.sendImmediately(JSON.stringify(frame));
  }

  // The last number this page has; the socket's address says where it began.
  const last = () => (known === null ? (known = startNumber()) : known);

  function askForMissing() {
    if (isOpen) send({ t: "missing", after: last() });
    else pull();
  }

  function pull() {
    const element = source();
    if (!element || over) return Promise.resolve();
    const url = new URL(element.getAttribute("ws-connect"), location.href);
    url.pathname = url.pathname.replace(/^\/live\//, "/live/pull/");
    url.searchParams.set("after", last());
    return htmx.ajax("GET", url.pathname + url.search, { swap: "none", source: element }).catch(() => {});
  }

  function reconnect() {
    if (wrapper && !over && (!current || current.readyState >= WebSocket.CLOSING)) wrapper.reconnect();
  }

  // One socket at a time: the extension's own retry and ours may both begin one, and the elder would live on unseen.
  function create(url) {
    if (current) {
      current.onopen = current.onclose = current.onerror = null;
      current.close();
    }
    isOpen = false;
    current = new WebSocket(url, []);
    current.binaryType = htmx.config.wsBinaryType;
    return current;
  }

  function prepare() {
    htmx.config.wsReconnectDelay = delay;
    htmx.createWebSocket = create;
  }

  document.addEventListener("htmx:wsConnecting", () => { tries += 1; if (offlineSince) tell("offline", { since: offlineSince, tries }); });

  document.addEventListener("htmx:wsOpen", (event) => {
    wrapper = event.detail.socketWrapper;
    isOpen = true;
    tries = 0;
    if (everOpen) askForMissing();
    everOpen = true;
    if (offlineSince) { offlineSince = null; tell("online", {}); }
  });

  document.addEventListener("htmx:wsClose", (event) => {
    const code = event.detail.event.code;
    wrapper = event.detail.socketWrapper;
    isOpen = false;
    if (code === SIGN_IN) { over = true; location.reload(); return; }
    if (code === FORBIDDEN) { over = true; tell("refused", {}); return; }
    offlineSince = offlineSince || new Date();
    tell("offline", { since: offlineSince, tries });
    if (!RETRIED_BY_HTMX.includes(code)) setTimeout(reconnect, delay(tries));
  });

  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    const message = event.detail.message;
    if (typeof message !== "string" || message[0] !== "{") return;
    event.preventDefault();
    const frame = JSON.parse(message);
    // Answering in the handler of the message keeps a hidden tab present: its timers are slowed down, messages are not.
    if (frame.t === "ping") send({ t: "pong" });
    if (frame.t === "turns") announced(frame);
    if (frame.t === "pull") pull();
  });

  // The next frame has the turns after number `after`. What comes after a gap is held back and asked for anew, in order.
  function announced(frame) {
    hold = frame.after > last();
    if (hold) askForMissing();
    else known = Math.max(last(), frame.head);
  }

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const turns = event.detail.fragment.querySelectorAll("[data-number]");
    if (!turns.length) return;
    if (hold) { event.detail.shouldSwap = false; return; }
    let fresh = 0;
    for (const turn of turns) {
      if (turn.id && document.getElementById(turn.id)) turn.remove();
      else fresh += 1;
    }
    if (fresh) setTimeout(() => tell("turns", { fresh }), 0);
  });

  document.addEventListener("htmx:wsAfterMessage", () => tell("pushed", {}));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const head = event.detail.xhr && event.detail.xhr.getResponseHeader("Baton-Head");
    if (head !== null && head !== undefined) { hold = false; known = Math.max(last(), Number(head)); }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if ((event.detail.pathInfo?.requestPath || "").startsWith("/live/pull/")) tell("pushed", {});
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { if (isOpen) askForMissing(); else reconnect(); } });
  window.addEventListener("offline", () => {
    offlineSince = offlineSince || new Date();
    tell("offline", { since: offlineSince, tries });
  });
  // A socket may outlive a short cut; what it missed is asked for either way.
  window.addEventListener("online", () => {
    if (!isOpen) { reconnect(); return; }
    offlineSince = null;
    tell("online", {});
    askForMissing();
  });
  document.addEventListener("baton:reconnect", reconnect);
  document.addEventListener("baton:pull", askForMissing);
  setInterval(() => { if (!isOpen) pull(); }, PULL_EVERY);

  if (window.htmx) prepare(); else document.addEventListener("DOMContentLoaded", prepare);
})();
