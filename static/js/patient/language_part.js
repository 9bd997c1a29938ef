// The part of You that chooses the language: the same form as in the foot, where it is easier seen.

import { changeBy } from "./language.js";
import { el } from "../ui/dom.js";

/** Draws the languages that this server offers into `place`; nothing where there is only one. */
export function mountLanguage({ place, phone, say }) {
  const foot = document.querySelector(".foot [data-languages]");
  if (!foot) return;
  const draw = () => {
    const form = foot.cloneNode(true);
    form.removeAttribute("aria-label"); // the section around it has the name
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      changeBy(form, event.submitter.value, { window });
    });
    for (const button of form.querySelectorAll("button")) {
      button.className = "btn btn--line";
      button.hidden = (phone.clinic()?.languages_off ?? []).includes(button.value);
    }
    place.replaceChildren(el("section", { class: "section", "aria-labelledby": "language-title" },
      el("h2", { id: "language-title", tabindex: "-1" }, say("language_title")),
      el("p", { class: "soft" }, say("language_help")), form));
    place.hidden = false;
  };
  draw();
  phone.onChange(({ what }) => what === "record" && draw());
}
