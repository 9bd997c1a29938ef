// A desk that nobody uses is signed out by the server. Two minutes before, every open page says so,
// and one press is enough to stay. What was typed stays on the page either way.

const WARN_BEFORE_MS = 2 * 60 * 1000;
const CHANNEL = "desk-in-use";
const A_PAGE = "/clinic/account"; // asking for a page is an act of a person; a poll is none
const SOON = "You will be signed out in two minutes, because nobody has used this page. "
  + "What you typed here is not saved yet.";
const OVER = "You are signed out. What you typed stays here. Sign in in another tab, then go on.";
const NO_LINE = "The server cannot be reached. Try again.";

/** The minutes without an act after which the server ends a session, or 0 where the page is of
 *  nobody who is signed in. */
const idleMinutes = (document) => (
  Number(document.querySelector('meta[name="idle-minutes"]')?.content) || 0);

function draw(document, { onStay }) {
  const bar = document.createElement("div");
  bar.className = "toast";
  bar.id = "stay-offer";
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--small btn--line";
  button.textContent = "Stay signed in";
  button.addEventListener("click", onStay);
  bar.append(words, button);
  document.body.append(bar);
  return { words, close: () => bar.remove() };
}

/** Warn in time. Everything that the server counts as an act begins the time anew. */
export function warnBeforeTheEnd({ document, window }) {
  const idleMs = idleMinutes(document) * 60 * 1000;
  if (!idleMs) return;
  const others = window.BroadcastChannel ? new window.BroadcastChannel(CHANNEL) : null;
  let bar = null;
  let timer = 0;

  function beginAnew() {
    bar?.close();
    bar = null;
    window.clearTimeout(timer);
    timer = window.setTimeout(warn, idleMs - WARN_BEFORE_MS);
  }

  function inUse() {
    beginAnew();
    others?.postMessage(null);
  }

  function warn() {
    bar ??= draw(document, { onStay: stay });
    bar.words.textContent = SOON;
    timer = window.setTimeout(() => { bar.words.textContent = OVER; }, WARN_BEFORE_MS);
  }

  async function stay() {
    const reply = await window.fetch(A_PAGE, { method: "HEAD", redirect: "manual" })
      .catch(() => null);
    if (reply?.ok) inUse();
    else bar.words.textContent = reply?.type === "opaqueredirect" ? OVER : NO_LINE;
  }

  if (others) others.onmessage = beginAnew;
  document.addEventListener("submit", inUse);
  inUse();
}
