// One question on a screen: a scale, a choice, a temperature, a note, or a list of yes and no.

import { el, icon } from "../ui/dom.js";
import { helpOf, labelOf, readTemperature } from "../triage/questions.js";
import { arrowKeys, button, choiceRows, optionsOf } from "./controls.js";
import { notSureBlock } from "./call_list.js";

// "Not sure" stays on the screen: the call list is what it is for.
function notSureParts(question, step, tools) {
  const { say } = tools;
  const isUnsure = tools.value(question) === null;
  const tap = button({ text: say("check_in_not_sure"), className: "btn btn--quiet",
    attributes: { "aria-pressed": String(isUnsure) },
    onTap: () => tools.answerRow(question, null) });
  return isUnsure ? [tap, notSureBlock(tools), nextButton(tools)] : [tap];
}

function nextButton(tools) {
  return button({ text: tools.say("check_in_next"), onTap: () => tools.next(),
    attributes: { "data-next": "" } });
}

// Only where an answer stands already (somebody came back, or corrects): a fresh choice moves on.
function keepParts(question, tools) {
  const value = tools.value(question);
  return value === undefined || value === null ? [] : [nextButton(tools)];
}

/** Eleven buttons, with the last value named. */
export function drawScale(step, tools) {
  const [question] = step.questions;
  const { say } = tools;
  const value = tools.value(question);
  const last = question.key === "pain_now" ? tools.lastPain(step.treatment_id) : null;
  const steps = [];
  for (let number = question.minimum; number <= question.maximum; number += 1) {
    const isLast = number === last;
    const made = el("button", { type: "button", role: "radio", "data-value": String(number),
      class: isLast ? "scale__step scale__step--last" : "scale__step",
      "aria-checked": String(number === value), tabindex: number === (value ?? 0) ? "0" : "-1" },
    String(number));
    made.addEventListener("click", () => tools.answerAndGo(question, number));
    steps.push(made);
  }
  const group = el("div", { class: "scale", role: "radiogroup", "aria-labelledby": "step-title" },
    ...steps);
  arrowKeys(group, steps);
  const ends = el("p", { class: "scale__ends" }, el("span", {}, say("check_in_scale_low")),
    el("span", {}, say("check_in_scale_high")));
  const lastLine = last === null ? []
    : [el("p", { class: "soft" }, say("check_in_last_pain", { pain: last }))];
  const unsure = step.is_start || question.key === "pain_now"
    ? notSureParts(question, step, tools) : [];
  return [...lastLine, group, ends, ...unsure, ...keepParts(question, tools)];
}

/** One choice out of a few; it moves on by itself. */
export function drawChoice(step, tools) {
  const [question] = step.questions;
  const rows = choiceRows({ options: optionsOf(question, step.site, tools.say),
    value: tools.value(question), labelledBy: "step-title",
    onPick: (value) => tools.answerAndGo(question, value) });
  // Which way the pain goes has no "not sure": the rules need it where no earlier pain is known.
  const unsure = question.ask_when ? [] : notSureParts(question, step, tools);
  return [rows, ...unsure, ...keepParts(question, tools)];
}

const PROBLEMS = { empty: "check_in_temp_empty", not_a_number: "check_in_temp_range",
  outside: "check_in_temp_range", is_this_f: "check_in_temp_check",
  is_this_c: "check_in_temp_check" };
const OTHER_UNIT = { is_this_f: ["f", "check_in_is_fahrenheit"],
  is_this_c: ["c", "check_in_is_celsius"] };

function unitSwitch(tools, typed, onChange) {
  const units = [["c", "°C"], ["f", "°F"]].map(([unit, text]) => {
    const made = el("button", { type: "button", role: "radio", "data-unit": unit,
      "aria-checked": String(typed.unit === unit), tabindex: typed.unit === unit ? "0" : "-1",
      "aria-label": tools.say(unit === "c" ? "check_in_celsius" : "check_in_fahrenheit") }, text);
    made.addEventListener("click", () => {
      typed.unit = unit;
      for (const one of units) {
        const isOn = one.dataset.unit === unit;
        one.setAttribute("aria-checked", String(isOn));
        one.tabIndex = isOn ? 0 : -1;
      }
      onChange();
    });
    return made;
  });
  const group = el("div", { class: "segmented", role: "radiogroup",
    "aria-label": tools.say("check_in_temp_unit") }, ...units);
  arrowKeys(group, units);
  return group;
}

/** A typed temperature in °C or °F, or "no thermometer". */
export function drawTemperature(step, tools) {
  const [question] = step.questions;
  const { say } = tools;
  const typed = tools.typedTemperature();
  const input = el("input", { class: "input input--big", id: "temperature", inputmode: "decimal",
    autocomplete: "off", enterkeyhint: "next", maxlength: "7", "aria-labelledby": "step-title",
    "aria-describedby": "temperature-error", value: typed.text });
  input.value = typed.text;
  const keep = () => tools.keepTyped({ ...typed, text: input.value });
  const error = el("p", { class: "field__error", id: "temperature-error", hidden: "" });
  const offer = el("div", { class: "btns", hidden: "" });
  const field = el("div", { class: "field" },
    el("div", { class: "temperature" }, input, unitSwitch(tools, typed, keep)), error, offer);

  const convert = async (unit) => {
    typed.unit = unit;
    await keep();
    await submit();
  };
  const submit = async () => {
    typed.text = input.value;
    const read = readTemperature(typed.text, typed.unit, question);
    if (read.temp_c !== undefined) {
      await tools.keepTyped({ ...typed, text: typed.text });
      await tools.answerAndGo(question, read.temp_c);
      return;
    }
    field.classList.add("field--bad");
    error.replaceChildren(icon("warning"), el("span", {}, say(PROBLEMS[read.kind])));
    error.hidden = false;
    input.setAttribute("aria-invalid", "true");
    const [unit, words] = OTHER_UNIT[read.kind] || [];
    offer.replaceChildren(...(unit ? [button({ text: say(words), className: "btn btn--line",
      onTap: () => convert(unit), attributes: { "data-convert": unit } })] : []));
    offer.hidden = !unit;
    input.focus();
  };
  input.addEventListener("input", keep);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    submit();
  });
  const none = button({ text: say("check_in_no_thermometer"), className: "choice",
    attributes: { "aria-pressed": String(tools.value(question) === null),
      "data-no-thermometer": "" },
    onTap: async () => {
      await tools.keepTyped({ text: "", unit: typed.unit });
      await tools.answerAndGo(question, null);
    } });
  return [field, el("div", { class: "btns" }, button({ text: say("check_in_next"),
    onTap: submit, attributes: { "data-next": "" } }), none)];
}

/** Free words, bounded; the last screen, so its button saves. */
export function drawNote(step, tools) {
  const [question] = step.questions;
  const { say } = tools;
  const field = el("textarea", { class: "input", rows: "5", id: "note",
    maxlength: String(question.max_length), "aria-labelledby": "step-title",
    "aria-describedby": "note-left" });
  field.value = tools.value(question) || "";
  const left = el("p", { class: "small soft", id: "note-left" });
  const count = () => {
    left.textContent = say("check_in_note_left",
      { left: question.max_length - field.value.length });
  };
  count();
  field.addEventListener("input", () => {
    count();
    tools.keepAnswer(question, field.value);
  });
  return [el("div", { class: "field" }, field, left), saveButton(tools)];
}

/** The button that ends the form. */
export function saveButton(tools) {
  return button({ text: tools.say("check_in_save"), attributes: { "data-save": "" },
    onTap: (made) => tools.finish(made) });
}

/** Several yes/no questions on one page, each with "not sure"; used for the start questions. */
export function drawYesNoList(step, tools) {
  const { say } = tools;
  const rows = step.questions.map((question) => {
    const labelId = `yes-no-${question.key}-${step.owner || ""}`;
    const value = tools.value(question);
    const options = [...optionsOf(question, step.site, say),
      { value: null, label: say("check_in_not_sure") }];
    const help = helpOf(question, step.site);
    const buttons = options.map((option) => {
      const isOn = value === option.value;
      const made = el("button", { type: "button", role: "radio", "aria-checked": String(isOn),
        class: option.value === null ? "answer answer--quiet" : "answer",
        "data-value": String(option.value), tabindex: isOn ? "0" : "-1" }, option.label);
      made.addEventListener("click", () => pick(option.value, made));
      return made;
    });
    if (!buttons.some((made) => made.tabIndex === 0)) buttons[0].tabIndex = 0;
    const pick = (picked, chosen) => {
      for (const made of buttons) {
        made.setAttribute("aria-checked", String(made === chosen));
        made.tabIndex = made === chosen ? 0 : -1;
      }
      tools.keepAnswer(question, picked);
    };
    const group = el("div", { class: "row-question__answers row-question__answers--three",
      role: "radiogroup", "aria-labelledby": labelId }, ...buttons);
    arrowKeys(group, buttons);
    return el("li", { class: "row-question", "data-key": question.key },
      el("div", { class: "row-question__text", id: labelId },
        el("p", {}, labelOf(question, step.site)),
        ...(help ? [el("p", { class: "row-question__help soft small" }, help)] : [])),
      group);
  });
  return [el("ul", { class: "rows" }, ...rows), nextButton(tools)];
}
