// How soon does this check-in need a person, and why? The twin of pwa/guidance/triage.py: the
// same rule table (rules_<version>.toml as JSON), the same cases in tests/cases/triage_1.json.
// The table was checked when the release was made, so nothing here checks it again.
//
// What was not answered matches nothing; `not` means "unless it is surely so".

/** Most urgent first. */
export const LEVELS = ["emergency", "same_day", "clinic_hours", "expected"];

/** Runs every rule over these facts; an absent fact equals null. */
export function judge(rules, facts) {
  const usable = readFacts(rules.facts, facts);
  const missing = findMissing(rules.required, facts, usable);
  for (const [name, fact] of Object.entries(rules.facts)) {
    if (usable[name] === null && fact.unknown_is !== undefined) usable[name] = fact.unknown_is;
  }
  const moment = { rules, facts: usable, is_missing: missing.length > 0, fired: new Set() };
  // Least urgent first, so that a rule may ask whether a less urgent one has fired.
  for (const level of ["clinic_hours", "same_day", "emergency"]) run(moment, level);
  if (moment.fired.size === 0) run(moment, "expected");

  const fired = rules.rules.filter((rule) => moment.fired.has(rule.code));
  const level = LEVELS.find((name) => fired.some((rule) => rule.level === name));
  const codes = (chosen) => chosen.map((rule) => rule.code);
  return {
    level,
    reasons: codes(fired.filter((rule) => rule.level === level)),
    also: codes(fired.filter((rule) => rule.level !== level)),
    missing,
  };
}

/** The more urgent of two levels; null (a diary, not judged) is below every level. */
export function moreUrgent(one, other) {
  return LEVELS.find((level) => level === one || level === other) ?? null;
}

/** Degrees C with one decimal, half up, from degrees F with at most one: in whole tenths. */
export function celsiusFromFahrenheit(temp_f) {
  const tenthsF = Math.round(temp_f * 10);
  return Math.floor(((tenthsF - 320) * 10 + 9) / 18) / 10;
}

/**
 * What to tell the patient: why, what to do (the level's own words first, then what each rule
 * adds), and when to check in again. Placeholders are not filled; see `fill`.
 */
export function adviceFor(rules, verdict) {
  const fired = rulesOf(rules, verdict.reasons);
  const act = [...rules.levels[verdict.level].act, ...fired.flatMap((rule) => rule.act)];
  const rechecks = rulesOf(rules, [...verdict.reasons, ...verdict.also])
    .filter((rule) => rule.recheck_hours !== undefined)
    .map((rule) => rule.recheck_hours);
  return {
    why: [...new Set(fired.map((rule) => rule.why))],
    act: [...new Set(act)],
    recheck_hours: rechecks.length > 0 ? Math.min(...rechecks) : null,
  };
}

/** Puts the clinic's and the treatment's own words into a sentence. */
export function fill(text, values) {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Does a reason here call for the same-day instructions while the clinic stays shut a day? */
export function sameDayWhenShut(rules, verdict) {
  return rulesOf(rules, verdict.reasons).some((rule) => rule.when_shut === "same_day");
}

function rulesOf(rules, codes) {
  return rules.rules.filter((rule) => codes.includes(rule.code));
}

function run(moment, level) {
  for (const rule of moment.rules.rules) {
    if (rule.level === level && holds(moment, rule.when)) moment.fired.add(rule.code);
  }
}

function holds(moment, test) {
  if (test.all) return test.all.every((part) => holds(moment, part));
  if (test.any) return test.any.some((part) => holds(moment, part));
  if (test.not) return !holds(moment, test.not);
  if (test.condition) return holds(moment, moment.rules.conditions[test.condition].when);
  if (test.code_fired) return test.code_fired.some((code) => moment.fired.has(code));
  if (test.missing) return moment.is_missing;
  return factHolds(moment.facts, test);
}

function factHolds(facts, test) {
  let value = facts[test.fact];
  if (test.known !== undefined) return (value !== null) === test.known;
  if (value === null) return false;
  if (test.is !== undefined) return value === test.is;
  if (test.in) return test.in.includes(value);
  if (test.minus) {
    if (facts[test.minus] === null) return false;
    value -= facts[test.minus];
  }
  return value >= (test.at_least ?? value) && value <= (test.at_most ?? value);
}

// A value of another type, or outside its range, is no answer.
function readFacts(table, facts) {
  const usable = {};
  for (const [name, fact] of Object.entries(table)) {
    const value = given(facts, name);
    usable[name] = hasType(fact, value) && isInRange(fact, value) ? value : null;
  }
  return usable;
}

function given(facts, name) {
  return Object.hasOwn(facts, name) ? (facts[name] ?? null) : null;
}

function hasType(fact, value) {
  if (fact.type === "boolean") return typeof value === "boolean";
  if (fact.type === "integer") return Number.isSafeInteger(value);
  if (fact.type === "decimal") return isDecimal(value, 1);
  return typeof value === "string" && fact.options.includes(value);
}

function isInRange(fact, value) {
  return value >= (fact.minimum ?? value) && value <= (fact.maximum ?? value);
}

/** Is this a finite number that can be written with so many decimals? */
export function isDecimal(value, decimals) {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  const scale = 10 ** decimals;
  if (Math.abs(value) * scale > Number.MAX_SAFE_INTEGER) return false;
  return Math.round(value * scale) / scale === value;
}

function findMissing(required, facts, usable) {
  const { site } = usable;
  const isMissing = (row) => {
    if (row.impossible) {
      return given(facts, row.impossible) !== null && usable[row.impossible] === null;
    }
    if (row.one_of) return row.one_of.every((name) => usable[name] === null);
    const isAsked = site === null || !row.sites || row.sites.includes(site);
    return isAsked && usable[row.fact] === null;
  };
  return required.filter(isMissing).map((row) => row.name ?? row.fact);
}
