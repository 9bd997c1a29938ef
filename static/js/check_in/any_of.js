// "Any of these?": a row for each sign, a detail that opens in place on yes, and "None of these"
// last, which counts only once every row has been on screen.

import { el } from "../ui/dom.js";
import { helpOf, labelOf, optionLabel } from "../triage/questions.js";
import { button, choiceRows } from "./controls.js";
import { notSureBlock } from "./call_list.js";
import { isYes, noneValue } from "./form.js";

const SEEN_SHARE = 0.75;

// A row taller than the screen can never be wholly on it: most of a screenful counts then.
function isOnScreen(entry) {
  const room = entry.rootBounds?.height || window.innerHeight;
  return entry.intersectionRatio >= SEEN_SHARE
    || entry.intersectionRect.height >= SEEN_SHARE * room;
}

/** Calls `onAllSeen` once every row has been on screen, or has had the focus. `seen` keeps the keys
 *  of the rows seen so far, so that drawing the screen again forgets nothing. */
export function watchRows(rows, { seen, onAllSeen, bottomInset = 0 }) {
  const isUnseen = (row) => !seen.has(row.dataset.key);
  let isDone = false;
  const check = () => {
    if (isDone || rows.some(isUnseen)) return;
    isDone = true;
    observer.disconnect();
    onAllSeen();
  };
  const see = (row) => {
    seen.add(row.dataset.key);
    check();
  };
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) if (isOnScreen(entry)) see(entry.target);
  }, { threshold: [0, 0.25, 0.5, SEEN_SHARE, 1], rootMargin: `0px 0px -${bottomInset}px 0px` });
  for (const row of rows) {
    observer.observe(row);
    row.addEventListener("focusin", () => see(row));
  }
  check();
  return { firstUnseen: () => rows.find(isUnseen) || null, stop: () => observer.disconnect() };
}

function drawDetail(question, step, tools) {
  const labelId = `detail-${question.key}`;
  const value = tools.value(question);
  const options = question.options.slice(1)
    .map((option) => ({ value: option, label: optionLabel(question, option, step.site) }));
  return el("div", { class: "row-question__detail" },
    el("p", { class: "strong", id: labelId }, question.detail_label),
    choiceRows({ options, value, labelledBy: labelId,
      onPick: (option) => tools.answerRow(question, option) }));
}

function answerButton({ text, isPressed, className, describedBy, onTap }) {
  const made = el("button", { type: "button", class: className, "aria-pressed": String(isPressed),
    "aria-describedby": describedBy }, text);
  made.addEventListener("click", onTap);
  return made;
}

function drawRow(question, step, tools) {
  const { say } = tools;
  const textId = `row-${question.key}`;
  const value = tools.value(question);
  const isOpen = tools.isOpen(question);
  const isChosen = isOpen || isYes(question, value);
  const hasDetail = question.type === "enum";
  const tapYes = () => {
    if (isChosen) return tools.clearRow(question);
    return hasDetail ? tools.openRow(question) : tools.answerRow(question, true);
  };
  const tapNotSure = () => (value === null ? tools.clearRow(question)
    : tools.answerRow(question, null));
  const answers = el("div", { class: "row-question__answers", role: "group",
    "aria-labelledby": textId },
  answerButton({ text: say("check_in_yes"), isPressed: isChosen, className: "answer",
    describedBy: textId, onTap: tapYes }),
  answerButton({ text: say("check_in_not_sure"), isPressed: value === null,
    className: "answer answer--quiet", describedBy: textId, onTap: tapNotSure }));
  const help = helpOf(question, step.site);
  const row = el("li", { class: "row-question", "data-key": question.key },
    el("div", { class: "row-question__text", id: textId },
      el("p", {}, labelOf(question, step.site)),
      ...(help ? [el("p", { class: "row-question__help soft small" }, help)] : [])),
    answers);
  if (isChosen) row.classList.add("is-yes");
  if (isChosen && hasDetail) row.append(drawDetail(question, step, tools));
  if (value === null) row.append(notSureBlock(tools));
  return row;
}

const isTouched = (question, tools) => tools.isOpen(question) || tools.value(question) === null
  || isYes(question, tools.value(question));

function wasNone(step, tools) {
  return step.questions.every((question) => tools.value(question) === noneValue(question));
}

/** Draws the step; "None of these" writes "no" only for the rows displayed here and unanswered. */
export function drawAnyOf(step, tools) {
  const { say } = tools;
  const rows = step.questions.map((question) => drawRow(question, step, tools));
  const hasSome = step.questions.some((question) => isTouched(question, tools));
  const hint = el("p", { class: "small soft", id: "none-hint" }, say("check_in_see_all_rows"));
  const problem = el("p", { class: "form-error", role: "alert", hidden: "" });
  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = false;
  };

  const tapNone = async () => {
    const unseen = watch.firstUnseen();
    if (unseen) {
      unseen.scrollIntoView({ block: "center" });
      tell(say("check_in_see_all_rows"));
      return;
    }
    const open = step.questions.find((question) => tools.isOpen(question));
    if (open) {
      tell(say("check_in_say_which", { name: labelOf(open, step.site) }));
      document.querySelector(`[data-key="${open.key}"] .choice`)?.focus();
      return;
    }
    await tools.answerNone(step.questions.filter((question) => !isTouched(question, tools)));
  };
  const none = button({
    text: hasSome ? say("check_in_none_of_the_others") : step.screen.none_label,
    className: "choice choice--none", onTap: tapNone,
    attributes: { "aria-disabled": "true", "aria-describedby": "none-hint",
      "aria-pressed": String(!hasSome && wasNone(step, tools)), "data-none": "" },
  });
  const allowNone = () => {
    none.removeAttribute("aria-disabled");
    none.removeAttribute("aria-describedby");
    hint.hidden = true;
    problem.hidden = true;
  };
  const watch = watchRows(rows, { seen: tools.seenRows, bottomInset: tools.bottomInset(),
    onAllSeen: allowNone });
  tools.onLeave(() => watch.stop());
  return [el("ul", { class: "rows" }, ...rows), problem, hint, none];
}

