// One button at the lower edge of the screen, where a thumb is. Large text on a small screen would
// hide the page behind it: then it stands in the page like any other.

import { el } from "../ui/dom.js";

const LARGEST_SHARE = 0.22;

/** The button in its dock. Where it stands in the page is where it is read. */
export function dock(button) {
  const watch = new ResizeObserver(() => {
    if (!button.isConnected) return;
    document.documentElement.classList.toggle("has-tall-dock",
      button.offsetHeight > LARGEST_SHARE * window.innerHeight);
  });
  watch.observe(button);
  return el("div", { class: "dock" }, button);
}
