// The three true sentences: where a check-in is, and never more than is true.
// (On this phone → on the clinic's server → read by a person.)

import { el } from "../ui/dom.js";
import { momentWords } from "./days.js";

/** "phone" | "rejected" | "server" | "read", for one check-in thread. */
export function placeOf(thread) {
  if (thread.state === "rejected") return "rejected";
  if (thread.state !== "on_server") return "phone";
  return thread.review ? "read" : "server";
}

/** The one sentence that is true of this check-in now. */
export function stateSentence(thread, { say, now }) {
  switch (placeOf(thread)) {
    case "rejected":
      return say("state_rejected");
    case "server":
      return say("state_on_server", { time: momentWords(thread.received_at, { now }) });
    case "read":
      return say("state_read", {
        name: thread.review.name,
        role: say(`role_${thread.review.role}`),
        time: momentWords(thread.review.at, { now }),
      });
    default:
      return say("state_on_phone");
  }
}

/** The way of a check-in as three steps; the reached one says the true sentence. */
export function drawSteps(thread, { say, now }) {
  const places = ["phone", "server", "read"];
  const at = Math.max(0, places.indexOf(placeOf(thread)));
  const steps = places.map((place, index) => {
    const text = index === at
      ? stateSentence(thread, { say, now })
      : say(`step_${place}_${index < at ? "done" : "ahead"}`);
    const item = el("li", {}, text);
    if (index < at) item.className = "is-done";
    if (index === at) {
      item.className = "is-now";
      item.setAttribute("aria-current", "step");
    }
    return item;
  });
  return el("ol", { class: "steps" }, ...steps);
}

const ICONS = { phone: "phone-saved", rejected: "warning", server: "cloud", read: "check-circle" };
const CLASSES = {
  phone: "state state--waiting", rejected: "state state--problem",
  server: "state", read: "state state--good",
};

/** The one true sentence as a line with its icon. */
export function drawState(thread, { say, now, icon }) {
  const place = placeOf(thread);
  return el("p", { class: CLASSES[place] },
    icon(ICONS[place]), el("span", {}, stateSentence(thread, { say, now })));
}
