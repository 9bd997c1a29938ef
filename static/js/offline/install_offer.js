// The browser's own offer to install this app. It comes once, often before the page that shows it
// has loaded, so it is caught as early as this module and kept.

let offer = null;
const listeners = new Set();

function tell() {
  for (const listener of listeners) listener();
}

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  tell();
});
window.addEventListener("appinstalled", () => {
  offer = null;
  tell();
});

/** Whether the browser would install the app now if asked. */
export function canInstall() {
  return offer !== null;
}

/** Shows the browser's own question. True when the person accepted. An offer works once. */
export async function install() {
  const asked = offer;
  if (!asked) return false;
  offer = null;
  await asked.prompt();
  const { outcome } = await asked.userChoice;
  tell();
  return outcome === "accepted";
}

/** Calls `listener` when the offer comes or goes. */
export function onInstallOffer(listener) {
  listeners.add(listener);
}
