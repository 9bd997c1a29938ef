// One check-in in the list: what was told, where it is, what the clinic wrote back, and what the
// patient can do with it.

import { shownLevel } from "../check_in/advice.js";
import { drawAnswers } from "./answers.js";
import { momentWords } from "./days.js";
import { asTitle } from "./joint_words.js";
import { drawLetter, lettersOf } from "./letters.js";
import { raisedWords } from "./raised_words.js";
import { drawState, drawSteps, placeOf } from "./state_sentence.js";
import { threadWords } from "./today_view.js";
import { el, icon, levelChip } from "../ui/dom.js";

/** Everything that the drawing of a thread depends on, as plain data. */
export function threadShows(thread, { now, form, isNewest }) {
  return [thread, now.toDateString(), Boolean(form), isNewest];
}

function why(thread, say) {
  if (placeOf(thread) !== "rejected" && !thread.problem) return null;
  const known = { invalid: 1, "id-conflict": 1, "not-yours": 1, "too-large": 1 };
  const kind = Object.hasOwn(known, thread.problem?.kind ?? "") ? thread.problem.kind : "other";
  return el("div", { class: "notice notice--warn" }, icon("warning"), el("div", {},
    el("p", { class: "strong" }, say("state_rejected")),
    el("p", {}, say("state_rejected_why", { detail: say(`rejected_${kind.replace("-", "_")}`) })),
    thread.problem?.detail && el("p", { class: "soft small" }, thread.problem.detail),
    el("p", {}, say("state_rejected_do"))));
}

function notes(thread, { say, now }) {
  const at = (instant) => momentWords(instant, { now });
  const corrections = thread.versions.filter(({ event }) => event.kind === "amend").length;
  return [
    thread.is_retracted && say("state_retracted"),
    corrections > 0 && !thread.has_several_amendments && say("state_amended"),
    thread.has_several_amendments && say("check_ins_two_corrections"),
    raisedWords(thread, say),
    thread.called_at && say("called_at", { time: at(thread.called_at) }),
  ].filter(Boolean).map((text) => el("p", { class: "thread__meta" }, text));
}

const messages = (thread, context) => (
  lettersOf(thread).map((letter) => drawLetter(letter, context)));

function acts(thread, { say, onWithdraw, onDiscard }) {
  if (thread.is_retracted && !thread.problem_event_id) return null;
  const press = (key, look, act) => {
    const button = el("button", {
      type: "button", class: `btn btn--small btn--${look}`,
      "data-focus": `${key}-${thread.event_id}`, "aria-describedby": `thread-${thread.event_id}`,
    }, say(key));
    button.addEventListener("click", () => act(thread, button));
    return button;
  };
  return el("div", { class: "thread__acts" },
    !thread.is_retracted && el("a", {
      class: "btn btn--small btn--line",
      href: `/check-in?amend=${encodeURIComponent(thread.event_id)}`,
      "data-focus": `correct-${thread.event_id}`,
      "aria-describedby": `thread-${thread.event_id}`,
    }, say("check_ins_correct")),
    thread.problem_event_id
      ? press("check_ins_delete", "danger", onDiscard)
      : !thread.is_retracted && press("check_ins_withdraw", "quiet", onWithdraw));
}

/** What stands in the list item of one thread. The newest shows its whole way as steps. */
export function drawThread(thread, context) {
  const { say, now, form, isNewest } = context;
  const words = threadWords(thread, context);
  const title = `${asTitle(words.joint)} · ${words.day}`;
  const answers = drawAnswers({ form, site: thread.site, answers: thread.answers ?? {}, say });
  const isRefused = placeOf(thread) === "rejected";
  const place = !isRefused && (isNewest ? drawSteps(thread, { say, now })
    : drawState(thread, { say, now, icon }));
  return [
    el("div", { class: "thread__head" },
      el("h3", { class: "thread__title", id: `thread-${thread.event_id}`, tabindex: "-1" }, title),
      levelChip(shownLevel(thread, form), say)),
    el("p", { class: "thread__meta" }, words.time,
      Number.isInteger(thread.answers?.pain_now)
        && ` · ${say("check_ins_pain", { pain: thread.answers.pain_now })}`),
    place,
    why(thread, say),
    notes(thread, context),
    messages(thread, context),
    answers && el("details", { class: "fold" },
      el("summary", {}, say("check_ins_answers")),
      el("div", { class: "fold__body" }, answers)),
    acts(thread, context),
  ];
}
