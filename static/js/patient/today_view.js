// What Today says, as plain data: which treatments, which day, which sentences. Draws nothing.

import { dueNow, scheduleOf } from "../check_in/due.js";
import { daysBetween, localDate } from "../check_in/event.js";
import { currentTreatments } from "../check_in/form.js";
import { dateWords, dayAfter, momentWords, recoveryDay, weekdayWords } from "./days.js";
import { jointWords, listWords } from "./joint_words.js";
import { mergePlans, planOfDay } from "./plan_of_day.js";

export const LAST_COUNTED_DAY = 84;

/** {past, ahead}: treatments that were, newest of each joint, and those still to come. */
export function splitTreatments(treatments, { now, isClockBehind }) {
  const today = localDate(now);
  const isAhead = (treatment) => !isClockBehind && treatment.performed_on > today;
  return {
    past: currentTreatments(treatments.filter((treatment) => !isAhead(treatment))),
    ahead: treatments.filter(isAhead),
  };
}

/** The treatments that Today is about: all of the last twelve weeks, else only the newest. */
export function shownTreatments(past, { now, isClockBehind }) {
  if (isClockBehind) return past;
  const recent = past.filter(
    (treatment) => recoveryDay(treatment, { now, isClockBehind }) <= LAST_COUNTED_DAY);
  return recent.length ? recent : past.slice(0, 1);
}

/** [{day, names, treatments}], one for each day of recovery, the newest injection first. */
export function groupsByDay(treatments, { now, isClockBehind, guidance, say }) {
  const groups = new Map();
  for (const treatment of treatments) {
    const day = recoveryDay(treatment, { now, isClockBehind });
    const group = groups.get(day) ?? { day, names: [], treatments: [] };
    const name = jointWords(treatment, guidance, say);
    if (!group.names.includes(name)) group.names.push(name);
    group.treatments.push(treatment);
    groups.set(day, group);
  }
  return [...groups.values()];
}

/** "Day 3 after your right knee injection", for one group. */
export function headline({ day, names, treatments }, { now, say }) {
  const joint = listWords(names);
  const many = names.length > 1 ? "_many" : "";
  if (day === null) return say(`today_day_unknown${many}`, { joint });
  if (day === 0) return say(`today_day_0${many}`, { joint });
  if (day > LAST_COUNTED_DAY) {
    const date = dateWords(treatments[0].performed_on, { now, weekday: false });
    return say("today_long_ago", { joint, date });
  }
  return say(`today_day${many}`, { joint, day });
}

/** "Your left hip injection is on Thursday 3 December." */
export function aheadWords(treatment, { now, guidance, say }) {
  return say("today_day_future", {
    joint: jointWords(treatment, guidance, say),
    date: dateWords(treatment.performed_on, { now }),
  });
}

function nextSlot({ treatments, schedule, now }) {
  const days = treatments.flatMap((treatment) => schedule
    .map((slot) => ({ treatment, ahead: slot.day - daysBetween(treatment.performed_on,
      localDate(now)) }))
    .filter(({ ahead }) => ahead > 0));
  if (days.length === 0) return null;
  return Math.min(...days.map(({ ahead }) => ahead));
}

/** "Next check-in: Friday 27 November.", or null where none is to come or no day is known. */
export function nextCheckInWords({ treatments, guidance, clinic, now, isClockBehind, say }) {
  if (isClockBehind) return null;
  const ahead = nextSlot({ treatments, schedule: scheduleOf(guidance, clinic), now });
  if (ahead === null) return null;
  const date = dayAfter(localDate(now), ahead);
  return say("today_next_due", {
    weekday: weekdayWords(date), date: dateWords(date, { now, weekday: false }),
  });
}

/** What the big card offers: {kind: "due"|"any_time"|"none", lines, reason, event_id}. */
export function dueCard({ treatments, checkIns, guidance, clinic, now, isClockBehind, say }) {
  if (treatments.length === 0) return { kind: "none", lines: [] };
  const due = dueNow({ treatments, checkIns, guidance, clinic, now });
  if (due) return { kind: "due", lines: [], reason: due.reason, event_id: due.event_id };
  if (isClockBehind) return { kind: "due", lines: [], reason: "clock", event_id: null };
  const today = localDate(now);
  const isDone = checkIns.some((thread) => !thread.is_retracted && thread.local_date === today);
  const next = nextCheckInWords({ treatments, guidance, clinic, now, isClockBehind, say });
  const first = say(isDone ? "today_done" : "today_check_in_any_time");
  return { kind: "any_time", lines: next ? [first, next] : [first] };
}

/** The urgent check-in that nobody has dealt with yet, the worst and then the newest, or null. */
export function urgentThread(checkIns) {
  const open = checkIns.filter((thread) => thread.has_unreviewed_urgent);
  return open.find((thread) => thread.urgent_level === "emergency") ?? open[0] ?? null;
}

/** "Your answers on Thursday needed urgent help. …"; with the date where it is over a week ago. */
export function urgentWords(thread, { now, say }) {
  const days = daysBetween(thread.local_date, localDate(now));
  if (days === 0) return say("earlier_urgent_today");
  if (days > 0 && days < 7) {
    return say("earlier_urgent", { weekday: weekdayWords(thread.local_date) });
  }
  return say("earlier_urgent_date", {
    date: dateWords(thread.local_date, { now, weekday: false }),
  });
}

/** The next appointment in the clinic's own time, as a sentence, or null. */
export function appointmentWords({ treatments, clinic, now, say }) {
  const next = treatments.map((treatment) => treatment.next_appointment_at)
    .filter((at) => at && new Date(at) >= now)
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  if (!next) return null;
  const { date, time } = atTheClinic(new Date(next), clinic?.time_zone, now);
  return say("today_next_appointment", { date, time });
}

function atTheClinic(instant, timeZone, now) {
  const format = (options) => {
    try {
      return new Intl.DateTimeFormat("en-CA", { timeZone, ...options }).format(instant);
    } catch {
      return new Intl.DateTimeFormat("en-CA", options).format(instant);
    }
  };
  const day = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  return {
    date: dateWords(day, { now }),
    time: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  };
}

/** What to do and avoid today for all shown treatments whose day is known, or null. */
export function todaysPlan({ groups, guidance, clinic, now, say }) {
  const plans = groups.filter(({ day }) => day !== null && day >= 0)
    .flatMap(({ day, treatments }) => treatments.map((treatment) => ({
      name: jointWords(treatment, guidance, say),
      plan: planOfDay({ guidance, clinic, treatment, day, now }),
    })));
  return plans.length ? mergePlans(plans) : null;
}

const WATCHED = {
  ice_policy: "changed_ice", heat_policy: "changed_heat",
  nsaid_avoid_before_days: "changed_tablets", nsaid_avoid_after_days: "changed_tablets",
  pain_relief: "changed_pain_relief", no_swim_hours: "changed_swim",
  check_in_days: "changed_check_in_days", signed: "changed_signed",
  phone: "changed_numbers", out_of_hours: "changed_numbers", emergency: "changed_numbers",
  hours: "changed_hours", holidays: "changed_hours",
};

const ACTIVITY = "activity_days";

function watchedValue(value) {
  if (value?.rules_version) return [value.form_version, value.rules_version];
  return value && typeof value === "object" && "number" in value ? value.number : value ?? null;
}

/** The clinic's words that a patient with these joints would want to know of when they change. */
export function watchedWords(clinic, sites) {
  const days = clinic[ACTIVITY];
  return Object.fromEntries([
    ...Object.keys(WATCHED).filter((name) => name in clinic)
      .map((name) => [name, watchedValue(clinic[name])]),
    ...(days ? sites.map((site) => [`${ACTIVITY} ${site}`, days[site] ?? {}]) : []),
  ]);
}

const phraseOf = (name) => WATCHED[name] ?? "changed_activity";

/** Whether these are the same words, in whatever order their parts came. */
function isSame(one, other) {
  if (!one || !other || typeof one !== "object" || typeof other !== "object") return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length
    && names.every((name) => isSame(one[name], other[name]));
}

/** What changed between two `watchedWords`: [date, phrase keys] by the day of the change, oldest
 *  first. `changedAt` tells when each was changed last; where that is not known the date is "". */
export function changesBetween(before, after, changedAt = {}) {
  const byDate = new Map();
  // What an older release or another joint did not watch has not changed since.
  const names = Object.keys(after).filter((name) => name in before
    && !isSame(before[name], after[name]));
  for (const name of names) {
    const at = changedAt[name.split(" ")[0]];
    const date = at ? localDate(new Date(at)) : "";
    byDate.set(date, [...new Set([...(byDate.get(date) ?? []), phraseOf(name)])]);
  }
  return [...byDate].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The same as sentences. */
export function changedWords(before, after, { say, now, changedAt }) {
  return changesBetween(before, after, changedAt).map(([date, keys]) => {
    const detail = listWords(keys.map((key) => say(key)));
    return date ? say("today_changed_on", { date: dateWords(date, { now, weekday: false }), detail })
      : say("today_changed", { detail });
  });
}

/** Where a check-in was made: "Right knee · day 3 · Thursday 26 November, 10:42". */
export function threadWords(thread, { now, guidance, say }) {
  const joint = jointWords(thread, guidance, say);
  const day = thread.day === null ? say("thread_day_unknown")
    : say("thread_day", { day: thread.day });
  return { joint, day, time: momentWords(thread.recorded_at, { now }) };
}
