/* The page's side of the service worker: it registers it, looks for a new release, and offers it.
   A new release is never taken while a form holds unsaved input, and never without a yes. */

import { forThisVisit } from "./memory.js";

const PUT_OFF = "update-put-off-at";
const PUT_OFF_MS = 60 * 60 * 1000;
const BEGAN = "began-again-at";
const BEGAN_MS = 60 * 1000;
const TAKES_OVER_MS = 5000;

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
  const offer = makeOffer({ document, memory: forThisVisit(window), accept: takeOver });
  container.addEventListener("controllerchange", () => {
    if (isAgreed) window.location.reload();
  });

  function takeOver() {
    if (isDirty(document)) return;
    isAgreed = true;
    // Another tab may have let the new release in already; then a reload is all it takes.
    if (!registration.waiting) return window.location.reload();
    registration.waiting.postMessage({ type: "take-over" });
    // It may have been overtaken by a newer one; then the next page asks again.
    window.setTimeout(() => window.location.reload(), TAKES_OVER_MS);
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
  sayWhatIsMissing({ window, container });
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

/* The browser looks into the kept release by itself, and asks the network without a word to the
   worker where something has been thrown away. */
function sayWhatIsMissing({ window: { performance }, container }) {
  const loads = [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")];
  const isMissing = ({ workerMatchedSourceType: from, workerFinalSourceType: came }) => (
    from === "cache" && came === "network");
  if (loads.some(isMissing)) container.controller?.postMessage({ type: "something-is-missing" });
}

/** Loads the page anew where it has lost its storage and holds no input; once, if that does not help.
 */
export function beginAgain({ window }) {
  const memory = forThisVisit(window);
  if (isDirty(window.document) || memory.isFresh(BEGAN, BEGAN_MS)) return;
  memory.note(BEGAN);
  window.location.reload();
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

function makeOffer({ document, memory, accept }) {
  let bar = null;
  let isPutOff = memory.isFresh(PUT_OFF, PUT_OFF_MS);
  const hideWhileDirty = () => {
    if (bar) bar.hidden = isPutOff || isDirty(document);
  };
  const putOff = () => {
    isPutOff = true;
    memory.note(PUT_OFF);
    hideWhileDirty();
  };
  return {
    show() {
      if (!bar) {
        bar = drawBar({ document, accept, putOff });
        if (!bar) return;
        document.body.append(bar);
        new MutationObserver(hideWhileDirty).observe(document.body, {
          attributeFilter: ["data-dirty"],
        });
      }
      hideWhileDirty();
    },
  };
}

/* Drawn by the server in the language of the page; a page without a template offers nothing. */
function drawBar({ document, accept, putOff }) {
  const drawn = document.querySelector("template[data-update]");
  if (!drawn) return null;
  const bar = drawn.content.firstElementChild.cloneNode(true);
  bar.querySelector("[data-take]").addEventListener("click", (event) => {
    event.currentTarget.setAttribute("aria-busy", "true");
    accept();
  });
  bar.querySelector("[data-put-off]").addEventListener("click", putOff);
  return bar;
}
