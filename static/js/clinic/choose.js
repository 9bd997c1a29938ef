// Going to another clinic of one's own. The phone hears who is signed in there, and other tabs that
// still show the clinic before say so, in place of seeming to be the one that is open now.

import { withPhone } from "../account/asking.js";
import { ANOTHER_CLINIC } from "./fragments.js";

const CHANNEL = "prolo-aftercare-desk";
const PATIENCE_MS = 4000;

const patience = () => new Promise((resolve) => { window.setTimeout(resolve, PATIENCE_MS); });

async function go(form) {
  const body = new URLSearchParams(new FormData(form));
  const reply = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  if (reply.type !== "opaqueredirect") throw new Error(`answer ${reply.status}`);
  const told = withPhone((phone) => phone.refreshSession())
    .catch((error) => console.warn("choosing:", error));
  await Promise.race([told, patience()]);
  location.assign("/clinic");
}

/** Make this form go there as the server does, and tell the phone. */
export function chooseHere(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(form).catch(() => form.submit());
  });
}

/** Show, where this page is of another clinic than the one that is open now, that it is. */
export function stayAtOneClinic(root) {
  const notice = root.querySelector("[data-elsewhere]");
  if (!notice) return;
  const { clinic } = notice.dataset;
  const say = () => { notice.hidden = false; };
  document.addEventListener(ANOTHER_CLINIC, say);
  if (!window.BroadcastChannel) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }) => {
    if (data?.clinic !== clinic) say();
    else notice.hidden = true;
  });
  channel.postMessage({ clinic });
}
