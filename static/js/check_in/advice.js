// The words of a result: why, what to do, whether it was checked at all. From the rules, the form
// and the clinic's numbers; draws nothing.

import { LEVELS, adviceFor, fill, sameDayWhenShut } from "../triage/triage.js";
import { labelOf, questionsFor } from "../triage/questions.js";
import { dateWords } from "../patient/days.js";
import { jointWords } from "../patient/joint_words.js";
import { unbroken } from "../ui/language.js";
import { callValues } from "./call_list.js";
import { missingEmergency, startQuestions } from "./form.js";

/** 0 for the most urgent; a diary entry (null) comes last. */
export function urgency(level) {
  const place = LEVELS.indexOf(level);
  return place === -1 ? LEVELS.length : place;
}

export const formOf = (guidance, version, fallback) => guidance.forms[String(version)] || fallback;

function rulesOf(guidance, version, reasons) {
  if (guidance.rules[String(version)]) return guidance.rules[String(version)];
  const tables = Object.values(guidance.rules);
  // A diary entry that a person raised was judged by no rules; the level's own words hold.
  return tables.find((table) => (table.rules || [])
    .some((rule) => reasons.includes(rule.code))) || tables.at(-1) || null;
}

/** Where a person raised it, "nothing matched" is no reason any more. */
function reasonsFor({ raised_by: raisedBy, reasons }, rules) {
  if (!raisedBy || !rules) return reasons;
  return reasons.filter((code) => rules.rules.some(
    (rule) => rule.code === code && rule.level !== "expected"));
}

// Words stand in for a number that is not known, so that no sentence has a hole.
function numberWords(clinic, say) {
  const known = callValues(clinic);
  return {
    emergency_number: known.emergency_number ? unbroken(known.emergency_number) : say("number_emergency"),
    clinic_phone: known.clinic_phone ? unbroken(known.clinic_phone) : say("number_clinic"),
    out_of_hours: known.out_of_hours ? unbroken(known.out_of_hours) : say("number_out_of_hours"),
  };
}

function missingLabels({ verdict, form, site, answers, say }) {
  const asked = questionsFor(form, site);
  const start = Object.fromEntries(startQuestions(form)
    .map((question) => [question.key, question]));
  const keys = verdict?.missing?.length ? verdict.missing : missingEmergency(form, site, answers);
  return [...new Set(keys.map((key) => {
    const question = asked[key] || start[key];
    return question ? labelOf(question, site) : say(`missing_${key}`);
  }))];
}

/** What the patient was told: "not_checked" where an emergency answer is missing and nothing else
 *  made it urgent, else the level. */
export function shownLevel({ level, answers, site }, form) {
  if (!form || level === null || level === "emergency" || level === "same_day") return level;
  return missingEmergency(form, site, answers ?? {}).length ? "not_checked" : level;
}

/** Everything that a result says about one check-in.
 *
 *  `result` is {level, reasons, verdict, answers, treatment, form_version, rules_version}. Gives
 *  {level, isNotChecked, why, levelAct, act, recheckHours, cannotWait, missing, sources}:
 *  `levelAct` are the level's own sentences (the one emergency text), `act` what reasons add. */
export function adviceOf(result, { guidance, clinic, form, say, now }) {
  const { level, reasons, answers, treatment } = result;
  const used = formOf(guidance, result.form_version, form);
  const gaps = level === null ? [] : missingEmergency(used, treatment.site, answers);
  const rules = level === null ? null : rulesOf(guidance, result.rules_version, reasons);
  const verdict = { level, reasons: reasonsFor(result, rules), also: result.verdict?.also || [],
    missing: result.verdict?.missing || [] };
  const given = rules ? adviceFor(rules, verdict) : { why: [], act: [], recheck_hours: null };
  const values = { ...numberWords(clinic, say), site: jointWords(treatment, guidance, say),
    date: dateWords(treatment.performed_on, { now }) };
  const words = (text) => fill(text, values);
  const levelAct = rules?.levels?.[level]?.act || [];
  const sources = (rules?.rules || []).filter((rule) => reasons.includes(rule.code))
    .flatMap((rule) => rule.sources || []);
  return {
    level, rules, isNotChecked: gaps.length > 0 && level !== "emergency",
    why: given.why.map(words),
    levelAct: levelAct.map(words),
    act: given.act.filter((text) => !levelAct.includes(text)).map(words),
    recheckHours: level === "emergency" ? null : given.recheck_hours ?? null,
    cannotWait: rules ? sameDayWhenShut(rules, verdict) : false,
    missing: level === null ? []
      : missingLabels({ verdict: result.verdict, form: used, site: treatment.site, answers, say }),
    sources: [...new Set(sources)].map((id) => guidance.sources[id]).filter(Boolean),
  };
}
