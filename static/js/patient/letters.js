// What the clinic wrote to the patient: the words of one message, and what is new on Today.

import { el } from "../ui/dom.js";
import { momentWords } from "./days.js";

const NEW_FOR_DAYS = 14;
const DAY_MS = 86_400_000;
const MOST_ON_TODAY = 3;

/** Every message about a check-in, oldest first. */
export const lettersOf = (thread) => (thread.reviews ?? []).filter(({ message }) => message);

/** Messages of the last days that nobody has said here to have seen, oldest first.
 *  `seen` is the time of the newest one that was, or null. */
export function newLetters(checkIns, { now, seen }) {
  const oldest = now.getTime() - NEW_FOR_DAYS * DAY_MS;
  return checkIns.flatMap((thread) => lettersOf(thread).map((letter) => ({ thread, letter })))
    .map((one) => ({ ...one, at: Date.parse(one.letter.at) }))
    .filter(({ at }) => at > Math.max(oldest, seen ?? 0))
    .sort((one, other) => one.at - other.at)
    .slice(-MOST_ON_TODAY);
}

/** One message with who wrote it and when. */
export function drawLetter({ message, name, role, at }, { say, now, about = null }) {
  return el("blockquote", { class: "message" },
    el("p", { class: "strong" }, say("state_read_message")),
    el("p", { class: "message__text" }, message),
    el("p", { class: "soft small" },
      `${name}, ${say(`role_${role}`)}, ${momentWords(at, { now })}`,
      about && ` · ${about}`));
}
