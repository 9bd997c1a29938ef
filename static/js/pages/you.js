// You: who is signed in, how to put the app on this phone, what it stores, and the way out.

import { mountPasskeys } from "../account/passkey_list.js";
import { localDate } from "../check_in/event.js";
import { onInstallOffer } from "../offline/install_offer.js";
import { offerFile } from "../patient/files.js";
import { whileBusy } from "../patient/fields.js";
import { drawInstallHelp, installWay, thisPhone } from "../patient/install_help.js";
import { mountLanguage } from "../patient/language_part.js";
import { partKeeper } from "../patient/parts.js";
import { mountReminders } from "../patient/reminders_part.js";
import { drawSessions } from "../patient/sessions.js";
import { signInBox } from "../patient/sign_in_box.js";
import { signInForm } from "../patient/sign_in_form.js";
import { clearAsking, signOutAsking } from "../patient/signing_out.js";
import { drawStorage, readStorage } from "../patient/storage_help.js";
import { drawWaiting, holdHeight } from "../patient/waiting.js";
import { speaker } from "../patient/words.js";
import { el, icon } from "../ui/dom.js";

const PARTS = ["account", "session", "waiting", "reminders", "install", "language", "storage", "passkeys",
  "sessions", "data", "out"];

export async function start(root, { phone }) {
  const { phrases } = await phone.guidance();
  const place = root.querySelector("#you");
  const page = {
    phone, say: speaker(phrases), keep: partKeeper(),
    parts: Object.fromEntries(PARTS.map((name) => [name,
      el("div", { class: `you__${name}`, hidden: true })])),
  };
  page.parts.waiting.setAttribute("role", "status");
  place.replaceChildren(...Object.values(page.parts));
  draw(page);
  phone.onChange(() => draw(page));
  phone.onChange(({ what }) => what !== "sending" && drawStored(page));
  onInstallOffer(() => drawInstall(page));
  mountLanguage({ place: page.parts.language, phone, say: page.say });
  untilThere(page.parts.passkeys, mountPasskeys, page);
  untilThere(page.parts.reminders, mountReminders, page);
  await drawStored(page);
}

/** What comes after a part that the server is asked for waits unseen, and is not pushed away. */
async function untilThere(place, fill, { phone, say }) {
  place.classList.add("is-coming");
  try {
    await fill({ place, phone, say });
  } finally {
    place.classList.remove("is-coming");
  }
}

function draw(page) {
  drawAccount(page);
  signInBox({ place: page.parts.session, ...page });
  drawWaits(page);
  drawInstall(page);
  drawSignedIn(page);
  drawData(page);
  drawOut(page);
}

const section = (id, title, ...children) => el("section", {
  class: "section", "aria-labelledby": id,
}, el("h2", { id, tabindex: "-1" }, title), ...children);

function drawAccount({ phone, say, keep, parts }) {
  const account = phone.account();
  keep(parts.account, [account?.account, account?.display_name, account?.role], () => {
    if (account) {
      return [
        el("p", { class: "lead" }, say("you_signed_in", { name: account.display_name })),
        account.role !== "patient"
          && el("a", { class: "btn", href: "/clinic" }, say("today_staff_button")),
      ];
    }
    return [
      el("p", { class: "lead" }, say("you_not_signed_in")),
      signInForm({ phone, say, onSignedIn: () => {} }),
      el("p", {}, el("a", { href: "/join" }, say("today_have_code"))),
    ];
  });
}

function drawWaits(page) {
  const { phone, say, keep, parts } = page;
  const { count, rejected, unreadable, others_count: others } = phone.waiting();
  const isSessionOver = phone.isSessionOver();
  // While the session is over its own box says what waits.
  const own = isSessionOver ? 0 : count;
  if (page.hasWaited) holdHeight(parts.waiting);
  page.hasWaited ||= own > 0;
  keep(parts.waiting, [own, rejected, unreadable, others], () => drawWaiting({
    waiting: { count: own, rejected, unreadable, others_count: others }, isSessionOver, say,
    hasWaited: page.hasWaited && !isSessionOver }));
}

function drawInstall(page) {
  const { say, keep, parts } = page;
  const way = installWay(thisPhone());
  keep(parts.install, way, () => section("install-title", say("install_title"),
    drawInstallHelp(way, { say, onDone: () => drawInstall(page) })));
}

async function drawStored(page) {
  const { say, keep, parts } = page;
  const { storage } = navigator;
  const isPatient = page.phone.account()?.role === "patient";
  const state = { ...await readStorage(storage), answer: page.answer,
    check_ins: isPatient ? page.phone.checkInCount() : null };
  keep(parts.storage, state, () => section("storage-title", say("storage_title"),
    drawStorage(state, { storage, say, onAsked: (answer) => {
      page.answer = answer;
      drawStored(page);
    } })));
}

/** Everything of this person that the phone holds, as one object. */
export function allData(phone) {
  const { account, display_name: name } = phone.account();
  return {
    format: "prolo-aftercare/my-data/1",
    made_at: phone.now().toISOString(),
    account,
    display_name: name,
    clinic: phone.clinic(),
    treatments: phone.treatments(),
    check_ins: phone.checkIns(),
    unsent: phone.exportUnsent(),
  };
}

function drawSignedIn({ phone, say, keep, parts }) {
  const isIn = phone.account() !== null && !phone.isSessionOver();
  keep(parts.sessions, isIn, () => {
    if (!isIn) return null;
    const place = el("div");
    untilThere(parts.sessions, () => drawSessions({ place, phone, say }), { phone, say });
    return section("sessions-title", say("you_sessions_title"), place);
  });
}

function drawData({ phone, say, keep, parts }) {
  const isPatient = phone.account()?.role === "patient";
  keep(parts.data, isPatient, () => {
    if (!isPatient) return null;
    const button = el("button", { type: "button", class: "btn btn--line", "data-focus": "data" },
      icon("download"), el("span", {}, say("you_my_data")));
    button.addEventListener("click", () => offerFile(
      `my-aftercare-data-${localDate(phone.now())}.json`, allData(phone)));
    return section("data-title", say("you_data_title"),
      el("p", {}, say("you_data_help")), button);
  });
}

function drawOut({ phone, say, keep, parts }) {
  const isSignedIn = phone.account() !== null;
  keep(parts.out, isSignedIn, () => {
    if (!isSignedIn) return null;
    const act = (key, look, name, work) => {
      const button = el("button", { type: "button", class: `btn btn--${look}`,
        "data-focus": key }, icon(name), el("span", {}, say(key)));
      button.addEventListener("click", () => whileBusy(button, async () => {
        if (await work({ phone, say })) location.assign("/");
      }));
      return button;
    };
    return section("out-title", say("you_leave_title"), el("div", { class: "btns" },
      act("sign_out_title", "line", "sign-out", signOutAsking),
      act("you_clear", "quiet", "trash", clearAsking)));
  });
}
