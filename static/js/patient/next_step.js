// Where staff go on who are only half signed in: the server has set the cookie of that half. Who
// works at several clinics says at last at which one.

const STEPS = {
  "second-factor-required": "/clinic/second-step",
  "enrolment-required": "/clinic/account/second-factor",
  "clinic-choice-required": "/clinic/choose",
};

/** The address of the step that a refusal of this kind leads to, or null. */
export const nextStep = (kind) => (Object.hasOwn(STEPS, kind) ? STEPS[kind] : null);
