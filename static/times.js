// The times of a callback as the reader's own clock has them; without it they stand in the team's time, and say so.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone, when = document.getElementById("at"), whose = document.getElementById("whose");
  const tongue = `${document.documentElement.lang}-u-nu-latn`;
  if (!zone || !when) return;
  document.getElementById("zone").value = zone;
  whose.textContent = whose.dataset.yours.replace("{zone}", zone.replaceAll("_", " "));
  const days = new Map(), chosen = when.value;
  for (const option of [...when.options]) {
    const at = new Date(option.value);
    const day = at.toLocaleDateString(tongue, { weekday: "long", day: "numeric", month: "long" });
    option.textContent = at.toLocaleString(tongue, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    if (!days.has(day)) { const group = document.createElement("optgroup"); group.label = day; days.set(day, group); }
    days.get(day).append(option);
  }
  when.replaceChildren(...days.values());
  when.value = chosen;
})();
