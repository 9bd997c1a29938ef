/* Every page starts here: the worker, the phone's own store, the clinic's slots, then the module
   of the page. A public page stays complete and readable when any of it fails. */

import "./offline/install_offer.js";
import { beginAgain, keepReleaseFresh } from "./offline/worker_client.js";

const PAGES = {
  aftercare: () => import("./pages/aftercare_joint.js"),
  aftercare_joint: () => import("./pages/aftercare_joint.js"),
  check_in: () => import("./pages/check_in.js"),
  check_ins: () => import("./pages/check_ins.js"),
  join: () => import("./pages/join.js"),
  joints: () => import("./pages/joints.js"),
  recovery: () => import("./pages/recovery.js"),
  reset: () => import("./pages/reset.js"),
  setup: () => import("./pages/setup.js"),
  sign_in: () => import("./pages/sign_in.js"),
  start: () => import("./pages/start.js"),
  today: () => import("./pages/today.js"),
  you: () => import("./pages/you.js"),
};
const FILLED_FROM = new Set(["record", "account"]);
const NEEDS_STORAGE = new Set(["check_in", "check_ins", "recovery", "start", "you", "sign_in",
  "join"]);
const FOR_MEMBERS = new Set(["today"]); // a stranger keeps the page as the server drew it
const WORKER_WAITS_MS = 3000;
const REFUSALS = new Set(["refused", "failed"]);

function boot() {
  const page = openPage({ lookForUpdate: () => worker.then((one) => one.lookForUpdate()) });
  const worker = whenItsTurnComes(page).then(() => keepReleaseFresh({ window }));
}

/** The page comes first, before what is kept for later ones and before any look for an update. */
function whenItsTurnComes(page) {
  return Promise.race([page, new Promise((go) => { setTimeout(go, WORKER_WAITS_MS); })]);
}

/** Until the page is on the screen as it was kept. Two dozen modules would hold that up. */
function onceItIsSeen() {
  if (document.hidden) return Promise.resolve();
  return new Promise((go) => { requestAnimationFrame(() => setTimeout(go)); });
}

async function openPage({ lookForUpdate }) {
  const { body, documentElement } = document;
  const refused = document.querySelector("[data-storage-refused]");
  // What lies on the phone already is not waited for one after the other.
  if (navigator.serviceWorker?.controller) {
    await onceItIsSeen();
    PAGES[body.dataset.page]?.().catch(() => {});
  }
  const phone = await attempt("phone", () => openStore(documentElement.dataset.assets));
  if (phone) {
    phone.startSending();
    phone.onChange(() => phone.isTooOld() && lookForUpdate());
    phone.onChange(() => phone.storage.reason === "lost" && beginAgain({ window }));
    await Promise.all([
      attempt("slots", () => fillSlots(phone)),
      attempt(body.dataset.page, () => startPage(body.dataset.page, phone)),
    ]);
    attempt("extras", () => startExtras(phone));
    attempt("language", () => keepLanguage(phone));
  }
  body.classList.add("is-ready");
  const canSave = phone && (phone.storage.ok || !REFUSALS.has(phone.storage.reason));
  if (!canSave && NEEDS_STORAGE.has(body.dataset.page)) sayStorageRefused(refused);
}

/** The number on the app's icon, and whose reminders come here, where a phone has them. */
async function startExtras(phone) {
  if (phone.account() && navigator.setAppBadge) {
    const { keepBadge } = await import("./offline/badge.js");
    keepBadge({ phone, navigator });
  } else {
    navigator.clearAppBadge?.().catch(() => {});
  }
  if (document.body.dataset.page === "today" && phone.checkInCount() > 0) {
    const { offerInstall } = await import("./offline/install_moment.js");
    await offerInstall({ window, phone });
  }
  if (window.Notification?.permission !== "granted") return;
  const [{ keepPushHere }, { ownApi }] = await Promise.all([
    import("./offline/push_here.js"), import("./patient/own_api.js")]);
  keepPushHere({ phone, api: ownApi(), navigator });
}

/** A clinic may leave a language out; then the phone goes back to English, and says so. */
async function keepLanguage(phone) {
  const isLeftOut = () => phone.clinic()?.languages_off?.length > 0;
  if (!isLeftOut() && !history.state?.languageLeft) return;
  const { followClinic } = await import("./patient/language.js");
  followClinic({ window, phone });
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-languages]")) return;
  event.preventDefault();
  const { changeBy } = await import("./patient/language.js");
  changeBy(event.target, event.submitter.value, { window });
});

async function openStore(assets) {
  const { openPhone } = await import("./phone.js");
  return openPhone({ assets });
}

/** Until a clinic is known the page stands as the server drew it, and nothing is fetched for it. */
function fillSlots(phone) {
  const fill = async () => {
    if (!phone.clinic()) return;
    const [{ fillClinicSlots }, guidance] = await Promise.all([
      import("./ui/clinic_slots.js"),
      phone.guidance(),
    ]);
    fillClinicSlots(document, phone.clinic(), guidance, {});
  };
  phone.onChange(({ what }) => FILLED_FROM.has(what) && attempt("slots", fill));
  return fill();
}

async function startPage(page, phone) {
  const load = PAGES[page];
  if (!load) return;
  if (FOR_MEMBERS.has(page) && !phone.account()) {
    const stop = phone.onChange(() => {
      if (!phone.account()) return;
      stop();
      attempt(page, () => startPage(page, phone));
    });
    return;
  }
  const { start } = await load();
  await start(document.querySelector("main"), { phone });
}

/** What the page drew may have taken the place of the words. */
function sayStorageRefused(words) {
  words.hidden = false;
  document.querySelector("main").prepend(words);
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
