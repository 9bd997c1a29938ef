// The part "Reminders" of the You page: a message on this phone, its quiet hours, and the days in a
// calendar. What is due is computed on the phone; a reminder only says that there is something.

import { post } from "../account/asking.js";
import {
  canBePushed, hashOf, remindHere, remindHereNoMore, subscriptionHere, zoneHere,
} from "../offline/push_here.js";
import { el, icon, replaceChildren } from "../ui/dom.js";
import { ask } from "./ask.js";
import { markField, whileBusy } from "./fields.js";
import { installWay, thisPhone } from "./install_help.js";
import { ownApi } from "./own_api.js";

const FILE = "/calendar/mine.ics";

/** Keeps `place` filled while a patient is signed in; empty for everybody else. */
export function mountReminders({ place, phone, say }) {
  const page = { place, phone, say, api: ownApi(), owner: null, wishes: null, isOn: false, link: null };
  const follow = async () => {
    const account = phone.account();
    const owner = account?.role === "patient" && !phone.isSessionOver() ? account.account : null;
    if (owner === page.owner) return;
    page.owner = owner;
    page.link = null;
    place.hidden = true;
    replaceChildren(place);
    if (owner) await load(page, owner);
  };
  phone.onChange(follow);
  return follow();
}

async function load(page, owner) {
  const reply = await page.api.get("/api/v1/push");
  if (page.owner !== owner) return;
  if (reply.outcome === "ok") {
    await take(page, reply.body);
    draw(page);
    return;
  }
  if (reply.outcome === "problem") return;
  fill(page, section("reminders", page.say("reminders_title"),
    el("p", { class: "soft" }, page.say("reminders_offline"))));
  window.addEventListener("online", () => load(page, owner), { once: true });
}

/** Whether reminders are on here is the browser's and the server's word together. */
async function take(page, wishes) {
  page.wishes = wishes;
  const here = await subscriptionHere(navigator).catch(() => null);
  page.isOn = here !== null && window.Notification?.permission === "granted"
    && wishes.phones.includes(await hashOf(here.endpoint)) && hasKey(here, wishes.key);
}

/** The server may have had to make a new key; what was asked for with the old one is deaf. */
function hasKey(subscription, key) {
  const made = subscription.options?.applicationServerKey;
  if (!made) return true;
  const text = btoa(String.fromCharCode(...new Uint8Array(made)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === key;
}

const section = (name, title, ...children) => el("section", {
  class: "section", "aria-labelledby": `${name}-title`,
}, el("h2", { id: `${name}-title`, tabindex: "-1" }, title), ...children);

const button = (key, look, name, say, work) => {
  const made = el("button", { type: "button", class: `btn btn--${look}`, "data-reminder": key },
    icon(name), el("span", {}, say(key)));
  made.addEventListener("click", () => whileBusy(made, work));
  return made;
};

const told = (status) => status && el("p", { class: "notice notice--good", role: "status" },
  icon("check"), el("span", {}, status));

function fill({ place }, ...children) {
  replaceChildren(place, ...children);
  place.hidden = false;
}

/** Draws both parts; `at` is the one where something happened, whose heading takes the focus. */
function draw(page, { at = null, status = "" } = {}) {
  const { say } = page;
  fill(page,
    section("reminders", say("reminders_title"), at === "reminders" && told(status),
      ...pushLines(page), errorLine("reminders")),
    section("calendar", say("calendar_title"), at === "calendar" && told(status),
      ...calendarLines(page), errorLine("calendar")));
  if (at) page.place.querySelector(`#${at}-title`).focus();
}

const errorLine = (name) => el("p", { class: "field__error", role: "alert",
  "data-error": name, hidden: true });

function refuse({ place, say }, name, key) {
  const line = place.querySelector(`[data-error="${name}"]`);
  line.hidden = false;
  line.textContent = say(key);
}

const refusalKey = ({ kind }) => (
  { offline: "reminders_offline", "no-service": "reminders_no_service" }[kind] ?? "reminders_failed");

// --- a message on this phone ---------------------------------------------------------------------

function pushLines(page) {
  const { say } = page;
  const help = el("p", {}, say("reminders_help"));
  if (!canBePushed(window)) {
    const isIos = installWay(thisPhone()).startsWith("ios");
    return [help, el("p", {}, say(isIos ? "reminders_ios" : "reminders_cannot"))];
  }
  if (window.Notification.permission === "denied") {
    return [help, el("p", { class: "notice notice--warn" }, icon("info"),
      el("span", {}, say("reminders_denied")))];
  }
  if (!page.isOn) {
    return [help, button("reminders_turn_on", "line", "bell", say, () => turnOn(page))];
  }
  return [
    el("p", { class: "state state--good" }, icon("bell"),
      el("span", {}, say("reminders_are_on", { time: comesAt(page.wishes) }))),
    el("p", { class: "soft" }, say("reminders_help_only")),
    quietForm(page),
    button("reminders_turn_off", "quiet", "close", say, () => turnOff(page)),
  ];
}

/** The clinic's hour, or the end of the quiet hours where it lies in them. */
function comesAt({ at, quiet_from: from, quiet_until: until }) {
  const isQuiet = from <= until ? from <= at && at < until : at >= from || at < until;
  return isQuiet ? until : at;
}

async function turnOn(page) {
  const { phone, api, wishes: { key } } = page;
  if (await window.Notification.requestPermission() !== "granted") {
    draw(page, { at: "reminders" });
    return;
  }
  const kept = await remindHere({ phone, api, navigator, key });
  if (!kept.ok) {
    refuse(page, "reminders", refusalKey(kept));
    return;
  }
  await take(page, kept.body);
  draw(page, { at: "reminders" });
}

async function turnOff(page) {
  const done = await remindHereNoMore({ ...page, navigator });
  if (!done.ok) {
    refuse(page, "reminders", refusalKey(done));
    return;
  }
  await take(page, done.body ?? page.wishes);
  draw(page, { at: "reminders", status: page.say("reminders_off_now") });
}

function quietForm(page) {
  const { say, wishes } = page;
  const field = (name) => el("div", { class: "field" },
    el("label", { class: "field__label", for: name.replace("_", "-") }, say(name)),
    el("input", { class: "input", type: "time", id: name.replace("_", "-"), name,
      value: wishes[name], required: true }));
  const save = el("button", { type: "submit", class: "btn btn--line" }, say("quiet_save"));
  const form = el("form", { class: "quiet", novalidate: "" },
    el("fieldset", { class: "quiet__hours" },
      el("legend", { class: "field__label" }, say("quiet_title")),
      el("p", { class: "field__hint" }, say("quiet_help")),
      field("quiet_from"), field("quiet_until")),
    save);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(save, () => saveQuiet(page, form));
  });
  return form;
}

async function saveQuiet(page, form) {
  const { say, api } = page;
  const inputs = [...form.querySelectorAll("input")];
  for (const input of inputs) markField(input, input.value ? null : say("quiet_missing"));
  const empty = inputs.find((input) => !input.value);
  if (empty) {
    empty.focus();
    return;
  }
  const hours = Object.fromEntries(inputs.map(({ name, value }) => [name, value.slice(0, 5)]));
  const done = await post(api, "/api/v1/push/quiet", { ...hours, time_zone: zoneHere() });
  if (!done.ok) {
    refuse(page, "reminders", refusalKey(done));
    return;
  }
  page.wishes = done.body;
  draw(page, { at: "reminders", status: say("quiet_saved") });
}

// --- a calendar ----------------------------------------------------------------------------------

function calendarLines(page) {
  const { say, wishes, link } = page;
  const file = el("a", { class: "btn btn--line", href: FILE }, icon("calendar"),
    el("span", {}, say("calendar_file")));
  const help = el("p", {}, say("calendar_help", { name: say("calendar_event") }));
  if (link) return [help, file, ...linkLines(page)];
  if (wishes.calendar_since) return [help, file, ...sinceLines(page)];
  return [help, file, el("p", { class: "soft" }, say("calendar_make_help")),
    button("calendar_make", "quiet", "link", say, () => makeLink(page))];
}

const stopButton = (page) => button("calendar_stop", "quiet", "close", page.say,
  () => stopLink(page));

function sinceLines(page) {
  const date = new Date(page.wishes.calendar_since).toLocaleDateString(
    document.documentElement.lang, { day: "numeric", month: "long", year: "numeric" });
  return [el("p", {}, page.say("calendar_since", { date })), stopButton(page)];
}

function linkLines(page) {
  const { say, link } = page;
  const input = el("input", { class: "input", id: "calendar-link", readonly: true, value: link,
    dir: "ltr" });
  input.addEventListener("focus", () => input.select());
  return [
    el("div", { class: "field" },
      el("label", { class: "field__label", for: input.id }, say("calendar_address")),
      el("p", { class: "field__hint" }, say("calendar_once")), input),
    el("div", { class: "btns" },
      el("a", { class: "btn", href: link.replace(/^https?:/, "webcal:") }, icon("calendar"),
        el("span", {}, say("calendar_open"))),
      button("calendar_copy", "line", "copy", say, () => copyLink(page, input)),
      stopButton(page)),
  ];
}

async function makeLink(page) {
  const made = await post(page.api, "/api/v1/calendar");
  if (!made.ok) {
    refuse(page, "calendar", refusalKey(made));
    return;
  }
  page.link = made.body.address;
  page.wishes = { ...page.wishes, calendar_since: made.body.calendar_since };
  draw(page, { at: "calendar" });
}

async function copyLink(page, input) {
  try {
    await navigator.clipboard.writeText(page.link);
    draw(page, { at: "calendar", status: page.say("calendar_copied") });
  } catch {
    input.focus(); // it is marked then, and the phone offers to copy it
  }
}

async function stopLink(page) {
  const { say } = page;
  const choice = await ask({
    title: say("calendar_stop_ask"), lines: [say("calendar_stop_help")],
    choices: [{ value: "stop", text: say("calendar_stop"), style: "danger" },
      { value: "", text: say("leave_it"), style: "quiet" }],
  });
  if (choice !== "stop") return;
  const done = await post(page.api, "/api/v1/calendar/stop");
  if (!done.ok) {
    refuse(page, "calendar", refusalKey(done));
    return;
  }
  page.link = null;
  page.wishes = done.body;
  draw(page, { at: "calendar", status: say("calendar_stopped") });
}
