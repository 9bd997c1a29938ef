// Whether the browser has agreed to keep what this app stores, and how much that is.

import { el } from "../ui/dom.js";
import { whileBusy } from "./fields.js";

const MB = 1_000_000;

/** {is_kept, used_mb}; a browser that does not say gives false and null. */
export async function readStorage(storage) {
  const isKept = await storage?.persisted?.().catch(() => false) ?? false;
  const estimate = await storage?.estimate?.().catch(() => null) ?? null;
  const used = estimate?.usage ?? null;
  return { is_kept: isKept, used_mb: used === null ? null : Math.max(0.1, used / MB).toFixed(1) };
}

/** The lines about storage; the button asks the browser and then calls `onAsked`. */
export function drawStorage(state, { storage, say, onAsked }) {
  const button = el("button", { type: "button", class: "btn btn--line btn--small",
    "data-focus": "keep" }, say("storage_ask"));
  button.addEventListener("click", () => whileBusy(button, async () => {
    const isKept = await storage.persist().catch(() => false);
    onAsked(isKept);
  }));
  return [
    el("p", {}, say(state.is_kept ? "storage_kept" : "storage_may_go")),
    state.used_mb !== null && el("p", { class: "soft small" },
      say("storage_used", { number: state.used_mb })),
    state.was_refused && el("p", { class: "small", role: "status" }, say("storage_refused")),
    !state.is_kept && storage?.persist && button,
  ];
}
