// The check-in form as data: which questions are asked where, and under which words. Drawing is
// the page's; whether stored answers could have been given is pwa/guidance/questions.py.

import { celsiusFromFahrenheit, isDecimal } from "./triage.js";

/** Every question asked at this site by key, in the form's order; site null asks everything. */
export function questionsFor(form, site) {
  const asked = form.screens
    .flatMap((screen) => screen.questions)
    .filter((question) => isAskedAt(question, site));
  return Object.fromEntries(asked.map((question) => [question.key, question]));
}

export function isAskedAt(question, site) {
  return site === null || !question.sites || question.sites.includes(site);
}

/** The screens with only the questions asked at one of these sites; empty screens fall away. */
export function screensFor(form, sites) {
  return form.screens
    .map((screen) => ({
      ...screen,
      questions: screen.questions.filter((question) =>
        sites.some((site) => isAskedAt(question, site)),
      ),
    }))
    .filter((screen) => screen.questions.length > 0);
}

export function labelOf(question, site) {
  return question.labels?.[site] ?? question.label;
}

/** The second line under a label, or null. */
export function helpOf(question, site) {
  return question.help_by_site?.[site] ?? question.help ?? null;
}

export function optionLabel(question, option, site) {
  return question.option_labels_by_site?.[site]?.[option] ?? question.option_labels[option];
}

/** What "None of these" writes: only for the rows that were on screen. */
export function answersForNone(questions) {
  return Object.fromEntries(
    questions.map((question) => [question.key, question.options ? question.options[0] : false]),
  );
}

export function emergencyKeys(form) {
  return form.screens
    .flatMap((screen) => screen.questions)
    .filter((question) => question.emergency === true)
    .map((question) => question.key);
}

/** Is an answer of "Any of these now?" missing? Then the headline is "Not checked". */
export function hasEmergencyGap(form, verdict) {
  return emergencyKeys(form).some((key) => verdict.missing.includes(key));
}

/**
 * A temperature as typed, with a point or a comma, in the unit "c" or "f". The form takes what
 * `question` (temp_c) allows, and asks back where the other unit would make sense of it.
 */
export function readTemperature(text, unit, question) {
  const typed = text.trim().replace(",", ".");
  if (typed === "") return { kind: "empty" };
  if (!/^[0-9]{1,3}(\.[0-9]+)?$/.test(typed)) return { kind: "not_a_number" };
  const number = Math.round(Number(typed) * 10) / 10;
  const temp_c = unit === "f" ? celsiusFromFahrenheit(number) : number;
  if (isUsable(temp_c, question)) return { temp_c };
  const other = unit === "f" ? number : celsiusFromFahrenheit(number);
  if (isUsable(other, question)) return { kind: unit === "f" ? "is_this_c" : "is_this_f" };
  return { kind: "outside" };
}

function isUsable(temp_c, question) {
  const isInside = temp_c >= question.minimum && temp_c <= question.maximum;
  return isInside && isDecimal(temp_c, question.decimals);
}
