// From answers to the events that phone.save takes, with the phone's own verdict. No page here.

const two = (number) => String(number).padStart(2, "0");

/** The calendar day that this phone shows: "2026-11-22". */
export function localDate(now) {
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Whole calendar days from one "YYYY-MM-DD" to another. */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86400000);
}

/** A note as the server takes it: no NUL, no half characters, trimmed; null when empty. */
export function cleanNote(text, maxLength) {
  const whole = String(text ?? "").replaceAll("\u0000", "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "");
  return [...whole.trim()].slice(0, maxLength).join("").trim() || null;
}

function event({ eventId, kind, supersedes, treatment, versions, stamp, owner, answers, verdict }) {
  return {
    event_id: eventId, kind, supersedes, treatment_id: treatment.treatment_id,
    form_version: versions.form_version, rules_version: versions.rules_version,
    ...stamp, answers, verdict, owner,
  };
}

/** The `start` event of a treatment: its baseline and risk flags. */
export function startEvent(parts) {
  return event({ ...parts, kind: "start", supersedes: null, verdict: null });
}

/** "I have called": says so about the check-in `createId`. */
export function calledEvent({ createId, ...parts }) {
  return event({ ...parts, kind: "called", supersedes: createId, answers: {}, verdict: null });
}

/** A `create`, or an `amend` where `createEvent` (the one it corrects) is given.
 *
 *  An amendment is judged on the day of its create. Without `rules` (diary mode) there is no
 *  verdict and so no level. */
export function checkInEvent({ createEvent, start, earlier, isClockBehind, deriveFacts, judge,
  rules, ...parts }) {
  const { treatment, answers, stamp } = parts;
  const day = createEvent || { ...stamp, clock_behind: isClockBehind };
  const verdict = rules ? judge(rules, deriveFacts({
    answers, site: treatment.site, local_date: day.local_date,
    performed_on: treatment.performed_on, clock_behind: Boolean(day.clock_behind),
    recorded_at: day.recorded_at, start, earlier,
  })) : null;
  return event({ ...parts, kind: createEvent ? "amend" : "create",
    supersedes: createEvent ? createEvent.event_id : null, verdict });
}
