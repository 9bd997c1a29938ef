// Draws one step of the form: its title, its help, and the parts that its kind is made of.

import { el, icon } from "../ui/dom.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { helpOf, labelOf } from "../triage/questions.js";
import { drawAnyOf } from "./any_of.js";
import { callButtons, callNowList, callsNow } from "./call_list.js";
import { button } from "./controls.js";
import { dayName, drawJoint, jointTitle } from "./several_treatments.js";
import { drawChoice, drawNote, drawScale, drawTemperature, drawYesNoList, saveButton }
  from "./questions.js";

const isList = (step) => step.kind === "any_of" || step.kind === "yes_no_list";

function drawWarning(step, tools) {
  const { clinic, guidance, phone, say } = tools;
  const sites = phone.treatments().map((treatment) => treatment.site);
  const isOurs = (sign) => !sign.sites || sign.sites.some((site) => sites.includes(site));
  const today = guidance.warning_signs.same_day.filter(isOurs)
    .map((sign) => el("li", { class: "list--call" }, icon("phone", 28, "list__icon"),
      el("span", {}, sign.text)));
  return [
    el("div", { class: "notice notice--info" }, icon("info"),
      el("div", {}, el("p", {}, say(tools.isAdult() ? "diary_why" : "start_under_18_levels")),
        el("p", {}, say("diary_keep")))),
    callNowList({ guidance, clinic, say }),
    el("section", { class: "section" }, el("h2", {}, say("diary_same_day_title")),
      el("ul", { class: "list" }, ...today)),
    callButtons(callsNow({ clinic, phone, level: "emergency" }), say),
    button({ text: say("diary_none_of_these"), onTap: () => tools.next(),
      className: "btn btn--line", attributes: { "data-next": "" } }),
  ];
}

function drawCorrect(step, tools) {
  return [el("p", {}, tools.say("check_in_correct_help")),
    button({ text: tools.say("check_in_next"), onTap: () => tools.next(),
      attributes: { "data-next": "" } })];
}

const DRAWERS = {
  any_of: drawAnyOf, scale: drawScale, choice: drawChoice, temperature: drawTemperature,
  note: drawNote, yes_no_list: drawYesNoList, joint: drawJoint, warning: drawWarning,
  correct: drawCorrect, save: (step, tools) => [saveButton(tools)],
};

/** The heading of a step. */
export function titleOf(step, tools) {
  const { say } = tools;
  if (step.kind === "joint") return jointTitle(tools.offeredTreatments(), tools);
  if (step.kind === "warning") return say("diary_first");
  if (step.kind === "correct") {
    return say("check_in_correct_title", { date: dayName(tools.correctedDay(), tools.phone) });
  }
  if (step.kind === "save") return say("check_in_save_title");
  return isList(step) ? step.screen.title : labelOf(step.questions[0], step.site);
}

function helpLine(step) {
  if (!step.screen) return null;
  return isList(step) ? step.screen.help : helpOf(step.questions[0], step.site);
}

function kicker(step, tools) {
  if (!step.names_treatment) return step.screen && !isList(step) ? step.screen.title : null;
  return asTitle(tools.say("check_in_your_joint",
    { joint: jointWords(tools.treatmentOf(step), tools.guidance, tools.say) }));
}

/** The whole step as one element: `place` is {number, total}. */
export function drawStep(step, tools, place) {
  const { say } = tools;
  const above = kicker(step, tools);
  const help = helpLine(step);
  const head = el("header", { class: "wizard__head" },
    el("button", { type: "button", class: "wizard__back", onClick: () => tools.back() },
      icon("arrow-left", null, "icon--turns"), say("check_in_back")),
    el("p", { class: "wizard__count" }, say("check_in_step", place)));
  const progress = el("progress", { class: "wizard__progress", max: place.total,
    value: place.number, "aria-label": say("check_in_step", place) });
  const body = el("div", { class: "wizard__body stack" },
    above ? el("p", { class: "kicker" }, above) : null,
    el("h1", { id: "step-title", tabindex: "-1" }, titleOf(step, tools)),
    help ? el("p", { class: "lead" }, help) : null,
    DRAWERS[step.kind](step, tools));
  // Browsers write what is typed to disk, to restore a tab, unless its form asks them not to.
  const form = el("form", { class: `wizard wizard--${step.kind}`, "data-step": step.id,
    novalidate: true, autocomplete: "off" }, head, progress, body);
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}
