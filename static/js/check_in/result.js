// The result of a check-in: how urgent, why, what to do now and by when, whom to call, where the
// answers are. Works for answers that could not be saved as well; never says more than is true.

import { el, icon } from "../ui/dom.js";
import { clockWords, dateWords, momentWords } from "../patient/days.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { locale } from "../ui/language.js";
import { raisedWords } from "../patient/raised_words.js";
import { nextCheckInWords, splitTreatments, urgentWords } from "../patient/today_view.js";
import { adviceOf, urgency } from "./advice.js";
import { callButtons, callNowList, callsNow } from "./call_list.js";
import { dock } from "./dock.js";
import { calledTick, hereOnly, whereItIs } from "./where_it_is.js";

const LEVEL_ICONS = { emergency: "emergency", same_day: "warning", clinic_hours: "clock",
  expected: "check-circle", diary: "note", not_checked: "question" };
const HOUR_MS = 3600000;

/** A saved check-in as a result. */
export function resultOfThread(thread, treatments, guidance) {
  const treatment = treatments.find((one) => one.treatment_id === thread.treatment_id)
    || { treatment_id: thread.treatment_id, site: thread.site, side: thread.side,
      performed_on: thread.local_date, start: null };
  return { ...thread, thread, treatment, answers: thread.answers || {},
    reasons: thread.reasons || [], guidance };
}

/** Events that could not be saved, as results: the patient is told what they mean all the same. */
export function resultOfEvent(event, treatments) {
  return { event_id: event.supersedes || event.event_id, thread: null,
    treatment: treatments.find((one) => one.treatment_id === event.treatment_id),
    treatment_id: event.treatment_id, day: null, level: event.verdict?.level ?? null,
    reasons: event.verdict?.reasons || [], verdict: event.verdict, answers: event.answers,
    recorded_at: event.recorded_at, form_version: event.form_version,
    rules_version: event.rules_version };
}

/** Earlier answers that were urgent, are unread, and are more urgent than this result. */
export function earlierUrgent(results, threads) {
  const worst = Math.min(...results.map((result) => urgency(result.level)));
  const ids = results.map((result) => result.event_id);
  const latest = Math.max(...results.map((result) => Date.parse(result.recorded_at)));
  return threads.filter((thread) => thread.has_unreviewed_urgent && thread.urgent_level
    && urgency(thread.urgent_level) < worst
    && (ids.includes(thread.event_id) || Date.parse(thread.recorded_at) <= latest))
    .sort((a, b) => urgency(a.urgent_level) - urgency(b.urgent_level))[0] || null;
}

// Then the numbers stand in the panel itself, before everything else.
const isUrgent = (plan) => ["emergency", "same_day", "not_checked"].includes(plan.instructions);

const weekdayName = (weekday) => new Intl.DateTimeFormat(locale(), { weekday: "long",
  timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + weekday));

function lineWords({ key, values }, say) {
  const named = { ...values };
  if (typeof values.weekday === "number") named.weekday = weekdayName(values.weekday);
  if (values.date) {
    named.date = dateWords(values.date, { now: new Date(values.date), weekday: false });
  }
  return say(key, named);
}

function bannerOf(results, { phone, say, clinic }) {
  const thread = earlierUrgent(results, phone.checkIns());
  if (!thread) return null;
  const plan = callsNow({ clinic, phone, level: thread.urgent_level });
  return el("section", { class: `level level--${thread.urgent_level} earlier-urgent` },
    el("p", { class: "level__chip" }, icon(LEVEL_ICONS[thread.urgent_level]),
      el("span", {}, say(`level_${thread.urgent_level}`))),
    el("p", { class: "strong" }, urgentWords(thread, { now: phone.now(), say })),
    callButtons(plan, say, { isDocked: true }));
}

function headKey(advice) {
  if (advice.level === null) return "diary";
  const isWorse = advice.level === "emergency" || advice.level === "same_day";
  return advice.isNotChecked && !isWorse ? "not_checked" : advice.level;
}

const dayLine = (result, { say, guidance }) => {
  const joint = asTitle(jointWords(result.treatment, guidance, say));
  return result.day === null || result.day === undefined ? joint
    : say("result_joint_day", { joint, day: result.day });
};

const chipLine = (head, result, tools) => el("p", { class: "level__chip" },
  icon(LEVEL_ICONS[head]), el("span", {}, dayLine(result, tools)));

function leadLines(advice, plan, say) {
  if (advice.level === null) return [say("diary_saved")];
  if (advice.level === "emergency") return [advice.levelAct.join(" ")];
  const lines = plan.is_raised ? [say("call_too_long_to_wait")] : [];
  if (advice.level === "expected" && !advice.isNotChecked) {
    return [...lines, say("expected_lead")];
  }
  return [...lines, ...advice.why];
}

// Where the clinic stays shut too long, the steps are those of "today", and so is the panel.
function panelOf(result, advice, plan, { hasBanner, ...tools }) {
  const { say } = tools;
  const head = plan.is_raised ? "same_day" : headKey(advice);
  const gaps = advice.isNotChecked && head !== "not_checked"
    ? el("p", { class: "strong" }, icon("question"), " ", say("level_not_checked"), ". ",
      say("not_checked_lead")) : null;
  return el("section", { class: `level level--${head}`, "data-level": advice.level ?? "diary",
    "data-shown": head },
  chipLine(head, result, tools),
  el("h1", { class: "level__title", tabindex: "-1" }, say(`level_${head}`)),
  leadLines(advice, plan, say).map((line) => el("p", {}, line)), gaps,
  buttonsOf(inPanel(plan, hasBanner), say));
}

const buttonsOf = (plan, say) => (plan.buttons.length
  ? callButtons(plan, say, { isUrgent: isUrgent(plan), isDocked: true }) : null);

// The panel holds the main button; the others follow what to do. With a list in between, or under
// a banner that has the main button, they stay together.
function inPanel(plan, hasBanner) {
  if (!isUrgent(plan)) return { ...plan, buttons: [] };
  if (hasBanner) return calmed(plan);
  return plan.instructions === "not_checked" ? plan
    : { ...plan, buttons: plan.buttons.filter((one) => one.is_main) };
}

function belowPanel(plan, hasBanner) {
  if (hasBanner && isCalm(plan)) return { ...plan, buttons: [] };
  const above = inPanel(plan, hasBanner).buttons.map((one) => one.role);
  const rest = { ...plan, buttons: plan.buttons.filter((one) => !above.includes(one.role)) };
  return isCalm(plan) || hasBanner ? calmed(rest) : rest;
}

function recheckWords(at, { say, phone }) {
  const time = momentWords(at, { now: phone.now() });
  const isToday = time === clockWords(at);
  return say(isToday ? "result_check_in_again" : "result_check_in_again_date", { time });
}

function nextDue({ say, phone, guidance, clinic }) {
  const now = phone.now();
  const isClockBehind = phone.isClockBehind();
  const { past } = splitTreatments(phone.treatments(), { now, isClockBehind });
  return nextCheckInWords({ treatments: past, guidance, clinic, now, isClockBehind, say });
}

function doLines(advice, plan, result, { say, phone, guidance, clinic }) {
  const recheck = advice.recheckHours === null ? [] : [recheckWords(
    new Date(Date.parse(result.recorded_at) + advice.recheckHours * HOUR_MS), { say, phone })];
  const abroad = plan.is_abroad && !isCalm(plan) ? [say("call_emergency_abroad")] : [];
  const isCalmDay = advice.level === "expected" && !advice.isNotChecked && !advice.act.length;
  const next = isCalmDay ? [nextDue({ say, phone, guidance, clinic }) ?? say("expected_next")] : [];
  const diary = advice.level === null ? [say("diary_call")] : [];
  const lines = plan.lines.filter((line) => line.key !== "call_too_long_to_wait")
    .map((line) => lineWords(line, say));
  return [...lines, ...advice.act, ...recheck, ...next, ...diary, ...abroad];
}

// With nothing to call about now, calling is at hand but is not the one big button.
const calmed = (plan) => ({ ...plan,
  buttons: plan.buttons.map((one) => ({ ...one, is_main: false })) });
// "Call 999" is the one big button only where somebody may need it now.
const toned = (plan) => (["emergency", "not_checked"].includes(plan.instructions)
  || plan.buttons[0]?.role !== "emergency" ? plan : calmed(plan));
const isCalm = (plan) => plan.instructions === "expected" || plan.instructions === "diary";

function whatToDo(result, advice, plan, { hasBanner, ...tools }) {
  const { say } = tools;
  const lines = doLines(advice, plan, result, tools);
  const list = lines.length === 0 ? null : el("ul", { class: "list" }, lines.map((line) => el("li",
    { class: isUrgent(plan) ? "list--call" : null },
    icon("arrow-right", 28, "list__icon icon--turns"),
    el("span", {}, line))));
  const signal = plan.instructions === "emergency"
    ? el("p", { class: "soft" }, say("no_signal"), " ", say("no_signal_go")) : null;
  const rest = belowPanel(plan, hasBanner);
  if (!list && !signal && !rest.buttons.length) return null;
  return el("section", { class: `section result__do result__do--${plan.instructions}` },
    el("h2", {}, say("result_do_title")), list,
    tools.clinic?.phone?.number ? null : el("p", { class: "soft" }, say("call_no_number_yet")),
    isCalm(plan) ? el("p", { class: "strong" }, say("result_end")) : null,
    buttonsOf(rest, say), signal);
}

function missingBlock(result, advice, { say, guidance }) {
  if (!advice.missing.length || advice.level === null) return null;
  return el("section", { class: "section" },
    el("h2", {}, say("result_missing_title")),
    el("ul", { class: "list" }, advice.missing.map((label) => el("li", {},
      icon("question", 28, "list__icon"), el("span", {}, label)))),
    result.thread ? el("a", { class: "btn btn--line",
      href: `/check-in?amend=${result.event_id}` }, say("not_checked_finish")) : null);
}

function whyBlock(advice, { say }) {
  const inPanel = advice.level !== "emergency";
  if (inPanel || !advice.why.length) return null;
  return el("section", { class: "section" }, el("h2", {}, say("result_why_title")),
    el("ul", { class: "list" }, advice.why.map((line) => el("li", {},
      icon("info", 28, "list__icon"), el("span", {}, line)))));
}

function signedLine({ clinic, say, phone }) {
  const signed = clinic?.signed;
  if (!signed) return say("not_reviewed");
  if (clinic.is_demo) return say("reviewed_demo");
  return say("reviewed_by", { name: signed.by,
    date: dateWords(String(signed.at).slice(0, 10), { now: phone.now(), weekday: false }) });
}

function sourcesBlock(advice, tools) {
  if (advice.level === null) return null;
  const rows = advice.sources.map((source) => el("li", {}, source.address
    ? el("a", { href: source.address, rel: "noopener noreferrer" }, source.title)
    : source.title));
  return el("details", { class: "fold" },
    el("summary", {}, tools.say("result_sources_title")),
    el("div", { class: "fold__body small" }, el("p", {}, signedLine(tools)),
      rows.length ? el("ul", { class: "sources" }, rows) : null));
}

function otherJoint(result, tools) {
  const { say, clinic, phone } = tools;
  const advice = adviceOf(result, { ...tools, now: phone.now() });
  const plan = callsNow({ clinic, phone, level: advice.level, cannotWait: advice.cannotWait,
    isNotChecked: advice.isNotChecked });
  const head = plan.is_raised ? "same_day" : headKey(advice);
  return el("section", { class: `level level--${head} level--small`,
    "data-level": advice.level ?? "diary" },
  chipLine(head, result, tools),
  el("h3", { class: "level__title" }, say(`level_${head}`)),
  advice.why.map((line) => el("p", {}, line)),
  el("ul", {}, doLines(advice, plan, result, tools).map((line) => el("li", {}, line))));
}

function notices(results, tools) {
  const { say } = tools;
  const isPregnant = results.some((result) => result.treatment.start?.pregnant === true);
  const raised = [...new Set(results.map((result) => raisedWords(result.thread, say)))]
    .filter(Boolean);
  return [
    raised.length ? el("div", { class: "notice notice--warn", role: "status" }, icon("warning"),
      el("div", {}, el("p", { class: "strong" }, say("result_raised_title")),
        raised.map((words) => el("p", {}, words)))) : null,
    isPregnant ? el("div", { class: "notice notice--warn" }, icon("info"),
      el("div", {}, say("start_pregnant"))) : null,
    results.length > 1 ? el("p", { class: "soft" },
      say("result_highest", { count: results.length })) : null,
  ];
}

function lastLines(main, plan, { say, hasBanner }) {
  const isDone = isCalm(plan) && !hasBanner;
  const done = el("a", { class: isDone ? "btn" : "btn btn--line", href: "/" }, say("result_done"));
  return el("section", { class: "section section--near stack result__end" },
    isCalm(plan) ? null : el("p", { class: "strong" }, say("result_end")),
    el("div", { class: "btns" },
      isDone ? dock(done) : done,
      main.thread ? el("a", { class: "btn btn--quiet", href: `/check-in?amend=${main.event_id}` },
        icon("edit"), el("span", {}, say("result_correct"))) : null));
}

/** Draws results as parts, worst first. `failure` takes the place of "where your answers are" and
 *  comes first, because nothing was kept. */
export function drawResult({ results, tools, failure = null, eventIds, onCalledProblem }) {
  const sorted = [...results].sort((a, b) => urgency(a.level) - urgency(b.level));
  const [main, ...others] = sorted;
  const { clinic, guidance, phone, say } = tools;
  const advice = adviceOf(main, { ...tools, now: phone.now() });
  const plan = toned(callsNow({ clinic, phone, level: advice.level,
    cannotWait: advice.cannotWait, isNotChecked: advice.isNotChecked }));
  const threads = sorted.map((result) => result.thread).filter(Boolean);
  const title = (thread) => asTitle(jointWords(thread, guidance, say));
  const mayCall = threads.length && advice.level !== null
    && (advice.level !== "expected" || advice.isNotChecked);
  const banner = bannerOf(sorted, tools);
  const own = { ...tools, hasBanner: banner !== null };
  return el("div", { class: "result stack" },
    el("p", { class: "result__top row row--between soft small" },
      el("span", {}, say("result_title")), el("span", { class: "numbers" },
        momentWords(main.recorded_at, { now: phone.now() }))),
    failure, banner, notices(sorted, tools),
    panelOf(main, advice, plan, own),
    plan.instructions === "not_checked" ? callNowList({ guidance, clinic, say }) : null,
    whatToDo(main, advice, plan, own),
    hereOnly(threads, tools),
    mayCall ? calledTick(threads, { phone, say, eventIds, onProblem: onCalledProblem }) : null,
    others.length ? el("section", { class: "section stack" },
      el("h2", {}, say("result_also_title")), others.map((one) => otherJoint(one, tools))) : null,
    whyBlock(advice, tools), missingBlock(main, advice, tools),
    threads.length ? whereItIs(threads, tools, title) : null,
    lastLines(main, plan, own),
    plan.instructions === "not_checked" ? null : callNowList({ guidance, clinic, say }),
    sourcesBlock(advice, tools));
}
