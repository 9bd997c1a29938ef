// What the clinic's account pages gain from JavaScript: passkeys, copying codes, and telling the
// phone who is signed in now. The sentences stand on the page, as data of its `main`.

import { markForm, whileBusy } from "../patient/fields.js";
import { nextStep } from "../patient/next_step.js";
import { ownApi } from "../patient/own_api.js";
import { post, withPhone } from "./asking.js";
import { confirmWithPasskey } from "./confirm_here.js";
import { canUsePasskeys, makePasskey, provePasskey } from "./webauthn.js";

const OWN = "/clinic/account/second-factor";
const DESK = "/clinic";

/** Look for what this page has, and make it work. */
export function mountAccountPages(root) {
  for (const form of root.querySelectorAll("form[data-second-step]")) typeTheStep(form);
  for (const button of root.querySelectorAll("[data-copy]")) offerCopying(root, button);
  if (root.querySelector("[data-fresh-session]")) withPhone((phone) => phone.refreshSession());
  if (!canUsePasskeys()) {
    for (const words of root.querySelectorAll("[data-no-passkeys]")) words.hidden = false;
    return;
  }
  for (const box of root.querySelectorAll("[data-second-step-passkey]")) {
    offerPasskey(box, passTheStep);
    makeSecondary(root, "form[data-second-step] .btn");
  }
  for (const box of root.querySelectorAll("[data-confirm-passkey]")) {
    offerPasskey(box, () => confirmAndGoOn(box.dataset.next));
    makeSecondary(root, "form[action='/clinic/account/confirm'] .btn:not(.btn--quiet)");
  }
  for (const form of root.querySelectorAll("form[data-add-passkey]")) {
    offerAdding(form);
    makeSecondary(root, "[data-app-button]");
  }
}

/** One button of a page is the one to press. */
function makeSecondary(root, selector) {
  for (const button of root.querySelectorAll(selector)) button.classList.add("btn--line");
}

function typeTheStep(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(form.querySelector("button"), async () => {
      const code = form.elements.code.value;
      const answer = await withPhone((phone) => phone.signInBy("/api/v1/second-step", { code }));
      if (!goOn(answer)) refuse(form, answer);
    }).catch(() => form.submit());
  });
}

function offerPasskey(box, work) {
  const button = box.querySelector("button");
  box.hidden = false;
  button.addEventListener("click", () => whileBusy(button, async () => {
    markForm(box, null);
    const answer = await work();
    if (answer) refuse(box, answer);
  }));
}

/** Gives back a refusal; nothing where the page is left. */
async function passTheStep() {
  const asked = await post(ownApi(), "/api/v1/second-step/passkey/options");
  const proof = asked.ok ? await provePasskey(asked.body) : asked;
  const answer = proof.ok ? await withPhone((phone) => phone.signInBy(
    "/api/v1/second-step/passkey", { credential: proof.credential })) : proof;
  return goOn(answer) ? null : answer;
}

async function confirmAndGoOn(next) {
  const answer = await confirmWithPasskey(ownApi());
  if (!answer.ok) return answer;
  location.assign(next);
  return null;
}

/** The session is whole: on to the desk. What the phone could not keep does not matter there. */
function goOn(answer) {
  const isIn = answer.ok || answer.kind.startsWith("storage-");
  const address = isIn ? DESK
    : nextStep(answer.kind) ?? (answer.kind === "sign-in-required" ? "/sign-in" : null);
  if (address) location.assign(address);
  return address !== null;
}

function offerAdding(form) {
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(button, async () => {
      markForm(form, null);
      const answer = await add(form.elements.name.value.trim());
      if (answer.kind === "confirmation-required") {
        location.assign(`/clinic/account/confirm?next=${OWN}`);
      } else if (answer.ok) {
        await withPhone((phone) => phone.refreshSession());
        location.assign(`${OWN}?done=passkey`);
      } else if (!goOn(answer)) refuse(form, answer);
    });
  });
}

async function add(name) {
  const api = ownApi();
  const asked = await post(api, "/api/v1/passkeys/options");
  if (!asked.ok) return asked;
  const made = await makePasskey(asked.body);
  return made.ok ? post(api, "/api/v1/passkeys", { credential: made.credential, name }) : made;
}

const WORDS = {
  "passkey-stopped": "stopped",
  "passkey-known": "known",
  "passkey-not-here": "notHere",
  "passkey-failed": "failed",
  "wrong-passkey": "refused",
  offline: "offline",
};

function refuse(form, answer) {
  const said = document.querySelector("[data-passkey-words]")?.dataset ?? {};
  markForm(form, said[WORDS[answer.kind]] || answer.detail || said.failed);
  form.querySelector("input:not([type=hidden])")?.focus();
}

function offerCopying(root, button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const lines = [...root.querySelector(button.dataset.copy).children]
      .map((line) => line.textContent.trim());
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
    } catch {
      button.hidden = true; // this browser does not let us: printing is left
      return;
    }
    root.querySelector("[data-copied]").textContent = button.dataset.done;
    button.querySelector("[data-copy-words]").textContent = button.dataset.done;
  });
}
