// The sentences of the patient pages come from guidance.phrases; this fills their gaps.

import { apart, isOne, unbroken } from "../ui/language.js";

const TELEPHONE = new Set(["clinic_phone", "emergency_number", "out_of_hours"]);

/** say("waiting_many", {count: 2}) → the sentence; a key that is missing shows itself. */
export function speaker(phrases) {
  return function say(key, values = {}) {
    const text = Object.hasOwn(phrases, key) ? phrases[key] : key;
    return text.replace(/\{(\w+)\}/g, (gap, name) => {
      if (!Object.hasOwn(values, name) || values[name] === null) return gap;
      return TELEPHONE.has(name) ? unbroken(values[name]) : apart(values[name]);
    });
  };
}

/** The key for one or for several: counted("waiting", 1) → "waiting_one". */
export function counted(key, count) {
  return `${key}_${isOne(count) ? "one" : "many"}`;
}
