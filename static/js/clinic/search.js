// Search that answers as you type. The words travel in a body, never in an address.

import { readPage } from "./fragments.js";

const PAUSE_MS = 250;

/** Replace what was found while somebody types. */
export function followPatientSearch(form) {
  const field = form.elements.q;
  let timer = null;
  let asked = 0;

  async function look() {
    asked += 1;
    const mine = asked;
    const page = await readPage(form.action, { method: "POST", body: new FormData(form) });
    const found = page?.querySelector("[data-found]");
    if (mine !== asked || !found) return; // a later question is on its way, or there is no answer
    document.querySelector("[data-found]").replaceWith(document.adoptNode(found));
  }

  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, PAUSE_MS);
  });
}
