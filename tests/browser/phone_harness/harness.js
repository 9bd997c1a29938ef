// Opens the phone with its clock, its dice and its timers in the hands of the test.

import { openPhone } from "/assets/js/phone.js";

const held = [];
let offset = 0;
let dice = 0;

const realTimer = (work, delay) => {
  const id = window.setTimeout(work, delay);
  return () => window.clearTimeout(id);
};

function heldTimer(work, delay) {
  const timer = { work, delay };
  held.push(timer);
  return () => {
    if (held.includes(timer)) held.splice(held.indexOf(timer), 1);
  };
}

const harness = {
  changes: [],
  delays: () => held.map(({ delay }) => delay).sort((one, other) => one - other),
  fire(delay) {
    const timer = held.find((one) => one.delay === delay);
    held.splice(held.indexOf(timer), 1);
    return timer.work();
  },
  moveClock(milliseconds) {
    offset += milliseconds;
  },
  roll(value) {
    dice = value;
  },
  async open({ timers = "held", locks = true, ...rest } = {}) {
    window.phone?.close();
    const given = { assets: "/assets", ...rest, random: () => dice,
      now: () => new Date(Date.now() + offset),
      setTimer: timers === "held" ? heldTimer : realTimer };
    if (!locks) given.locks = null;
    window.phone = await openPhone(given);
    window.phone.onChange(({ what }) => harness.changes.push(what));
    return window.phone.account();
  },
  /** A draft of an event, whole but for what the test changes. */
  draft(change = {}) {
    return {
      event_id: window.phone.newEventId(), kind: "create", supersedes: null,
      treatment_id: "11111111-1111-4111-8111-111111111111", form_version: 1, rules_version: 1,
      ...window.phone.stamp(), answers: { pain_now: 4 },
      verdict: { level: "expected", reasons: ["N1"], also: [], missing: [] }, ...change,
    };
  },
  async save(change) {
    const draft = harness.draft(change);
    await window.phone.save([draft]);
    return draft.event_id;
  },
  signIn: () => window.phone.signIn({ username: "ana", password: "a long password" }),
  send: () => window.phone.sendNow(),
  /** Every row of one store, read with a connection of our own. */
  rows(store) {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open("prolo-aftercare");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        const asking = database.transaction(store).objectStore(store).getAll();
        asking.onsuccess = () => {
          database.close();
          resolve(asking.result);
        };
      };
    });
  },
};

window.harness = harness;
