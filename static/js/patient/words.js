// The sentences of the patient pages come from guidance.phrases; this fills their gaps.

import { apart, isOne } from "../ui/language.js";

/** say("waiting_many", {count: 2}) → the sentence; a key that is missing shows itself. */
export function speaker(phrases) {
  return function say(key, values = {}) {
    const text = Object.hasOwn(phrases, key) ? phrases[key] : key;
    return text.replace(/\{(\w+)\}/g, (gap, name) =>
      Object.hasOwn(values, name) && values[name] !== null ? apart(values[name]) : gap);
  };
}

/** The key for one or for several: counted("waiting", 1) → "waiting_one". */
export function counted(key, count) {
  return `${key}_${isOne(count) ? "one" : "many"}`;
}
