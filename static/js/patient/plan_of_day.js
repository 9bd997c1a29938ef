// What to expect, do and avoid today, for one treatment: the phase's general lines, the joint's
// own, and the clinic's rules. Gives lists of lines; draws nothing.

import { daysBetween, localDate } from "../check_in/event.js";
import { policyWords } from "../ui/clinic_slots.js";
import { phaseOf } from "./recovery_strip.js";

const LAST_DAY_OF_CLINIC_RULES = 42;
const LAST_DAY_OF_PAIN_RELIEF = 14;

function isFor(line, day) {
  const from = line.from_day ?? 0;
  const to = line.to_day ?? Infinity;
  return from <= day && day <= to;
}

/** A joint's line with the clinic's own day for its topic, or null where that day ends it. */
function withActivityDay(line, days, day) {
  const allowedFrom = days?.[line.topic];
  if (!Number.isInteger(allowedFrom)) return line;
  if (line.is_until_set) return null;
  if (!line.until) return line;
  if (day >= allowedFrom) return null;
  return { text: line.until.replace("{day}", String(allowedFrom)), is_clinic_rule: true,
    names_end: true };
}

const plain = (line) => ({ text: line.text, is_clinic_rule: line.is_clinic_rule ?? false,
  names_end: line.names_end ?? Boolean(line.until) });

const sayRule = (name, { clinic, policies }) => policyWords(name, clinic, policies).text;

/** Where the clinic has not chosen, the words are "ask your clinic", and stand with "do". */
function iceLine(context) {
  const policy = context.clinic?.ice_policy ?? "ask";
  if (policy === "allowed_day0_1" && context.day > 1) return null;
  return { kind: policy === "avoid" ? "avoid" : "do", text: sayRule("ice", context) };
}

function heatLine(context) {
  const policy = context.clinic?.heat_policy ?? "ask";
  if (policy === "warm_after_day3" && context.day <= 3) return null;
  return { kind: policy === "none" ? "avoid" : "do", text: sayRule("heat", context) };
}

function tabletLines(context) {
  const { clinic, policies, day, daysAhead } = context;
  const after = clinic?.nsaid_avoid_after_days ?? null;
  const before = clinic?.nsaid_avoid_before_days ?? null;
  const lines = [];
  if (after === null) lines.push({ kind: "do", text: sayRule("nsaid", context) });
  else if (after > 0 && day <= after) {
    lines.push({ kind: "avoid", text: sayRule("nsaid", context), names_end: true });
  }
  if (before && daysAhead !== null && daysAhead >= 0 && daysAhead <= before) {
    lines.push({ kind: "avoid",
      text: policies.nsaid_before.set.replace("{days}", String(before)) });
  }
  return lines.length ? [...lines, { kind: "avoid", text: policies.medicine_line }] : [];
}

function swimLine({ policies, clinic, day }) {
  const hours = clinic?.no_swim_hours ?? 0;
  if (hours === 0 || day > Math.ceil(hours / 24)) return null;
  return { kind: "avoid", text: policies.swim.replace("{hours}", String(hours)), names_end: true };
}

/** The clinic's own rules that hold on this day. With no clinic known: "ask your clinic".
 *
 *  `daysAhead` is how many calendar days away the next appointment is, or null. */
export function clinicRules(context) {
  const lines = context.day > LAST_DAY_OF_CLINIC_RULES ? []
    : [iceLine(context), heatLine(context), swimLine(context)];
  return [...lines, ...tabletLines(context)].filter((line) => line && line.text);
}

/** {phase, expect, do, avoid, watch} for a day; each line is {text, is_clinic_rule, names_end}.
 *  `names_end` says that the words themselves tell until when they hold. */
export function planOfDay({ guidance, clinic, treatment, day, now }) {
  const { phases, policies, joints } = guidance.aftercare;
  const phase = phaseOf(phases, day);
  if (phase === null) return { phase: null, expect: [], do: [], avoid: [], watch: [] };
  const joint = joints[treatment.site] ?? { do: [], avoid: [], watch: [] };
  const next = treatment.next_appointment_at;
  const daysAhead = next ? daysBetween(localDate(now), localDate(new Date(next))) : null;
  const rules = clinicRules({ policies, clinic, day, daysAhead });
  const of = (kind) => rules.filter((line) => line.kind === kind).map(plain);
  const days = clinic?.activity_days?.[treatment.site];
  const own = (lines) => (lines ?? []).map((line) => withActivityDay(line, days, day))
    .filter((line) => line && isFor(line, day)).map(plain);
  const relief = clinic?.pain_relief && day <= LAST_DAY_OF_PAIN_RELIEF
    ? [{ text: clinic.pain_relief, is_clinic_rule: true }] : [];
  return {
    phase,
    expect: own(phase.expect),
    do: [...own(phase.do), ...own(joint.do), ...relief, ...of("do")],
    avoid: [...own(phase.avoid), ...own(joint.avoid), ...of("avoid")],
    watch: [...own(phase.call_if), ...own(joint.watch)],
  };
}

/** The plans of several treatments as one: a line said for every joint stands once, without a name.
 *
 *  `plans` are {name, plan}. Gives {expect, do, avoid, watch} of {text, is_clinic_rule, names}. */
export function mergePlans(plans) {
  const merged = {};
  for (const kind of ["expect", "do", "avoid", "watch"]) {
    const byText = new Map();
    for (const { name, plan } of plans) {
      for (const line of plan[kind]) {
        const known = byText.get(line.text) ?? { ...line, names: [] };
        if (!known.names.includes(name)) known.names.push(name);
        byText.set(line.text, known);
      }
    }
    merged[kind] = [...byText.values()].map((line) => ({
      ...line,
      names: line.names.length === plans.length ? [] : line.names,
    }));
  }
  return merged;
}
