// The lists of a plan: what to do, to avoid, to expect, and when to call.

import { asTitle, listWords } from "./joint_words.js";
import { el, icon } from "../ui/dom.js";

function drawLine({ text, names = [], is_clinic_rule: isRule }, { look, symbol, say }) {
  return el("li", { class: `list--${look}` },
    icon(symbol, 28, "list__icon"),
    el("span", {},
      isRule && el("span", { class: "list__from" }, `${say("clinic_rule")}: `),
      names.length > 0 && `${asTitle(listWords(names))}: `,
      text));
}

/** One item for each line {text, names, is_clinic_rule}. */
export const planItems = ({ lines, ...how }) => lines.map((line) => drawLine(line, how));

/** The lines as a list. */
export const planList = (list) => el("ul", { class: "list" }, ...planItems(list));

/** The lines under a heading, or false where there are none. */
export function planSection({ id, title, ...list }) {
  return list.lines.length > 0 && el("section", { class: "section",
    "aria-labelledby": `plan-${id}` }, el("h2", { id: `plan-${id}` }, title), planList(list));
}

/** The lines in a fold, or false where there are none. */
export function planFold({ title, ...list }) {
  return list.lines.length > 0 && el("details", { class: "fold" },
    el("summary", {}, title), el("div", { class: "fold__body" }, planList(list)));
}
