/* The service worker. It keeps one release whole and answers from it; the page sends.
   The server puts RELEASE (its id) and FILES (every address to keep) in front. */

const PREFIX = "release-";
const CACHE = PREFIX + RELEASE;
const EARLIER_KEPT = 2;
const OFFLINE = "/offline";
const NEVER_OURS = /^\/(api|clinic|setup|reset)(\/|$)/;
const TYPES = {
  css: "text/css",
  js: "text/javascript",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

let mending = null;

self.addEventListener("install", (event) => event.waitUntil(installWhole()));
self.addEventListener("activate", (event) => event.waitUntil(tidyUp()));
self.addEventListener("fetch", onFetch);
self.addEventListener("message", (event) => {
  if (event.data?.type === "take-over") self.skipWaiting();
  if (event.data?.type === "take-me-in") event.waitUntil(self.clients.claim());
});
self.addEventListener("sync", (event) => {
  if (event.tag === "send-check-ins") event.waitUntil(askPagesToSend());
});

async function installWhole() {
  try {
    await keep(FILES);
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/* Nothing is put before everything has arrived. */
async function keep(addresses) {
  const answers = await Promise.all(addresses.map(fetchWhole));
  const cache = await caches.open(CACHE);
  await Promise.all(addresses.map((address, index) => cache.put(address, answers[index])));
}

async function fetchWhole(address) {
  const cache = address.startsWith("/assets/") ? "default" : "no-cache";
  const answer = await fetch(address, { cache, redirect: "error" });
  const type = answer.headers.get("Content-Type") ?? "";
  if (
    !answer.ok ||
    answer.headers.get("X-Release") !== RELEASE ||
    type.split(";")[0] !== typeOf(address)
  ) {
    throw new Error(`${address} is not of release ${RELEASE}`);
  }
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response(await answer.arrayBuffer(), { headers });
}

function typeOf(address) {
  const ending = /\.(\w+)$/.exec(address);
  return ending ? TYPES[ending[1]] : "text/html";
}

async function tidyUp() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  // In the order of their making. A tab may still show an earlier release.
  const old = names.slice(0, Math.max(0, names.length - EARLIER_KEPT));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

function onFetch(event) {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (NEVER_OURS.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(answerNavigation(event, pathname));
  else if (pathname.startsWith("/assets/") || FILES.includes(pathname)) {
    event.respondWith(answerFile(event, pathname));
  }
}

async function answerNavigation(event, pathname) {
  const kept = await inRelease(pathname);
  if (kept) return kept;
  mendIfOurs(event, pathname);
  try {
    return await fetch(event.request);
  } catch {
    return (await inRelease(OFFLINE)) ?? Response.error();
  }
}

async function answerFile(event, pathname) {
  const kept = (await inRelease(pathname)) ?? (await caches.match(pathname, { ignoreVary: true }));
  if (kept) return kept;
  mendIfOurs(event, pathname);
  return fetch(event.request);
}

async function inRelease(address) {
  const cache = await caches.open(CACHE);
  return cache.match(address, { ignoreVary: true });
}

/* A phone that runs short of room may have emptied the cache: fill it again. */
function mendIfOurs(event, pathname) {
  if (!FILES.includes(pathname)) return;
  mending ??= mend().finally(() => {
    mending = null;
  });
  event.waitUntil(mending);
}

async function mend() {
  const found = await Promise.all(FILES.map(inRelease));
  const missing = FILES.filter((_, index) => !found[index]);
  // Without a network this fails, and the next miss tries again.
  await keep(missing).catch(() => {});
}

async function askPagesToSend() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage({ type: "send-check-ins" });
}
