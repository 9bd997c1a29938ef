// Whom to call now and by when: opening hours in the clinic's own time zone.
// Gives phrase keys with their values, never sentences and never a page.

const HOUR_MS = 3600000;
const ANSWER_WITHIN_HOURS = 2;
const LONG_SHUT_HOURS = 24;

function clockParts(instant, zone) {
  const format = (timeZone) => new Intl.DateTimeFormat("en-GB", {
    timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  let parts;
  try {
    parts = format(zone || undefined).formatToParts(instant);
  } catch {
    parts = format(undefined).formatToParts(instant);
  }
  const read = (type) => Number(parts.find((part) => part.type === type).value);
  return { year: read("year"), month: read("month"), day: read("day"),
    hour: read("hour"), minute: read("minute"), second: read("second") };
}

/** What the wall clock of `zone` shows at `instant`; weekday 0 is Monday. */
export function wallClock(instant, zone) {
  const parts = clockParts(instant, zone);
  const midnight = Date.UTC(parts.year, parts.month - 1, parts.day);
  return { ...parts, midnight, minutes: parts.hour * 60 + parts.minute,
    weekday: (new Date(midnight).getUTCDay() + 6) % 7 };
}

function instantOf(wallMs, zone) {
  const offsetAt = (ms) => {
    const at = clockParts(new Date(ms), zone);
    return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second)
      - Math.floor(ms / 1000) * 1000;
  };
  const guess = wallMs - offsetAt(wallMs);
  return new Date(wallMs - offsetAt(guess));
}

function minutesOf(text, atEnd) {
  const [hours, minutes] = String(text).split(":").map(Number);
  const total = hours * 60 + minutes;
  return atEnd && total === 0 ? 1440 : total;
}

const dateOf = (midnight) => new Date(midnight).toISOString().slice(0, 10);

/** The openings of a day, by its midnight on the clinic's clock as UTC; none on a holiday. */
function openingsOn(clinic, midnight) {
  if ((clinic?.holidays || []).some((holiday) => holiday.day === dateOf(midnight))) return [];
  const weekday = (new Date(midnight).getUTCDay() + 6) % 7;
  return (clinic?.hours || [])
    .filter((row) => row.weekday === weekday && row.opens && row.closes)
    .map((row) => ({ opens: row.opens, closes: row.closes,
      from: minutesOf(row.opens), to: minutesOf(row.closes, true) }))
    .sort((a, b) => a.from - b.from);
}

/** {is_open, closes}: whether the clinic is open at `now`, and until when ("17:30"). */
export function openingNow(clinic, now) {
  const wall = wallClock(now, clinic?.time_zone);
  const open = openingsOn(clinic, wall.midnight)
    .find((row) => row.from <= wall.minutes && wall.minutes < row.to);
  return { is_open: Boolean(open), closes: open ? open.closes : null };
}

/** The next time the clinic opens after `now`, holidays left out; null where it tells no hours. */
export function nextOpening(clinic, now) {
  const wall = wallClock(now, clinic?.time_zone);
  if (!clinic?.hours?.length) return null;
  const furthest = 7 * (1 + (clinic.holidays?.length ?? 0));
  for (let ahead = 0; ahead <= furthest; ahead += 1) {
    const midnight = wall.midnight + ahead * 24 * HOUR_MS;
    const row = openingsOn(clinic, midnight)
      .find((opening) => ahead > 0 || opening.from > wall.minutes);
    if (row) {
      const at = instantOf(midnight + row.from * 60000, clinic?.time_zone);
      return { at, days_ahead: ahead, weekday: (wall.weekday + ahead) % 7,
        date: dateOf(midnight), opens: row.opens,
        hours_away: (at - now) / HOUR_MS };
    }
  }
  return null;
}

/** True when the clinic is shut and stays so for more than 24 hours, or tells no hours. */
export function isShutLong(clinic, now) {
  if (openingNow(clinic, now).is_open) return false;
  const next = nextOpening(clinic, now);
  return next === null || next.hours_away > LONG_SHUT_HOURS;
}

/** "14:05", as the phone's own clock shows it. */
export function clockTime(instant, zone) {
  const wall = wallClock(instant, zone);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(wall.hour)}:${two(wall.minute)}`;
}

function numbersOf(clinic, emergencyNumber) {
  return {
    clinic: clinic?.phone?.number || null,
    out_of_hours: clinic?.out_of_hours?.number || null,
    emergency: clinic?.emergency?.number || emergencyNumber || null,
  };
}

/** The same numbers as values for phrases. */
export function phoneValues(clinic, emergencyNumber) {
  const numbers = numbersOf(clinic, emergencyNumber);
  return { clinic_phone: numbers.clinic, out_of_hours: numbers.out_of_hours,
    emergency_number: numbers.emergency };
}

function orderButtons(numbers, roles) {
  return roles.filter((role) => numbers[role])
    .map((role, place) => ({ role, number: numbers[role], is_main: place === 0 }));
}

function whenItOpens({ clinic, now, numbers, zoneSuffix }) {
  if (!numbers.clinic) return [{ key: "call_clinic_hours_no_number", values: {} }];
  const values = { clinic_phone: numbers.clinic };
  const { is_open: isOpen, closes } = openingNow(clinic, now);
  if (isOpen) {
    return [{ key: `call_clinic_hours_until${zoneSuffix}`, values: { ...values, time: closes } }];
  }
  const next = nextOpening(clinic, now);
  if (!next) return [{ key: "call_clinic_hours_unknown", values }];
  // A weekday alone would be taken for the next one of its name.
  const when = ["today", "tomorrow"][next.days_ahead]
    || (next.days_ahead < 7 ? "weekday" : "date");
  return [
    { key: `call_clinic_hours_${when}${zoneSuffix}`,
      values: { ...values, time: next.opens, weekday: next.weekday, date: next.date } },
    numbers.out_of_hours
      ? { key: "call_worse_meanwhile", values: { out_of_hours: numbers.out_of_hours } } : null,
  ].filter(Boolean);
}

function callToday({ clinic, now, numbers, zone }) {
  const time = clockTime(now, zone);
  const by = clockTime(new Date(now.getTime() + ANSWER_WITHIN_HOURS * HOUR_MS), zone);
  const line = { out_of_hours: numbers.out_of_hours };
  const noAnswer = { key: "call_same_day_urgent_care_by", values: { time: by } };
  const hasHours = Boolean(clinic?.hours?.length);
  if (numbers.clinic && (openingNow(clinic, now).is_open || !hasHours)) {
    const { closes } = openingNow(clinic, now);
    const first = closes
      ? { key: "call_same_day_open", values: { clinic_phone: numbers.clinic, time: closes } }
      : { key: "call_same_day_now", values: { clinic_phone: numbers.clinic } };
    const then = numbers.out_of_hours
      ? { key: "call_same_day_no_answer_by", values: { ...line, time: by } } : noAnswer;
    return { lines: [first, then], roles: ["clinic", "out_of_hours", "emergency"] };
  }
  if (numbers.out_of_hours) {
    return { lines: [{ key: "call_same_day_closed_now", values: { ...line, time } },
      { key: "call_same_day_not_morning", values: {} }, noAnswer],
    roles: ["out_of_hours", "clinic", "emergency"] };
  }
  if (numbers.clinic) {
    return { lines: [{ key: "call_same_day_closed_no_line", values: { time } }],
      roles: ["clinic", "emergency"] };
  }
  return { lines: [{ key: "call_same_day_no_number", values: {} }], roles: ["emergency"] };
}

/** What to do now, for a result.
 *
 *  `level` is the result's level or null (diary); `cannotWait` says that a reason of it must not
 *  wait more than 24 hours for the clinic to open; `isNotChecked` that an emergency answer is
 *  missing; `zone` is the phone's IANA zone. Gives {instructions, lines, buttons, is_raised,
 *  is_abroad}: `instructions` is the level whose steps hold now (or "not_checked", "diary"),
 *  `lines` are {key, values} of phrases (a `weekday` is 0 to 6, Monday first), `buttons` are
 *  {role, number, is_main}. Never asks for less than the level does. */
export function planCalls({ level, cannotWait = false, isNotChecked = false, clinic,
  now: at, emergencyNumber, zone }) {
  const now = new Date(at);
  const numbers = numbersOf(clinic, emergencyNumber);
  const isAbroad = Boolean(clinic?.time_zone && zone && clinic.time_zone !== zone);
  const zoneSuffix = isAbroad ? "_its_time" : "";
  const isOpen = openingNow(clinic, now).is_open;
  const plan = (instructions, lines, roles, isRaised = false) => ({
    instructions, lines, buttons: orderButtons(numbers, roles), is_raised: isRaised,
    is_abroad: isAbroad });

  if (level === "emergency") return plan("emergency", [], ["emergency", "clinic"]);
  const isRaised = level === "clinic_hours" && cannotWait && isShutLong(clinic, now);
  if (level === "same_day" || isRaised) {
    const { lines, roles } = callToday({ clinic, now, numbers, zone });
    const why = isRaised ? [{ key: "call_too_long_to_wait", values: {} }] : [];
    return plan("same_day", [...why, ...lines], roles, isRaised);
  }
  const isLineFirst = !isOpen && numbers.out_of_hours;
  if (isNotChecked) {
    return plan("not_checked", [], isLineFirst
      ? ["out_of_hours", "emergency", "clinic"] : ["clinic", "emergency", "out_of_hours"]);
  }
  const roles = isLineFirst ? ["clinic", "out_of_hours", "emergency"] : ["clinic", "emergency"];
  if (level === "clinic_hours") {
    return plan("clinic_hours", whenItOpens({ clinic, now, numbers, zoneSuffix }), roles);
  }
  return plan(level || "diary", [], roles);
}
