// Fields of the account forms: a label, a hint, the control and its own error. Nothing typed is
// ever cleared by an error; the first field that is wrong gets the focus.

import { el, icon } from "../ui/dom.js";

/** Says (or with null takes back) what is wrong with one control, tied to it for screen readers. */
export function markField(input, message) {
  const field = input.closest(".field");
  const id = `${input.id}-error`;
  field.querySelector(".field__error")?.remove();
  field.classList.toggle("field--bad", message !== null);
  const others = (input.getAttribute("aria-describedby") ?? "").split(" ")
    .filter((name) => name && name !== id);
  if (message === null) {
    input.removeAttribute("aria-invalid");
  } else {
    input.setAttribute("aria-invalid", "true");
    others.push(id);
    input.after(el("p", { class: "field__error", id }, icon("warning"), el("span", {}, message)));
  }
  if (others.length) input.setAttribute("aria-describedby", others.join(" "));
  else input.removeAttribute("aria-describedby");
}

/** Marks what is wrong: `problems` maps names of controls to words. True when there is nothing. */
export function markFields(form, problems) {
  let first = null;
  for (const input of form.querySelectorAll("input[name], select[name], textarea[name]")) {
    const message = problems[input.name] ?? null;
    markField(input, message);
    if (message !== null) first ??= input;
  }
  first?.focus();
  return first === null;
}

/** The words above a form about the whole of it; null takes them away. */
export function markForm(form, message) {
  const place = form.querySelector("[data-form-error]");
  place.hidden = message === null;
  place.textContent = message ?? "";
}

/** A show/hide button for a password control. */
export function addReveal({ input, button, say }) {
  const draw = () => {
    const isShown = input.type === "text";
    button.textContent = say(isShown ? "password_hide" : "password_show");
    button.setAttribute("aria-pressed", String(isShown));
  };
  button.addEventListener("click", () => {
    input.type = input.type === "text" ? "password" : "text";
    draw();
  });
  draw();
}

/** Puts a suggested password into its field and writes it out below: a phone is too narrow to show
 *  it all in one line. It goes away when the password is hidden or changed. */
export function showSuggestion({ form, input, password }) {
  const reveal = form.querySelector("[data-reveal]");
  const place = form.querySelector("[data-suggested]");
  const words = form.querySelector("[data-suggested-words]");
  const draw = () => {
    const isShown = input.type === "text" && input.value === password;
    words.textContent = isShown ? password : "";
    place.hidden = !isShown;
  };
  input.value = password;
  if (input.type === "password") reveal.click();
  draw();
  input.addEventListener("input", draw);
  reveal.addEventListener("click", draw);
}

/** The buttons that send a form stand disabled until the page can answer them. */
export function enableForms(root) {
  for (const button of root.querySelectorAll("button[type=submit]")) button.disabled = false;
}

/** While `work` runs the button is busy and a second press does nothing. */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}
