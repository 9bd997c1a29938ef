// All check-ins of the person who is signed in: the chart, the list with the state of each, what
// waits to be sent, and what the clinic wrote back.

import { ask } from "../patient/ask.js";
import { drawPainChart } from "../patient/chart.js";
import { dateWords } from "../patient/days.js";
import { offerFile } from "../patient/files.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { partKeeper } from "../patient/parts.js";
import { whileBusy } from "../patient/fields.js";
import { saveFailureLines } from "../patient/save_words.js";
import { signInBox } from "../patient/sign_in_box.js";
import { signInForm } from "../patient/sign_in_form.js";
import { drawThread, threadShows } from "../patient/thread.js";
import { drawWaiting, holdHeight, triedSentences } from "../patient/waiting.js";
import { retractEvent } from "../patient/withdraw.js";
import { speaker } from "../patient/words.js";
import { localDate } from "../check_in/event.js";
import { el, icon } from "../ui/dom.js";

const PARTS = ["session", "waiting", "sending", "recovery", "charts", "list"];
const MOST_AT_ONCE = 30;

export async function start(root, { phone }) {
  const place = root.querySelector("#check-ins");
  const guidance = await phone.guidance();
  const page = { root, place, phone, guidance, say: speaker(guidance.phrases), owner: undefined };
  draw(page);
  phone.onChange(() => draw(page));
}

function draw(page) {
  const account = page.phone.account();
  const owner = account?.role === "patient" ? account.account : null;
  if (owner !== page.owner) layOut(page, owner);
  if (owner === null) return;
  const view = { ...page, page, now: page.phone.now(), threads: page.phone.checkIns() };
  signInBox({ place: page.parts.session, keep: page.keep, phone: page.phone, say: page.say });
  drawSending(view);
  drawRecovery(view);
  drawCharts(view);
  drawList(view);
}

/** Fresh parts for this account: nothing of another person's can be left in one. */
function layOut(page, owner) {
  page.owner = owner;
  page.limit = MOST_AT_ONCE;
  page.hasWaited = false;
  page.keep = partKeeper();
  if (owner === null) {
    page.place.replaceChildren(...signedOut(page));
    return;
  }
  page.parts = Object.fromEntries(PARTS.map((name) => [name,
    el("div", { class: `check-ins__${name}`, hidden: true })]));
  page.parts.waiting.setAttribute("role", "status");
  page.places = new Map();
  page.place.replaceChildren(...Object.values(page.parts));
}

function signedOut({ phone, say }) {
  const account = phone.account();
  if (account) {
    return [el("a", { class: "btn", href: "/clinic" }, say("today_staff_button"))];
  }
  return [
    el("p", {}, say("you_not_signed_in")),
    signInForm({ phone, say, onSignedIn: () => {} }),
    ...drawWaiting({ waiting: phone.waiting(), isSessionOver: true, say }),
  ];
}

function drawSending({ page, phone, keep, parts, say, now }) {
  const waiting = phone.waiting();
  const isSessionOver = phone.isSessionOver();
  if (page.hasWaited) [parts.waiting, parts.sending].forEach(holdHeight);
  page.hasWaited ||= waiting.count > 0;
  keep(parts.waiting, [waiting.count, waiting.rejected, waiting.unreadable, waiting.others_count,
    isSessionOver],
    () => drawWaiting({ waiting: isSessionOver ? { ...waiting, count: 0 } : waiting,
      isSessionOver, say, hasWaited: page.hasWaited && !isSessionOver }));
  const tried = triedSentences({ waiting, say, now });
  const hasFile = waiting.count + (waiting.rejected ?? 0) + (waiting.unreadable ?? 0) > 0;
  keep(parts.sending, [tried, waiting.count, hasFile, isSessionOver], () => [
    el("p", { class: "soft small" }, tried.join(" ")),
    hasFile && el("div", { class: "btns btns--row" },
      waiting.count > 0 && !isSessionOver && sendButton({ phone, say }),
      fileButton({ phone, say })),
    hasFile && el("p", { class: "soft small" }, say("waiting_export_help")),
  ]);
}

function sendButton({ phone, say }) {
  const button = el("button", { type: "button", class: "btn btn--small", "data-focus": "send" },
    icon("send"), el("span", {}, say("waiting_send_now")));
  button.addEventListener("click", () => whileBusy(button, () => phone.sendNow()));
  return button;
}

function fileButton({ phone, say }) {
  const button = el("button", {
    type: "button", class: "btn btn--line btn--small", "data-focus": "file",
  }, icon("download"), el("span", {}, say("waiting_export")));
  button.addEventListener("click", () => offerFile(
    `unsent-check-ins-${localDate(phone.now())}.json`, phone.exportUnsent()));
  return button;
}

function drawRecovery({ phone, keep, parts, say }) {
  const hasTreatment = phone.treatments().length > 0;
  keep(parts.recovery, hasTreatment, () => hasTreatment && el("ul", { class: "links" },
    el("li", {}, el("a", { href: "/recovery", "data-focus": "recovery" }, icon("chart"),
      el("span", { class: "links__text" }, say("recovery_title"),
        el("span", { class: "links__hint" }, say("recovery_hint"))),
      icon("chevron-right", null, "icon--turns")))));
}

function drawCharts(view) {
  const { phone, keep, parts, guidance, say, now, threads } = view;
  const treatments = phone.treatments();
  const shows = [localDate(now), treatments.map((one) => [one.treatment_id, one.site, one.side,
    one.start?.pain_baseline]),
    threads.map((one) => [one.treatment_id, one.day, one.level, one.is_retracted,
      one.answers?.pain_now])];
  keep(parts.charts, shows, () => treatments.map((treatment) => {
    const own = threads.filter((one) => one.treatment_id === treatment.treatment_id);
    const name = jointWords(treatment, guidance, say);
    const baseline = treatment.start?.pain_baseline ?? null;
    const chart = drawPainChart({ threads: own, forms: guidance.forms, name, say, now, baseline });
    const date = dateWords(treatment.performed_on, { now, weekday: false });
    return chart && el("section", { class: "section" },
      el("h2", {}, asTitle(name)),
      el("p", { class: "soft small" }, say("chart_since", { date })), chart);
  }));
}

function drawList(view) {
  const { keep, parts, say, threads } = view;
  const shown = threads.slice(0, view.limit);
  keep(parts.list, [threads.length, view.limit, shown.map((one) => one.event_id)], () => {
    if (threads.length === 0) {
      return el("div", { class: "empty" }, icon("list"), el("p", {}, say("check_ins_none")),
        el("a", { class: "btn", href: "/check-in" }, say("today_check_in")));
    }
    const places = shown.map((one) => placeFor(view, one.event_id));
    return el("section", { class: "section", "aria-labelledby": "all-check-ins" },
      el("h2", { id: "all-check-ins", tabindex: "-1" }, say("check_ins_list")),
      el("ul", { class: "threads" }, ...places),
      threads.length > view.limit && moreButton(view),
      el("p", { class: "soft small" }, say("check_ins_one_reading")));
  });
  for (const thread of shown) drawOne(view, thread);
}

/** The place of a thread outlives its drawings, so that a fold that was opened stays open. */
function placeFor({ places }, id) {
  if (!places.has(id)) places.set(id, el("li", { class: "thread" }));
  return places.get(id);
}

function drawOne(view, thread) {
  const form = view.guidance.forms[String(thread.form_version)] ?? null;
  const place = placeFor(view, thread.event_id);
  const context = {
    ...view, form, isNewest: thread === view.threads[0],
    onWithdraw: (one) => withdraw(view, one),
    onDiscard: (one) => discard(view, one),
  };
  view.keep(place, threadShows(thread, context), () => drawThread(thread, context));
}

function moreButton({ page, say }) {
  const button = el("button", { type: "button", class: "btn btn--line", "data-focus": "more" },
    say("check_ins_more"));
  button.addEventListener("click", () => {
    page.limit += MOST_AT_ONCE;
    draw(page);
  });
  return button;
}

async function withdraw({ phone, say }, thread) {
  const choice = await ask({
    title: say("check_ins_withdraw_title"),
    lines: [say("check_ins_withdraw_help")],
    choices: [
      { value: "withdraw", text: say("check_ins_withdraw"), style: "danger" },
      { value: "", text: say("leave_it"), style: "quiet" },
    ],
  });
  if (choice !== "withdraw") return;
  try {
    await phone.save([retractEvent({
      thread, eventId: phone.newEventId(), stamp: phone.stamp(),
    })]);
  } catch (error) {
    await ask({ title: say("save_failed_title"), lines: saveFailureLines(error, say),
      choices: [{ value: "", text: say("understood") }] });
  }
}

async function discard({ phone, say }, thread) {
  const choice = await ask({
    title: say("check_ins_delete_title"),
    lines: [say("check_ins_delete_help")],
    choices: [
      { value: "delete", text: say("check_ins_delete"), style: "danger" },
      { value: "", text: say("leave_it"), style: "quiet" },
    ],
  });
  if (choice === "delete") await phone.discard(thread.problem_event_id);
}
