// Opening a clinic with its first administrator, by a one-time code of whoever runs the server.

import {
  addReveal, enableForms, markField, markFields, markForm, showSuggestion, whileBusy,
} from "../patient/fields.js";
import { nextStep } from "../patient/next_step.js";
import { ownApi } from "../patient/own_api.js";
import { refusalWords } from "../patient/sign_in_form.js";
import { speaker } from "../patient/words.js";
import { codeIn, passwordProblem } from "./join.js";

const NAMES = ["code", "clinic_name", "time_zone", "emergency_number", "display_name", "username",
  "password"];

export async function start(root, { phone }) {
  const phrases = await phone.phrases();
  const page = { form: root.querySelector("#setup"), phone, say: speaker(phrases), api: ownApi() };
  const { form, say } = page;
  chooseZone(form.elements.time_zone);
  const code = codeIn(location.hash);
  if (code) {
    history.replaceState(history.state, "", location.pathname + location.search);
    form.elements.code.value = code;
    form.elements.clinic_name.focus();
  }
  addReveal({
    input: form.elements.password, button: form.querySelector("[data-reveal]"), say,
  });
  addSuggestion(page);
  form.addEventListener("input", () => { document.body.dataset.dirty = "true"; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(form.querySelector("[type=submit]"), () => submit(page));
  });
  enableForms(root);
}

function chooseZone(select) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isListed = [...select.options].some((option) => option.value === here);
  select.value = isListed ? here : "Europe/London";
}

function addSuggestion({ form, phone, say }) {
  const button = form.querySelector("[data-suggest]");
  const { password } = form.elements;
  button.addEventListener("click", () => whileBusy(button, async () => {
    const answer = await phone.suggestPassword();
    if (!answer.ok) {
      markForm(form, refusalWords(answer, say));
      return;
    }
    markField(password, null);
    showSuggestion({ form, input: password, password: answer.password });
    password.focus();
  }));
}

async function submit({ form, phone, say, api }) {
  const body = Object.fromEntries(NAMES.map((name) => {
    const { value } = form.elements[name];
    return [name, name === "password" ? value : value.trim()];
  }));
  markForm(form, null);
  const problems = {};
  for (const name of NAMES) {
    if (!body[name]) problems[name] = say("field_missing");
  }
  if (body.password) {
    const wrong = passwordProblem(body.password, say);
    if (wrong) problems.password = wrong;
  }
  if (!markFields(form, problems)) return;
  const answer = await api.post("/api/v1/setup", body);
  if (answer.outcome === "ok") {
    delete document.body.dataset.dirty;
    await phone.refreshSession();
    location.assign("/clinic");
    return;
  }
  const step = nextStep(answer.kind);
  if (step) {
    delete document.body.dataset.dirty;
    location.assign(step);
    return;
  }
  sayRefusal(form, answer, say);
}

// The server names a field of the clinic's words as it calls it; the form has its own name for one.
const FIELDS = { name: "clinic_name" };

function sayRefusal(form, answer, say) {
  const kind = answer.outcome === "problem" ? answer.kind
    : { "not-ours": "not-ours" }[answer.outcome] ?? "offline";
  const words = {
    "invite-unknown": () => say("setup_code_unknown"),
    "username-taken": () => say("join_username_taken"),
    offline: () => say("join_offline"),
  }[kind]?.() ?? refusalWords({ ...answer, kind }, say);
  const name = kind === "invite-unknown" ? "code" : FIELDS[answer.field] ?? answer.field;
  const input = NAMES.includes(name) ? form.elements[name] : null;
  if (input) {
    markField(input, words);
    input.focus();
  } else {
    markForm(form, words);
  }
}
