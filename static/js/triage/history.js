// What triage needs to know and the form does not ask: derived from the course so far. The twin
// of pwa/guidance/history.py over the cases in tests/cases/history.json.

const RECENT_PAIN_MS = 72 * 3600 * 1000;
const INCOMPLETE = "C10_INCOMPLETE";
const RISKS = ["immune_suppressed", "diabetes", "joint_replacement", "recent_joint_infection"];
const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const MOMENT = new RegExp(
  "^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?" +
    "(?:Z|([+-])([0-9]{2}):([0-9]{2}))$",
);

/**
 * The answers with what history adds to them, null where that is not known. `earlier` holds the
 * current check-ins before this one, oldest first, of this treatment and of earlier ones of the
 * same joint and side.
 */
export function deriveFacts({
  answers,
  site,
  local_date,
  performed_on,
  clock_behind,
  recorded_at,
  start,
  earlier,
}) {
  const begin = start ?? {};
  return {
    ...answers,
    site: site ?? null,
    days_since: clock_behind ? null : daysBetween(performed_on, local_date),
    pain_prev: lowestRecentPain(earlier, recorded_at),
    pain_baseline: begin.pain_baseline ?? null,
    high_risk: anyRisk(begin),
    immune_suppressed: begin.immune_suppressed ?? null,
    anticoagulant: begin.anticoagulant ?? null,
    open_clinic_flags: openClinicFlags(earlier),
  };
}

/** Calendar days from the injection (day 0) to the patient's own day, or null. */
export function daysBetween(performed_on, local_date) {
  const first = dayNumber(performed_on);
  const last = dayNumber(local_date);
  return first === null || last === null ? null : last - first;
}

/**
 * The lowest pain of the last 72 hours for this treatment, so that a slow creep counts. An entry
 * from a clock that runs ahead counts too, and so does one whose time is unreadable.
 */
export function lowestRecentPain(earlier, recorded_at) {
  const now = milliseconds(recorded_at);
  const isRecent = (then) => now === null || then === null || now - then <= RECENT_PAIN_MS;
  const pains = earlier
    .filter((entry) => (entry.pain_now ?? null) !== null && entry.is_same_treatment === true)
    .filter((entry) => isRecent(milliseconds(entry.recorded_at)))
    .map((entry) => entry.pain_now);
  return pains.length > 0 ? Math.min(...pains) : null;
}

/**
 * How many episodes of clinic-hours results still wait for a clinician. Check-ins of one
 * treatment that follow each other with the same reasons are one episode, open while any of them
 * is not reviewed. A result that was only incomplete is none.
 */
export function openClinicFlags(earlier) {
  let count = 0;
  let previous = null;
  let isCounted = false;
  for (const entry of earlier) {
    const codes = new Set(entry.reasons ?? []);
    codes.delete(INCOMPLETE);
    if (entry.level !== "clinic_hours" || codes.size === 0) {
      previous = null;
      continue;
    }
    const episode = JSON.stringify([entry.is_same_treatment === true, [...codes].sort()]);
    if (episode !== previous) {
      previous = episode;
      isCounted = false;
    }
    if (!isCounted && entry.is_reviewed !== true) {
      count += 1;
      isCounted = true;
    }
  }
  return count;
}

/** Is any of the four risks there? null where none is known to be and one is unknown. */
export function anyRisk(start) {
  const values = RISKS.map((key) => start[key]);
  if (values.includes(true)) return true;
  return values.every((value) => value === false) ? false : null;
}

// Read by hand and not by Date.parse, so that both languages refuse the same.

function dayNumber(text) {
  const found = typeof text === "string" ? DAY.exec(text) : null;
  if (found === null) return null;
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(0);
  // Date.UTC would take the year 26 for 1926.
  date.setUTCFullYear(year, month - 1, day);
  const isReal = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.getTime() / 86400000 : null;
}

function milliseconds(text) {
  const found = typeof text === "string" ? MOMENT.exec(text) : null;
  if (found === null) return null;
  const day = dayNumber(found[1]);
  const [hour, minute, second] = [found[2], found[3], found[4] ?? "0"].map(Number);
  const [offsetHour, offsetMinute] = [found[7] ?? "0", found[8] ?? "0"].map(Number);
  if (day === null || Math.max(hour, offsetHour) > 23) return null;
  if (Math.max(minute, second, offsetMinute) > 59) return null;
  const offset = (offsetHour * 60 + offsetMinute) * (found[6] === "-" ? -1 : 1);
  const fraction = Number((found[5] ?? "").padEnd(3, "0").slice(0, 3));
  return (((day * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction;
}
