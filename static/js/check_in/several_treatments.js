// The first screen: which joint and day this is about. With several treatments all are chosen at
// first, because a sign missed at one joint costs more than a few taps.

import { el, icon } from "../ui/dom.js";
import { dateWords, weekdayWords } from "../patient/days.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { callButtons, callsNow } from "./call_list.js";
import { button } from "./controls.js";
import { daysBetween } from "./event.js";

const WEEK = 6;

/** "Thursday" within the last six days, else "Thursday 26 November". */
export function dayName(date, phone) {
  const days = daysBetween(date, phone.stamp().local_date);
  if (days >= 0 && days <= WEEK) {
    return weekdayWords(date);
  }
  return dateWords(date, { now: phone.now() });
}

/** Which day of the recovery it is now; null when this phone's clock cannot be believed. */
export function dayNow(treatment, phone) {
  if (phone.isClockBehind()) return null;
  const day = daysBetween(treatment.performed_on, phone.stamp().local_date);
  return day < 0 ? null : day;
}

function sentence(treatment, { phone, guidance, say }, keys) {
  const day = dayNow(treatment, phone);
  const values = { joint: jointWords(treatment, guidance, say), day,
    date: dayName(treatment.performed_on, phone) };
  return say(day === null ? keys.unknown : keys.known, values);
}

/** The title of the first screen. */
export function jointTitle(treatments, tools) {
  return treatments.length === 1
    ? sentence(treatments[0], tools, { known: "check_in_confirm_date",
      unknown: "check_in_confirm_no_day" })
    : tools.say("check_in_which_joints");
}

function clockNotice({ phone, say }) {
  return phone.isClockBehind() ? [el("div", { class: "notice notice--warn" }, icon("clock"),
    el("div", {}, say("check_in_clock")))] : [];
}

function wrongParts(tools) {
  const { clinic, phone, say } = tools;
  const help = el("div", { class: "notice notice--info", role: "status", hidden: true },
    icon("info"), el("div", { class: "stack" }, el("p", {}, say("check_in_wrong")),
      callButtons(callsNow({ clinic, phone, level: "clinic_hours" }), say)));
  const wrong = button({ text: say("check_in_confirm_no"), className: "btn btn--line",
    onTap: () => {
      help.hidden = false;
      wrong.hidden = true;
    } });
  return [wrong, help];
}

/** Draws the first screen; `tools.chooseTreatments(ids)` changes what the form asks. */
export function drawJoint(step, tools) {
  const { say } = tools;
  const offered = tools.offeredTreatments();
  if (offered.length === 1) {
    return [...clockNotice(tools),
      button({ text: say("check_in_confirm_yes"), onTap: () => tools.next(),
        attributes: { "data-next": "" } }),
      ...wrongParts(tools)];
  }
  const chosen = new Set(tools.chosenIds());
  const next = button({ text: say("check_in_next"), onTap: () => tools.next(),
    attributes: { "data-next": "" } });
  const problem = el("p", { class: "form-error", role: "alert", hidden: true },
    say("check_in_pick_one_joint"));
  const rows = offered.map((treatment) => {
    const row = el("button", { type: "button", class: "choice",
      "aria-pressed": String(chosen.has(treatment.treatment_id)) },
    el("span", { class: "choice__text" }, asTitle(sentence(treatment, tools, {
      known: "check_in_joint_row", unknown: "check_in_joint_row_no_day" }))));
    row.addEventListener("click", async () => {
      const id = treatment.treatment_id;
      if (chosen.has(id) && chosen.size === 1) {
        problem.hidden = false;
        return;
      }
      problem.hidden = true;
      if (!chosen.delete(id)) chosen.add(id);
      row.setAttribute("aria-pressed", String(chosen.has(id)));
      await tools.chooseTreatments(offered.map((one) => one.treatment_id)
        .filter((one) => chosen.has(one)));
    });
    return row;
  });
  return [...clockNotice(tools), el("p", { class: "soft" }, say("check_in_which_help")),
    el("div", { class: "choices", role: "group", "aria-labelledby": "step-title" }, ...rows),
    problem, next, ...wrongParts(tools)];
}
