/* The service worker. It keeps one release whole and answers from it; the page sends.
   The server puts RELEASE (its id) and FILES (every address to keep) in front. */

const PREFIX = "release-";
const CACHE = PREFIX + RELEASE;
const EARLIER_KEPT = 2;
const OFFLINE = "/offline";
const PACK = `/assets/${RELEASE}/whole.json`;
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

self.addEventListener("install", (event) => {
  event.waitUntil(installWhole());
  event.waitUntil(addRoutes(event));
});
self.addEventListener("activate", (event) => event.waitUntil(tidyUp()));
self.addEventListener("fetch", onFetch);
self.addEventListener("message", (event) => {
  if (event.data?.type === "take-over") self.skipWaiting();
  if (event.data?.type === "take-me-in") event.waitUntil(self.clients.claim());
  if (event.data?.type === "something-is-missing") mendOnce(event);
});
self.addEventListener("sync", (event) => {
  if (event.tag === "send-check-ins") event.waitUntil(askPagesToSend());
});
self.addEventListener("push", (event) => event.waitUntil(remind()));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showApp());
});

async function installWhole() {
  try {
    await keep(FILES, await fetchPack());
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/* Where the browser can, it takes what is kept out of the cache itself and need not wake the worker.
   For what is missing there it goes to the network; then the page says so. With something behind the
   address ("?from=shortcut") the worker is asked as ever. */
async function addRoutes(event) {
  const pages = FILES.filter((address) => !address.startsWith("/assets/"));
  const route = (pathname) => ({
    condition: { urlPattern: new URLPattern({ pathname, search: "" }), requestMethod: "GET" },
    source: { cacheName: CACHE },
  });
  try {
    await event.addRoutes?.([...pages, `/assets/${RELEASE}/*`].map(route));
  } catch {
    // Then the worker is asked for everything.
  }
}

/* Nothing is put before everything has arrived. */
async function keep(addresses, packed = new Map()) {
  const answers = await Promise.all(addresses.map((one) => packed.get(one) ?? fetchWhole(one)));
  const cache = await caches.open(CACHE);
  await Promise.all(addresses.map((address, index) => cache.put(address, answers[index])));
}

/* All that is text comes in one answer, as many bytes as half of it one by one; a line that stands
   in many files comes once. */
async function fetchPack() {
  const answer = await fetchOurs(PACK);
  const { release, lines, files } = await answer.json();
  if (release !== RELEASE) throw new Error(`${PACK} is of release ${release}`);
  return new Map(Object.entries(files).map(([address, { type, lines: places }]) => {
    const headers = headersOf(answer);
    headers.set("Content-Type", type);
    const text = places.map((place) => lines[place]).join("\n");
    return [address, new Response(text, { headers })];
  }));
}

async function fetchWhole(address) {
  const answer = await fetchOurs(address);
  return new Response(await answer.arrayBuffer(), { headers: headersOf(answer) });
}

async function fetchOurs(address) {
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
  return answer;
}

/* Those of safety are the same on every answer; what tells how this one travelled is over. */
function headersOf(answer) {
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length", "ETag", "Vary"]) headers.delete(name);
  return headers;
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

function inRelease(address) {
  return caches.match(address, { cacheName: CACHE, ignoreVary: true });
}

/* A phone that runs short of room may have emptied the cache: fill it again. */
function mendIfOurs(event, pathname) {
  if (FILES.includes(pathname)) mendOnce(event);
}

function mendOnce(event) {
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

/* It says only that there is something: a lock screen is read by others too. What was sent is not
   even looked at. */
function remind() {
  const icon = `/assets/${RELEASE}/img/icon-192.png`;
  return self.registration.showNotification(NOTICE.title, { body: NOTICE.words, icon, tag: "reminder" });
}

/* A page that is open stays where it is: it may hold a form. */
async function showApp() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const ours = pages.find(({ url }) => !NEVER_OURS.test(new URL(url).pathname));
  return ours ? ours.focus() : self.clients.openWindow("/");
}
