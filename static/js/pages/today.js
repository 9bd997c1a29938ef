// Today for somebody who is signed in: which day it is, what is due, where the answers are, and
// what to do and avoid. A stranger keeps the page as the server drew it.

import { shownLevel } from "../check_in/advice.js";
import { callButtons, callsNow } from "../check_in/call_list.js";
import { localDate } from "../check_in/event.js";
import { dateWords } from "../patient/days.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { drawLetter, newLetters } from "../patient/letters.js";
import { partKeeper } from "../patient/parts.js";
import { planFold, planSection } from "../patient/plan_parts.js";
import { raisedWords } from "../patient/raised_words.js";
import { drawStrip } from "../patient/recovery_strip.js";
import { signInBox } from "../patient/sign_in_box.js";
import { drawState, stateSentence } from "../patient/state_sentence.js";
import {
  aheadWords, appointmentWords, changedWords, dueCard, groupsByDay, headline, LAST_COUNTED_DAY,
  shownTreatments, splitTreatments, threadWords, todaysPlan, urgentThread, urgentWords,
  watchedWords,
} from "../patient/today_view.js";
import { drawWaiting, holdHeight } from "../patient/waiting.js";
import { speaker } from "../patient/words.js";
import { el, icon, levelChip } from "../ui/dom.js";

const PARTS = ["head", "urgent", "session", "wrote", "changed", "due", "waiting", "last", "ahead", "plan",
  "links"];
const CLINIC_SEEN = "clinic_seen";
const LETTERS_SEEN = "letters_seen";

export async function start(root, { phone }) {
  const section = root.querySelector("#today");
  const page = { root, section, phone, keep: partKeeper(), parts: null, say: null };
  if (phone.account()) showMine(page);
  await drawAll(page);
  phone.onChange(() => drawAll(page));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") drawAll(page);
  });
}

/** Hides the stranger's part at once; what is personal comes when it has been read. */
function showMine(page) {
  show(page, true);
}

function showStranger(page) {
  page.section.replaceChildren();
  show(page, false);
}

function show({ root, section }, isMine) {
  for (const part of root.children) {
    // A warning that the phone put here is for everybody.
    if (part.getAttribute("role") !== "alert") part.hidden = (part === section) !== isMine;
  }
}

async function drawAll(page) {
  const { phone } = page;
  const account = phone.account();
  if (!account) {
    page.parts = null;
    page.keep = partKeeper();
    showStranger(page);
    return;
  }
  const guidance = await phone.guidance();
  page.say ??= speaker(guidance.phrases);
  if (phone.account()?.account !== account.account) return;
  if (page.owner !== account.account) layOut(page, account.account);
  const seen = await phone.draft(CLINIC_SEEN);
  const lettersSeen = await phone.draft(LETTERS_SEEN);
  if (phone.account()?.account !== account.account) return;
  showMine(page);
  if (account.role === "patient") drawPatient(page, { account, guidance, seen, lettersSeen });
  else drawStaff(page, account);
}

/** Fresh parts for this account: nothing of another person's can be left in one. */
function layOut(page, owner) {
  page.owner = owner;
  page.hasWaited = false;
  page.keep = partKeeper();
  page.parts = Object.fromEntries(PARTS.map((name) => [name,
    el("div", { class: `today__${name}`, hidden: true })]));
  page.parts.plan.classList.add("stack");
  page.parts.waiting.setAttribute("role", "status");
  page.section.replaceChildren(...Object.values(page.parts));
}

function drawStaff({ keep, parts, say }, account) {
  keep(parts.head, account, () => el("header", { class: "page__head" },
    el("h1", { tabindex: "-1" }, say("today_staff_title")),
    el("p", { class: "lead" }, say("you_signed_in", { name: account.display_name })),
    el("a", { class: "btn", href: "/clinic" }, say("today_staff_button"))));
}

function viewOf(page, { account, guidance }) {
  const { phone, say } = page;
  const now = phone.now();
  const isClockBehind = phone.isClockBehind();
  const treatments = phone.treatments();
  const { past, ahead } = splitTreatments(treatments, { now, isClockBehind });
  const shown = shownTreatments(past, { now, isClockBehind });
  return {
    account, guidance, now, isClockBehind, treatments, past, ahead, shown,
    say, clinic: phone.clinic(), checkIns: phone.checkIns(),
    groups: groupsByDay(shown, { now, isClockBehind, guidance, say }),
  };
}

function drawPatient(page, context) {
  const view = viewOf(page, context);
  const { keep, parts, phone } = page;
  drawHead(page, view);
  drawUrgent(page, view);
  signInBox({ place: parts.session, keep, phone, say: view.say });
  drawWrote(page, view, context.lettersSeen);
  drawChanged(page, view, context.seen);
  drawDue(page, view);
  drawWaits(page, view);
  drawLast(page, view);
  drawAhead(page, view);
  drawPlan(page, view);
  drawLinks(page, view);
}

function drawWaits(page, { say }) {
  const { keep, parts, phone } = page;
  const waiting = phone.waiting();
  if (page.hasWaited) holdHeight(parts.waiting);
  page.hasWaited ||= waiting.count > 0;
  keep(parts.waiting, [waiting, phone.isSessionOver()], () => (phone.isSessionOver() ? null
    : drawWaiting({ waiting, isSessionOver: false, say, hasWaited: page.hasWaited })));
}

function titleOf(view) {
  if (view.groups.length) return headline(view.groups[0], view);
  if (view.ahead.length) return aheadWords(view.ahead.at(-1), view);
  return view.say("today_title");
}

function drawHead({ keep, parts }, view) {
  const { say, groups, guidance, isClockBehind, treatments, account } = view;
  const date = isClockBehind ? say("not_known") : dateWords(localDate(view.now), view);
  const title = titleOf(view);
  const shows = [date, title, account.display_name, isClockBehind,
    groups.map(({ day, names }) => [day, names])];
  const strip = ({ day }) => day !== null && day <= LAST_COUNTED_DAY
    && drawStrip({ phases: guidance.aftercare.phases, day, say });
  keep(parts.head, shows, () => [
    el("header", { class: "page__head" },
      el("p", { class: "kicker" }, isClockBehind ? null : `${date} · `, account.display_name),
      el("h1", { tabindex: "-1" }, title)),
    isClockBehind && el("div", { class: "notice notice--warn" }, icon("warning"),
      el("p", {}, say("check_in_clock"))),
    treatments.length === 0 && el("p", { class: "lead" }, say("today_no_treatment")),
    groups.map((group, index) => [
      index > 0 && el("p", { class: "strong today__also" }, headline(group, view)),
      strip(group),
    ]),
    groups.length > 0 && el("a", { class: "today__recovery", href: "/recovery",
      "data-focus": "recovery" },
    el("span", {}, el("span", { class: "strong" }, say("recovery_title")), ": ",
      say("recovery_hint")), icon("chevron-right", null, "icon--turns")),
  ]);
}

const resultAddress = (thread) => `/check-in?result=${encodeURIComponent(thread.event_id)}`;

function drawUrgent({ keep, parts, phone }, view) {
  const { say, clinic, checkIns } = view;
  const thread = urgentThread(checkIns);
  const raised = thread ? null : checkIns.find((one) => one.is_raised_by_server
    && !one.is_retracted && !one.review);
  const shows = [thread && [thread.event_id, thread.urgent_level, thread.called_at,
    raisedWords(thread, say)], raised && [raised.event_id, raised.level,
    raisedWords(raised, say)], clinic,
  localDate(view.now), view.now.getHours()];
  keep(parts.urgent, shows, () => {
    if (thread) {
      const plan = callsNow({ clinic, phone, level: thread.urgent_level ?? "emergency",
        reasons: thread.reasons });
      return el("section", { class: `level level--${thread.urgent_level ?? "emergency"}` },
        el("p", { class: "level__chip" }, icon("warning"),
          say(`level_${thread.urgent_level ?? "emergency"}`)),
        el("h2", { class: "level__title" }, urgentWords(thread, view)),
        raisedWords(thread, say) && el("p", {}, raisedWords(thread, say)),
        thread.called_at && el("p", {}, say("called_at",
          { time: threadWords({ ...thread, recorded_at: thread.called_at }, view).time })),
        callButtons(plan, say, { isUrgent: true }),
        el("p", {}, el("a", { href: resultAddress(thread) }, say("today_see_result"))));
    }
    return raised && el("div", { class: "notice notice--warn" }, icon("warning"),
      el("div", {},
        el("p", { class: "strong" }, say("result_raised_title")),
        el("p", {}, raisedWords(raised, say)),
        levelChip(raised.level, say),
        el("p", {}, el("a", { href: resultAddress(raised) }, say("today_see_result")))));
  });
}

function drawWrote({ keep, parts, phone }, view, seen) {
  const { checkIns, say, now } = view;
  const letters = newLetters(checkIns, { now, seen });
  const shows = letters.map(({ thread, letter }) => [thread.event_id, letter, now.toDateString()]);
  keep(parts.wrote, shows, () => {
    if (letters.length === 0) return null;
    const button = el("button", { type: "button", class: "btn btn--line btn--small" },
      say("today_changed_seen"));
    button.addEventListener("click", async () => {
      await phone.keepDraft(LETTERS_SEEN, letters.at(-1).at);
      keep(parts.wrote, [], () => null);
      parts.head.querySelector("h1").focus();
    });
    return el("section", { class: "section stack stack--tight", "aria-labelledby": "wrote-title" },
      el("h2", { id: "wrote-title" }, say("today_wrote")),
      letters.map(({ thread, letter }) => {
        const { joint, day } = threadWords(thread, view);
        return drawLetter(letter, { say, now, about: `${asTitle(joint)}, ${day}` });
      }), el("div", {}, button));
  });
}

function drawChanged({ keep, parts, phone }, { clinic, treatments, now, say }, seen) {
  if (!clinic) return;
  const sites = [...new Set(treatments.map((treatment) => treatment.site))];
  const words = watchedWords(clinic, sites);
  // What is watched from now on counts as seen as it stands.
  if (Object.keys(words).some((name) => !(name in (seen ?? {})))) {
    phone.keepDraft(CLINIC_SEEN, { ...words, ...seen });
  }
  const lines = seen ? changedWords(seen, words, { say, now, changedAt: clinic.changed_at }) : [];
  keep(parts.changed, lines, () => {
    if (lines.length === 0) return null;
    const button = el("button", { type: "button", class: "btn btn--quiet btn--small" },
      say("today_changed_seen"));
    button.addEventListener("click", async () => {
      await phone.keepDraft(CLINIC_SEEN, words);
      keep(parts.changed, [], () => null);
      parts.head.querySelector("h1").focus();
    });
    return el("div", { class: "notice notice--info" }, icon("info"), el("div", {},
      ...lines.map((line) => el("p", {}, line)), el("p", {}, say("today_changed_now")), button));
  });
}

function drawDue({ keep, parts }, view) {
  const { say, past, checkIns } = view;
  const card = dueCard({ ...view, treatments: past });
  const isStartMissing = past.some((treatment) => treatment.start === null);
  // While help is urgent, calling is the one big button.
  const isQuiet = urgentThread(checkIns) !== null;
  keep(parts.due, [card, isStartMissing, isQuiet], () => [
    card.kind === "due" && drawDueCard(card, { say, isQuiet }),
    card.kind === "any_time" && el("section", { class: "stack stack--tight" },
      ...card.lines.map((line) => el("p", {}, line)),
      el("a", { class: "btn btn--line", href: "/check-in", "data-focus": "check-in" },
        say("today_check_in"))),
    isStartMissing && el("div", { class: "notice notice--info" }, icon("info"), el("div", {},
      el("p", {}, say("today_start_due")),
      el("a", { class: "btn btn--line btn--small", href: "/start", "data-focus": "start" },
        say("today_start_due_button")))),
  ]);
}

function drawDueCard({ reason, event_id: id }, { say, isQuiet }) {
  const isUnfinished = reason === "unfinished";
  const help = { unfinished: "check_in_emergency_saved", recheck: "today_due_recheck" }[reason]
    ?? "today_check_in_help";
  return el("section", { class: isQuiet ? "due due--quiet" : "due",
    "aria-labelledby": "due-title" },
    el("h2", { id: "due-title" }, say("today_question")),
    el("p", {}, say(help)),
    el("a", {
      class: isQuiet ? "btn btn--line" : "btn", "data-focus": "check-in",
      href: isUnfinished ? `/check-in?amend=${encodeURIComponent(id)}` : "/check-in",
    }, say(isUnfinished ? "check_in_finish_rest" : "today_check_in")));
}

function drawLast({ keep, parts }, view) {
  const { say, now, checkIns, past, guidance } = view;
  const thread = checkIns.find((one) => !one.is_retracted);
  const words = thread && threadWords(thread, view);
  const level = thread && shownLevel(thread, guidance.forms[String(thread.form_version)]);
  const shows = thread ? [words, level, stateSentence(thread, { say, now })] : [past.length];
  keep(parts.last, shows, () => {
    if (!thread) return past.length ? el("p", { class: "soft" }, say("today_no_check_in")) : null;
    return el("section", { class: "section", "aria-labelledby": "last-title" },
      el("h2", { id: "last-title" }, say("today_last")),
      el("p", { class: "soft small" }, `${asTitle(words.joint)} · ${words.day} · ${words.time}`),
      el("p", {}, levelChip(level, say)),
      drawState(thread, { say, now, icon }),
      el("p", {}, el("a", { href: "/check-ins" }, say("today_see_check_ins"))));
  });
}

function drawAhead({ keep, parts }, view) {
  const { groups, ahead } = view;
  const lines = [appointmentWords(view), ...(groups.length ? ahead : ahead.slice(0, -1))
    .map((treatment) => aheadWords(treatment, view))].filter(Boolean);
  keep(parts.ahead, lines, () => lines.map((line) => el("p", { class: "state" },
    icon("calendar"), el("span", {}, line))));
}

function drawPlan({ keep, parts }, view) {
  const { say } = view;
  const plan = todaysPlan(view);
  keep(parts.plan, plan, () => plan && [
    planSection({ id: "do", title: say("today_do_title"), look: "do", symbol: "check",
      lines: plan.do, say }),
    planSection({ id: "avoid", title: say("today_avoid_title"), look: "avoid", symbol: "cross",
      lines: plan.avoid, say }),
    el("div", { class: "fold-group" },
      planFold({ title: say("today_expect_title"), look: "expect", symbol: "info",
        lines: plan.expect, say }),
      planFold({ title: say("today_watch_title"), look: "call", symbol: "warning",
        lines: plan.watch, say })),
  ]);
}

function drawLinks({ keep, parts }, view) {
  const { shown, guidance, say, account } = view;
  const sites = [...new Map(shown.map((treatment) => [treatment.site, treatment])).values()];
  keep(parts.links, [sites.map(({ site }) => site), account.display_name], () => {
    const link = (href, name, text, hint) => el("li", {}, el("a", { href, "data-focus": href },
      icon(name), el("span", { class: "links__text" }, text,
        hint && el("span", { class: "links__hint" }, hint)),
      icon("chevron-right", null, "icon--turns")));
    return el("ul", { class: "links" },
      ...sites.map(({ site }) => link(`/aftercare/${site}`, "leaf",
        say("today_aftercare_for", { joint: jointWords({ site, side: null }, guidance, say) }))),
      link("/you", "user", say("you_title"),
        say("you_signed_in", { name: account.display_name })));
  });
}
