// The draft of a check-in: plain data that survives a closed app. Event ids are made here, when the
// form opens, so that a double tap or a reload is one event.

import { fillAnswers } from "./form.js";

const DRAFT_SHAPE = 1;
const FRESH_HOURS = 2;

export const draftName = (amendId) => (amendId ? `check_in_amend_${amendId}` : "check_in");

function idsFor(phone) {
  return { create: phone.newEventId(), next: phone.newEventId(), start: phone.newEventId() };
}

/** Which form and rules hold for this clinic; "diary" where no signed rules are at hand. */
export function versionsFor({ guidance, clinic, isAdult = true }) {
  const signed = clinic?.signed || null;
  const rules = signed ? guidance.rules[String(signed.rules_version)] : null;
  const form = signed ? guidance.forms[String(signed.form_version)] : null;
  if (rules && form && isAdult) {
    return { mode: "checked", form_version: signed.form_version,
      rules_version: signed.rules_version, form, rules };
  }
  const newest = Math.max(...Object.keys(guidance.forms).map(Number));
  return { mode: "diary", form_version: newest, rules_version: null,
    form: guidance.forms[String(newest)], rules: null };
}

/** A new draft for these treatments; nothing is answered in it. `asked` says what the form asks
 *  beyond its own questions: {has_recent_pain, missing}, each by treatment_id. */
export function newDraft({ phone, treatments, versions, asked }) {
  return {
    ...asked,
    shape: DRAFT_SHAPE,
    mode: versions.mode,
    form_version: versions.form_version,
    rules_version: versions.rules_version,
    owner: phone.account()?.account ?? null,
    opened_at: phone.stamp().recorded_at,
    changed_at: phone.stamp().recorded_at,
    offered: treatments.map((treatment) => treatment.treatment_id),
    treatment_ids: treatments.map((treatment) => treatment.treatment_id),
    ids: Object.fromEntries(treatments.map((treatment) => [treatment.treatment_id,
      idsFor(phone)])),
    answers: {}, start: {}, open: [], typed: { text: "", unit: "c" },
    created: {}, is_finishing: false, is_dirty: false, amends: null, step: null,
  };
}

/** A draft that corrects a saved check-in: every answer of its current version stands already. */
export function correctionDraft({ phone, treatment, versions, asked, thread }) {
  const draft = newDraft({ phone, treatments: [treatment], versions, asked });
  draft.amends = thread.event_id;
  draft.created[treatment.treatment_id] = { event_id: thread.event_id,
    recorded_at: thread.recorded_at, local_date: thread.local_date,
    clock_behind: thread.clock_behind };
  fillAnswers({ form: versions.form, draft, treatment, answers: thread.answers || {} });
  const temperature = thread.answers?.temp_c;
  if (typeof temperature === "number") draft.typed = { text: String(temperature), unit: "c" };
  return draft;
}

/** Whether a kept draft can still be gone on with by this person, on this form. */
export function fits(draft, { versions, treatments, owner }) {
  return Boolean(draft) && draft.shape === DRAFT_SHAPE && draft.mode === versions.mode
    && draft.form_version === versions.form_version
    && draft.rules_version === versions.rules_version && draft.owner === owner
    && draft.treatment_ids.length > 0
    && draft.treatment_ids.every((id) => treatments.some((one) => one.treatment_id === id));
}

function questionsOf(form) {
  const all = [...(form?.screens ?? []).flatMap((screen) => screen.questions ?? []),
    ...(form?.start?.questions ?? [])];
  return new Map(all.map((question) => [question.key, JSON.stringify(question)]));
}

function sameAnswers(bags, isSame) {
  return Object.fromEntries(Object.entries(bags).map(([owner, bag]) => [owner,
    Object.fromEntries(Object.entries(bag).filter(([key]) => isSame(key)))]));
}

/** A draft that was begun on other questions or rules, on those of `fresh`: an answer stands where
 *  its question is word for word the same, and every screen is gone through again. Null where there
 *  is nothing of this person and these treatments to carry. */
export function carryOver(draft, { fresh, guidance }) {
  const isTheirs = draft?.shape === DRAFT_SHAPE && draft.owner === fresh.owner
    && draft.is_dirty && !draft.is_finishing;
  const ids = isTheirs ? draft.treatment_ids.filter((id) => fresh.ids[id]) : [];
  if (!ids.length) return null;
  const before = questionsOf(guidance.forms[String(draft.form_version)]);
  const now = questionsOf(guidance.forms[String(fresh.form_version)]);
  const isSame = (key) => before.has(key) && before.get(key) === now.get(key);
  const own = (parts) => Object.fromEntries(Object.entries(parts).filter(([id]) => fresh.ids[id]));
  return { ...fresh, treatment_ids: ids, ids: { ...fresh.ids, ...own(draft.ids) },
    created: own(draft.created), answers: sameAnswers(draft.answers, isSame),
    start: sameAnswers(draft.start, isSame), typed: isSame("temp_c") ? draft.typed : fresh.typed,
    opened_at: draft.opened_at, changed_at: draft.changed_at, is_dirty: true };
}

/** Old answers are not "now" any more: then the person is asked whether to go on. */
export function isStale(draft, { now, today }) {
  const hours = (now - Date.parse(draft.changed_at)) / 3600000;
  return hours > FRESH_HOURS || hours < -FRESH_HOURS || draft.opened_at.slice(0, 10) !== today;
}

/** Brings a draft up to what is truly saved, after a reload or a crash in mid-save.
 *  Gives true when the form had been finished: then its result is what to show. */
export function catchUp(draft, phone) {
  let isDone = draft.is_finishing;
  for (const id of draft.treatment_ids) {
    const ids = draft.ids[id];
    const thread = phone.checkIn(draft.created[id]?.event_id || ids.create);
    if (!thread) {
      isDone = false;
      continue;
    }
    const hadCreate = Boolean(draft.created[id]);
    draft.created[id] ||= { event_id: thread.event_id, recorded_at: thread.recorded_at,
      local_date: thread.local_date, clock_behind: thread.clock_behind };
    if (thread.versions.some((version) => version.event.event_id === ids.next)) {
      ids.next = phone.newEventId();
    } else if (hadCreate) {
      isDone = false;
    }
  }
  if (!isDone) draft.is_finishing = false;
  return isDone;
}
