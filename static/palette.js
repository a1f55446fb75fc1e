// All actions in one list: what the page's buttons can do now, one's conversations, teams, and where to go. The list comes with the page;
// what is made here are copies of its template.
(() => {
  "use strict";
  const { $, $$, put } = baton;
  const panel = () => $("#palette"), find = () => $("#palette-find"), list = () => $("#palette-list");
  const options = () => $$("[role=option]", list()).filter((option) => !option.hidden);
  const fits = (option) => option.dataset.act ? !!baton.button(option.dataset.act) || (!!option.dataset.when && !!$(option.dataset.when)) : true;

  function copy(group, name, note, act) {
    const option = $("#palette-option").content.firstElementChild.cloneNode(true);
    put($("[data-name]", option), name);
    put($("[data-note]", option), note);
    option.doIt = act;
    $(`[data-palette="${group}"]`, list()).append(option);
  }
  function fill() {
    for (const made of $$("[data-made]", list())) made.remove();
    for (const mine of $$(".mine")) copy("mine", $("b", mine).textContent, $("small", mine).textContent.split(",")[0], () => mine.click());
    const team = $("#transfer-team");
    if (team && baton.button("transfer")) for (const choice of team.options) {
      copy("teams", `${$("#transfer").dataset.verb || "Transfer"} to ${choice.textContent}`, "", () => { baton.button("transfer").click(); team.value = choice.value; $("#transfer-note").focus(); });
    }
    $$("[role=option]", list()).forEach((option, index) => { option.id = `palette-${index}`; option.fits = fits(option); });
  }
  function choose(option) {
    for (const each of $$("[role=option]", list())) each.setAttribute("aria-selected", String(each === option));
    if (option) { find().setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else find().removeAttribute("aria-activedescendant");
  }
  function filter() {
    const words = find().value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of $$("[role=option]", list())) option.hidden = !option.fits || !words.every((word) => option.textContent.toLowerCase().includes(word));
    for (const group of $$("[role=group]", list())) group.hidden = !$("[role=option]:not([hidden])", group);
    const left = options();
    put($("[data-found]", panel()), left.length ? "" : "Nothing here is called that.");
    choose(left[0]);
  }
  function open() {
    if (panel().matches(":popover-open")) { panel().hidePopover(); return; }
    find().value = "";
    fill();
    panel().showPopover();
    filter();
    find().focus();
  }
  function run(option) {
    if (!option) return;
    panel().hidePopover();
    if (option.doIt) option.doIt();
    else if (option.dataset.act) baton.act(option.dataset.act);
    else if (option.dataset.press) $(option.dataset.press)?.click();
    else window.top.location.assign(option.dataset.href);
  }
  function listKey(event) {
    const all = options(), at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(all.length - 1, at + 8), PageUp: Math.max(0, at - 8) }[event.key];
    if (go !== undefined && all.length) { event.preventDefault(); choose(all[(go + all.length) % all.length]); }
    else if (event.key === "Enter") { event.preventDefault(); run(all[at]); }
  }
  if (!panel()) return;
  document.addEventListener("baton:key", (event) => { if (event.detail.action === "palette") { event.preventDefault(); open(); } });
  document.addEventListener("keydown", (event) => { if (event.target === find() && !event.isComposing) listKey(event); });
  document.addEventListener("input", (event) => { if (event.target === find()) filter(); });
  document.addEventListener("click", (event) => {
    const option = event.target.closest("#palette-list [role=option]");
    if (option) run(option);
    else if (event.target.closest("[data-action=palette]")) open();
  });
  document.addEventListener("mousemove", (event) => { const option = event.target.closest?.("#palette-list [role=option]"); if (option) choose(option); });
})();
