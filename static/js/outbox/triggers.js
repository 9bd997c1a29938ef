// When sending is tried. Says only "now"; whether it may is the sender's business.

const EVERY_MS = 5 * 60 * 1000;
const SYNC_TAG = "send-check-ins";

/** Calls `kick({reason, byPerson, withSession})` at each occasion; returns the way to stop.
 *
 *  Opening the app or coming back to it is a person's act, and skips the backoff. A network that
 *  flaps is not. */
export function attachTriggers({ window, setTimer, kick }) {
  const { document, navigator } = window;
  const isVisible = () => document.visibilityState === "visible";
  const detach = [];
  const on = (target, name, handler) => {
    if (!target) return;
    target.addEventListener(name, handler);
    detach.push(() => target.removeEventListener(name, handler));
  };

  on(window, "online", () => kick({ reason: "online" }));
  on(document, "visibilitychange", () => {
    if (isVisible()) kick({ reason: "visible", byPerson: true });
  });
  on(window, "pageshow", (event) => {
    if (event.persisted) kick({ reason: "pageshow", byPerson: true, withSession: true });
  });
  on(navigator.serviceWorker, "message", async (event) => {
    if (event.data?.type !== SYNC_TAG) return;
    const result = await kick({ reason: "worker" });
    event.ports[0]?.postMessage({ type: "sent", result });
  });

  let cancel = () => {};
  const tick = () => {
    cancel = setTimer(() => {
      if (isVisible()) kick({ reason: "timer" });
      tick();
    }, EVERY_MS);
  };
  tick();
  detach.push(() => cancel());

  kick({ reason: "start", byPerson: true, withSession: true });
  return () => detach.forEach((stop) => stop());
}

/** Ask the browser to wake the worker when there is a line again, where it can. Never waits for a
 *  worker that is not there. */
export function askForBackgroundSync(navigator) {
  navigator.serviceWorker?.getRegistration?.()
    .then((registration) => registration?.active && registration.sync?.register(SYNC_TAG))
    .catch(() => {});
}
