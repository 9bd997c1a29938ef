// A page made of parts that are drawn again only when what they show has changed, so that a change
// in one never takes the focus, the open fold or the typed text from another.

import { replaceChildren } from "../ui/dom.js";

function focusedName(node) {
  const { activeElement } = document;
  return node.contains(activeElement) ? activeElement.dataset.focus ?? "" : null;
}

function giveFocusBack(node, name) {
  if (name === null) return;
  if (node.hidden) {
    focusHeading();
    return;
  }
  const same = name && node.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  const target = same || node.querySelector("[tabindex='-1']") || node;
  if (target === node) node.tabIndex = -1;
  target.focus();
}

/** Puts the focus on the heading of the page, where reading begins again. */
export function focusHeading() {
  const heading = document.querySelector("main h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

/** keep(node, shows, draw): fills `node` with draw() when `shows` (plain data) is not the last. */
export function partKeeper() {
  const shown = new WeakMap();
  return function keep(node, shows, draw) {
    const text = JSON.stringify(shows);
    if (shown.get(node) === text) return;
    shown.set(node, text);
    const name = focusedName(node);
    const children = [draw()].flat(Infinity).filter(Boolean);
    replaceChildren(node, children);
    node.hidden = children.length === 0;
    giveFocusBack(node, name);
  };
}
