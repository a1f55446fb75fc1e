// The customer's page: sends without a reload, keeps words that did not go, and shows times as the reader's clock has them.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const write = byId("write"), field = byId("text"), scroller = byId("scroller"), refused = byId("refused"), attach = byId("file-form");
  // Digits as the page's own: in Arabic both kinds are in use.
  const lang = `${document.documentElement.lang}-u-nu-latn`;
  const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  let told = 0, asked = false, heldDoor = false, heldTitle = false, spokenLast = null, wasState = byId("head").dataset.state;

  // What is being put right is not replaced under the hand: the newer words wait until it has let go.
  let heldTold = null, toldOpen = false;
  const busyWith = (part) => [...part.querySelectorAll("input:not([type=hidden])")].some((one) => one === document.activeElement || one.value !== one.defaultValue);
  function holdTold(event, now, next) {
    toldOpen = now.querySelector("details").open;
    heldTold = null;
    if (!busyWith(now)) return;
    event.detail.shouldSwap = false;
    heldTold = next.cloneNode(true);
    heldTold.removeAttribute("hx-swap-oob");
  }
  function letGo() {
    const told = byId("told");
    if (heldTold && told && !busyWith(told)) { toldOpen = told.querySelector("details").open; told.replaceWith(heldTold); heldTold = null; openTold(); }
  }
  function openTold() { const folded = document.querySelector("#told > details"); if (folded && toldOpen) folded.open = true; }
  document.addEventListener("focusout", () => setTimeout(letGo, 0));

  // Only this page's own waiting-room fields are kept; anything else is replaced as the server says.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const now = event.detail.target, next = event.detail.fragment.firstElementChild || event.detail.fragment;
    if (now.id === "told" && now.firstElementChild && next.dataset?.keep !== now.dataset.keep) holdTold(event, now, next);
    if (now.dataset.keep !== undefined && next.dataset && next.dataset.keep === now.dataset.keep) event.detail.shouldSwap = false;
    if (now.id === "door") heldDoor = now.contains(document.activeElement);
    if (now.id === "line") heldTitle = now.contains(document.activeElement);
  });

  document.addEventListener("htmx:oobAfterSwap", () => {
    openTold();
    localise(document);
    if (heldTitle && byId("room-title")) { heldTitle = false; byId("room-title").focus({ preventScroll: true }); }
    const door = heldDoor && document.querySelector("#door .door");
    if (door && !door.matches(":focus")) { heldDoor = false; door.focus({ preventScroll: true }); }
  });

  function localise(root) {
    for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
      const at = new Date(time.dateTime);
      if (isNaN(at)) continue;
      const whole = time.hasAttribute("data-whole");
      const day = !whole && at.toDateString() === new Date().toDateString() ? {} : { weekday: whole ? "long" : undefined, day: "numeric", month: whole ? "long" : "short" };
      time.textContent = at.toLocaleString(lang, { ...day, ...CLOCK });
      time.title = at.toLocaleString(lang);
      time.dataset.local = "";
    }
  }

  function settle() {
    localise(document);
    const head = byId("head"), line = byId("line");
    document.title = head.dataset.title ?? line?.dataset.title ?? document.title;
    if (field) field.placeholder = head.dataset.placeholder;
    // A closed chat takes no words; those already written stay in sight to be copied.
    if (write) write.hidden = head.dataset.state === "closed" && !field.value && !write.contains(document.activeElement);
    if (attach) attach.hidden = head.dataset.state === "closed";
    for (const seen of document.querySelectorAll(".bub__seen")) seen.hidden = true;
    const lastSeen = [...document.querySelectorAll(".bub--me[data-number]")].filter((one) => Number(one.dataset.number) <= Number(head.dataset.seen)).pop();
    if (lastSeen) lastSeen.querySelector(".bub__seen").hidden = false;
    for (const waiting of document.querySelectorAll("#pending > [data-client]")) {
      if (!document.querySelector(`#log [data-client="${waiting.dataset.client}"]`)) continue;
      waiting.remove();
      const newest = document.querySelector("#feed > li");
      if (newest) newest.scrollIntoView({ block: "nearest" });
    }
    speak(line ? line.dataset.spoken : "");
    if (head.dataset.tongue !== document.documentElement.lang) anew(head.dataset.tongue);
    if (head.dataset.state !== wasState) arrive((wasState = head.dataset.state));
  }

  function speak(words) {
    if (words !== spokenLast && spokenLast !== null) byId("spoken").textContent = words;
    spokenLast = words;
  }

  // What the customer wrote has shown their language: the whole page speaks it, and what is being written stays.
  function anew(tongue) {
    const writesElsewhere = document.activeElement !== field && document.activeElement.matches("input, textarea, select");
    if (history.state?.tongue === tongue || writesElsewhere || document.querySelector("#pending > [data-client]")) return;
    history.replaceState({ tongue, text: field?.value, focus: document.activeElement === field }, "");
    location.reload();
  }
  function goOn() {
    const { text, focus } = history.state || {};
    if (field && text) field.value = text;
    if (field && focus) field.focus({ preventScroll: true });
    if (history.state) history.replaceState({ tongue: history.state.tongue }, "");
  }

  // A new state begins at its top: the waiting room may be taller than a phone.
  function arrive(state) {
    const part = state === "waiting" ? byId("room") : state === "after" ? document.querySelector(".seams:has(.recap):last-of-type") : null;
    if (part && part.offsetHeight + 40 > scroller.clientHeight) part.scrollIntoView({ block: "start" });
    else scroller.scrollTop = 0;
    if (asked && state === "waiting") { asked = false; heldDoor = false; byId("room-title").focus({ preventScroll: true }); }
  }

  function seen() {
    const newest = [...document.querySelectorAll("#log > [data-number]")].pop();
    const number = newest ? Number(newest.dataset.number) : 0;
    if (document.hidden || document.documentElement.dataset.framed === "closed" || number <= told) return;
    told = number;
    const words = new FormData(byId("seen-form"));
    words.set("number", number);
    words.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "");
    post(byId("seen-form").action, words).catch(() => { told = 0; });
  }

  // A line that went dead without a word never answers: after a while the words are marked, to be sent again with the same id. Files take longer.
  const patience = (body) => AbortSignal.timeout?.(body.has("file") ? 600000 : 20000);
  const post = (url, body) => fetch(url, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "error", signal: patience(body) });
  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const complain = (words) => { if (refused.textContent !== words) refused.textContent = words; };
  const pull = () => document.dispatchEvent(new CustomEvent("baton:pull"));
  // Words for the customer, not the page of an error.
  const isSaid = (answer) => answer.status < 500 && answer.headers.get("Content-Type")?.startsWith("text/plain");

  function send(event) {
    // Another language is another page, which is sent what is being written.
    if (event.submitter?.name === "language") return;
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    if (new Blob([text]).size > Number(write.dataset.limit)) { complain(write.dataset.tooLong); return; }
    const words = new FormData(write);
    words.set("text", text);
    field.value = "";
    begin(text, write.action, words, (why) => {
      field.value = field.value ? `${text}\n${field.value}` : text;
      complain(why);
      field.focus();
    });
  }

  function sendFiles() {
    const chosen = new FormData(attach), given = chosen.getAll("file"), tooMuch = unfit(given);
    attach.reset();
    if (tooMuch) complain(tooMuch);
    else begin(given.map((file) => file.name).join(", "), attach.action, chosen, complain);
  }

  // Said before it is sent: the line of a body that is too large is closed, and its answer is lost.
  function unfit(given) {
    if (given.length > Number(attach.dataset.most)) return attach.dataset.tooMany;
    return given.some((file) => file.size > Number(attach.dataset.largest)) ? attach.dataset.tooLarge : "";
  }

  // What is under way stands in the conversation until it has arrived; `back` hears why it was not taken.
  function begin(shown, url, body, back) {
    complain("");
    const bubble = byId("unsent").content.firstElementChild.cloneNode(true);
    bubble.dataset.client = newId();
    body.set("client_id", bubble.dataset.client);
    bubble.querySelector("[data-words]").textContent = shown;
    bubble.querySelector("[data-again]").addEventListener("click", () => { go(bubble, url, body, back); field.focus(); });
    byId("pending").append(bubble);
    scroller.scrollTop = 0;
    go(bubble, url, body, back);
  }

  async function go(bubble, url, body, back) {
    mark(bubble, false);
    try {
      const answer = await post(url, body);
      if (answer.ok) { pull(); return; }
      if (isSaid(answer)) { bubble.remove(); back(await answer.text()); return; }
    } catch { /* the line is down: said below */ }
    mark(bubble, true);
  }

  function mark(bubble, failed) {
    complain(failed ? write?.dataset.lost || "" : "");
    bubble.toggleAttribute("data-failed", failed);
    bubble.querySelector("[data-going]").hidden = failed;
    bubble.querySelector("small [data-failed]").hidden = !failed;
  }

  async function press(event) {
    const form = event.target;
    event.preventDefault();
    complain("");
    const given = new FormData(form, event.submitter);
    // Before it is sent: the news of it may come before the answer.
    asked = form.id === "ask-form";
    try {
      const answer = await post(form.action, given);
      if (answer.ok) {
        if (form.id === "told-form") { form.reset(); document.querySelector("#told summary").focus(); }
        pull();
        return;
      }
      complain(isSaid(answer) ? await answer.text() : write.dataset.lost);
    } catch {
      complain((write || form).dataset.lost || "");
    }
  }

  function offline(isOffline) { byId("offline").hidden = !isOffline; }

  if (write) {
    write.addEventListener("submit", send);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229 && matchMedia("(pointer: fine)").matches) { event.preventDefault(); write.requestSubmit(); }
    });
    window.addEventListener("beforeunload", (event) => { if (document.querySelector("#pending [data-client]")) event.preventDefault(); });
  }
  if (attach) attach.addEventListener("change", sendFiles);
  for (const form of document.querySelectorAll("form[data-live]")) form.addEventListener("submit", press);
  document.addEventListener("baton:offline", (event) => offline(event.detail.tries > 0 || !navigator.onLine));
  document.addEventListener("baton:online", () => offline(false));
  document.addEventListener("baton:turns", () => { settle(); seen(); });
  document.addEventListener("baton:pushed", settle);
  document.addEventListener("visibilitychange", seen);
  spokenLast = byId("line") ? byId("line").dataset.spoken : "";
  goOn();
  settle();
  if (wasState === "waiting" || wasState === "after") arrive(wasState);
  seen();
})();
