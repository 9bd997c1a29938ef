// Saves what a draft holds: one event a treatment, all in one transaction. No page here.

import { checkInEvent, cleanNote, startEvent } from "./event.js";
import { answersOf, startWith } from "./form.js";

const treatmentsOf = (ctx) => ctx.draft.treatment_ids
  .map((id) => ctx.treatments.find((treatment) => treatment.treatment_id === id));

function sendable(ctx, treatment) {
  const answers = answersOf({ form: ctx.form, draft: ctx.draft, treatment });
  if (answers.note !== undefined) answers.note = cleanNote(answers.note, 2000);
  return answers;
}

/** Every event that would be saved now, with its verdict, in the order of the treatments. */
export function eventsNow(ctx) {
  const { draft, phone } = ctx;
  const stamp = phone.stamp();
  // Our rules were made for adults: without one, the answers are kept and nobody gives a level.
  const rules = draft.start.everywhere?.adult === false ? null : ctx.rules;
  const versions = { form_version: draft.form_version,
    rules_version: rules ? draft.rules_version : null };
  const common = { versions, stamp, owner: draft.owner ?? undefined };
  const starts = [];
  const checkIns = treatmentsOf(ctx).map((treatment) => {
    const ids = draft.ids[treatment.treatment_id];
    const createEvent = draft.created[treatment.treatment_id] || null;
    const said = draft.mode === "checked" ? startWith({ form: ctx.form, draft, treatment }) : null;
    if (said) starts.push(startEvent({ ...common, eventId: ids.start, treatment, answers: said }));
    return checkInEvent({
      ...common, eventId: createEvent ? ids.next : ids.create, createEvent, treatment,
      answers: sendable(ctx, treatment), start: said || treatment.start || null,
      earlier: phone.earlierFor({ treatment_id: treatment.treatment_id,
        before_event_id: createEvent ? createEvent.event_id : null }),
      isClockBehind: phone.isClockBehind(), deriveFacts: ctx.deriveFacts, judge: ctx.judge,
      rules,
    });
  });
  return { starts, checkIns };
}

/** Saves what stands in the draft now and remembers what was saved: an emergency "yes", or the end.
 *  Rejects as phone.save does; the draft then holds everything still. */
export async function saveDraft(ctx, { isFinal }) {
  const { draft } = ctx;
  const { starts, checkIns } = eventsNow(ctx);
  if (isFinal) {
    draft.is_finishing = true;
    await ctx.keep();
  }
  try {
    await ctx.phone.save([...starts, ...checkIns]);
  } catch (error) {
    draft.is_finishing = false;
    await ctx.keep();
    throw error;
  }
  for (const event of checkIns) {
    const ids = draft.ids[event.treatment_id];
    if (event.kind === "create") {
      draft.created[event.treatment_id] = { event_id: event.event_id,
        recorded_at: event.recorded_at, local_date: event.local_date,
        clock_behind: ctx.phone.isClockBehind() };
    } else {
      ids.next = ctx.phone.newEventId();
    }
  }
  for (const event of starts) draft.ids[event.treatment_id].start = ctx.phone.newEventId();
  draft.is_dirty = false;
  await ctx.keep();
  return checkIns;
}

/** The answers as plain words, for a person whose phone cannot save. */
export function answersAsText(ctx) {
  return treatmentsOf(ctx).map((treatment) => {
    const rows = Object.entries(sendable(ctx, treatment))
      .map(([key, value]) => `${ctx.wordsOf(key, treatment.site)}: ${ctx.valueWords(key, value,
        treatment.site)}`);
    return [ctx.jointTitle(treatment), ...rows].join("\n");
  }).join("\n\n");
}
