// The part "Where you are signed in": every open session of this person, as the server tells it,
// and signing out those that are elsewhere.

import { el, replaceChildren } from "../ui/dom.js";
import { ask } from "./ask.js";
import { momentWords } from "./days.js";
import { whileBusy } from "./fields.js";
import { ownApi } from "./own_api.js";

const api = ownApi();

/** Draws the list into `place`; asks the server each time, and says so where it cannot. */
export async function drawSessions({ place, phone, say }) {
  const answer = await api.get("/api/v1/sessions");
  if (answer.outcome !== "ok" || !Array.isArray(answer.body.sessions)) {
    replaceChildren(place, el("p", { class: "soft" }, say("you_sessions_offline")));
    return;
  }
  const { sessions } = answer.body;
  const page = { place, phone, say, status: el("p", { class: "small", role: "status" }) };
  const others = sessions.filter((one) => !one.is_this_one);
  replaceChildren(place,
    el("ul", { class: "sessions" }, sessions.map((one) => row(page, one))),
    others.length > 0 && el("p", { class: "soft small" }, say("you_sessions_unknown")),
    others.length > 1 && button(page, say("you_sessions_end_all"), "line", {
      question: say("you_sessions_end_all_ask"), path: "/api/v1/sessions/end-others",
    }),
    page.status);
}

function row(page, one) {
  const { say, phone } = page;
  const now = phone.now();
  const name = one.label || say("you_sessions_this");
  return el("li", {},
    el("div", {},
      el("p", { class: "strong" }, name, one.is_this_one && one.label
        && el("span", { class: "soft" }, ` (${say("you_sessions_this")})`)),
      el("p", { class: "soft small" }, say("you_sessions_times", {
        date: momentWords(one.started_at, { now }), time: momentWords(one.active_at, { now }) }))),
    !one.is_this_one && button(page, say("you_sessions_end"), "quiet", {
      question: say("you_sessions_end_ask", { name }), path: "/api/v1/sessions/end",
      body: { session_id: one.session_id }, label: `${say("you_sessions_end")}: ${name}`,
    }));
}

function button(page, words, style, { question, path, body = undefined, label = null }) {
  const { say } = page;
  const made = el("button", { type: "button", class: `btn btn--${style} btn--small`,
    "aria-label": label }, words);
  made.addEventListener("click", () => whileBusy(made, async () => {
    const chosen = await ask({ title: question, choices: [
      { value: "end", text: words, style: "danger" },
      { value: "", text: say("leave_it"), style: "quiet" },
    ] });
    if (chosen !== "end") return;
    const answer = await api.post(path, body);
    const isDone = answer.outcome === "ok" || answer.status === 404;
    if (isDone) await drawSessions(page);
    else page.status.textContent = say("you_sessions_failed");
  }));
  return made;
}
