// Where a session has ended: one line that says what waits, and the sign-in form on the spot.
// Everything else on the page stays.

import { el, icon } from "../ui/dom.js";
import { focusHeading } from "./parts.js";
import { signInForm } from "./sign_in_form.js";
import { waitingSentence } from "./waiting.js";

/** Fills `place` while the session is over and empties it when it is not. */
export function signInBox({ place, keep, phone, say }) {
  const isOver = phone.isSessionOver();
  const waiting = phone.waiting();
  const sentence = waitingSentence({ waiting, isSessionOver: true, say }) ?? say("sign_in_again");
  const line = place.querySelector("[data-session-line]");
  if (isOver && line) {
    // The form may hold typed words: only the sentence changes.
    line.textContent = sentence;
    return;
  }
  keep(place, isOver, () => isOver && draw({ phone, say, sentence }));
}

function draw({ phone, say, sentence }) {
  const form = signInForm({ phone, say, onSignedIn: afterwards });
  form.id = "sign-in-here";
  form.hidden = true;
  const button = el("button", {
    type: "button", class: "btn btn--line btn--small",
  }, say("sign_in_button"));
  button.addEventListener("click", () => {
    form.hidden = false;
    button.hidden = true;
    form.elements.username.focus();
  });
  return el("section", { class: "sign-in-box", "aria-label": say("sign_in_title") },
    el("div", { class: "notice notice--warn" }, icon("key"),
      el("div", {}, el("p", { role: "status", "data-session-line": "" }, sentence), button)),
    form);
}

function afterwards(account) {
  if (account.role === "patient") focusHeading();
  else location.assign("/clinic");
}
