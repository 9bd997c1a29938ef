// The view of the worklist that somebody asked for before they had to sign in. This tab keeps it for
// a few minutes, past the second step and the choice of a clinic. It names nobody's patient.

const NAME = "worklist-view";
const LASTS_MS = 10 * 60 * 1000;
const VIEW = /^\/clinic\?[\w=&%+.,~-]+$/;

/** Keep the `next` of a sign-in's address if it is a view of the worklist. */
export function keepWayBack(search, { window, now }) {
  const address = new URLSearchParams(search).get("next") ?? "";
  if (!VIEW.test(address)) return;
  try {
    window.sessionStorage.setItem(NAME, JSON.stringify({ address, at: now.getTime() }));
  } catch (error) {
    console.warn("the way back is not kept:", error);
  }
}

/** The kept view, once; null where there is none or it is old. */
export function takeWayBack({ window, now }) {
  try {
    const { address, at } = JSON.parse(window.sessionStorage.getItem(NAME) ?? "{}");
    window.sessionStorage.removeItem(NAME);
    const isFresh = Math.abs(now.getTime() - at) < LASTS_MS;
    return isFresh && VIEW.test(address) ? address : null;
  } catch (error) {
    console.warn("the way back cannot be read:", error);
    return null;
  }
}
