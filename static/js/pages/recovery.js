// My recovery: the plan of one treatment by day, what changes tomorrow, when to call, and a look
// back: pain against what it was before, flagged days, what the clinic wrote. It praises nothing.

import { shownLevel } from "../check_in/advice.js";
import { callButtons, callsNow } from "../check_in/call_list.js";
import { arrowKeys } from "../check_in/controls.js";
import { scheduleOf } from "../check_in/due.js";
import { localDate } from "../check_in/event.js";
import { drawPainChart } from "../patient/chart.js";
import { dateWords, recoveryDay } from "../patient/days.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { drawLetter, lettersOf } from "../patient/letters.js";
import { partKeeper } from "../patient/parts.js";
import { daysAhead, tomorrowOf } from "../patient/plan_ahead.js";
import { planFold, planItems, planList } from "../patient/plan_parts.js";
import { planOfDay } from "../patient/plan_of_day.js";
import { drawStrip } from "../patient/recovery_strip.js";
import { signInBox } from "../patient/sign_in_box.js";
import { signInForm } from "../patient/sign_in_form.js";
import { drawState } from "../patient/state_sentence.js";
import {
  aheadWords, appointmentWords, headline, LAST_COUNTED_DAY, shownTreatments, splitTreatments,
} from "../patient/today_view.js";
import { speaker } from "../patient/words.js";
import { el, icon, levelChip } from "../ui/dom.js";

const PARTS = ["session", "pick", "head", "plan", "look"];
const SHOWN_AHEAD = 4;
const MOST_LETTERS = 5;
const FLAGGED = new Set(["emergency", "same_day", "clinic_hours"]);
const LOOKS = { expect: "info", do: "check", avoid: "cross" };

export async function start(root, { phone }) {
  const place = root.querySelector("#recovery");
  const guidance = await phone.guidance();
  const page = { place, phone, guidance, say: speaker(guidance.phrases), owner: undefined };
  draw(page);
  phone.onChange(() => draw(page));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") draw(page);
  });
}

function draw(page) {
  const account = page.phone.account();
  const owner = account?.role === "patient" ? account.account : null;
  if (owner !== page.owner) layOut(page, owner);
  if (owner === null) return;
  const { keep, parts, phone, say } = page;
  signInBox({ place: parts.session, keep, phone, say });
  const view = viewOf(page);
  drawPick(page, view);
  drawHead(page, view);
  drawPlan(page, view);
  drawLook(page, view);
}

/** Fresh parts for this account: nothing of another person's can be left in one. */
function layOut(page, owner) {
  page.owner = owner;
  page.chosen = null;
  page.keep = partKeeper();
  if (owner === null) {
    page.place.replaceChildren(...signedOut(page));
    return;
  }
  page.parts = Object.fromEntries(PARTS.map((name) => [name,
    el("div", { class: `recovery__${name}`, hidden: true })]));
  page.place.replaceChildren(...Object.values(page.parts));
}

function signedOut({ phone, say }) {
  if (phone.account()) {
    return [el("a", { class: "btn", href: "/clinic" }, say("today_staff_button"))];
  }
  return [el("p", {}, say("recovery_sign_in_first")),
    signInForm({ phone, say, onSignedIn: () => {} })];
}

function viewOf({ phone, guidance, say, chosen }) {
  const now = phone.now();
  const isClockBehind = phone.isClockBehind();
  const { past, ahead } = splitTreatments(phone.treatments(), { now, isClockBehind });
  const shown = shownTreatments(past, { now, isClockBehind });
  const treatment = shown.find((one) => one.treatment_id === chosen) ?? shown[0] ?? null;
  const day = treatment && recoveryDay(treatment, { now, isClockBehind });
  const threads = treatment ? phone.checkIns()
    .filter((one) => one.treatment_id === treatment.treatment_id && !one.is_retracted) : [];
  return { guidance, say, now, isClockBehind, shown, ahead, treatment, day, threads,
    clinic: phone.clinic(), treatments: phone.treatments(),
    name: treatment && jointWords(treatment, guidance, say) };
}

// --- which joint ------------------------------------------------------------------------------

function drawPick(page, { shown, treatment, guidance, say }) {
  const names = shown.map((one) => asTitle(jointWords(one, guidance, say)));
  page.keep(page.parts.pick, [names, treatment?.treatment_id], () => {
    if (shown.length < 2) return null;
    const rows = shown.map((one, index) => pickRow(page, one, {
      name: names[index], isChosen: one === treatment }));
    const group = el("div", { class: "pick", role: "radiogroup",
      "aria-label": say("recovery_pick") }, ...rows);
    arrowKeys(group, rows);
    return group;
  });
}

function pickRow(page, { treatment_id: id }, { name, isChosen }) {
  const row = el("button", { type: "button", class: "pick__one", role: "radio",
    "aria-checked": String(isChosen), tabindex: isChosen ? "0" : "-1", "data-focus": `pick-${id}` },
  name);
  row.addEventListener("click", () => {
    page.chosen = id;
    draw(page);
  });
  return row;
}

// --- the day ----------------------------------------------------------------------------------

function drawHead({ keep, parts }, view) {
  const { treatment, day, name, now, say, guidance, isClockBehind, ahead } = view;
  const coming = treatment ? [] : ahead.map((one) => aheadWords(one, view));
  keep(parts.head, [name, day, treatment?.performed_on, localDate(now), coming], () => {
    if (!treatment) {
      return [(coming.length ? coming : [say("today_no_treatment")])
        .map((line) => el("p", { class: "lead" }, line))];
    }
    const title = headline({ day, names: [name], treatments: [treatment] }, view);
    const isCounted = day !== null && day <= LAST_COUNTED_DAY;
    return [
      el("p", { class: "strong" }, title),
      isClockBehind && el("div", { class: "notice notice--warn" }, icon("clock"),
        el("p", {}, say("check_in_clock"))),
      isCounted && drawStrip({ phases: guidance.aftercare.phases, day, say }),
    ];
  });
}

// --- the plan ---------------------------------------------------------------------------------

function drawPlan(page, view) {
  const { treatment, day } = view;
  if (!treatment || day === null || day < 0) {
    page.keep(page.parts.plan, null, () => treatment && callPart(page, view, []));
    return;
  }
  const { guidance, clinic, now } = view;
  const plan = planOfDay({ guidance, clinic, treatment, day, now });
  const ahead = daysAhead({ guidance, clinic, treatment, today: day,
    schedule: scheduleOf(guidance, clinic) });
  const next = appointmentWords({ ...view, treatments: [treatment] });
  page.keep(page.parts.plan, [plan, ahead, next, clinic, now.getHours()], () => [
    tomorrowPart(ahead, view),
    aheadPart(ahead, next, view),
    todayPart(plan, view),
    callPart(page, view, plan.watch),
  ]);
}

const dateOf = ({ date }, { now }) => dateWords(date, { now });

function tomorrowPart(ahead, view) {
  const { say, day } = view;
  const { tomorrow, next } = tomorrowOf(ahead, day);
  const changes = tomorrow ? changeLists(tomorrow, view) : [];
  const then = next ? say("recovery_next_change", { date: dateOf(next, view), day: next.day })
    : say("recovery_no_more");
  return el("section", { class: "section tomorrow", "aria-labelledby": "tomorrow" },
    el("h2", { id: "tomorrow" }, say("recovery_tomorrow")),
    changes.length ? changes : el("p", {}, say("recovery_no_change"), " ", then),
    tomorrow?.is_check_in && checkInLine(view));
}

/** What begins, and then what is over, each as a list; nothing where the day changes nothing. */
function changeLists({ begins, ends }, { say }) {
  const first = Object.entries(LOOKS).flatMap(([look, symbol]) => planItems({
    look, symbol, lines: begins[look], say }));
  return [
    first.length > 0 && el("ul", { class: "list list--tight" }, ...first),
    ends.length > 0 && el("p", { class: "ahead__over" }, say("recovery_over")),
    ends.length > 0 && el("ul", { class: "list list--tight" },
      ...planItems({ look: "over", symbol: "minus", lines: ends, say })),
  ].filter(Boolean);
}

const checkInLine = ({ say }) => el("p", { class: "ahead__check-in" }, icon("calendar-check"),
  el("span", {}, say("recovery_check_in")));

function aheadPart(ahead, next, view) {
  const { say, day } = view;
  const { later } = tomorrowOf(ahead, day);
  if (!later.length && !next) return null;
  const days = later.map((one) => aheadDay(one, view));
  const more = days.slice(SHOWN_AHEAD);
  return el("section", { class: "section", "aria-labelledby": "ahead" },
    el("h2", { id: "ahead" }, say("recovery_ahead")),
    el("p", { class: "soft small" }, say("recovery_ahead_help")),
    next && el("p", { class: "state" }, icon("calendar"), el("span", {}, next)),
    el("ol", { class: "ahead" }, ...days.slice(0, SHOWN_AHEAD)),
    more.length > 0 && el("details", { class: "fold" },
      el("summary", {}, say("recovery_later")),
      el("div", { class: "fold__body" }, el("ol", { class: "ahead" }, ...more))));
}

function aheadDay(one, view) {
  const { say } = view;
  return el("li", { class: one.phase ? "ahead__day ahead__day--phase" : "ahead__day" },
    el("h3", { class: "ahead__title" }, asTitle(say("thread_day", { day: one.day })),
      el("span", { class: "ahead__date" }, dateOf(one, view))),
    changeLists(one, view),
    one.is_check_in && checkInLine(view));
}

function todayPart(plan, { say }) {
  const fold = (look, title, symbol) => planFold({ title: say(title), look, symbol,
    lines: plan[look], say });
  return el("section", { class: "section", "aria-labelledby": "plan-today" },
    el("h2", { id: "plan-today" }, say("recovery_today")),
    el("div", { class: "fold-group" }, fold("do", "today_do_title", "check"),
      fold("avoid", "today_avoid_title", "cross"), fold("expect", "today_expect_title", "info")));
}

/** Where nothing of the day is known, the numbers and the whole list are still one tap away. */
function callPart({ phone }, { say, clinic }, lines) {
  const plan = callsNow({ clinic, phone, level: null });
  return el("section", { class: "section", "aria-labelledby": "recovery-call" },
    el("h2", { id: "recovery-call" }, say("today_watch_title")),
    lines.length > 0 && planList({ look: "call", symbol: "warning", lines, say }),
    !clinic?.phone?.number && el("p", { class: "soft" }, say("call_no_number_yet")),
    callButtons({ ...plan, buttons: plan.buttons.map((one) => ({ ...one, is_main: false })) }, say),
    el("p", {}, el("a", { href: "/when-to-call", "data-focus": "when-to-call" },
      say("recovery_when_to_call"))));
}

// --- looking back -----------------------------------------------------------------------------

function drawLook({ keep, parts }, view) {
  const { treatment, threads, now, say } = view;
  if (!treatment) {
    keep(parts.look, null, () => null);
    return;
  }
  const shows = [localDate(now), treatment, threads.map((one) => [one.event_id, one.level,
    one.answers?.pain_now, one.state, one.review, one.reviews])];
  keep(parts.look, shows, () => [
    el("section", { class: "section", "aria-labelledby": "look-back" },
      el("h2", { id: "look-back" }, say("recovery_look_back")), painPart(view)),
    flaggedPart(view), wrotePart(view),
    el("p", {}, el("a", { href: "/check-ins", "data-focus": "check-ins" },
      say("today_see_check_ins"))),
  ]);
}

function painPart({ treatment, threads, guidance, name, say, now }) {
  const baseline = treatment.start?.pain_baseline ?? null;
  const chart = drawPainChart({ threads, forms: guidance.forms, name, say, now, baseline });
  return [
    baseline === null
      ? el("p", {}, say("recovery_no_baseline"), " ",
        el("a", { href: "/start", "data-focus": "start" }, say("today_start_due_button")))
      : chart && el("p", {}, say("recovery_baseline", { pain: baseline })),
    chart ?? el("p", { class: "soft" }, say("recovery_no_pain")),
    chart && el("p", { class: "soft small" }, say("check_ins_one_reading")),
  ];
}

function flaggedPart(view) {
  const { threads, guidance, say, now } = view;
  const flagged = threads.filter(({ level }) => FLAGGED.has(level));
  return el("section", { class: "section", "aria-labelledby": "flagged" },
    el("h2", { id: "flagged" }, say("recovery_flagged")),
    el("p", { class: "soft" }, say(flagged.length ? "recovery_flagged_help"
      : "recovery_flagged_none")),
    flagged.length > 0 && el("ul", { class: "threads" }, ...flagged.map((thread) => el("li",
      { class: "thread" },
      el("div", { class: "thread__head" },
        el("h3", { class: "thread__title", id: `flagged-${thread.event_id}` },
          flaggedTitle(thread, view)),
        levelChip(shownLevel(thread, guidance.forms[String(thread.form_version)]), say)),
      drawState(thread, { say, now, icon }),
      el("a", { class: "btn btn--small btn--line", "data-focus": `result-${thread.event_id}`,
        "aria-describedby": `flagged-${thread.event_id}`,
        href: `/check-in?result=${encodeURIComponent(thread.event_id)}` },
      say("recovery_see_result"))))));
}

function flaggedTitle(thread, { say, now }) {
  const day = thread.day === null ? say("thread_day_unknown")
    : say("thread_day", { day: thread.day });
  return `${asTitle(day)} · ${dateWords(thread.local_date, { now })}`;
}

function wrotePart({ threads, say, now }) {
  const letters = threads.flatMap(lettersOf)
    .sort((one, other) => Date.parse(other.at) - Date.parse(one.at)).slice(0, MOST_LETTERS);
  return el("section", { class: "section", "aria-labelledby": "wrote" },
    el("h2", { id: "wrote" }, say("recovery_wrote")),
    letters.length ? letters.map((letter) => drawLetter(letter, { say, now }))
      : el("p", { class: "soft" }, say("recovery_wrote_none")));
}
