// The tones: soft, short, made here. One of an agent's open pages sounds them; all of them are off in one key.
(() => {
  "use strict";
  const { $, prefers } = baton;
  // Pitches one after the other, in hertz; each lasts 0.12 s, the last one fades.
  const TONES = { new: [587, 880], risk: [587, 587], answer: [740], offer: [587, 740, 988] };
  let audio = null;

  // Browsers allow sound only after somebody has touched a page of ours.
  function wake() { if (!audio && window.AudioContext) audio = new AudioContext(); audio?.resume?.(); }
  function play(kind) {
    const at = audio.currentTime, swing = audio.createOscillator(), level = audio.createGain(), pitches = TONES[kind];
    const end = at + 0.12 * (pitches.length - 1) + 0.4;
    swing.type = "sine";
    pitches.forEach((pitch, index) => swing.frequency.setValueAtTime(pitch, at + 0.12 * index));
    level.gain.setValueAtTime(0.0001, at);
    level.gain.exponentialRampToValueAtTime(0.06, at + 0.03);
    level.gain.exponentialRampToValueAtTime(0.0001, end);
    swing.connect(level).connect(audio.destination);
    swing.start(at);
    swing.stop(end);
  }
  async function sound(kind) {
    wake();
    if (!audio || audio.state !== "running") return;
    if (!navigator.locks) { play(kind); return; }
    await navigator.locks.request("baton.tone", { ifAvailable: true }, (lock) => {
      if (!lock) return;
      play(kind);
      return new Promise((done) => setTimeout(done, 1000));
    });
  }
  // Whether the agent wants it is asked here, so that every caller may simply say what happened.
  baton.tone = (kind) => {
    if (!prefers.sound || !prefers[`tone_${kind}`]) return false;
    baton.tell("tone", { kind });
    sound(kind);
    return true;
  };

  function show() {
    const button = $("[data-sound]");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(prefers.sound));
    $("[data-on]", button).hidden = !prefers.sound;
    $("[data-off]", button).hidden = prefers.sound;
  }
  function toggle() {
    prefers.sound = !prefers.sound;
    wake();
    show();
    baton.post($("[data-sound]").dataset.url, { name: "sound", on: prefers.sound ? "yes" : "" }).catch(() => {});
  }
  document.addEventListener("click", (event) => {
    wake();
    const target = event.target.closest("[data-sound], [data-try-tone]");
    if (target?.matches("[data-sound]")) toggle();
    else if (target) play(target.dataset.tryTone);
  });
  document.addEventListener("keydown", wake);
  document.addEventListener("baton:key", (event) => { if (event.detail.action === "sound" && $("[data-sound]")) { event.preventDefault(); toggle(); } });
  baton.begin(show);
})();
