// Changing the language. Each language is a release of its own: the server is told which one this
// phone reads, the worker fetches that release whole, and then it takes over, as an update does.

import { isDirty } from "../offline/worker_client.js";
import { speaker } from "./words.js";
import { el, icon } from "../ui/dom.js";
import { spoken } from "../ui/language.js";

/** The worker of the other release when all of it is there; null where this one is that already.
 *  Rejects where it could not be fetched. */
async function nextWorker(registration) {
  await registration.update();
  const next = registration.installing ?? registration.waiting;
  if (!next) return null;
  await new Promise((go) => {
    const look = () => next.state !== "installing" && go();
    next.addEventListener("statechange", look);
    look();
  });
  if (next.state === "redundant") throw new Error("the other release did not arrive whole");
  return next;
}

async function takeOther(registration, { navigator, location }) {
  const next = registration?.active ? await nextWorker(registration) : null;
  if (!next) {
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  next.postMessage({ type: "take-over" });
}

/** Goes on in another language: "failed" where the server or the new release was not to be had,
 *  "later" where a form holds unsaved input, else the page is loaded anew. */
export async function changeLanguage(language, { window }) {
  const body = new URLSearchParams({ language });
  const said = await window.fetch("/language", { method: "POST", body, redirect: "manual" })
    .catch(() => null);
  if (said?.type !== "opaqueredirect") return "failed";
  if (isDirty(window.document)) return "later";
  try {
    await takeOther(await window.navigator.serviceWorker?.getRegistration(), window);
    return "changed";
  } catch {
    return "failed";
  }
}

/** A press on a language in the foot of a page. */
export async function changeBy(form, language, { window }) {
  const status = form.querySelector("[role=status]");
  const buttons = [...form.querySelectorAll("button")];
  const tell = (name) => { status.textContent = status.dataset[name] ?? ""; };
  for (const button of buttons) button.disabled = true;
  tell("busy");
  const outcome = await changeLanguage(language, { window });
  if (outcome === "changed") return;
  tell(outcome);
  for (const button of buttons) button.disabled = false;
}

/** The clinic's switch: no button for what it leaves out, and back to English from there. */
export function followClinic({ window, phone }) {
  const { document, history } = window;
  const obey = () => {
    const off = phone.clinic()?.languages_off ?? [];
    for (const button of document.querySelectorAll("[data-languages] button")) {
      button.hidden = off.includes(button.value);
    }
    if (!off.includes(spoken(document)) || isDirty(document)) return;
    history.replaceState({ ...history.state, languageLeft: nameOfNow(document) }, "");
    changeLanguage("en", { window });
  };
  obey();
  phone.onChange(({ what }) => what === "record" && obey());
  if (history.state?.languageLeft && spoken(document) === "en") sayLeft({ window, phone });
}

const nameOfNow = (document) => document.querySelector(".languages__now")?.textContent
  ?? spoken(document);

async function sayLeft({ window, phone }) {
  const { languageLeft: name, ...state } = window.history.state;
  window.history.replaceState(state, "");
  const say = speaker((await phone.guidance()).phrases);
  window.document.querySelector("main").prepend(el("p", { class: "notice notice--info",
    role: "status" }, icon("info"), el("span", {}, say("language_left", { name }))));
}
