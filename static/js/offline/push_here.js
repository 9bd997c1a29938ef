// This browser's own subscription to reminders, and whose it is. Of a phone that changed hands, or
// that nobody is signed in on, it is nobody's, and goes.

const SUBSCRIBE_WITHIN_MS = 20000;

export const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

/** Whether this browser can be pushed to; the server's key is a text in every one that can. */
export const canBePushed = ({ Notification, PushManager, navigator }) => Boolean(
  Notification && PushManager && navigator.serviceWorker);

/** The subscription of this browser, or null. Never waits for a worker that does not come. */
export async function subscriptionHere(navigator) {
  const registration = await navigator.serviceWorker?.getRegistration();
  return await registration?.pushManager?.getSubscription() ?? null;
}

/** A new subscription with the server's key; null where the browser's push service does not answer. */
export async function subscribeHere(navigator, key) {
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
  const asked = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const tooLong = new Promise((resolve) => { setTimeout(resolve, SUBSCRIBE_WITHIN_MS, null); });
  return Promise.race([asked, tooLong]).catch(() => null);
}

/** The name under which the server keeps an endpoint. */
export async function hashOf(endpoint) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Asks once for everybody who signs in: is this browser one of yours? If not, it lets go. */
export function keepPushHere({ phone, api, navigator }) {
  let settled = null;
  const look = async () => {
    const account = phone.account();
    const owner = account?.role === "patient" ? account.account : "nobody";
    if (owner === settled || (account && phone.isSessionOver())) return;
    settled = owner;
    const here = await subscriptionHere(navigator);
    if (here && !await isKnown(here, owner)) await here.unsubscribe();
  };
  const isKnown = async ({ endpoint }, owner) => {
    if (owner === "nobody") return false;
    const reply = await api.post("/api/v1/push/here", { endpoint, time_zone: zoneHere() });
    if (reply.outcome !== "ok") settled = null; // offline: asked again when something changes
    return reply.outcome !== "ok" || reply.body.is_known;
  };
  const quietly = () => look().catch(() => { settled = null; });
  quietly();
  return phone.onChange(({ what }) => what !== "sending" && quietly());
}
