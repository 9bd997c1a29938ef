// Who to call, and the signs that call for it: the same block on every screen that needs it.

import { el, icon } from "../ui/dom.js";
import { callButton } from "./controls.js";
import { dock } from "./dock.js";
import { planCalls, phoneValues } from "./who_to_call.js";

/** The emergency number of the clinic, else of this server; null where neither is known. */
export function emergencyNumber(clinic) {
  return clinic?.emergency?.number || document.documentElement.dataset.emergency || null;
}

/** Values for phrases that name a number. */
export function callValues(clinic) {
  return phoneValues(clinic, emergencyNumber(clinic));
}

/** planCalls with this phone's zone and numbers. */
export function callsNow({ clinic, phone, ...result }) {
  return planCalls({ ...result, clinic, now: phone.now(), emergencyNumber: emergencyNumber(clinic),
    zone: phone.stamp().time_zone });
}

function callNowParts({ guidance, clinic, say }) {
  const number = emergencyNumber(clinic);
  const title = number ? say("result_call_now_title", { emergency_number: number })
    : say("result_call_now_title_no_number");
  const rows = guidance.warning_signs.emergency.map((sign) => el("li", { class: "list--call" },
    icon("warning", 28, "list__icon"), el("span", {}, sign.text)));
  return { title, list: el("ul", { class: "list" }, rows) };
}

/** "Call 999 now if", with every warning sign. The same words and order everywhere. */
export function callNowList({ level = 2, ...context }) {
  const { title, list } = callNowParts(context);
  return el("section", { class: "section call-now" }, el(`h${level}`, {}, title), list);
}

/** The call buttons of a plan. Docked, the main one stays at the lower edge of the screen, where a
 *  thumb is; it keeps its place in the reading order. */
export function callButtons(plan, say, { isUrgent = false, isDocked = false } = {}) {
  return el("div", { class: "btns" }, ...plan.buttons.map((one) => {
    const made = callButton(one, say, { isUrgent });
    return isDocked && one.is_main ? dock(made) : made;
  }));
}

/** What opens where somebody is not sure: numbers first, then the signs. */
export function notSureBlock({ guidance, clinic, phone, say }) {
  const plan = callsNow({ clinic, phone, level: null, isNotChecked: true });
  const { title, list } = callNowParts({ guidance, clinic, say });
  return el("div", { class: "notice notice--warn not-sure", role: "status" },
    el("div", {},
      el("p", { class: "strong" }, say("check_in_not_sure_call")),
      callButtons(plan, say),
      el("details", { class: "fold", open: true }, el("summary", {}, title),
        el("div", { class: "fold__body" }, list))));
}
