// Signing in on the spot: the same form on its own page and wherever a session has ended.
// What is on the screen beneath it stays.

import { el } from "../ui/dom.js";
import { addReveal, markFields, markForm, whileBusy } from "./fields.js";
import { nextStep } from "./next_step.js";

const SECONDS_SAID = 90;
let made = 0;

function tooManyWords(wait, say) {
  if (!wait) return say("sign_in_too_many_soon");
  return wait <= SECONDS_SAID ? say("sign_in_too_many", { count: wait })
    : say("sign_in_too_many_minutes", { number: Math.ceil(wait / 60) });
}

/** The sentence for a refused sign-in; `kind` as phone.signIn gives it. */
export function refusalWords({ kind, detail, retry_after_s: wait }, say) {
  switch (kind) {
    case "wrong-password":
      return say("sign_in_wrong");
    case "account-inactive":
      return say("sign_in_inactive");
    case "offline":
      return say("sign_in_offline");
    case "not-ours":
      return say("waiting_not_our_server");
    case "no-key":
      return say("sign_in_no_key");
    case "too-many-requests":
      return tooManyWords(wait, say);
    case "storage-full":
      return say("save_failed_full");
    case "storage-refused":
    case "storage-failed":
      return say("sign_in_no_storage");
    default:
      return detail || say("something_wrong");
  }
}

function field({ id, name, label, type, attributes }) {
  return el("div", { class: "field" },
    el("label", { class: "field__label", for: id }, label),
    el("input", { class: "input", id, name, type, ...attributes }));
}

/** The form. `onSignedIn(account)` is called after the phone has signed in. */
export function signInForm({ phone, say, onSignedIn }) {
  made += 1;
  const id = `sign-in-${made}`;
  const plainText = { autocapitalize: "none", autocorrect: "off", spellcheck: "false" };
  const reveal = el("button", { type: "button", class: "btn btn--quiet btn--small" });
  const button = el("button", { type: "submit", class: "btn" }, say("sign_in_button"));
  const password = field({
    id: `${id}-password`, name: "password", label: say("sign_in_password"), type: "password",
    attributes: { autocomplete: "current-password", maxlength: "512", ...plainText },
  });
  password.append(el("div", { class: "password-tools" }, reveal));
  const form = el("form", { class: "stack", novalidate: "", "aria-label": say("sign_in_title") },
    el("p", { class: "form-error", role: "alert", "data-form-error": "", hidden: "" }),
    field({
      id: `${id}-username`, name: "username", label: say("sign_in_username"), type: "text",
      attributes: { autocomplete: "username", maxlength: "128", ...plainText },
    }),
    password,
    button,
    el("p", { class: "small" }, el("a", { href: "/reset" }, say("sign_in_forgot"))));
  addReveal({ input: password.querySelector("input"), button: reveal, say });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(button, () => submit({ form, phone, say, onSignedIn }));
  });
  return form;
}

async function submit({ form, phone, say, onSignedIn }) {
  const username = form.elements.username.value.trim();
  const password = form.elements.password.value;
  markForm(form, null);
  const problems = {};
  if (!username) problems.username = say("sign_in_username_missing");
  if (!password) problems.password = say("sign_in_password_missing");
  if (!markFields(form, problems)) return;
  const answer = await phone.signIn({ username, password });
  const step = nextStep(answer.kind);
  if (answer.ok) {
    await onSignedIn(answer.account);
  } else if (step) {
    location.assign(step);
  } else {
    markForm(form, refusalWords(answer, say));
    form.elements.password.focus();
  }
}
