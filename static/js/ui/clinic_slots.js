/**
 * Fills a clinic's own words into pages that are drawn the same for everybody: its numbers, its
 * name, its rules on ice, heat and tablets, and whether a clinician has signed the text.
 * Until a clinic is known the page keeps what the server drew, which asks the reader to ask.
 */

import { telAddress } from "./dom.js";

const NUMBERS = { clinic: "phone", out_of_hours: "out_of_hours", emergency: "emergency" };

/** `clinic` is the snapshot or null; `day` is the day since the injection where a page knows it. */
export function fillClinicSlots(root, clinic, guidance, { day = null } = {}) {
  if (!clinic) {
    return;
  }
  each(root, "[data-clinic-name]", (slot) => {
    slot.textContent = clinic.name;
  });
  each(root, "[data-clinic-tel]", (slot) => fillNumber(slot, clinic));
  each(root, "[data-clinic-policy]", (slot) => fillPolicy(slot, clinic, guidance, day));
  each(root, "[data-activity]", (slot) => fillActivity(slot, clinic, guidance));
  each(root, "[data-unsigned]", (slot) => fillSigned(slot, clinic, guidance));
  each(root, "[data-clinic-unknown]", (slot) => {
    slot.hidden = Boolean(clinic.phone?.number);
  });
}

/**
 * The clinic's rule in words, or the words that say to ask.
 *
 * Returns `{text, isRule}`; `isRule` is false while the clinic has not chosen.
 */
export function policyWords(name, clinic, policies) {
  const choice = policyChoice(name, clinic);
  const text = policies[name]?.[choice] ?? policies[name]?.ask ?? "";
  const days = clinic?.nsaid_avoid_after_days;
  return {
    text: text.replaceAll("{days}", String(days ?? "")),
    isRule: choice !== "ask" && Boolean(policies[name]?.[choice]),
  };
}

function policyChoice(name, clinic) {
  if (name !== "nsaid") {
    return clinic?.[`${name}_policy`] ?? "ask";
  }
  const days = clinic?.nsaid_avoid_after_days;
  if (!Number.isInteger(days)) {
    return "ask";
  }
  return days > 0 ? "set" : "none";
}

function fillNumber(slot, clinic) {
  const number = clinic[NUMBERS[slot.dataset.clinicTel]]?.number;
  const address = telAddress(number);
  if (!address) {
    return;
  }
  slot.setAttribute("href", address);
  slot.hidden = false;
  each(slot, "[data-tel-number]", (place) => {
    place.textContent = number;
  });
}

function fillPolicy(slot, clinic, guidance, day) {
  const { text, isRule } = policyWords(slot.dataset.clinicPolicy, clinic,
    guidance.aftercare.policies);
  if (!text) {
    return;
  }
  slot.textContent = text;
  slot.classList.toggle("is-rule", isRule);
  if (day !== null) {
    slot.dataset.day = String(day);
  }
}

/* A line up to the clinic's own day; one without "until" holds only while the clinic set none. */
function fillActivity(slot, clinic, guidance) {
  const [site, topic] = slot.dataset.activity.split(" ");
  const day = clinic.activity_days?.[site]?.[topic];
  if (!Number.isInteger(day)) {
    return;
  }
  slot.hidden = !slot.dataset.until || day === 0;
  if (slot.dataset.until) {
    slot.textContent = `${slot.dataset.until.replace("{day}", String(day))} `
      + guidance.phrases.clinic_rule_after;
  }
}

/* A signature of the demo is no clinician's, so there the label stays and says so. */
function fillSigned(slot, clinic, guidance) {
  if (!clinic.signed) {
    slot.hidden = false;
  } else if (clinic.is_demo) {
    slot.textContent = guidance.phrases.reviewed_demo;
  } else {
    slot.hidden = true;
  }
}

function each(root, selector, act) {
  for (const found of root.querySelectorAll(selector)) {
    act(found);
  }
}
