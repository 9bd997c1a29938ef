// This browser's own subscription to reminders, and whose it is. Of a phone that changed hands, or
// that nobody is signed in on, it is nobody's, and goes. Who wants to be reminded here is kept on the
// phone, sealed: a browser may lose its subscription, and a push service may end one.

import { post } from "../account/asking.js";

const WISH = "reminders"; // among the person's own drafts
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

/** Remind the person who is signed in here, from now on. {ok, body} with their wishes, or a refusal
 *  by `kind`; `no-service` where the browser's push service does not answer. */
export async function remindHere({ phone, api, navigator, key }) {
  const made = await subscribeHere(navigator, key);
  if (!made) return { ok: false, kind: "no-service" };
  const { endpoint, keys: { p256dh, auth } } = made.toJSON();
  const kept = await post(api, "/api/v1/push", { endpoint, p256dh, auth, time_zone: zoneHere() });
  if (kept.ok) await phone.keepDraft(WISH, { is_wanted: true }).catch(() => {});
  else await made.unsubscribe().catch(() => {});
  return kept;
}

/** And no more. {ok, body}, or a refusal: then nothing has changed. */
export async function remindHereNoMore({ phone, api, navigator }) {
  const here = await subscriptionHere(navigator);
  const done = here ? await post(api, "/api/v1/push/remove", { endpoint: here.endpoint })
    : { ok: true, body: null };
  if (!done.ok) return done;
  await phone.dropDraft(WISH).catch(() => {});
  await here?.unsubscribe().catch(() => {});
  return done;
}

async function subscribeHere(navigator, key) {
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

/** Asks once for everybody who signs in: is this browser one of yours? If not, it lets go. Where it
 *  should be one and is not, it becomes one again. */
export function keepPushHere({ phone, api, navigator }) {
  let settled = null;
  const look = async () => {
    const account = phone.account();
    const owner = account?.role === "patient" ? account.account : "nobody";
    if (owner === settled || (account && phone.isSessionOver())) return;
    settled = owner;
    const here = await subscriptionHere(navigator);
    if (here && await isKnown(here, owner)) return;
    await here?.unsubscribe();
    if (owner !== "nobody" && await phone.draft(WISH)) await renew();
  };
  const renew = async () => {
    const wishes = await api.get("/api/v1/push");
    if (wishes.outcome === "ok") {
      await remindHere({ phone, api, navigator, key: wishes.body.key });
    }
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
