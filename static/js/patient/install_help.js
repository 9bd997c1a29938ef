// How to put the app on this phone, in the steps of this phone.

import { canInstall, install } from "../offline/install_offer.js";
import { el, icon } from "../ui/dom.js";
import { whileBusy } from "./fields.js";

/** "installed", "ios", "ios_other_browser", "offer" (the browser would ask), "android", "other". */
export function installWay({ navigator, isStandalone, hasOffer }) {
  const agent = navigator.userAgent;
  if (isStandalone || navigator.standalone === true) return "installed";
  const isTablet = navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1;
  if (/iPhone|iPad|iPod/.test(agent) || isTablet) {
    return /CriOS|FxiOS|EdgiOS|OPiOS/.test(agent) ? "ios_other_browser" : "ios";
  }
  if (hasOffer) return "offer";
  return /Android/.test(agent) ? "android" : "other";
}

/** What this phone is, asked of the browser itself. */
export function thisPhone() {
  return {
    navigator,
    isStandalone: matchMedia("(display-mode: standalone)").matches,
    hasOffer: canInstall(),
  };
}

const IOS_STEPS = [null, "share", "add-home", "home"];

/** What to look for on this phone. */
export const drawInstallIcon = (way) => icon(way === "ios" ? "share" : "download", 28, "list__icon");

function iosSteps(way, say) {
  const steps = IOS_STEPS.map((drawn, place) => el("li", {},
    el("span", {}, say(`install_ios_step_${place + 1}`)), drawn && icon(drawn, 32, "step__icon")));
  return [
    el("p", {}, say("install_ios_why")),
    el("p", {}, say("install_ios_why_unsent")),
    el("p", { class: "strong" }, say("install_ios_first")),
    way === "ios_other_browser" && el("p", {}, say("install_ios_other_browser")),
    el("ol", { class: "plain-steps" }, ...steps),
  ];
}

function installButton(say, onDone) {
  const button = el("button", { type: "button", class: "btn btn--line", "data-focus": "install" },
    icon("download"), el("span", {}, say("install_button")));
  button.addEventListener("click", () => whileBusy(button, async () => {
    await install();
    onDone();
  }));
  return button;
}

/** The paragraphs and buttons for one way; `onDone` when the browser's question was answered. */
export function drawInstallHelp(way, { say, onDone }) {
  switch (way) {
    case "installed":
      return [el("p", { class: "state state--good" }, icon("check-circle"),
        el("span", {}, say("install_done")))];
    case "ios":
    case "ios_other_browser":
      return iosSteps(way, say);
    default:
      return [el("div", { class: "swap" },
        side(way !== "offer",
          el("p", {}, say(/Android/.test(navigator.userAgent) ? "install_android_menu" : "install_other"))),
        "onbeforeinstallprompt" in window
          && side(way === "offer", el("p", {}, say("install_android")), installButton(say, onDone)))];
  }
}

/** One of two things in the same place: the browser's offer comes late, and moves nothing then. */
function side(isShown, ...children) {
  return el("div", { class: "stack", inert: isShown ? null : "" }, ...children);
}
