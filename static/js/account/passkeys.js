// Signing in with a passkey: the button, and what goes between the device and the server.

import { el, icon } from "../ui/dom.js";
import { whileBusy } from "../patient/fields.js";
import { nextStep } from "../patient/next_step.js";
import { ownApi } from "../patient/own_api.js";
import { refusalWords } from "../patient/sign_in_form.js";
import { post } from "./asking.js";
import { canUsePasskeys, provePasskey } from "./webauthn.js";

const WORDS = {
  "passkey-stopped": "passkey_stopped",
  "passkey-known": "passkey_known",
  "passkey-not-here": "passkey_not_here",
  "passkey-failed": "passkey_failed",
  "wrong-passkey": "passkey_refused",
  offline: "passkey_offline",
};

/** The sentence for whatever did not work with a passkey. */
export function passkeyWords(answer, say) {
  const key = WORDS[answer.kind];
  return key ? say(key) : refusalWords(answer, say);
}

/** Signs this phone in; answers as `phone.signIn` does. */
export async function signInWithPasskey({ phone, api = ownApi() }) {
  const asked = await post(api, "/api/v1/passkey/options");
  if (!asked.ok) return asked;
  const proof = await provePasskey(asked.body);
  if (!proof.ok) return proof;
  return phone.signInBy("/api/v1/passkey/sign-in", { credential: proof.credential });
}

/** The other way on the sign-in page; null in a browser without passkeys. */
export function passkeyWay({ phone, say, onSignedIn }) {
  if (!canUsePasskeys()) return null;
  const error = el("p", { class: "form-error", role: "alert", hidden: true });
  const button = el("button", { type: "button", class: "btn btn--line" },
    icon("key"), el("span", {}, say("passkey_sign_in")));
  button.addEventListener("click", () => whileBusy(button, async () => {
    error.hidden = true;
    const answer = await signInWithPasskey({ phone });
    if (answer.ok) {
      await onSignedIn(answer.account);
      return;
    }
    const step = nextStep(answer.kind);
    if (step) {
      location.assign(step);
      return;
    }
    error.textContent = passkeyWords(answer, say);
    error.hidden = false;
  }));
  return el("div", { class: "stack" },
    el("p", { class: "or" }, el("span", {}, say("passkey_or"))), error, button);
}
