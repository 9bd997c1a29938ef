// Asking the server for a page of its own making, as a document whose parts can be taken over.

/** The parsed page, null when nothing changed (204). Throws when session or line is gone. */
export async function readPage(address, options = {}) {
  const reply = await fetch(address, { ...options, redirect: "manual", cache: "no-store" });
  if (reply.status === 204) return null;
  if (reply.type === "opaqueredirect" || reply.status === 401) throw new SessionOver();
  const type = reply.headers.get("Content-Type") ?? "";
  if (!reply.ok || !type.startsWith("text/html")) throw new Error(`answer ${reply.status}`);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

/** The server asks to sign in again. */
export class SessionOver extends Error {}
