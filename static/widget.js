// The help button on somebody else's page, and the frame with the customer's page that it opens. Its words are filled in where it is served.
// Everything is in a shadow tree; the frame and this script talk over a port that only pages of the allowed origins are given.
(words) => {
  "use strict";
  const tag = document.currentScript;
  if (!tag || document.querySelector("baton-help")) return;
  const server = new URL(tag.src).origin, { team = "", language, accent = "" } = tag.dataset;
  const wished = [language, document.documentElement.lang, ...navigator.languages].map((code) => (code || "").slice(0, 2).toLowerCase());
  const lang = wished.find((code) => words[code]) || "en", say = words[lang], phone = matchMedia("(max-width: 32.5em), (max-height: 26em)");

  // The address of the chat is kept with the page around the frame: a frame's own storage is refused where third-party storage is off.
  const KEPT = `baton:${server}`, OPEN = `baton-open:${server}`, FOR = 7 * 24 * 3600e3;
  const read = (store, key) => { try { return JSON.parse(window[store].getItem(key)) || {}; } catch { return {}; } };
  const write = (store, key, value) => { try { window[store].setItem(key, JSON.stringify(value)); } catch { /* kept while this page is open */ } };
  let chat = read("localStorage", KEPT), port = null;
  if (!(Date.now() - chat.at < FOR)) chat = {};

  const host = document.createElement("baton-help"), root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial !important; position: fixed !important; inset: auto 0 0 auto !important; z-index: 2147483000 !important; color-scheme: light dark; }
    :host(:dir(rtl)) { inset: auto auto 0 0 !important; }
    * { box-sizing: border-box; font: 600 16px/1.25 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    button { display: grid; place-items: center; padding: 0; border: 0; cursor: pointer; }
    button:focus-visible { outline: 3px solid light-dark(#0b57b7, #8fc0ff); outline-offset: 2px; }
    svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
    .launch { position: fixed; inset-inline-end: 20px; bottom: max(20px, env(safe-area-inset-bottom)); width: 56px; height: 56px; border-radius: 50%;
      color: light-dark(#fff, #06231d); background: var(--accent, light-dark(#0d5a4a, #63cbb2)); box-shadow: 0 2px 4px #0003, 0 10px 28px #0004; }
    .launch b { position: absolute; top: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
      font-size: 13px; line-height: 22px; text-align: center; color: #fff; background: #b3261e; }
    [hidden], .launch[aria-expanded="true"] .opens, .launch[aria-expanded="false"] .closes { display: none; }
    dialog { position: fixed; inset: auto 20px 92px auto; margin: 0; padding: 0; width: 392px; max-width: calc(100vw - 40px); height: min(664px, calc(100dvh - 116px));
      max-height: none; border: 1px solid light-dark(#d3cdc0, #3a433f); border-radius: 18px; overflow: hidden; flex-direction: column;
      color: light-dark(#1a201e, #eaeeeb); background: light-dark(#f6f4ef, #111514); box-shadow: 0 1px 2px #0002, 0 12px 32px #0004; }
    dialog:dir(rtl) { inset: auto auto 92px 20px; }
    dialog[open] { display: flex; }
    dialog::backdrop { background: none; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; }
    .bar { display: none; justify-content: flex-end; background: light-dark(#fff, #181d1b); }
    .bar button { width: 48px; height: 48px; color: inherit; background: none; }
    .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media (max-width: 32.5em), (max-height: 26em) {
      dialog, dialog:dir(rtl) { inset: 0; width: 100vw; max-width: none; height: 100dvh; border: 0; border-radius: 0; padding-top: env(safe-area-inset-top); }
      .bar { display: flex; }
    }
    @media (prefers-reduced-motion: no-preference) { dialog[open] { animation: rise .22s ease-out; } @keyframes rise { from { opacity: 0; translate: 0 8px; } } }
    @media (forced-colors: active) { .launch, .launch b { border: 1px solid ButtonText; } }
    @media print { :host { display: none !important; } }`);
  root.adoptedStyleSheets = [style];
  host.lang = lang;
  host.dir = lang === "ar" ? "rtl" : "ltr";
  if (CSS.supports("color", accent)) host.style.setProperty("--accent", accent);

  const make = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const draw = (path, name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", name);
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const SPEECH = "M22 17a2 2 0 0 1-2 2H6.8a2 2 0 0 0-1.4.6l-2.2 2.2A.7.7 0 0 1 2 21.3V5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2zM7 11h10M7 15h6M7 7h8", CROSS = "M18 6 6 18M6 6l12 12";
  const count = make("b", { "aria-hidden": "true", hidden: "" });
  const launch = make("button", { class: "launch", type: "button", "aria-expanded": "false", "aria-haspopup": "dialog" },
    draw(SPEECH, "opens"), draw(CROSS, "closes"), count);
  const away = make("button", { type: "button", "aria-label": say.close }, draw(CROSS, ""));
  const panel = make("dialog", { "aria-label": say.title }, make("div", { class: "bar" }, away));
  const spoken = make("p", { class: "spoken", role: "status" });
  root.append(launch, panel, spoken);

  let frame = null;
  const isOpen = () => panel.open;
  const address = () => new URL(chat.path || `/chat/?${new URLSearchParams({ lang, ...(team && { team }) })}`, server).href;

  // The frame is made when it is first needed: by a click, or by a chat that goes on and may have news.
  function load() {
    if (frame) return;
    frame = make("iframe", { title: say.title, src: address() });
    frame.addEventListener("load", greet);
    panel.append(frame);
  }
  function greet() {
    const line = new MessageChannel();
    port = line.port1;
    port.onmessage = (event) => hear(event.data);
    frame.contentWindow.postMessage({ baton: "hello" }, server, [line.port2]);
    tell(isOpen());
  }
  const tell = (shown, focus) => { if (port) port.postMessage({ shown, focus }); };

  function hear(news) {
    if (news.close) { close(); return; }
    if (news.gone) { chat = {}; write("localStorage", KEPT, chat); return; }
    if (!news.path) return;
    chat = { path: news.path, live: news.live, unread: isOpen() ? 0 : news.unread, at: Date.now() };
    write("localStorage", KEPT, chat);
    show();
  }

  function show() {
    const unread = isOpen() ? 0 : chat.unread || 0, label = unread ? `${say.open} ${say.unread.replace("#", unread)}` : say.open;
    count.hidden = !unread;
    count.textContent = unread > 9 ? "9+" : unread || "";
    launch.setAttribute("aria-label", isOpen() ? say.close : label);
    launch.setAttribute("aria-expanded", String(isOpen()));
    const aloud = unread ? say.unread.replace("#", unread) : "";
    if (spoken.textContent !== aloud) spoken.textContent = aloud;
  }

  // As a window it stands beside the page and takes no focus by itself; as the whole page nothing behind it can be reached.
  const display = () => (phone.matches ? panel.showModal() : panel.setAttribute("open", ""));

  function open(byHand) {
    load();
    display();
    write("sessionStorage", OPEN, true);
    chat.unread = 0;
    show();
    tell(true, byHand);
    if (byHand) frame.focus();
  }
  function close() {
    if (!isOpen()) return;
    panel.close();
    write("sessionStorage", OPEN, false);
    show();
    tell(false);
    launch.focus();
  }

  launch.addEventListener("click", () => (isOpen() ? close() : open(true)));
  away.addEventListener("click", close);
  panel.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  root.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  // Turning a phone may make the panel a window or the whole page.
  phone.addEventListener("change", () => { if (isOpen()) { panel.close(); display(); } });
  // Another tab of this site began a chat, or has read it.
  window.addEventListener("storage", (event) => {
    if (event.key !== KEPT) return;
    const before = chat.path;
    chat = read("localStorage", KEPT);
    if (frame && chat.path && chat.path !== before) frame.src = address();
    else if (frame && !chat.unread && port) port.postMessage({ read: true });
    show();
  });

  function begin() {
    // Beside the body: what a site does to its body, to move or to replace it, does nothing to this.
    document.documentElement.append(host);
    show();
    if (read("sessionStorage", OPEN) === true) open(false);
    else if (chat.live) load();
  }
  if (document.readyState === "complete") begin(); else window.addEventListener("load", begin);
}
