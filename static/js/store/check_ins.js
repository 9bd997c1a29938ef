// What a page may show of the events on this phone and of the server's record. Pure: rows in,
// plain objects out; nothing is read or written here.

import { wireEvent } from "../outbox/outbox.js";
import { inVersionOrder, rankEvents } from "./order.js";

const URGENCY = ["expected", "clinic_hours", "same_day", "emergency"];
const URGENT = new Set(["emergency", "same_day"]);
const STATES = { pending: "on_phone", acknowledged: "on_server", rejected: "rejected" };
const DAY_MS = 24 * 60 * 60 * 1000;

const urgency = (level) => URGENCY.indexOf(level);
const last = (list) => list.at(-1) ?? null;

/** Days from one calendar day to another ("YYYY-MM-DD"), or null. */
function daysFrom(first, second) {
  const days = (Date.parse(`${second}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY_MS;
  return Number.isInteger(days) ? days : null;
}

/** Every event known here, from the outbox and from the record, by id. The outbox knows better
 *  where its own stand: an event that became pending again is on the phone, whatever an old
 *  record says. */
function gather(events, record) {
  const found = new Map();
  for (const change of record) {
    const event = change.type === "check_in" ? change.body?.event : null;
    if (!event) continue;
    found.set(event.event_id, {
      event_id: event.event_id, kind: event.kind, device_id: event.device_id, dseq: event.dseq,
      seq: change.seq, event, verdict: event.verdict ?? null, state: "on_server",
      received_at: change.body.received_at ?? change.at, problem: null,
      server_verdict: change.body.verdict ?? null,
    });
  }
  for (const row of events) {
    const told = found.get(row.event_id);
    const isOnServer = row.state === "acknowledged";
    found.set(row.event_id, {
      event_id: row.event_id, kind: row.body.event.kind, device_id: row.device_id,
      dseq: row.dseq, nth: row.nth, event: wireEvent(row), verdict: row.body.verdict,
      state: STATES[row.state], problem: row.problem,
      seq: isOnServer ? row.seq ?? told?.seq ?? null : null,
      received_at: isOnServer ? row.received_at : null,
      server_verdict: told?.server_verdict ?? row.server_verdict,
    });
  }
  return found;
}

/** Later verdicts replace the first; they only ever rise, so a lower one is never taken. Notes
 *  where in the log the level that counts rose last. */
function applyVerdicts(found, record) {
  for (const change of record) {
    const known = change.type === "verdict" ? found.get(change.body?.event_id) : null;
    if (!known) continue;
    if (urgency(change.body.level) < urgency(known.server_verdict?.level)) continue;
    const { level, reasons, also = [], missing = [], cause = null, by = null } = change.body;
    const before = judged(known).level;
    known.server_verdict = { level, reasons, also, missing };
    known.raised_by = cause === "clinician" ? by : null;
    if (urgency(judged(known).level) > urgency(before)) known.raised_seq = change.seq;
  }
}

/** A reading from before the level rose is outdated: nobody has read what it says now. */
function reviewsByEvent(record, checkIns) {
  const found = new Map();
  for (const change of record) {
    if (change.type !== "review") continue;
    const { event_id: id, kind = "read", by, role, at, outcome = null, message = null } =
      change.body;
    const isOutdated = change.seq < (checkIns.get(id)?.raised_seq ?? 0);
    const review = { event_id: id, seq: change.seq, kind, name: by, role, at: at ?? change.at,
      outcome, message, is_outdated: isOutdated };
    found.set(id, [...found.get(id) ?? [], review]);
  }
  return found;
}

/** The more urgent of what the phone and the server say of one version. */
function judged({ verdict, server_verdict: server }) {
  const isServers = urgency(server?.level) >= urgency(verdict?.level);
  const shown = isServers ? server : verdict;
  return { level: shown?.level ?? null, reasons: shown?.reasons ?? [] };
}

/** A message alone says nothing about reading. */
const standing = (reviews = []) => reviews.filter((review) => !review.is_outdated
  && review.kind !== "answer");

const newest = (acts) => last(inVersionOrder(acts.filter((act) => act.state !== "rejected")));
const asAct = (act) => (act
  ? { event_id: act.event_id, state: act.state, recorded_at: act.event.recorded_at } : null);

function groupByThread(found) {
  const groups = new Map();
  for (const item of found.values()) {
    if (item.kind === "start") continue;
    const id = item.event.supersedes ?? item.event_id;
    if (!groups.has(id)) groups.set(id, []);
    groups.get(id).push(item);
  }
  return groups;
}

const asVersion = ({ event, kind, verdict, server_verdict, state, seq, received_at, problem }) => ({
  event, kind, verdict, server_verdict, state, seq, received_at, problem,
});

function dayOf(event, treatment) {
  if (!treatment || event.clock_behind) return null;
  const days = daysFrom(treatment.performed_on, event.local_date);
  return days !== null && days >= 0 ? days : null;
}

function drawThread(id, items, { treatments, reviews }) {
  const versions = inVersionOrder(items.filter(({ kind }) => kind === "create"
    || kind === "amend"));
  if (!versions.length) return null;
  const current = last(versions.filter(({ state }) => state !== "rejected")) ?? last(versions);
  const place = versions[0];
  const treatment = treatments.get(place.event.treatment_id) ?? null;
  const retraction = newest(items.filter(({ kind }) => kind === "retract"));
  const called = newest(items.filter(({ kind }) => kind === "called"));
  const refused = last(items.filter(({ state }) => state === "rejected"));
  const unread = versions.filter((version) => !standing(reviews.get(version.event_id)).length
    && URGENT.has(judged(version).level));
  const shown = judged(current);
  return {
    event_id: id, treatment_id: place.event.treatment_id,
    site: treatment?.site ?? null, side: treatment?.side ?? null,
    day: dayOf(place.event, treatment),
    recorded_at: place.event.recorded_at, local_date: place.event.local_date,
    clock_behind: place.event.clock_behind,
    form_version: current.event.form_version, rules_version: current.event.rules_version,
    answers: current.event.answers, verdict: current.verdict,
    server_verdict: current.server_verdict, ...shown,
    current_event_id: current.event_id, versions: versions.map(asVersion),
    has_several_amendments: versions.filter(({ kind, state }) => kind === "amend"
      && state !== "rejected").length > 1,
    state: current.state, received_at: current.received_at,
    problem: refused?.problem ?? null, problem_event_id: refused?.event_id ?? null,
    is_retracted: retraction !== null, retraction: asAct(retraction),
    called_at: called?.event.recorded_at ?? null, called: asAct(called),
    has_unreviewed_urgent: unread.length > 0,
    urgent_level: unread.map((version) => judged(version).level)
      .sort((one, other) => urgency(other) - urgency(one))[0] ?? null,
    is_raised_by_server: urgency(current.server_verdict?.level)
      > Math.max(0, urgency(current.verdict?.level)),
    raised_by: current.raised_by ?? null,
    review: last(standing(reviews.get(current.event_id))),
    reviews: items.flatMap((item) => reviews.get(item.event_id) ?? [])
      .sort((one, other) => one.seq - other.seq),
  };
}

/** Baseline and flags as last known: the newest `start` event, or the treatment's own where the
 *  server wrote that later. */
function startOf(treatment, changeSeq, starts) {
  const latest = last(inVersionOrder(starts));
  const isNewer = latest && (latest.seq ?? Infinity) > changeSeq;
  return (isNewer ? latest.event.answers : treatment.start) ?? null;
}

function drawTreatments(record, found) {
  const latest = new Map();
  for (const change of record) {
    if (change.type === "treatment") latest.set(change.body.treatment_id, change);
  }
  const starts = [...found.values()].filter(({ kind, state }) => kind === "start"
    && state !== "rejected");
  return [...latest.values()].map(({ seq, body }) => ({
    ...body,
    start: startOf(body, seq, starts.filter(({ event }) => (
      event.treatment_id === body.treatment_id))),
  })).sort((one, other) => (
    other.performed_on.localeCompare(one.performed_on) || other.number - one.number));
}

/** Fold rows into {treatments, threads}, newest first. `record` is in the order of `seq`. */
export function foldCheckIns({ events, record }) {
  const found = gather(events, record);
  applyVerdicts(found, record);
  const treatments = drawTreatments(record, found);
  const byId = new Map(treatments.map((treatment) => [treatment.treatment_id, treatment]));
  const reviews = reviewsByEvent(record, found);
  const ranks = rankEvents([...found.values()]);
  const rankOf = (thread) => ranks.get(thread.versions[0].event.event_id);
  const threads = [...groupByThread(found)]
    .map(([id, items]) => drawThread(id, items, { treatments: byId, reviews }))
    .filter(Boolean)
    .sort((one, other) => rankOf(other) - rankOf(one));
  return { treatments, threads };
}

/** The one check-in that `eventId` is a version of, or null. */
export function findThread(threads, eventId) {
  return threads.find((thread) => thread.event_id === eventId
    || thread.versions.some(({ event }) => event.event_id === eventId)) ?? null;
}

/** The check-ins before one at the same joint and side, oldest first, as deriveFacts reads them.
 *  `beforeEventId` null, or not saved yet, means: before a new one. */
export function earlierFor({ threads, treatments }, { treatmentId, beforeEventId = null }) {
  const own = beforeEventId ? findThread(threads, beforeEventId) : null;
  const treatment = treatments.find(({ treatment_id: id }) => id === treatmentId);
  const isSameJoint = (thread) => thread.treatment_id === treatmentId || (Boolean(treatment)
    && thread.site === treatment.site && thread.side === treatment.side);
  const older = own ? threads.slice(threads.indexOf(own) + 1) : threads;
  return older.filter((thread) => isSameJoint(thread) && !thread.is_retracted
    && thread.state !== "rejected").reverse().map((thread) => ({
    recorded_at: thread.recorded_at,
    pain_now: thread.answers?.pain_now ?? null,
    level: thread.level,
    reasons: thread.reasons,
    is_reviewed: standing(thread.reviews).some(({ event_id: id, outcome }) => (
      id === thread.current_event_id && Boolean(outcome))),
    is_same_treatment: thread.treatment_id === treatmentId,
  }));
}
