// A new emergency also sounds and stands in the tab's title, where this clinician asked for it on
// this device. Browsers let a page sound only after somebody has touched it; that is told.

const TONES = [[0, 880], [0.22, 660], [0.44, 880]];
const TONE_S = 0.18;

/** {ring(count), calm(), attempt()}: sound and title, as the settings say. */
export function makeAlerts(own) {
  const title = document.title;
  let context = null;
  let unseen = 0;

  function audio() {
    context ??= new AudioContext();
    return context;
  }

  async function sound() {
    const here = audio();
    if (here.state === "suspended") await Promise.race([here.resume(), soon()]);
    if (here.state !== "running") return false;
    for (const [after, pitch] of TONES) tone(here, here.currentTime + after, pitch);
    return true;
  }

  function ring(count) {
    if (own.get("sound")) sound().catch((error) => console.warn("sound:", error));
    if (!own.get("badge")) return;
    unseen += count;
    document.title = `(${unseen}) New emergency · ${title}`;
  }

  function calm() {
    unseen = 0;
    document.title = title;
  }

  // Whoever comes back to the page has seen it, once they do something there.
  for (const act of ["pointerdown", "keydown"]) {
    document.addEventListener(act, () => {
      if (unseen > 0) calm();
      if (own.get("sound") && audio().state === "suspended") context.resume();
    });
  }
  return { ring, calm, attempt: sound };
}

function tone(context, at, pitch) {
  const source = context.createOscillator();
  const loudness = context.createGain();
  source.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.0001, at);
  loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S);
  source.connect(loudness).connect(context.destination);
  source.start(at);
  source.stop(at + TONE_S + 0.02);
}

const soon = () => new Promise((resolve) => { window.setTimeout(resolve, 300); });
