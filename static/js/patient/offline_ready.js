// Whether this phone can now open the app without signal.

const PATIENCE_MS = 20_000;

/** True once a service worker is active; false where there is none or it takes too long. */
export async function offlineReady({ serviceWorker }, { patience = PATIENCE_MS } = {}) {
  if (!serviceWorker) return false;
  const late = new Promise((resolve) => { setTimeout(() => resolve(false), patience); });
  return Promise.race([serviceWorker.ready.then(() => true), late]);
}
