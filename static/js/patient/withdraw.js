// Withdrawing a check-in: one more event. Nothing that was sent is taken away from the clinic.

/** The `retract` event of a thread, ready for phone.save. */
export function retractEvent({ thread, eventId, stamp }) {
  const [{ event }] = thread.versions;
  return {
    event_id: eventId,
    kind: "retract",
    supersedes: thread.event_id,
    treatment_id: thread.treatment_id,
    form_version: event.form_version,
    rules_version: event.rules_version,
    ...stamp,
    answers: {},
    verdict: null,
  };
}
