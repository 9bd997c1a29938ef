// Whether this phone can now open the app without signal.

const PATIENCE_MS = 20_000;

/** True once a service worker is active and has a release; false where there is none (the server may
 *  have switched it off) or it takes too long. */
export async function offlineReady({ serviceWorker },
  { patience = PATIENCE_MS, caches = globalThis.caches } = {}) {
  if (!serviceWorker) return false;
  const late = new Promise((resolve) => { setTimeout(() => resolve(false), patience); });
  const hasRelease = async () => (await caches.keys()).some((name) => name.startsWith("release-"));
  return Promise.race([serviceWorker.ready.then(hasRelease), late]);
}
