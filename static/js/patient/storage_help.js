// Whether the browser has agreed to keep what this app stores, and how much that is.

import { el } from "../ui/dom.js";
import { whileBusy } from "./fields.js";
import { counted } from "./words.js";

const MB = 1_000_000;
const SILENT_MS = 1500; // a browser that decides by itself has done so; another asks the person

/** {is_kept, used_mb}; a browser that does not say gives false and null. */
export async function readStorage(storage) {
  const isKept = await storage?.persisted?.().catch(() => false) ?? false;
  const estimate = await storage?.estimate?.().catch(() => null) ?? null;
  const used = estimate?.usage ?? null;
  return { is_kept: isKept, used_mb: used === null ? null : Math.max(0.1, used / MB).toFixed(1) };
}

const late = () => new Promise((resolve) => { setTimeout(() => resolve(null), SILENT_MS); });

/** Asks the browser; `onAsked` hears true or false, and before that null where it asks the person,
 *  who may never answer. */
async function ask(storage, onAsked) {
  const asked = storage.persist().catch(() => false);
  const first = await Promise.race([asked, late()]);
  onAsked(first);
  if (first === null) asked.then(onAsked);
}

const keptHere = ({ check_ins: count }, say) => (count === 0 ? say("storage_check_ins_none")
  : say(counted("storage_check_ins", count), { count }));

/** The lines about storage; the button asks the browser and then calls `onAsked`. */
export function drawStorage(state, { storage, say, onAsked }) {
  const button = el("button", { type: "button", class: "btn btn--line btn--small",
    "data-focus": "keep" }, say("storage_ask"));
  button.addEventListener("click", () => whileBusy(button, () => ask(storage, onAsked)));
  return [
    state.check_ins !== null && el("p", {}, keptHere(state, say)),
    el("p", {}, say(state.is_kept ? "storage_kept" : "storage_may_go")),
    state.used_mb !== null && el("p", { class: "soft small" },
      say("storage_used", { number: state.used_mb })),
    state.answer !== undefined && !state.is_kept && el("p", { class: "small", role: "status" },
      say(state.answer === null ? "storage_answer" : "storage_refused")),
    !state.is_kept && storage?.persist && button,
  ];
}
