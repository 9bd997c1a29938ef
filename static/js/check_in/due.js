// Which check-in is due now: an unfinished emergency, a recheck that a rule asked for, or the
// clinic's schedule. Pure; Today and the reminders ask here. The clinic counts who is overdue by the
// same schedule: `pwa/check_ins/overdue.py`.

import { currentTreatments } from "./form.js";
import { daysBetween, localDate } from "./event.js";

const HOUR_MS = 3600000;
const UNFINISHED_HOURS = 48;
const EVENING_HOUR = 16;
const LAST_SLOT_DAYS = 14;

const mine = (treatment, checkIns) => checkIns.filter((thread) => !thread.is_retracted
  && thread.treatment_id === treatment.treatment_id);

const newestOf = (threads) => threads.reduce((newest, thread) => (
  !newest || Date.parse(thread.recorded_at) > Date.parse(newest.recorded_at) ? thread : newest),
null);

function ruleOf(guidance, code) {
  for (const table of Object.values(guidance.rules || {})) {
    const rules = Array.isArray(table.rules) ? table.rules : Object.values(table.rules || {});
    const found = rules.find((rule) => rule.code === code);
    if (found) return found;
  }
  return null;
}

/** True for a check-in saved by an emergency "yes" whose other questions were never answered. */
export function isUnfinished(thread) {
  return thread.level !== null && thread.answers?.pain_now === undefined
    && thread.answers?.swelling === undefined && thread.versions.length === 1;
}

function unfinished(newest, now) {
  if (!newest || !isUnfinished(newest)) return null;
  const hours = (now - Date.parse(newest.recorded_at)) / HOUR_MS;
  return hours < UNFINISHED_HOURS ? { reason: "unfinished", event_id: newest.event_id } : null;
}

/** The hours after which the reasons of a check-in ask for another, or null. */
export function recheckHours(thread, guidance) {
  const codes = [...(thread.reasons || []), ...(thread.verdict?.also || [])];
  const hours = codes.map((code) => ruleOf(guidance, code)?.recheck_hours)
    .filter((value) => typeof value === "number");
  return hours.length ? Math.min(...hours) : null;
}

function recheck(newest, guidance, now) {
  const hours = newest ? recheckHours(newest, guidance) : null;
  if (hours === null) return null;
  const at = new Date(Date.parse(newest.recorded_at) + hours * HOUR_MS);
  return at <= now ? { reason: "recheck", at: at.toISOString() } : null;
}

/** The clinic's own days for a check-in as slots, else those of the content. */
export function scheduleOf(guidance, clinic) {
  const known = guidance.schedule || [];
  const days = clinic?.check_in_days;
  if (!Array.isArray(days) || !days.length) return known;
  return days.map((day) => known.find((slot) => slot.day === day) ?? { id: `day_${day}`, day });
}

/** The last day on which each slot of the schedule can still be done. */
function slotAt(schedule, day) {
  const slots = [...schedule].sort((a, b) => a.day - b.day);
  const place = slots.findLastIndex((slot) => slot.day <= day);
  if (place === -1) return null;
  const isOver = place === slots.length - 1 && day >= slots[place].day + LAST_SLOT_DAYS;
  return isOver ? null : slots[place];
}

const hourOf = (now) => now.getHours();

function scheduled(treatment, threads, schedule, now) {
  const today = localDate(now);
  const slot = slotAt(schedule, daysBetween(treatment.performed_on, today));
  if (!slot || (slot.day === 0 && hourOf(now) < EVENING_HOUR)) return null;
  const isDone = threads.some((thread) => thread.local_date
    && daysBetween(treatment.performed_on, thread.local_date) >= slot.day);
  return isDone ? null : { reason: "schedule", slot: slot.id };
}

const ORDER = ["unfinished", "recheck", "schedule"];

/** The check-in due now, or null: {treatment_ids, reason, slot, event_id}.
 *
 *  `reason` is "unfinished" (an emergency answer was saved, the rest is still open; `event_id` is
 *  the one to go on with), "recheck" (a rule asked for another) or "schedule" (with its `slot`). */
export function dueNow({ treatments, checkIns, guidance, clinic = null, now: at }) {
  const now = new Date(at);
  const schedule = scheduleOf(guidance, clinic);
  const due = currentTreatments(treatments).map((treatment) => {
    const threads = mine(treatment, checkIns);
    const newest = newestOf(threads);
    const found = unfinished(newest, now) || recheck(newest, guidance, now)
      || scheduled(treatment, threads, schedule, now);
    return found && { ...found, treatment_id: treatment.treatment_id };
  }).filter(Boolean);
  if (!due.length) return null;
  const reason = ORDER.find((name) => due.some((one) => one.reason === name));
  const first = due.find((one) => one.reason === reason);
  return { treatment_ids: due.map((one) => one.treatment_id), reason,
    slot: first.slot || null, event_id: first.event_id || null };
}
