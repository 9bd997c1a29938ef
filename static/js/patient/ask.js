// Asks one question in a dialog and gives back the chosen answer. The browser keeps the focus
// inside, gives it back afterwards, and Escape means "none of these".

import { el } from "../ui/dom.js";

let made = 0;

/** The page may have drawn the button anew meanwhile; then its twin takes the focus. */
function giveFocusBack(opener) {
  const { focus } = opener?.dataset ?? {};
  if (opener?.isConnected) opener.focus();
  else if (focus) document.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

/** Resolves with the `value` of the chosen button, or null when the question was left.
 *
 *  `choices` are {value, text, style}; style is "", "line", "quiet", "danger"
 *  or "danger btn--line". */
export function ask({ title, lines = [], choices }) {
  const opener = document.activeElement;
  made += 1;
  const id = `ask-${made}`;
  const buttons = choices.map(({ value, text, style }) => el("button", {
    type: "button", class: style ? `btn btn--${style}` : "btn", value,
  }, text));
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": id },
    el("h2", { id }, title),
    ...lines.map((line) => el("p", {}, line)),
    el("div", { class: "btns" }, ...buttons));
  document.body.append(dialog);
  return new Promise((resolve) => {
    for (const button of buttons) {
      button.addEventListener("click", () => dialog.close(button.value));
    }
    dialog.addEventListener("close", () => {
      dialog.remove();
      giveFocusBack(opener);
      resolve(dialog.returnValue || null);
    });
    dialog.showModal();
  });
}
