// What changes in the plan of one treatment, day by day: the same plan as Today's, compared with
// the day before. Gives plain data; draws nothing.

import { daysBetween, localDate } from "../check_in/event.js";
import { dayAfter } from "./days.js";
import { planOfDay } from "./plan_of_day.js";

const KINDS = ["expect", "do", "avoid"];
/** A clinic may set a rule for up to this many days; after it nothing is looked for. */
export const LAST_PLANNED_DAY = 200;

/** Noon, so that a clock change in between moves no day. */
function noonOf(date) {
  const [year, month, day] = date.split("-").map(Number);
  return new Date(year, month - 1, day, 12);
}

function planOn({ guidance, clinic, treatment }, day) {
  const now = noonOf(dayAfter(treatment.performed_on, day));
  return planOfDay({ guidance, clinic, treatment, day, now });
}

const without = (lines, others) => lines
  .filter((line) => !others.some((other) => other.text === line.text));

/** What one day's plan has that another's has not: {begins, ends}. Only a line that names its own
 *  end is said to be over: "Look at the skin each day" is never taken back. */
export function changeBetween(before, after) {
  return {
    begins: Object.fromEntries(KINDS.map((kind) => [kind, without(after[kind], before[kind])])),
    ends: ["do", "avoid"].flatMap((kind) => without(before[kind], after[kind]))
      .filter((line) => line.names_end),
  };
}

const hasSome = ({ begins, ends }) => ends.length > 0
  || KINDS.some((kind) => begins[kind].length > 0);

function slotDays(schedule) {
  return new Set((schedule ?? []).map(({ day }) => day));
}

/** The days after `today` on which something changes or a check-in is due, soonest first:
 *  {day, date, phase, begins, ends, is_check_in}. `phase` is the stretch that begins on that day, or
 *  null. `today` is a day of this recovery. */
export function daysAhead({ guidance, clinic, treatment, schedule, today }) {
  const checkIns = slotDays(schedule);
  const found = [];
  let before = planOn({ guidance, clinic, treatment }, today);
  for (let day = today + 1; day <= LAST_PLANNED_DAY; day += 1) {
    const after = planOn({ guidance, clinic, treatment }, day);
    const change = changeBetween(before, after);
    const isCheckIn = checkIns.has(day);
    if (hasSome(change) || isCheckIn) {
      found.push({ day, date: dayAfter(treatment.performed_on, day), ...change,
        phase: after.phase?.id === before.phase?.id ? null : after.phase,
        is_check_in: isCheckIn });
    }
    before = after;
  }
  return found;
}

/** {tomorrow, next, later}: what changes tomorrow (or null), the first change after that (or null),
 *  and every later day. A check-in alone is no change of the plan. */
export function tomorrowOf(ahead, today) {
  const tomorrow = ahead.find(({ day }) => day === today + 1) ?? null;
  const later = ahead.filter(({ day }) => day > today + 1);
  return { tomorrow, next: later.find(hasSome) ?? null, later };
}

/** Which day of this recovery an instant falls on. */
export const dayAt = (treatment, instant) => (
  daysBetween(treatment.performed_on, localDate(instant)));
