// The check-in page: gathers what the form needs, lets the form run, then shows the result.

import { adviceOf, formOf } from "../check_in/advice.js";
import { callButtons, callNowList, callsNow } from "../check_in/call_list.js";
import { drawCallScreen } from "../check_in/call_screen.js";
import { button } from "../check_in/controls.js";
import { carryOver, catchUp, correctionDraft, draftName, fits, isStale, newDraft, versionsFor }
  from "../check_in/draft.js";
import { currentTreatments, startMissing, stepsOf } from "../check_in/form.js";
import { drawResult, resultOfEvent, resultOfThread } from "../check_in/result.js";
import { answersAsText, eventsNow, saveDraft } from "../check_in/saving.js";
import { saveFailed } from "../check_in/where_it_is.js";
import { runWizard, tapGuard } from "../check_in/wizard.js";
import { momentWords } from "../patient/days.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { speaker } from "../patient/words.js";
import { deriveFacts } from "../triage/history.js";
import { labelOf, optionLabel, questionsFor } from "../triage/questions.js";
import { judge } from "../triage/triage.js";
import { el, icon } from "../ui/dom.js";

const MINUTE_MS = 60000;
const ABOUT = "start_about";

/** Where a result can be seen again, and what a finished form leaves in the address. */
const resultAddress = (ids) => `/check-in?result=${ids.join(",")}`;

export async function start(root, { phone }) {
  const guard = tapGuard(root);
  const page = { root, phone, guard };
  try {
    page.guidance = await phone.guidance();
  } catch {
    root.querySelector("[data-loading]")?.remove();
    root.querySelector("[data-fallback]")?.removeAttribute("hidden");
    return;
  }
  page.say = speaker(page.guidance.phrases);
  page.about = (await phone.draft(ABOUT)) || {};
  const address = new URLSearchParams(window.location.search);
  const shown = (address.get("result") || "").split(",").filter(Boolean);
  if (!phone.account()) return showNotSignedIn(page);
  if (shown.some((id) => phone.checkIn(id))) return showResult(page, shown);
  await openForm(page, address.get("amend"));
}

function put(page, ...parts) {
  page.root.replaceChildren(...parts.flat(Infinity).filter(Boolean));
  const heading = page.root.querySelector("h1");
  if (!heading) return;
  document.title = `${heading.textContent} · ${page.say("check_in_title")}`;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  page.guard.changed();
}

function showNotSignedIn(page) {
  const { guidance, phone, say } = page;
  put(page, el("header", { class: "page__head" }, el("h1", {}, say("check_in_title")),
    el("p", { class: "lead" }, say("check_in_sign_in_first"))),
  el("div", { class: "btns" },
    el("a", { class: "btn", href: "/sign-in?next=/check-in" }, say("sign_in_button")),
    el("a", { class: "btn btn--line", href: "/join" }, say("today_have_code"))),
  callNowList({ guidance, clinic: phone.clinic(), say }));
}

function showNoTreatment(page) {
  const { guidance, phone, say } = page;
  const clinic = phone.clinic();
  put(page, el("header", { class: "page__head" }, el("h1", {}, say("check_in_none_yet_title")),
    el("p", { class: "lead" }, say("today_no_treatment"))),
  el("p", {}, say("check_in_none_yet_help")),
  callButtons(callsNow({ clinic, phone, level: null }), say),
  callNowList({ guidance, clinic, say }),
  el("a", { class: "btn btn--line", href: "/" }, say("result_done")));
}

// --- the form ---------------------------------------------------------------------------------

function askedOf(page, treatments, versions, thread) {
  const { phone } = page;
  const stamp = thread || phone.stamp();
  const hasRecent = (treatment) => deriveFacts({
    answers: {}, site: treatment.site, local_date: stamp.local_date,
    performed_on: treatment.performed_on, clock_behind: phone.isClockBehind(),
    recorded_at: stamp.recorded_at, start: treatment.start || null,
    earlier: phone.earlierFor({ treatment_id: treatment.treatment_id,
      before_event_id: thread?.event_id || null }),
  }).pain_prev !== null;
  const isAdultKnown = typeof page.about.adult === "boolean";
  return {
    has_recent_pain: Object.fromEntries(treatments.map((one) => [one.treatment_id,
      hasRecent(one)])),
    missing: Object.fromEntries(treatments.map((one) => [one.treatment_id,
      startMissing(versions.form, one, { isAdultKnown })])),
  };
}

// Only what has been injected can be checked on; where every date lies ahead, the nearest counts.
function checkable(phone) {
  const all = currentTreatments(phone.treatments());
  const past = all.filter((one) => one.performed_on <= phone.stamp().local_date);
  return past.length ? past : all.slice(-1);
}

async function openForm(page, amendId) {
  const { phone, guidance, about } = page;
  const thread = amendId ? phone.checkIn(amendId) : null;
  const treatments = thread
    ? phone.treatments().filter((one) => one.treatment_id === thread.treatment_id)
    : checkable(phone);
  if (!treatments.length) return showNoTreatment(page);
  const versions = versionsFor({ guidance, clinic: phone.clinic(),
    isAdult: about.adult !== false });
  const name = draftName(thread?.event_id || null);
  const opening = { page, treatments, versions, thread, name };
  const kept = await phone.draft(name);
  const owner = phone.account().account;
  if (!fits(kept, { versions, treatments, owner })) return openAnew(opening, kept);
  if (catchUp(kept, phone)) return finished(page, kept, name);
  const { local_date: today } = phone.stamp();
  if (kept.step && history.state?.check_in) return runForm(opening, kept);
  if (isStale(kept, { now: phone.now(), today })) return askAboutDraft(opening, kept);
  return runForm(opening, kept);
}

// The clinic signed other rules, or an update brought other questions, in the middle of a form.
function openAnew(opening, kept) {
  const fresh = makeDraft(opening);
  const carried = carryOver(kept, { fresh, guidance: opening.page.guidance });
  if (!carried) return runForm(opening, fresh);
  catchUp(carried, opening.page.phone);
  return askAboutDraft(opening, carried, "draft_carried");
}

function makeDraft({ page, treatments, versions, thread }) {
  const { phone } = page;
  const asked = askedOf(page, treatments, versions, thread);
  return thread
    ? correctionDraft({ phone, treatment: treatments[0], versions, asked, thread })
    : newDraft({ phone, treatments, versions, asked });
}

function askAboutDraft(opening, kept, why = "draft_found_help") {
  const { page } = opening;
  const { phone, say } = page;
  put(page, el("header", { class: "page__head" }, el("h1", {}, say("draft_found",
    { time: momentWords(kept.opened_at, { now: phone.now() }) })),
  el("p", { class: "lead" }, say(why))),
  el("div", { class: "btns" },
    button({ text: say("draft_start_again"), attributes: { "data-start-again": "" },
      onTap: async () => {
        await phone.dropDraft(opening.name);
        runForm(opening, makeDraft(opening));
      } }),
    button({ text: say("draft_go_on"), className: "btn btn--line",
      attributes: { "data-go-on": "" }, onTap: () => runForm(opening, kept) })));
}

function contextOf(opening, draft) {
  const { page, versions, name, thread } = opening;
  const { phone, guidance, say } = page;
  const { form, rules } = versions;
  const questionAt = (key, site) => questionsFor(form, site)[key];
  const ctx = {
    phone, guidance, say, form, rules, draft, judge, deriveFacts,
    get clinic() { return phone.clinic(); },
    get treatments() { return phone.treatments(); },
    correctedDay: thread?.local_date || null,
    isAdult: () => page.about.adult !== false,
    markDirty() {
      draft.is_dirty = true;
      document.body.dataset.dirty = "true";
    },
    async keep() {
      draft.changed_at = phone.stamp().recorded_at;
      await phone.keepDraft(name, structuredClone(draft));
    },
    lastPain: (id) => phone.earlierFor({ treatment_id: id,
      before_event_id: thread?.event_id || null })
      .filter((one) => one.is_same_treatment && one.pain_now !== null
        && one.pain_now !== undefined).at(-1)?.pain_now ?? null,
    jointTitle: (one) => asTitle(jointWords(one, guidance, say)),
    wordsOf: (key, site) => labelOf(questionAt(key, site), site),
    valueWords(key, value, site) {
      if (value === null) return say("check_in_not_sure");
      if (typeof value === "boolean") return say(value ? "check_in_yes" : "check_in_no");
      const question = questionAt(key, site);
      return question.type === "enum" ? optionLabel(question, value, site) : String(value);
    },
  };
  return ctx;
}

function runForm(opening, draft) {
  const { page, versions, thread, name } = opening;
  const { root, phone, guidance, say, guard } = page;
  const ctx = contextOf(opening, draft);
  const eventIds = idKeeper(phone);
  let failure = null;
  if (draft.is_dirty) document.body.dataset.dirty = "true";

  const stepsNow = () => stepsOf({ form: versions.form, mode: draft.mode,
    treatments: draft.treatment_ids.map((id) => ctx.treatments
      .find((one) => one.treatment_id === id)),
    hasRecentPain: draft.has_recent_pain, isCorrection: Boolean(thread), missing: draft.missing });
  const threads = () => draft.treatment_ids.map((id) => draft.created[id])
    .map((made) => made && phone.checkIn(made.event_id)).filter(Boolean);

  // The verdict of the answers as they stand now; saved or not, it says what to do.
  const adviceNow = () => {
    const { checkIns } = eventsNow(ctx);
    const results = checkIns.map((event) => resultOfEvent(event, ctx.treatments));
    const worst = results.find((result) => result.level === "emergency") || results[0];
    return adviceOf(worst, { guidance, clinic: ctx.clinic, form: versions.form, say,
      now: phone.now() });
  };
  const saveNow = async () => {
    failure = null;
    try {
      await saveDraft(ctx, { isFinal: false });
      delete document.body.dataset.dirty;
    } catch (error) {
      failure = error;
    }
    wizard.redrawCall();
  };
  let saving = Promise.resolve();
  const onEmergency = () => {
    saving = saving.then(saveNow);
  };
  const onFinish = async () => {
    await saving;
    try {
      await saveDraft(ctx, { isFinal: true });
    } catch (error) {
      showUnsaved(error);
      return;
    }
    stop();
    await finished(page, draft, name);
  };
  const showUnsaved = (error) => {
    const results = eventsNow(ctx).checkIns.map((event) => resultOfEvent(event, ctx.treatments));
    const isUrgent = results.some((one) => one.level === "emergency" || one.level === "same_day");
    put(page, drawResult({ results, tools: { ...ctx, clinic: ctx.clinic }, eventIds,
      failure: saveFailed({ error, say, isUrgent, onCopy: () => answersAsText(ctx),
        onAgain: onFinish, onBack: () => wizard.show(draft.step) }) }));
  };
  const wizard = runWizard({ root, ctx, guard, onEmergency, onFinish, onSteps: stepsNow,
    drawCall: ({ goOn }) => drawCallScreen({ tools: ctx, advice: adviceNow(), threads: threads(),
      failure, goOn, onAgain: onEmergency, onCopy: () => answersAsText(ctx), eventIds,
      jointTitle: (one) => asTitle(jointWords(one, guidance, say)) }) });
  const unsubscribe = phone.onChange(() => wizard.redrawCall());
  const stop = () => {
    unsubscribe();
    wizard.stop();
  };
  wizard.start();
}

// One id for each thing that a tap can make: a double tap stays one event.
function idKeeper(phone) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, phone.newEventId());
    return made.get(key);
  };
}

async function finished(page, draft, name) {
  const { phone } = page;
  const adult = draft.start.everywhere?.adult;
  if (typeof adult === "boolean") await phone.keepDraft(ABOUT, { ...page.about, adult });
  const ids = draft.treatment_ids.map((id) => draft.created[id].event_id);
  await phone.dropDraft(name);
  delete document.body.dataset.dirty;
  history.replaceState({ result: ids }, "", resultAddress(ids));
  window.addEventListener("popstate", () => window.location.replace("/"));
  showResult(page, ids);
}

// --- the result -------------------------------------------------------------------------------

function showResult(page, ids) {
  const { phone, guidance, say, root } = page;
  const eventIds = idKeeper(phone);
  let problem = null;
  const draw = () => {
    const results = ids.map((id) => phone.checkIn(id)).filter(Boolean)
      .map((thread) => resultOfThread(thread, phone.treatments(), guidance));
    if (!results.length) return null;
    const tools = { phone, guidance, say, clinic: phone.clinic(),
      form: formOf(guidance, results[0].form_version, null) };
    return drawResult({ results, tools, eventIds, failure: problem,
      onCalledProblem: () => {
        problem = el("div", { class: "notice notice--warn", role: "alert" }, icon("warning"),
          el("div", {}, say("save_failed_called")));
        refresh();
      } });
  };
  const refresh = () => {
    const made = draw();
    if (made && !made.isEqualNode(root.firstElementChild)) swap(root, made);
  };
  put(page, draw());
  phone.onChange(refresh);
  setInterval(refresh, MINUTE_MS);
}

// Changes only the parts that differ, so that a screen reader and a thumb stay where they are.
function swap(root, made) {
  const old = root.firstElementChild;
  const before = [...old.children];
  const after = [...made.children];
  if (before.length !== after.length) {
    const isHead = old.contains(document.activeElement) && document.activeElement.tagName === "H1";
    const place = window.scrollY;
    const kept = after.map((node) => before.find((one) => one.isEqualNode(node)) || node);
    old.replaceChildren(...kept);
    window.scrollTo(0, place);
    if (isHead) old.querySelector("h1")?.focus({ preventScroll: true });
    return;
  }
  after.forEach((node, place) => {
    if (!before[place].isEqualNode(node)) before[place].replaceWith(node);
  });
}
