// Proving on the spot who one is: a dialog with the password, or a passkey, then on with the work.

import { addReveal, markField, whileBusy } from "../patient/fields.js";
import { refusalWords } from "../patient/sign_in_form.js";
import { el, icon } from "../ui/dom.js";
import { post } from "./asking.js";
import { passkeyWords } from "./passkeys.js";
import { provePasskey } from "./webauthn.js";

/** Does `work`; where the server wants a proof first, asks for it and does it once more. */
export async function confirmed({ api, say, hasPasskey, work }) {
  const first = await work();
  if (first.ok || first.kind !== "confirmation-required") return first;
  if (!await askWhoItIs({ api, say, hasPasskey })) return { ok: false, kind: "left" };
  return work();
}

function askWhoItIs({ api, say, hasPasskey }) {
  const opener = document.activeElement;
  const input = el("input", { class: "input", id: "confirm-password", type: "password",
    autocomplete: "current-password", maxlength: "512", autocapitalize: "none",
    autocorrect: "off", spellcheck: "false" });
  const reveal = el("button", { type: "button", class: "btn btn--quiet btn--small" });
  const button = el("button", { type: "submit", class: "btn" }, say("passkey_confirm_button"));
  const byPasskey = hasPasskey && el("button", { type: "button", class: "btn btn--line" },
    icon("key"), el("span", {}, say("passkey_use")));
  const leave = el("button", { type: "button", class: "btn btn--quiet" }, say("leave_it"));
  const form = el("form", { method: "dialog", class: "stack", novalidate: "" },
    el("p", {}, say("passkey_confirm_help")),
    el("div", { class: "field" },
      el("label", { class: "field__label", for: input.id }, say("sign_in_password")), input,
      el("div", { class: "password-tools" }, reveal)),
    el("div", { class: "btns" }, button, byPasskey, leave));
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "confirm-title" },
    el("h2", { id: "confirm-title" }, say("passkey_confirm_title")), form);
  addReveal({ input, button: reveal, say });
  document.body.append(dialog);

  return new Promise((resolve) => {
    const settle = (answer, words) => {
      if (answer.ok) dialog.close("yes");
      else markField(input, words);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy(button, async () => {
        if (!input.value) {
          markField(input, say("sign_in_password_missing"));
          return;
        }
        const answer = await post(api, "/api/v1/confirm", { password: input.value });
        settle(answer, answer.kind === "wrong-password"
          ? say("passkey_confirm_wrong") : refusalWords(answer, say));
      });
    });
    if (byPasskey) {
      byPasskey.addEventListener("click", () => whileBusy(byPasskey, async () => {
        const answer = await confirmWithPasskey(api);
        settle(answer, passkeyWords(answer, say));
      }));
    }
    leave.addEventListener("click", () => dialog.close(""));
    dialog.addEventListener("close", () => {
      dialog.remove();
      opener?.focus?.();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    input.focus();
  });
}

/** Proves who is there with a passkey; {ok} or a refusal. */
export async function confirmWithPasskey(api) {
  const asked = await post(api, "/api/v1/confirm/passkey/options");
  if (!asked.ok) return asked;
  const proof = await provePasskey(asked.body);
  if (!proof.ok) return proof;
  return post(api, "/api/v1/confirm/passkey", { credential: proof.credential });
}
