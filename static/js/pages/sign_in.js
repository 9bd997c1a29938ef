// Signing in on its own page. Afterwards: staff go to the clinic's pages (and from there to the view
// they came for), patients back to where they came from, if that is one of a few pages of ours.

import { passkeyWay } from "../account/passkeys.js";
import { keepWayBack } from "../account/way_back.js";
import { el } from "../ui/dom.js";
import { signInForm } from "../patient/sign_in_form.js";
import { speaker } from "../patient/words.js";

const WAYS_BACK = ["/", "/check-in", "/check-ins", "/recovery", "/start", "/you", "/aftercare",
  "/joints", "/when-to-call"];

/** The address that `?next=` may lead to: one of ours by exact match, else Today. */
export function wayBack(search) {
  const next = new URLSearchParams(search).get("next");
  return WAYS_BACK.includes(next) ? next : "/";
}

/** Where somebody goes after signing in. */
export function nextAddress(account, search) {
  return account.role === "patient" ? wayBack(search) : "/clinic";
}

export async function start(root, { phone }) {
  const place = root.querySelector("#sign-in");
  const phrases = await phone.phrases();
  const say = speaker(phrases);
  const known = phone.account();
  keepWayBack(location.search, { window, now: new Date() });
  const onSignedIn = async (account) => {
    // The first page afterwards works without signal: what it shows has to be here first.
    if (account.role === "patient") await phone.sendNow();
    location.assign(nextAddress(account, location.search));
  };
  const form = signInForm({ phone, say, onSignedIn });
  const otherWay = passkeyWay({ phone, say, onSignedIn });
  const others = phone.waiting().others_count
    ? [el("p", { class: "soft" }, say("sign_in_other_person"))] : [];
  const isSignedIn = known !== null && !phone.isSessionOver();
  place.replaceChildren(
    ...(isSignedIn ? alreadyIn(known, say) : []),
    ...others,
    ...await whatWaits(phone.waiting(), say),
    form,
    ...(otherWay ? [otherWay] : []));
}

/** At a first visit nothing waits, and nothing is fetched to say so. */
async function whatWaits(waiting, say) {
  const { count, rejected, unreadable, others_count: others } = waiting;
  if (!count && !rejected && !unreadable && !others) return [];
  const { drawWaiting } = await import("../patient/waiting.js");
  return drawWaiting({ waiting, isSessionOver: true, say });
}

function alreadyIn(account, say) {
  const address = nextAddress(account, "");
  return [el("div", { class: "notice notice--info" }, el("p", {},
    say("you_signed_in", { name: account.display_name }), el("br"),
    el("a", { href: address }, say("sign_in_go_on"))))];
}
