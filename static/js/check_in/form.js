// The form as data becomes a list of steps for these treatments, and answers become events.
// Pure: no page, no store, no words.

/** The first option of an enumeration is its "none"; "none" of a boolean is false. */
export const noneValue = (question) => (question.type === "enum" ? question.options[0] : false);

/** Booleans and enumerations alike: is this answer a "yes" that opens a detail or an alarm? */
export const isYes = (question, value) => value !== undefined && value !== null
  && value !== noneValue(question);

const isAskedAt = (question, site) => !question.sites || question.sites.includes(site);

function allQuestions(form) {
  return form.screens.flatMap((screen) => screen.questions || []);
}

function isAskedIn(form, question, mode) {
  return mode === "checked" || (form.diary || []).includes(question.key);
}

/** The emergency questions that this site is asked. */
export function emergencyQuestions(form, site) {
  return allQuestions(form).filter((question) => question.emergency && isAskedAt(question, site));
}

/** Keys of emergency questions without an answer: any one makes the headline "Not checked". */
export function missingEmergency(form, site, answers) {
  return emergencyQuestions(form, site).map((question) => question.key)
    .filter((key) => answers[key] === undefined || answers[key] === null);
}

const holder = (question, treatment) => (
  question.scope === "local" ? treatment.treatment_id : "everywhere");

/** Where a draft keeps the answer of a question in a step. */
export function bagOf(draft, question, step) {
  const owner = question.scope === "local" ? step.treatment_id : "everywhere";
  const group = step.is_start ? draft.start : draft.answers;
  group[owner] ||= {};
  return group[owner];
}

/** All answers of one treatment, exactly the keys that the form asks there. */
export function answersOf({ form, draft, treatment }) {
  const answers = {};
  for (const question of allQuestions(form)) {
    if (!isAskedAt(question, treatment.site) || !isAskedIn(form, question, draft.mode)) continue;
    const value = draft.answers[holder(question, treatment)]?.[question.key];
    if (value !== undefined) answers[question.key] = value;
  }
  return answers;
}

/** Puts the answers of a saved event into a draft, for a correction. */
export function fillAnswers({ form, draft, treatment, answers }) {
  for (const question of allQuestions(form)) {
    if (!isAskedAt(question, treatment.site) || answers[question.key] === undefined) continue;
    const owner = holder(question, treatment);
    draft.answers[owner] ||= {};
    draft.answers[owner][question.key] = answers[question.key];
  }
}

// What is asked about one joint; the other start questions are about the person.
const LOCAL_START = new Set(["pain_baseline", "joint_replacement", "recent_joint_infection"]);

/** Every start question, each knowing whether it is about the person or about one joint. */
export function startQuestions(form) {
  return (form.start?.questions || []).map((question) => ({ ...question,
    scope: LOCAL_START.has(question.key) ? "local" : "systemic" }));
}

const isSent = (question) => question.on_wire !== false;

/** Keys of start questions of a treatment without an answer ("not sure" counts as none). */
export function startMissing(form, treatment, { isAdultKnown }) {
  return startQuestions(form).filter((question) => {
    if (!isSent(question)) return !treatment.start && !isAdultKnown;
    return (treatment.start?.[question.key] ?? null) === null;
  }).map((question) => question.key);
}

/** The start of a treatment with the answers that the draft adds to it, or null where nothing new
 *  was said and a start exists already. */
export function startWith({ form, draft, treatment }) {
  const answers = {};
  let isNew = !treatment.start;
  let isAsked = false;
  for (const question of startQuestions(form).filter(isSent)) {
    const before = treatment.start?.[question.key];
    const said = draft.start[holder(question, treatment)]?.[question.key];
    if (before !== undefined && before !== null) {
      answers[question.key] = before;
    } else if (said !== undefined) {
      answers[question.key] = said;
      isAsked = true;
      if (said !== null) isNew = true;
    }
  }
  return isNew && isAsked ? answers : null;
}

const groupsOf = (screen) => (screen.kind === "any_of"
  ? [screen.questions]
  : (screen.questions || []).map((question) => [question]));

function stepsOfScreen({ screen, questions, treatment, isSplit }) {
  const chosen = groupsOf(screen)
    .map((group) => group.filter((question) => questions.includes(question)))
    .filter((group) => group.length);
  return chosen.map((group) => ({
    id: [screen.id, screen.kind === "any_of" ? "" : group[0].key,
      isSplit ? treatment.treatment_id : ""].filter(Boolean).join("."),
    kind: screen.kind === "any_of" ? "any_of" : stepKind(group[0]),
    screen,
    questions: group,
    treatment_id: treatment.treatment_id,
    site: treatment.site,
    names_treatment: Boolean(isSplit && group.some((question) => question.scope === "local")),
    is_emergency: group.some((question) => question.emergency),
  }));
}

function stepKind(question) {
  if (question.type === "integer") return "scale";
  if (question.type === "decimal") return "temperature";
  if (question.type === "text") return "note";
  return "choice";
}

function isWanted({ form, question, mode, hasRecentPain, treatment }) {
  if (!isAskedIn(form, question, mode)) return false;
  if (question.ask_when === "no_recent_pain") return !hasRecentPain[treatment.treatment_id];
  return true;
}

function localSteps(context, screen, treatment) {
  const questions = screen.questions.filter((question) => question.scope === "local"
    && isAskedAt(question, treatment.site) && isWanted({ ...context, question, treatment }));
  return stepsOfScreen({ screen, questions, treatment, isSplit: true });
}

// A systemic question that only some sites are asked is asked once if one treatment has the site.
function systemicSteps(context, screen) {
  const questions = screen.questions.filter((question) => question.scope !== "local"
    && context.treatments.some((treatment) => isAskedAt(question, treatment.site))
    && isWanted({ ...context, question, treatment: context.treatments[0] }));
  return stepsOfScreen({ screen, questions, treatment: context.treatments[0], isSplit: false });
}

function screenSteps(context, screen, treatment) {
  const questions = screen.questions.filter((question) => isAskedAt(question, treatment.site)
    && isWanted({ ...context, question, treatment }));
  return stepsOfScreen({ screen, questions, treatment, isSplit: false });
}

const hasLocal = (screen) => screen.questions.some((question) => question.scope === "local");

// One treatment: the form's own order. Several: what concerns the whole body before and after, and
// all of one joint together in between, so that nobody loses track of which joint is meant.
function questionSteps(context) {
  const { form, treatments } = context;
  const screens = form.screens.filter((screen) => screen.questions?.length);
  if (treatments.length === 1) {
    return screens.flatMap((screen) => screenSteps(context, screen, treatments[0]));
  }
  const firstLocal = screens.findIndex(hasLocal);
  const cut = firstLocal === -1 ? screens.length : firstLocal;
  return [
    ...screens.slice(0, cut).flatMap((screen) => systemicSteps(context, screen)),
    ...treatments.flatMap((treatment) => screens.slice(cut)
      .flatMap((screen) => localSteps(context, screen, treatment))),
    ...screens.slice(cut).flatMap((screen) => systemicSteps(context, screen)),
  ];
}

/** The start questions still open as steps: numbers alone, the yes/no ones on one page an owner.
 *  `missing` maps treatment_id to the keys that it lacks. */
export function startSteps({ form, treatments, missing }) {
  const lacks = (treatment, question) => (missing[treatment.treatment_id] || [])
    .includes(question.key);
  const stepsFor = (owner, treatment, questions) => {
    const place = { screen: form.start, is_start: true, treatment_id: treatment.treatment_id,
      site: treatment.site, names_treatment: treatments.length > 1 && owner !== "everywhere" };
    const rows = questions.filter((one) => one.type === "boolean");
    return [
      ...questions.filter((one) => one.type === "integer").map((question) => ({ ...place,
        id: `start.${question.key}.${owner}`, kind: "scale", questions: [question] })),
      ...(rows.length
        ? [{ ...place, id: `start.${owner}`, kind: "yes_no_list", questions: rows }] : []),
    ];
  };
  const all = startQuestions(form);
  const about = all.filter((question) => question.scope !== "local"
    && treatments.some((treatment) => lacks(treatment, question)));
  const here = (treatment) => all.filter((question) => question.scope === "local"
    && lacks(treatment, question));
  if (treatments.length === 1) {
    const [only] = treatments;
    const rows = [...about, ...here(only)];
    return stepsFor(only.treatment_id, only, all.filter((question) => rows.includes(question)));
  }
  return [...stepsFor("everywhere", treatments[0], about),
    ...treatments.flatMap((treatment) => stepsFor(treatment.treatment_id, treatment,
      here(treatment)))];
}

/** Every step of a check-in, in order.
 *
 *  `mode` "checked" asks everything; "diary" (no signed rules) shows the warning signs first and
 *  asks only the diary questions. `hasRecentPain` maps treatment_id to whether pain was told in the
 *  last 72 hours, `missing` to the start questions without an answer. The last step is always one
 *  with a Save button. */
export function stepsOf({ form, treatments, mode, hasRecentPain, isCorrection, missing }) {
  const context = { form, treatments, mode, hasRecentPain };
  const asked = questionSteps(context);
  const cut = asked.findLastIndex((step) => step.is_emergency) + 1;
  const start = mode === "checked"
    ? startSteps({ form, treatments, missing }) : [];
  const first = isCorrection ? { id: "first.correct", kind: "correct" }
    : { id: "first.joint", kind: "joint" };
  const opening = mode === "diary" ? [{ id: "first.warning", kind: "warning" }, first] : [first];
  const steps = [...opening, ...asked.slice(0, cut), ...start, ...asked.slice(cut)];
  if (steps.at(-1).kind !== "note") steps.push({ id: "last.save", kind: "save" });
  return steps;
}

/** The newest treatment of each joint and side, newest first: what a check-in can be about. */
export function currentTreatments(treatments) {
  const seen = new Set();
  return [...treatments].sort((a, b) => (a.performed_on < b.performed_on ? 1 : -1))
    .filter((treatment) => {
      const place = `${treatment.site}:${treatment.side || ""}`;
      if (seen.has(place)) return false;
      seen.add(place);
      return true;
    });
}
