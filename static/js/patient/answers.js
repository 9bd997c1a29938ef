// The answers of a check-in under the words of the form that asked for them.

import { labelOf, optionLabel } from "../triage/questions.js";
import { el } from "../ui/dom.js";

function valueWords({ question, site, value, say }) {
  if (value === null) return say("check_in_not_sure");
  if (value === true) return say("check_in_yes");
  if (value === false) return say("check_in_no");
  if (question.type === "enum") return optionLabel(question, value, site);
  if (question.key === "temp_c") return say("answer_temperature", { temp: value.toFixed(1) });
  return String(value);
}

/** [{label, value}] for every question of the form that has an answer, in the form's order. */
export function answerLines({ form, site, answers, say }) {
  if (!form) return [];
  return form.screens.flatMap((screen) => screen.questions ?? [])
    .filter((question) => answers[question.key] !== undefined)
    .map((question) => ({
      label: labelOf(question, site),
      value: valueWords({ question, site, value: answers[question.key], say }),
    }));
}

/** The same as a list of facts for a page, or null where the form is not known here. */
export function drawAnswers(context) {
  const lines = answerLines(context);
  if (lines.length === 0) return null;
  return el("dl", { class: "facts" }, ...lines.map(({ label, value }) => el("div", {},
    el("dt", {}, label), el("dd", {}, value))));
}
