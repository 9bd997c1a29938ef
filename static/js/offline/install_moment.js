// The offer to put the app on this phone at a good moment: on Today, after a check-in was saved and
// while nothing is urgent; never again after a no. Whoever looks for it finds it on You at any time.

import { drawInstallIcon, installWay, thisPhone } from "../patient/install_help.js";
import { speaker } from "../patient/words.js";
import { el } from "../ui/dom.js";
import { canInstall, install, onInstallOffer } from "./install_offer.js";
import { forGood } from "./memory.js";

const SAID_NO = "install-said-no";
const OFFERED = new Set(["offer", "ios"]);

/** Puts the card at the end of Today, now or when the browser makes its offer: that comes when the
 *  page has long been read, and nothing may move then. */
export async function offerInstall({ window, phone, memory = forGood(window) }) {
  if (memory.has(SAID_NO)) return;
  const { phrases } = await phone.guidance();
  const place = el("div", { class: "install-moment", hidden: "" });
  window.document.querySelector("#today").append(place);
  const draw = () => {
    const way = installWay(thisPhone());
    const isUrgent = phone.checkIns().some((thread) => thread.has_unreviewed_urgent);
    const isOffered = OFFERED.has(way) && !isUrgent && !memory.has(SAID_NO);
    place.replaceChildren(...(isOffered ? [drawCard(way, { say: speaker(phrases), refuse })] : []));
    place.hidden = !isOffered;
  };
  const refuse = () => {
    memory.note(SAID_NO);
    draw();
  };
  draw();
  onInstallOffer(draw);
}

function drawCard(way, { say, refuse }) {
  const [words, act] = way === "ios"
    ? ["install_moment_ios", el("a", { class: "btn btn--line", href: "/you#install-title" },
      say("install_how"))]
    : ["install_moment", button(say("install_button"), "line", async () => {
      if (canInstall() && !await install()) refuse();
    })];
  return el("section", { class: "card card--quiet stack" },
    el("p", { class: "install-moment__words" }, drawInstallIcon(way), el("span", {}, say(words))),
    el("div", { class: "btns" }, act, button(say("install_no"), "quiet", refuse)));
}

function button(words, look, onTap) {
  const made = el("button", { type: "button", class: `btn btn--${look}` }, words);
  made.addEventListener("click", onTap);
  return made;
}
