// Signing out and clearing the phone. What was never sent is never thrown away without a yes.

import { ask } from "./ask.js";
import { counted } from "./words.js";

const unsentOf = ({ count, rejected }) => count + (rejected ?? 0);
const lostBy = (waiting) => unsentOf(waiting) + (waiting.unreadable ?? 0);

function choicesOf({ phone, say }) {
  const canSend = !phone.isSessionOver() && phone.waiting().count > 0;
  return [
    canSend && { value: "send", text: say("sign_out_send"), style: "" },
    { value: "sealed", text: say("sign_out_keep"), style: canSend ? "line" : "" },
    { value: "delete", text: say("sign_out_delete"), style: "danger btn--line" },
    { value: "", text: say("sign_out_stay"), style: "quiet" },
  ].filter(Boolean);
}

function askWhatOfThem({ phone, say, notice }) {
  const count = unsentOf(phone.waiting());
  return ask({
    title: say("sign_out_title"),
    lines: [
      notice,
      say(counted("sign_out_waiting", count), { count }),
      say("sign_out_delete_warning"),
    ].filter(Boolean),
    choices: choicesOf({ phone, say }),
  });
}

/** Signs out, asking first what is to become of unsent check-ins. True when signed out. */
export async function signOutAsking({ phone, say }) {
  let notice = null;
  while (unsentOf(phone.waiting()) > 0) {
    const choice = await askWhatOfThem({ phone, say, notice });
    if (choice === null) return false;
    if (choice !== "send") return (await phone.signOut({ keep: choice })).ok;
    await phone.sendNow();
    notice = say("sign_out_still_waiting");
  }
  return (await phone.signOut({ keep: "sealed" })).ok;
}

/** Deletes what this app keeps of this person on this phone, after a yes. True when done. */
export async function clearAsking({ phone, say }) {
  const count = lostBy(phone.waiting());
  const unsent = count > 0
    && say(count === 1 ? "you_clear_unsent_one" : "you_clear_unsent", { count });
  const choice = await ask({
    title: say("you_clear"),
    lines: [say("you_clear_ask"), unsent, say("you_clear_server")].filter(Boolean),
    choices: [
      { value: "clear", text: say("you_clear"), style: "danger" },
      { value: "", text: say("leave_it"), style: "quiet" },
    ],
  });
  return choice === "clear" && (await phone.signOut({ keep: "delete" })).ok;
}
