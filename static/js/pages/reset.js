// A forgotten password. This browser holds a secret and shows a number; the person reads the number
// to the clinic; when the clinic agrees, the new password is chosen here and nowhere else. The
// secret lives as long as this tab and never stands in an address.

import { clockWords } from "../patient/days.js";
import {
  addReveal, enableForms, markField, markFields, markForm, showSuggestion, whileBusy,
} from "../patient/fields.js";
import { nextStep } from "../patient/next_step.js";
import { ownApi } from "../patient/own_api.js";
import { refusalWords } from "../patient/sign_in_form.js";
import { speaker } from "../patient/words.js";
import { el, telAddress } from "../ui/dom.js";
import { goOn, passwordProblem } from "./join.js";

const KEPT = "reset";
const LOOK_EVERY_MS = 4000;

const api = ownApi();

/** "482913" → "482 913": two groups are read out more surely than six digits. */
export const grouped = (number) => number.replace(/^(\d{3})(\d{3})$/, "$1 $2");

const kindOf = (answer) => (answer.outcome === "problem" ? answer.kind
  : { "not-ours": "not-ours" }[answer.outcome] ?? "offline");

export async function start(root, { phone }) {
  const phrases = await phone.phrases();
  const page = {
    root, phone, say: speaker(phrases), request: null, timer: null,
    ask: root.querySelector("#reset-ask"), wait: root.querySelector("#reset-wait"),
    make: root.querySelector("#reset-make"),
  };
  prepareAsk(page);
  prepareMake(page);
  page.wait.querySelector("[data-again]").addEventListener("click", () => askAgain(page, null));
  document.addEventListener("visibilitychange", () => !document.hidden && look(page));
  enableForms(root);
  const kept = readKept();
  if (kept) {
    page.request = kept;
    showWaiting(page);
    look(page);
  }
}

// --- what this tab remembers: a reload must not cost the number that was just read out ------------

function readKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return typeof kept?.secret === "string" && typeof kept.number === "string" ? kept : null;
  } catch {
    return null;
  }
}

function keep(request) {
  try {
    if (request) sessionStorage.setItem(KEPT, JSON.stringify(request));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // A browser without storage goes on from memory; only a reload then costs the number.
    console.warn("reset: this browser keeps nothing for a tab");
  }
}

// --- asking --------------------------------------------------------------------------------------

function prepareAsk(page) {
  page.ask.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(page.ask.querySelector("[type=submit]"), () => ask(page));
  });
}

async function ask(page) {
  const { ask: form, say } = page;
  const username = form.elements.username.value.trim();
  markForm(form, null);
  if (!markFields(form, username ? {} : { username: say("sign_in_username_missing") })) return;
  const answer = await api.post("/api/v1/reset/ask", { username });
  if (answer.outcome !== "ok") {
    markForm(form, refusalWords({ ...answer, kind: kindOf(answer) }, say));
    return;
  }
  const { secret, number, expires_in_s: seconds } = answer.body;
  page.request = { secret, number, until: Date.now() + seconds * 1000, username };
  keep(page.request);
  showWaiting(page);
  lookSoon(page);
}

function askAgain(page, words) {
  clearTimeout(page.timer);
  page.request = null;
  keep(null);
  only(page, page.ask);
  markForm(page.ask, words);
  page.ask.elements.username.focus();
}

function only({ ask: first, wait, make }, shown) {
  for (const part of [first, wait, make]) part.hidden = part !== shown;
}

// --- waiting -------------------------------------------------------------------------------------

function showWaiting(page) {
  const { wait, say, phone, request } = page;
  const call = wait.querySelector("[data-call]");
  // The server prints the number where there is one clinic only.
  const number = phone.clinic()?.phone?.number || call.dataset.phone;
  wait.querySelector("[data-number]").textContent = grouped(request.number);
  call.replaceChildren(number
    ? el("a", { href: telAddress(number) }, say("reset_call", { clinic_phone: number }))
    : say("reset_call_no_number"));
  sayWaiting(page);
  only(page, wait);
  wait.querySelector("h2").focus();
}

function sayWaiting({ wait, say, request }) {
  const words = say("reset_waiting", { time: clockWords(request.until) });
  const place = wait.querySelector("[data-state]");
  if (place.textContent !== words) place.textContent = words;
}

function lookSoon(page) {
  clearTimeout(page.timer);
  page.timer = setTimeout(() => look(page), LOOK_EVERY_MS);
}

async function look(page) {
  const { request, say } = page;
  clearTimeout(page.timer);
  if (!request || page.wait.hidden || document.hidden) return;
  const answer = await api.post("/api/v1/reset/look", { secret: request.secret });
  if (page.request !== request) return;
  if (answer.outcome === "ok" && answer.body.state === "approved") {
    showMake(page);
    return;
  }
  if (kindOf(answer) === "reset-unknown") {
    askAgain(page, say("reset_over"));
    return;
  }
  if (answer.outcome === "ok") sayWaiting(page);
  else page.wait.querySelector("[data-state]").textContent = say("reset_no_answer");
  lookSoon(page);
}

// --- the new password ----------------------------------------------------------------------------

function showMake(page) {
  const { make, request } = page;
  // A password manager wants to know whose password it is.
  make.querySelector("[data-username]").value = request.username ?? "";
  only(page, make);
  make.querySelector("h2").focus();
}

function prepareMake(page) {
  const { make, phone, say } = page;
  const { password } = make.elements;
  const suggest = make.querySelector("[data-suggest]");
  addReveal({ input: password, button: make.querySelector("[data-reveal]"), say });
  suggest.addEventListener("click", () => whileBusy(suggest, async () => {
    const answer = await phone.suggestPassword();
    if (!answer.ok) {
      markForm(make, refusalWords(answer, say));
      return;
    }
    markField(password, null);
    showSuggestion({ form: make, input: password, password: answer.password });
    password.focus();
  }));
  make.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(make.querySelector("[data-submit]"), () => submit(page));
  });
}

async function submit(page) {
  const { make, phone, say, request, root } = page;
  const password = make.elements.password.value;
  markForm(make, null);
  const wrong = passwordProblem(password, say);
  if (!markFields(make, wrong ? { password: wrong } : {})) return;
  const answer = await phone.signInBy("/api/v1/reset", { secret: request.secret, password });
  const step = nextStep(answer.kind);
  if (answer.ok || step) keep(null);
  if (step) {
    location.assign(step);
  } else if (answer.ok) {
    await goOn({ make, root, phone, say, ready: "reset_saved" }, answer.account);
  } else if (answer.kind === "reset-unknown") {
    askAgain(page, say("reset_over"));
  } else if (answer.field === "password") {
    markField(make.elements.password, answer.detail);
    make.elements.password.focus();
  } else {
    markForm(make, refusalWords(answer, say));
  }
}
