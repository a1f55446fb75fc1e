// What the console's scripts share: finding things, what the agent prefers, posting, and word that something on the page changed. Comes first.
window.baton = (() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const prefers = JSON.parse(document.body.dataset.preferences || "{}");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`baton:${name}`, { cancelable: true, detail }));
  let isDue = false;
  const visible = (element) => !element.hidden && element.getClientRects().length > 0;

  return {
    $, $$, prefers, tell, visible,
    me: () => document.body.dataset.me,
    desk: () => $("main[data-handoff]"),
    put: (element, text) => { if (element && element.textContent !== text) element.textContent = text; },
    // The button or link of an act, if it can be pressed now.
    button: (action) => $$(`[data-action~="${action}"]`).find((each) => visible(each) && !each.disabled),
    begin: (first) => document.addEventListener("DOMContentLoaded", first),
    // Said once for everything that was swapped in one go.
    changed() {
      if (!isDue) queueMicrotask(() => { isDue = false; tell("changed"); });
      isDue = true;
    },
    deskOf: (id) => document.body.dataset.desks.replace("00000000-0000-0000-0000-000000000000", id),
    // Safari says of the Enter that ends a composition that it is none; its code tells.
    composes: (event) => event.isComposing || event.keyCode === 229,
    post(url, values) {
      const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: $("#act [name=csrfmiddlewaretoken]").value });
      return fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", signal: AbortSignal.timeout?.(20000) });
    },
    // Of this browser, or of this tab alone; without storage a choice lasts for the page.
    kept: (storage) => ({
      get: (key) => { try { return JSON.parse(window[storage].getItem(key)); } catch { return null; } },
      set: (key, value) => { try { if (value === null) window[storage].removeItem(key); else window[storage].setItem(key, JSON.stringify(value)); } catch { /* private mode */ } },
      keys: () => { try { return Object.keys(window[storage]); } catch { return []; } },
    }),
    // The console around this page, when the page stands beside another conversation in a frame.
    outer: window.parent !== window ? window.parent.baton : null,
  };
})();
