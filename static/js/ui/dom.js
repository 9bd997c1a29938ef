/**
 * Making elements. What lives here: small makers that every page uses to draw with text, never
 * with markup. What does not: anything that knows about check-ins, clinics or storage.
 */

import { icon } from "./icons.js";

export { icon };

const SVG = "http://www.w3.org/2000/svg";

/** The phrase that names a level and its icon, worst first. */
export const LEVELS = Object.freeze({
  emergency: { words: "level_emergency", icon: "emergency" },
  same_day: { words: "level_same_day", icon: "warning" },
  clinic_hours: { words: "level_clinic_hours", icon: "clock" },
  expected: { words: "level_expected", icon: "check-circle" },
  diary: { words: "level_short_diary", icon: "note" },
  not_checked: { words: "level_not_checked", icon: "question" },
});

/**
 * Make an HTML element.
 *
 * Attributes: `class` and any plain name are set as attributes; `true` gives a bare attribute;
 * `false`, `null` and `undefined` leave it out; `dataset` takes an object; `onClick` and the like
 * add a listener; `value`, `checked` and `hidden` are set as properties too.
 * Children: strings and numbers become text; arrays are flattened; null and false are skipped.
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for an element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Put these children in place of what `node` holds. */
export function replaceChildren(node, ...children) {
  node.replaceChildren(...asNodes(children));
  return node;
}

/** A level as a small label: icon and words. `null` is the diary, which has no level. */
export function levelChip(level, say) {
  const name = level ?? "diary";
  const known = LEVELS[name] ?? LEVELS.not_checked;
  return el("span", { class: `chip chip--${name}` }, icon(known.icon, 20),
    el("span", {}, say(known.words)));
}

/** A telephone address from a number as people write it; null when it holds no digit. */
export function telAddress(number) {
  const digits = String(number ?? "").replace(/(?!^\+)[^\d]/g, "");
  return /\d/.test(digits) ? `tel:${digits}` : null;
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    setOne(node, name, value);
  }
  node.append(...asNodes(children));
  return node;
}

function setOne(node, name, value) {
  if (value === false || value === null || value === undefined) {
    return;
  }
  if (name === "dataset") {
    Object.assign(node.dataset, value);
  } else if (name.startsWith("on") && typeof value === "function") {
    node.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === "value" || name === "checked") {
    node[name] = value;
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}

function asNodes(children) {
  return children.flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}
