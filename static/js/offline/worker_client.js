/* The page's side of the service worker: it registers it, looks for a new release, and offers it.
   A new release is never taken while a form holds unsaved input, and never without a yes. */

/**
 * Register the worker and offer new releases for as long as the page lives.
 * Returns {lookForUpdate}, which asks the server now.
 */
export async function keepReleaseFresh({ window }) {
  const { document, navigator } = window;
  const container = navigator.serviceWorker;
  if (!container) return { lookForUpdate: () => {} };
  let isAgreed = false;
  let registration = null;
  const offer = makeOffer({ document, accept: takeOver });
  container.addEventListener("controllerchange", () => {
    if (isAgreed) window.location.reload();
  });

  function takeOver() {
    if (isDirty(document)) return;
    isAgreed = true;
    // Another tab may have let the new release in already; then a reload is all it takes.
    if (registration.waiting) registration.waiting.postMessage({ type: "take-over" });
    else window.location.reload();
  }

  try {
    registration = await container.register("/sw.js", { scope: "/", updateViaCache: "none" });
  } catch {
    return { lookForUpdate: () => {} };
  }
  if (!registration) return { lookForUpdate: () => {} }; // workers are switched off in this browser
  const offerIfWaiting = () => {
    if (registration.waiting && container.controller) offer.show();
  };
  const lookForUpdate = () => registration.update().catch(() => {});
  offerIfWaiting();
  askToBeTakenIn(container);
  watchInstalling(registration, offerIfWaiting);
  lookWheneverSeen({ window, lookForUpdate });
  return { lookForUpdate };
}

/* The worker takes in the pages that are there when it starts. One that was just on its way is left
   out, and would have to do without its files until the next page. */
async function askToBeTakenIn(container) {
  const { active } = await container.ready;
  if (!container.controller) active.postMessage({ type: "take-me-in" });
}

/** Whether a form on the page holds input that is not saved yet. */
export function isDirty(document) {
  return document.body.dataset.dirty === "true";
}

function watchInstalling(registration, onChange) {
  const watch = (worker) => worker?.addEventListener("statechange", onChange);
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
}

/* iOS does not look by itself when an installed app comes back to the front. */
function lookWheneverSeen({ window, lookForUpdate }) {
  const look = () => {
    if (window.document.visibilityState === "visible") lookForUpdate();
  };
  window.document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
}

function makeOffer({ document, accept }) {
  let bar = null;
  let isPutOff = false;
  const hideWhileDirty = () => {
    if (bar) bar.hidden = isPutOff || isDirty(document);
  };
  const putOff = () => {
    isPutOff = true;
    hideWhileDirty();
  };
  return {
    show() {
      if (!bar) {
        bar = drawBar({ document, accept, putOff });
        document.body.append(bar);
        new MutationObserver(hideWhileDirty).observe(document.body, {
          attributeFilter: ["data-dirty"],
        });
      }
      hideWhileDirty();
    },
  };
}

function drawBar({ document, accept, putOff }) {
  const bar = document.createElement("div");
  bar.className = "toast";
  bar.id = "update-offer";
  bar.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = "A new version is ready.";
  const draw = (label, look, onPress) => drawButton({ document, label, look, onPress });
  bar.append(words, draw("Use it now", "btn--line", accept), draw("Later", "btn--quiet", putOff));
  return bar;
}

function drawButton({ document, label, look, onPress }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `btn btn--small ${look}`;
  button.textContent = label;
  button.addEventListener("click", onPress);
  return button;
}
