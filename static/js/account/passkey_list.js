// A patient's passkeys on the You page: which there are, one more, one less.

import { ask } from "../patient/ask.js";
import { markField, whileBusy } from "../patient/fields.js";
import { ownApi } from "../patient/own_api.js";
import { el, icon, replaceChildren } from "../ui/dom.js";
import { post } from "./asking.js";
import { confirmed } from "./confirm_here.js";
import { passkeyWords } from "./passkeys.js";
import { canUsePasskeys, makePasskey } from "./webauthn.js";

/** Keeps `place` filled while a patient is signed in; empty for everybody else. */
export function mountPasskeys({ place, phone, say }) {
  const list = { place, say, api: ownApi(), passkeys: [], owner: null };
  const follow = async () => {
    const account = phone.account();
    const owner = account?.role === "patient" && !phone.isSessionOver() && canUsePasskeys()
      ? account.account : null;
    if (owner === list.owner) return;
    list.owner = owner;
    place.hidden = true;
    replaceChildren(place);
    if (owner) await load(list, owner);
  };
  phone.onChange(follow);
  return follow();
}

async function load(list, owner) {
  const reply = await list.api.get("/api/v1/passkeys");
  if (list.owner !== owner) return;
  if (reply.outcome === "ok") {
    list.passkeys = reply.body.passkeys;
    draw(list);
    return;
  }
  // Without signal there is no list: say so once, and look again when the signal is back.
  if (reply.outcome === "problem") return;
  fill(list, el("p", { class: "soft" }, list.say("passkey_offline")));
  window.addEventListener("online", () => load(list, owner), { once: true });
}

function fill({ place, say }, ...children) {
  replaceChildren(place, el("section", { class: "section", "aria-labelledby": "passkeys-title" },
    el("h2", { id: "passkeys-title", tabindex: "-1" }, say("passkey_title")),
    el("p", {}, say("passkey_help")), ...children));
  place.hidden = false;
}

function draw(list, status = "") {
  const { say, passkeys } = list;
  const rows = passkeys.map((one) => rowOf(list, one));
  fill(list,
    rows.length ? el("ul", { class: "bare passkeys" }, ...rows) : null,
    el("p", { class: "field__error", role: "alert", "data-passkey-error": "", hidden: true }),
    el("p", { class: "notice notice--good", role: "status", hidden: status === "" },
      icon("check"), el("span", {}, status)),
    adder(list));
}

function rowOf(list, one) {
  const { say } = list;
  const day = new Date(one.created_at).toLocaleDateString(document.documentElement.lang,
    { day: "numeric", month: "long", year: "numeric" });
  const button = el("button", { type: "button", class: "btn btn--quiet btn--small" },
    icon("trash"), el("span", {}, say("passkey_remove")),
    el("span", { class: "visually-hidden" }, ` ${one.name}`));
  button.addEventListener("click", () => whileBusy(button, () => remove(list, one)));
  return el("li", {},
    el("div", {}, el("p", { class: "strong" }, one.name),
      el("p", { class: "soft small" }, say("passkey_added", { date: day }))),
    button);
}

function adder(list) {
  const { say } = list;
  const input = el("input", { class: "input", id: "passkey-name", name: "name", maxlength: "60",
    autocomplete: "off", value: say("passkey_name_first") });
  const save = el("button", { type: "submit", class: "btn" },
    icon("key"), el("span", {}, say("passkey_add")));
  const form = el("form", { class: "stack", method: "dialog", novalidate: "", hidden: true },
    el("div", { class: "field" },
      el("label", { class: "field__label", for: input.id }, say("passkey_name")), input), save);
  const open = el("button", { type: "button", class: "btn btn--line", "data-focus": "passkey" },
    icon("key"), el("span", {}, say("passkey_add")));
  open.addEventListener("click", () => {
    open.hidden = true;
    form.hidden = false;
    input.focus();
    input.select();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(save, () => add(list, input));
  });
  return [open, form];
}

async function add(list, input) {
  const { say, api } = list;
  markField(input, null);
  const asked = await prove(list, () => post(api, "/api/v1/passkeys/options"));
  if (!asked.ok) {
    refuse(list, asked);
    return;
  }
  const made = await makePasskey(asked.body);
  const kept = made.ok && await prove(list, () => post(api, "/api/v1/passkeys",
    { credential: made.credential, name: input.value.trim() }));
  if (!kept?.ok) {
    refuse(list, kept || made);
    return;
  }
  list.passkeys = kept.body.passkeys;
  draw(list, say("passkey_ready"));
}

async function remove(list, one) {
  const { say, api } = list;
  const choice = await ask({
    title: say("passkey_remove_ask", { name: one.name }),
    lines: [say("passkey_remove_help")],
    choices: [
      { value: "remove", text: say("passkey_remove"), style: "danger" },
      { value: "", text: say("leave_it"), style: "quiet" },
    ],
  });
  if (choice !== "remove") return;
  const done = await prove(list, () => post(api, "/api/v1/passkeys/remove",
    { credential_id: one.credential_id }));
  if (!done.ok) {
    refuse(list, done);
    return;
  }
  list.passkeys = done.body.passkeys;
  draw(list, say("passkey_gone"));
  list.place.querySelector("h2").focus();
}

const prove = ({ api, say, passkeys }, work) => (
  confirmed({ api, say, hasPasskey: passkeys.length > 0, work }));

function refuse({ place, say }, answer) {
  const error = place.querySelector("[data-passkey-error]");
  error.hidden = answer.kind === "left";
  error.textContent = answer.kind === "left" ? "" : passkeyWords(answer, say);
}
