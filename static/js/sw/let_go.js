/* What is served in place of the worker while a bad release is switched off. It throws the kept
   pages away, so that every page comes from the server again, and then goes itself. It answers for
   nothing, reloads nothing, and never opens IndexedDB: what people wrote stays as it is. */

const KEPT = "release-";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(letGo()));

async function letGo() {
  const names = (await caches.keys()).filter((name) => name.startsWith(KEPT));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
}
