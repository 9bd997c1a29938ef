// Asking the server for a page of its own making, as a document whose parts can be taken over.

export const ANOTHER_CLINIC = "another-clinic";

/** Whether the answer is of another clinic than this page, since its person went there in another
 *  tab. The page then says so (choose.js), and what came is not for it. */
function isOfAnother(reply) {
  const here = document.querySelector("[data-elsewhere]")?.dataset.clinic;
  const there = reply.headers.get("X-Clinic");
  const isOther = Boolean(here && there) && here !== there;
  if (isOther) document.dispatchEvent(new Event(ANOTHER_CLINIC));
  return isOther;
}

/** The parsed page, null when nothing changed (204). Throws when session or line is gone; never
 *  answers once the page is of another clinic. */
export async function readPage(address, options = {}) {
  const reply = await fetch(address, { ...options, redirect: "manual", cache: "no-store" });
  if (isOfAnother(reply)) return new Promise(() => {});
  if (reply.status === 204) return null;
  if (reply.type === "opaqueredirect" || reply.status === 401) throw new SessionOver();
  const type = reply.headers.get("Content-Type") ?? "";
  if (!reply.ok || !type.startsWith("text/html")) throw new Error(`answer ${reply.status}`);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

/** The server asks to sign in again. */
export class SessionOver extends Error {}
