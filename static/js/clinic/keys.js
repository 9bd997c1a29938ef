// Single keys for the worklist. They are silent in fields and dialogs, with Ctrl, Alt or Meta, and
// where the clinician switched them off on this device (WCAG 2.1.4).

const TYPING = "input, textarea, select, [contenteditable], dialog";

/** Do `acts[key]()` for each of these keys while `isOn()`; an act that returns false did nothing. */
export function followKeys(acts, isOn) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || !isOn() || !Object.hasOwn(acts, event.key)) return;
    if (event.key !== "Escape" && event.target.closest?.(TYPING)) return;
    if (acts[event.key](event) !== false) event.preventDefault();
  });
}

/** The element beside the one with the focus in this list, or the first or last of all. */
export function beside(list, step) {
  const now = list.findIndex((one) => one.contains(document.activeElement));
  if (now === -1) return step > 0 ? list[0] : list.at(-1);
  return list[Math.min(list.length - 1, Math.max(0, now + step))];
}

/** Whoever comes by the key for searching can type at once. */
export function startSearching() {
  if (location.hash === "#search") document.querySelector("[data-search] input[name=q]")?.focus();
}
