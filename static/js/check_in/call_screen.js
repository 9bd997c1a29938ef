// What opens at once on a "yes" to an emergency question. Calling comes first; the form can wait.

import { el, icon } from "../ui/dom.js";
import { clockWords } from "../patient/days.js";
import { callButtons, callNowList, callsNow } from "./call_list.js";
import { button } from "./controls.js";
import { calledTick, hereOnly, saveFailed, whereItIs } from "./where_it_is.js";

/** `advice` is {levelAct, why, act} in words; `threads` are the saved check-ins, and `failure`
 *  tells why saving failed. */
export function drawCallScreen({ tools, advice, threads, failure, goOn, onAgain, onCopy,
  eventIds, jointTitle }) {
  const { clinic, guidance, phone, say } = tools;
  const plan = callsNow({ clinic, phone, level: "emergency" });
  const panel = el("section", { class: "level level--emergency" },
    el("p", { class: "level__chip" }, icon("emergency"),
      el("span", {}, clockWords(phone.now()))),
    el("h1", { class: "level__title", tabindex: "-1" }, say("level_emergency")),
    el("p", { class: "level__lead" }, advice.levelAct.join(" ")),
    callButtons(plan, say, { isUrgent: true, isDocked: true }));
  const todo = el("section", { class: "section" },
    advice.act.length ? el("h2", {}, say("result_do_title")) : null,
    advice.act.length ? el("ul", { class: "list" }, advice.act.map((line) => el("li",
      { class: "list--call" }, icon("arrow-right", 28, "list__icon icon--turns"),
      el("span", {}, line))))
      : null,
    el("h2", {}, say("result_why_title")),
    el("ul", { class: "list" }, advice.why.map((line) => el("li", {},
      icon("info", 28, "list__icon"), el("span", {}, line)))),
    plan.is_abroad ? el("p", { class: "strong" }, say("call_emergency_abroad")) : null,
    el("p", {}, say("no_signal"), " ", say("no_signal_go")));
  const saved = failure
    ? saveFailed({ error: failure, say, isUrgent: true, onAgain, onCopy })
    : threads.length
      ? el("div", { class: "stack" },
        hereOnly(threads, tools),
        calledTick(threads, { phone, say, eventIds, onProblem: () => onAgain() }),
        whereItIs(threads, { say, phone, guidance }, jointTitle))
      : el("p", { class: "state", role: "status" }, icon("clock"), el("span", {}, say("saving")));
  return el("div", { class: "call-screen stack" }, panel, todo, saved,
    el("div", { class: "section stack" },
      el("p", { class: "soft" }, say("check_in_rest_optional")),
      button({ text: say("check_in_finish_rest"), className: "btn btn--line", onTap: goOn,
        attributes: { "data-go-on": "" } })),
    callNowList({ guidance, clinic, say }));
}
