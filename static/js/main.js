/* Every page starts here: the worker, the phone's own store, the clinic's slots, then the module
   of the page. A public page stays complete and readable when any of it fails. */

import "./offline/install_offer.js";
import { keepReleaseFresh } from "./offline/worker_client.js";

const PAGES = {
  aftercare_joint: () => import("./pages/aftercare_joint.js"),
  check_in: () => import("./pages/check_in.js"),
  check_ins: () => import("./pages/check_ins.js"),
  join: () => import("./pages/join.js"),
  joints: () => import("./pages/joints.js"),
  reset: () => import("./pages/reset.js"),
  setup: () => import("./pages/setup.js"),
  sign_in: () => import("./pages/sign_in.js"),
  start: () => import("./pages/start.js"),
  today: () => import("./pages/today.js"),
  you: () => import("./pages/you.js"),
};
const FILLED_FROM = new Set(["record", "account"]);
const NEEDS_STORAGE = new Set(["check_in", "check_ins", "start", "you", "sign_in", "join"]);
const REFUSALS = new Set(["refused", "failed"]);
const STORAGE_REFUSED =
  "This browser does not let us save on this phone. Your answers would be lost. " +
  "This often happens in a private window. If you feel unwell, open “When to call”.";

async function boot() {
  const { body, documentElement } = document;
  const worker = keepReleaseFresh({ window });
  const phone = await attempt("phone", () => openStore(documentElement.dataset.assets));
  if (phone) {
    phone.startSending();
    phone.onChange(() => phone.isTooOld() && worker.then(({ lookForUpdate }) => lookForUpdate()));
    await Promise.all([
      attempt("slots", () => fillSlots(phone)),
      attempt(body.dataset.page, () => startPage(body.dataset.page, phone)),
    ]);
  }
  const canSave = phone && (phone.storage.ok || !REFUSALS.has(phone.storage.reason));
  if (!canSave && NEEDS_STORAGE.has(body.dataset.page)) sayStorageRefused();
}

async function openStore(assets) {
  const { openPhone } = await import("./phone.js");
  return openPhone({ assets });
}

async function fillSlots(phone) {
  const [{ fillClinicSlots }, guidance] = await Promise.all([
    import("./ui/clinic_slots.js"),
    phone.guidance(),
  ]);
  const fill = () => fillClinicSlots(document, phone.clinic(), guidance, {});
  fill();
  phone.onChange(({ what }) => FILLED_FROM.has(what) && fill());
}

async function startPage(page, phone) {
  const load = PAGES[page];
  if (!load) return;
  const { start } = await load();
  await start(document.querySelector("main"), { phone });
}

function sayStorageRefused() {
  const notice = document.createElement("p");
  notice.className = "notice notice--warn";
  notice.setAttribute("role", "alert");
  notice.textContent = STORAGE_REFUSED;
  document.querySelector("main").prepend(notice);
}

async function attempt(name, act) {
  try {
    return await act();
  } catch (error) {
    // No line and nothing kept, or a page that is being left: not a fault of ours.
    const tell = error?.kind === "guidance-missing" ? console.warn : console.error;
    tell(`${name}:`, error);
    return null;
  }
}

boot();
