// Calendar days and clock times in the words of a patient. A day is what this phone's calendar
// shows; a clock change in the night moves no day.

import { daysBetween, localDate } from "../check_in/event.js";
import { locale } from "../ui/language.js";

const DAY_MS = 86_400_000;

/** Which day of the recovery it is: null when this phone's clock cannot be believed. */
export function recoveryDay(treatment, { now, isClockBehind }) {
  return isClockBehind ? null : daysBetween(treatment.performed_on, localDate(now));
}

/** The "yyyy-mm-dd" that is `days` after another. */
export function dayAfter(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** "Thursday 26 November", with the year only where it is not this one. */
export function dateWords(date, { now, weekday = true, language = locale() }) {
  const options = { day: "numeric", month: "long", timeZone: "UTC" };
  if (weekday) options.weekday = "long";
  if (date.slice(0, 4) !== String(now.getFullYear())) options.year = "numeric";
  const midnight = new Date(`${date}T00:00:00Z`);
  return new Intl.DateTimeFormat(language, options).format(midnight).replace(",", "");
}

/** "Thursday" */
export function weekdayWords(date, { language = locale() } = {}) {
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" })
    .format(new Date(`${date}T00:00:00Z`));
}

/** "14:02" on this phone's clock. */
export function clockWords(instant, { language = locale() } = {}) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(language, options).format(new Date(instant));
}

/** "14:02" today, "Tuesday 24 November, 14:02" on another day. */
export function momentWords(instant, { now, language = locale() }) {
  const date = localDate(new Date(instant));
  const time = clockWords(instant, { language });
  if (date === localDate(now)) return time;
  return `${dateWords(date, { now, language })}, ${time}`;
}
