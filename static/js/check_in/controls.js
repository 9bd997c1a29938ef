// The small controls that the check-in screens are made of: buttons that call back, a question's
// words, one choice out of several. What an answer means lives in form.js.

import { el, icon } from "../ui/dom.js";
import { optionLabel } from "../triage/questions.js";

/** A button; `onTap` is called without the event. */
export function button({ text, onTap, className = "btn", iconName = null, attributes = {} }) {
  const made = el("button", { type: "button", class: className, ...attributes },
    ...(iconName ? [icon(iconName)] : []), el("span", {}, text));
  made.addEventListener("click", () => onTap(made));
  return made;
}

/** A call button: "Call 999". The number is spoken whole, shown large and dialled by tel:. */
export function callButton({ role, number, is_main: isMain }, say, { isUrgent = false } = {}) {
  const key = { emergency: "call_button_emergency", clinic: "call_button_clinic",
    out_of_hours: "call_button_line" }[role];
  const look = isMain ? "btn btn--call" : "btn btn--call btn--line";
  const values = { emergency_number: number, clinic_phone: number, out_of_hours: number };
  return el("a", { class: isUrgent && isMain ? `${look} btn--level` : look,
    href: `tel:${number.replace(/[^\d+*#,;]/g, "")}`, "data-call": role },
  icon("phone"), el("span", {}, wholeNumber(say(key, values), number)));
}

// A telephone number is never broken over two lines.
function wholeNumber(text, number) {
  const at = text.indexOf(number);
  if (at === -1) return text;
  return [text.slice(0, at), el("span", { class: "call-number" }, number),
    text.slice(at + number.length)];
}

/** One choice out of several as large rows; `onPick(value)` when one is tapped. */
export function choiceRows({ options, value, labelledBy, onPick }) {
  const rows = options.map((option) => {
    const isChosen = value === option.value;
    const row = el("button", { type: "button", class: "choice", role: "radio",
      "aria-checked": String(isChosen), "data-value": String(option.value),
      tabindex: isChosen ? "0" : "-1" },
    el("span", { class: "choice__text" }, option.label));
    row.addEventListener("click", () => onPick(option.value));
    return row;
  });
  if (!rows.some((row) => row.tabIndex === 0)) rows[0].tabIndex = 0;
  const group = el("div", { class: "choices", role: "radiogroup", "aria-labelledby": labelledBy },
    ...rows);
  arrowKeys(group, rows);
  return group;
}

/** Arrow keys move the focus within a radio group; they choose nothing, as a choice moves on. */
export function arrowKeys(group, items) {
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  group.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const at = items.indexOf(document.activeElement);
    if (!step || at === -1) return;
    event.preventDefault();
    const isMirrored = getComputedStyle(group).direction === "rtl"
      && event.key.match(/Left|Right/);
    const next = items[(at + (isMirrored ? -step : step) + items.length) % items.length];
    for (const item of items) item.tabIndex = item === next ? 0 : -1;
    next.focus();
  });
}

/** The options of a question as {value, label}: "yes"/"no" for a boolean. */
export function optionsOf(question, site, say) {
  if (question.type === "boolean") {
    return [{ value: true, label: say("check_in_yes") },
      { value: false, label: say("check_in_no") }];
  }
  return question.options.map((value) => ({ value, label: optionLabel(question, value, site) }));
}
