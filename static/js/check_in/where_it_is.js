// "Where your answers are", the tick "I have called", and the notice when nothing could be saved.

import { el, icon } from "../ui/dom.js";
import { clockWords } from "../patient/days.js";
import { drawSteps } from "../patient/state_sentence.js";
import { button } from "./controls.js";
import { calledEvent } from "./event.js";

/** Close to the level while it is true: nobody but this phone knows of these answers. */
export function hereOnly(threads, { say }) {
  if (!threads.some((thread) => thread.state === "on_phone")) return null;
  return el("div", { class: "state state--waiting here-only" }, icon("phone-saved"),
    el("div", {}, el("p", { class: "strong" }, say("state_answers_on_phone")),
      el("p", {}, say("offline_not_reached"), " ", say("offline_call"))));
}

/** The three true sentences of each check-in. */
export function whereItIs(threads, { say, phone, guidance }, jointTitle) {
  const parts = threads.flatMap((thread) => [
    threads.length > 1 ? el("p", { class: "strong" }, jointTitle(thread)) : null,
    drawSteps(thread, { say, now: phone.now(), guidance }),
  ]);
  return el("section", { class: "section where", "aria-labelledby": "where-title" },
    el("h2", { id: "where-title" }, say("result_where_title")), parts);
}

/** The tick that tells the clinic "I have called"; it saves a `called` event for each check-in. */
export function calledTick(threads, { phone, say, eventIds, onProblem }) {
  const called = threads.find((thread) => thread.called_at);
  if (called) {
    return el("p", { class: "state state--good" }, icon("phone-call"),
      el("span", {}, say("called_at", { time: clockWords(called.called_at) })));
  }
  const save = async (made) => {
    if (made.getAttribute("aria-busy") === "true") return;
    made.setAttribute("aria-busy", "true");
    try {
      await phone.save(threads.map((thread) => calledEvent({
        eventId: eventIds(thread.event_id), createId: thread.event_id,
        treatment: { treatment_id: thread.treatment_id },
        versions: { form_version: thread.form_version, rules_version: thread.rules_version },
        stamp: phone.stamp(), owner: phone.account()?.account,
      })));
    } catch (error) {
      made.removeAttribute("aria-busy");
      onProblem(error);
    }
  };
  return el("div", { class: "called stack stack--tight" },
    button({ text: say("called_tick"), className: "choice", onTap: save,
      attributes: { "aria-pressed": "false", "data-called": "" } }),
    el("p", { class: "small soft" }, say("called_only_note")));
}

const SAVE_PROBLEMS = { "storage-full": "full", "storage-lost": "lost",
  "storage-refused": "refused" };

/** The big message when the phone did not save. The form keeps everything. */
export function saveFailed({ error, say, isUrgent, onAgain, onBack, onCopy }) {
  const why = SAVE_PROBLEMS[error?.kind] || "other";
  const copied = el("p", { class: "small", role: "status" });
  const text = el("textarea", { class: "input", rows: "8", readonly: true, hidden: true,
    "aria-label": say("save_failed_copy") });
  return el("section", { class: "notice notice--danger save-failed", role: "alert" },
    icon("warning"),
    el("div", { class: "stack" },
      el("h1", { tabindex: "-1" }, say("save_failed_title")),
      el("p", { class: "strong" }, say(`save_failed_${why}`)),
      why === "other" ? null : el("p", {}, say(`save_failed_${why}_do`)),
      isUrgent ? el("p", { class: "strong" }, say("save_failed_urgent")) : null,
      el("div", { class: "btns" },
        button({ text: say("save_again"), onTap: onAgain, attributes: { "data-save-again": "" } }),
        button({ text: say("save_failed_copy"), className: "btn btn--line", iconName: "copy",
          attributes: { "data-copy": "" },
          onTap: async () => {
            text.value = onCopy();
            text.hidden = false;
            text.select();
            try {
              await navigator.clipboard.writeText(text.value);
              copied.textContent = say("save_failed_copied");
            } catch {
              copied.textContent = say("save_failed_copy_by_hand");
            }
          } }),
        onBack ? button({ text: say("check_in_back"), className: "btn btn--quiet",
          onTap: onBack }) : null),
      // Outside of such a form, browsers write the text to disk, to restore a tab.
      copied, el("form", { autocomplete: "off" }, text)));
}
