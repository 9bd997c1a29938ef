// How many check-ins wait to be sent, in words that say no more than is true.

import { el, icon } from "../ui/dom.js";
import { momentWords } from "./days.js";
import { counted } from "./words.js";

// What the sender's last try came to, as one of our sentences.
const RESULTS = {
  offline: "waiting_no_answer",
  "not-ours": "waiting_not_our_server",
  "server-busy": "waiting_server_busy",
  "storage-full": "waiting_server_busy",
  deferred: "waiting_server_busy",
  "client-too-old": "waiting_too_old",
  "not-understood": "waiting_no_answer",
};

/** The sentence about what waits, or null where nothing does. */
export function waitingSentence({ waiting, isSessionOver, say }) {
  if (waiting.count === 0) return null;
  const key = isSessionOver ? "waiting_sign_in" : "waiting";
  return say(counted(key, waiting.count), { count: waiting.count });
}

/** The sentence about check-ins that the server did not take, or null. */
export function rejectedSentence({ waiting, say }) {
  if (!waiting.rejected) return null;
  return say(counted("waiting_rejected", waiting.rejected), { count: waiting.rejected });
}

/** What to say of check-ins that cannot be opened here, or null. */
export function unreadableSentence({ waiting, say }) {
  if (!waiting.unreadable) return null;
  const count = waiting.unreadable;
  return `${say(counted("waiting_unreadable", count), { count })} ${say("waiting_unreadable_do")}`;
}

/** "2 sealed check-ins of another person", or null. Never whose, never what. */
export function othersSentence({ waiting, say }) {
  if (!waiting.others_count) return null;
  const key = waiting.others_count === 1 ? "state_other_person_one" : "state_other_person";
  return say(key, { count: waiting.others_count });
}

/** When it was last tried, what came of it, and when it will be tried again. */
export function triedSentences({ waiting, say, now }) {
  const nothing = waiting.count || waiting.unreadable ? [] : [say("waiting_none")];
  if (!waiting.last_try_at) return waiting.count ? [say("waiting_never_tried")] : nothing;
  const at = (instant) => ({ time: momentWords(instant, { now }) });
  const lines = [...nothing, say("waiting_last_try", at(waiting.last_try_at))];
  const result = RESULTS[waiting.last_try_result];
  if (waiting.count && result) lines.push(say(result));
  if (waiting.count && waiting.next_try_at && new Date(waiting.next_try_at) > now) {
    lines.push(say("waiting_next_try", at(waiting.next_try_at)));
  }
  return lines;
}

/** Keeps a place as high as it is: what it says next may be shorter, and what is read below stays. */
export function holdHeight(place) {
  place.style.minHeight = `${place.offsetHeight}px`;
}

/** The lines of state for Today and You, ready to be put on a page. A page on which something
 *  waited (`hasWaited`) says so when nothing does any more. */
export function drawWaiting({ waiting, isSessionOver, say, hasWaited = false }) {
  const line = (text, name, kind) => text && el("p", { class: `state state--${kind}` },
    icon(name), el("span", {}, text));
  const lines = [
    line(waitingSentence({ waiting, isSessionOver, say }), "phone-saved", "waiting"),
    line(rejectedSentence({ waiting, say }), "warning", "problem"),
    line(unreadableSentence({ waiting, say }), "warning", "problem"),
    line(othersSentence({ waiting, say }), "lock", "waiting"),
  ].filter(Boolean);
  return lines.length || !hasWaited ? lines : [line(say("waiting_all_sent"), "check-circle", "good")];
}
