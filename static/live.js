// Live pages: keeps the socket up, answers pings, drops turns already shown, asks for missing ones, pulls while the line is cut.
// It builds no HTML: frames are rendered by the server and swapped by htmx.
(() => {
  "use strict";
  const SIGN_IN = 4401, FORBIDDEN = 4403;
  const RETRIED_BY_HTMX = [1006, 1011, 1012, 1013];
  const PULL_EVERY = 18000, LOOK_EVERY = 5000;
  // The server pings every 10 s: a line that says nothing for longer is dead, whatever the browser thinks of it.
  const SILENT_AFTER = 25000, GIVEN_UP_AFTER = 12000;
  let known = null, held = 0, coming = 0, current = null, wrapper = null, isOpen = false, offlineSince = null, tries = 0, over = false;
  // An open line is a working one when something came through it: a server may take a page and then refuse it.
  let isNew = false;
  // The server's sign of what this page shows: named on the way back, it spares showing the same again. Empty whenever that is in doubt.
  let shown = "", isMixed = false;
  let heardAt = Date.now(), pulledAt = 0, movedAt = Date.now(), triedAt = 0, askedAt = 0, leaving = 0;
  let isAskedWhileCut = false, pushes = 0, pushesBefore = 0;

  const source = () => document.querySelector("[ws-connect]");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`baton:${name}`, { detail }));
  // The first try is spread as well: when a whole server's pages lose their lines at once, they must not all come back in one moment.
  const delay = (count) => (count ? Math.min(8000, 500 * 2 ** Math.min(count, 6)) * (0.5 + Math.random() / 2) : 200 + 2800 * Math.random());

  function startNumber() {
    const element = source();
    return element ? Number(new URL(element.getAttribute("ws-connect"), location.href).searchParams.get("after")) || 0 : 0;
  }

  // The tabs of a browser share when they were last touched: their sockets may end at different processes.
  const MOVED = "baton.moved";
  function moved() {
    const now = Date.now();
    if (now - movedAt < 1000) return;
    movedAt = now;
    try { localStorage.setItem(MOVED, String(now)); } catch { /* private mode: this tab speaks for itself */ }
  }
  function idle() {
    let elsewhere = 0;
    try { elsewhere = Number(localStorage.getItem(MOVED)) || 0; } catch { /* as above */ }
    return Math.max(0, Math.round((Date.now() - Math.max(movedAt, elsewhere)) / 1000));
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
    pulledAt = Date.now();
    const url = new URL(element.getAttribute("ws-connect"), location.href);
    url.pathname = url.pathname.replace(/^\/live\//, "/live/pull/");
    url.searchParams.set("after", last());
    return htmx.ajax("GET", url.pathname + url.search, { swap: "none", source: element }).catch(() => {});
  }

  function reconnect() {
    if (wrapper && !over && (!current || current.readyState >= WebSocket.CLOSING)) wrapper.reconnect();
  }

  // One socket at a time: the extension's own retry and ours may both begin one, and the elder would live on unseen.
  // It is shown what comes after the last number this page has, so that nothing has to be asked for again.
  function create(address) {
    drop();
    triedAt = Date.now();
    const url = new URL(address, location.href);
    url.searchParams.set("after", last());
    url.searchParams.set("idle", idle());
    url.searchParams.set("stands", shown);
    current = new WebSocket(url, []);
    current.binaryType = htmx.config.wsBinaryType;
    return current;
  }

  function drop() {
    if (current) {
      current.onopen = current.onclose = current.onerror = current.onmessage = null;
      current.close();
    }
    isOpen = false;
  }

  // A cut line may take minutes to be noticed, and a laptop that slept may have one that only looks alive.
  function look() {
    const now = Date.now();
    if (isOpen && now - heardAt > SILENT_AFTER) {
      offlineSince = offlineSince || new Date();
      tell("offline", { since: offlineSince, tries });
      drop();
      reconnect();
    }
    // Its handlers stay: a first socket that never opened is begun anew by htmx alone, which hears of its end.
    if (current?.readyState === WebSocket.CONNECTING && now - triedAt > GIVEN_UP_AFTER) current.close();
    // An answer that does not come holds up every later pull; the next goes by another connection.
    if (askedAt && now - askedAt > GIVEN_UP_AFTER) { pulledAt = 0; htmx.trigger(source(), "htmx:abort"); }
    if (!isOpen && now - pulledAt >= PULL_EVERY) pull();
  }

  function prepare() {
    // Its own count begins anew with each line that opens, ours with each that works.
    htmx.config.wsReconnectDelay = () => delay(tries);
    htmx.createWebSocket = create;
  }

  document.addEventListener("htmx:wsConnecting", () => { tries += 1; if (offlineSince) tell("offline", { since: offlineSince, tries }); });

  document.addEventListener("htmx:wsOpen", (event) => {
    wrapper = event.detail.socketWrapper;
    isOpen = true;
    held = coming = 0;
    isMixed = false;
    heardAt = Date.now();
    isNew = true;
  });

  function works() {
    isNew = false;
    tries = leaving = 0;
    if (offlineSince) { offlineSince = null; tell("online", {}); }
  }

  document.addEventListener("htmx:wsClose", (event) => {
    const code = event.detail.event.code;
    wrapper = event.detail.socketWrapper;
    isOpen = false;
    if (code === SIGN_IN) { over = true; location.reload(); return; }
    if (code === FORBIDDEN) { over = true; tell("refused", {}); return; }
    // A server that restarts has said so: nobody needs to be alarmed before its line is really missed.
    if (Date.now() > leaving) {
      offlineSince = offlineSince || new Date();
      tell("offline", { since: offlineSince, tries });
    }
    if (!RETRIED_BY_HTMX.includes(code)) setTimeout(reconnect, delay(tries));
  });

  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    const message = event.detail.message;
    heardAt = Date.now();
    if (isNew) works();
    if (typeof message !== "string") return;
    if (message.startsWith("<!--{")) announced(JSON.parse(message.slice(4, message.indexOf("-->"))));
    if (message[0] !== "{") return;
    event.preventDefault();
    const frame = JSON.parse(message);
    // Answering in the handler of the message keeps a hidden tab present: its timers are slowed down, messages are not.
    if (frame.t === "ping") send({ t: "pong", idle: idle() });
    else if (frame.t === "pull") pull();
    else if (frame.t === "stands") shown = isMixed || held > last() ? "" : frame.as;
    else if (frame.t === "goodbye") leaving = Date.now() + 1000 * (frame.within || 0) + 10000;
    // What only other scripts know, or only a newer server: whoever does not know it passes it over.
    else tell("whisper", frame);
  });
  document.addEventListener("baton:say", (event) => send(event.detail));

  // This frame has the turns after number `after`. What comes after a gap is held back and asked for anew, in order.
  function announced(frame) {
    held = frame.after > last() ? frame.after : 0;
    coming = frame.head;
    if (held) askForMissing();
  }

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const turns = event.detail.fragment.querySelectorAll("[data-number]");
    if (!turns.length) return;
    if (held > last()) { event.detail.shouldSwap = false; return; }
    let fresh = 0;
    for (const turn of turns) {
      if (turn.id && document.getElementById(turn.id)) turn.remove();
      else fresh += 1;
    }
    if (fresh) setTimeout(() => tell("turns", { fresh }), 0);
  });

  document.addEventListener("htmx:wsAfterMessage", () => {
    // Only now are they on the page.
    if (held <= last()) known = Math.max(last(), coming);
    coming = 0;
    pushes += 1;
    // Until the sign that follows: the frame of a stream that has none makes the last one void.
    shown = "";
    tell("pushed", {});
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const head = event.detail.xhr && event.detail.xhr.getResponseHeader("Baton-Head");
    if (head === null || head === undefined) return;
    // The line is back meanwhile and has shown everything: this may be older, and nothing would be shown again.
    if (isAskedWhileCut && isOpen) { event.detail.shouldSwap = false; return; }
    known = Math.max(last(), Number(head));
    // Beside a socket it may be older than what was pushed, and what is pushed next changes only what the server knows of.
    isMixed = isOpen;
    shown = isOpen ? "" : event.detail.xhr.getResponseHeader("Baton-Stands") || "";
    // What was pulled has no gap; what is held back on the socket stays so while it is beyond this.
    const still = held;
    held = 0;
    queueMicrotask(() => { held = still; });
  });
  const isPull = (event) => (event.detail.pathInfo?.requestPath || "").startsWith("/live/pull/");
  document.addEventListener("htmx:beforeSend", (event) => { if (isPull(event)) { askedAt = Date.now(); isAskedWhileCut = !isOpen; pushesBefore = pushes; } });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isPull(event)) return;
    askedAt = 0;
    tell("pushed", {});
    // What was pushed while it was asked for may be newer than this answer, which stands in its place.
    if (isMixed && pushes !== pushesBefore) askForMissing();
  });
  for (const sign of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"]) document.addEventListener(sign, moved, { passive: true, capture: true });
  function back() {
    look();
    if (isOpen) askForMissing(); else reconnect();
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { moved(); back(); } });
  window.addEventListener("focus", () => { if (Date.now() - heardAt > LOOK_EVERY) back(); });
  // A page brought back by the back button has whatever it showed when it was left.
  window.addEventListener("pageshow", (event) => { if (event.persisted) { pull(); back(); } });
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
  setInterval(look, LOOK_EVERY);

  if (window.htmx) prepare(); else document.addEventListener("DOMContentLoaded", prepare);
})();
