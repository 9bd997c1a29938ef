// Joining with a code from the clinic. The code comes from behind the # of the address, which no
// server ever sees, or is typed by hand.

import {
  addReveal, enableForms, markField, markFields, markForm, showSuggestion, whileBusy,
} from "../patient/fields.js";
import { nextStep } from "../patient/next_step.js";
import { offlineReady } from "../patient/offline_ready.js";
import { refusalWords } from "../patient/sign_in_form.js";
import { speaker } from "../patient/words.js";

const SHORTEST = 15;
const LONGEST = 128;

/** The code behind the #, as typed letters; "" where there is none. */
export function codeIn(hash) {
  try {
    return decodeURIComponent(hash.replace(/^#/, "")).trim().slice(0, 80);
  } catch {
    return "";
  }
}

/** What is wrong with a password before the server is asked, or null. Letters are characters. */
export function passwordProblem(password, say) {
  const length = [...password].length;
  if (length < SHORTEST) return say("join_password_short");
  return length > LONGEST ? say("join_password_long") : null;
}

export async function start(root, { phone }) {
  const phrases = await phone.phrases();
  const page = {
    root, phone, say: speaker(phrases), invite: null, code: "",
    look: root.querySelector("#join-look"), make: root.querySelector("#join-make"),
    with: root.querySelector("#join-with"),
  };
  prepareLook(page);
  prepareMake(page);
  prepareWith(page);
  enableForms(root);
  takeCode(page);
  window.addEventListener("hashchange", () => takeCode(page));
}

/** Reads the code once and takes it out of the address, so that no history or screenshot has it. */
function takeCode(page) {
  const code = codeIn(location.hash);
  if (!code) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  page.look.elements.code.value = code;
  lookUp(page);
}

function prepareLook(page) {
  page.look.addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp(page);
  });
  const known = page.phone.account();
  const notice = page.root.querySelector("[data-other-account]");
  if (known) {
    notice.querySelector("[data-words]").textContent =
      page.say("join_signed_in", { name: known.display_name });
    notice.hidden = false;
  }
}

function lookUp(page) {
  const { look, phone, say } = page;
  return whileBusy(look.querySelector("[type=submit]"), async () => {
    markForm(look, null);
    const code = look.elements.code.value.trim();
    if (!markFields(look, code ? {} : { code: say("join_code_missing") })) return;
    const answer = await phone.lookAtInvite({ code });
    if (!answer.ok) {
      sayRefusal(look, answer, say);
      return;
    }
    page.code = code;
    page.invite = answer.invite;
    showMake(page);
  });
}

/** Words of a refusal beside its field where the server names one, else above the form. */
function sayRefusal(form, answer, say) {
  const words = wordsFor(answer, say);
  const field = answer.kind === "invite-unknown" ? "code" : answer.field;
  const input = field ? form.elements[field] : null;
  if (input && !input.closest("[hidden]")) {
    markField(input, words);
    input.focus();
  } else {
    markForm(form, words);
  }
}

function wordsFor(answer, say) {
  if (answer.kind === "invite-unknown") return say("join_unknown");
  if (answer.kind === "username-taken") return say("join_username_taken");
  if (answer.kind === "offline") return say("join_offline");
  return refusalWords(answer, say);
}

function showMake(page) {
  const { root, make, look, invite, say } = page;
  const isPatient = invite.kind === "patient";
  make.querySelector("[data-invited]").textContent = say("join_for", { clinic: invite.clinic });
  make.querySelector("[data-who]").textContent = say("join_who", { name: invite.display_name });
  make.querySelector("[data-kept]").hidden = !isPatient;
  make.querySelector("[data-have-name]").hidden = isPatient;
  for (const gap of make.querySelectorAll("[data-clinic-here]")) gap.textContent = invite.clinic;
  look.hidden = true;
  make.hidden = false;
  make.querySelector("[data-invited]").focus();
}

function prepareMake(page) {
  const { make, look, phone, say } = page;
  const { password } = make.elements;
  const reveal = make.querySelector("[data-reveal]");
  addReveal({ input: password, button: reveal, say });
  const suggest = make.querySelector("[data-suggest]");
  suggest.addEventListener("click", () => whileBusy(suggest, async () => {
    const answer = await phone.suggestPassword();
    if (!answer.ok) {
      markForm(make, wordsFor(answer, say));
      return;
    }
    markField(password, null);
    showSuggestion({ form: make, input: password, password: answer.password });
    password.focus();
    document.body.dataset.dirty = "true";
  }));
  make.querySelector("[data-other-code]").addEventListener("click", () => {
    make.hidden = true;
    look.hidden = false;
    look.elements.code.focus();
  });
  make.addEventListener("input", () => { document.body.dataset.dirty = "true"; });
  make.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(make.querySelector("[data-submit]"), () => submit(page));
  });
}

/** Staff of another clinic keep the name that they have; codes of patients make a new account. */
function prepareWith(page) {
  const { make, with: form } = page;
  const swap = (shown, other) => {
    other.hidden = true;
    shown.hidden = false;
  };
  make.querySelector("[data-have-name]").addEventListener("click", () => {
    swap(form, make);
    form.querySelector("h2").focus();
  });
  form.querySelector("[data-new-name]").addEventListener("click", () => {
    swap(make, form);
    make.elements.username.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(form.querySelector("[data-submit]"), () => joinWith(page));
  });
}

async function joinWith(page) {
  const { with: form, phone, say, code } = page;
  const username = form.elements.with_username.value.trim();
  const password = form.elements.with_password.value;
  markForm(form, null);
  const problems = {};
  if (!username) problems.with_username = say("sign_in_username_missing");
  if (!password) problems.with_password = say("sign_in_password_missing");
  if (!markFields(form, problems)) return;
  const answer = await phone.signInBy("/api/v1/join/with-name", { code, username, password });
  const step = answer.ok ? "/clinic" : nextStep(answer.kind);
  if (!step) {
    markForm(form, wordsFor(answer, say));
    return;
  }
  delete document.body.dataset.dirty;
  location.assign(step);
}

async function submit(page) {
  const { make, phone, say, code } = page;
  const username = make.elements.username.value.trim();
  const password = make.elements.password.value;
  markForm(make, null);
  const problems = {};
  if (!username) problems.username = say("join_username_missing");
  const wrong = passwordProblem(password, say);
  if (wrong) problems.password = wrong;
  if (!markFields(make, problems)) return;
  const answer = await phone.join({ code, username, password });
  const step = nextStep(answer.kind);
  if (step) {
    delete document.body.dataset.dirty;
    location.assign(step);
    return;
  }
  if (!answer.ok) {
    sayRefusal(make, answer, say);
    return;
  }
  delete document.body.dataset.dirty;
  await goOn(page, answer.account);
}

/** To the start questions or Today, once everything is on the phone. */
export async function goOn({ make, root, phone, say, ready = "join_getting_ready" }, account) {
  if (account.role !== "patient") {
    location.assign("/clinic");
    return;
  }
  make.hidden = true;
  const status = root.querySelector("[data-joined]");
  status.textContent = say(ready);
  const [pulled, isReady] = await Promise.all([phone.sendNow(), offlineReady(navigator)]);
  status.textContent = say(pulled && isReady ? "join_done" : "join_done_online");
  const isStartDue = phone.treatments().some((treatment) => treatment.start === null);
  location.assign(isStartDue ? "/start" : "/");
}
