// Search that answers as you type. The words travel in a body, never in an address.

import { readPage, SessionOver } from "./fragments.js";

const PAUSE_MS = 200;
const FAILED = "The search did not answer. Press Search to try again.";

/** Replace what was found while somebody types; arrows go from the field to what was found. */
export function followPatientSearch(form) {
  const field = form.elements.q;
  const said = document.querySelector("[data-found-said]");
  let timer = null;
  let asked = 0;

  async function look() {
    asked += 1;
    const mine = asked;
    try {
      const body = new FormData(form);
      const page = await readPage(`${form.action}/found`, { method: "POST", body });
      const found = page?.querySelector("[data-found]");
      if (mine !== asked || !found) return; // a later question is on its way
      document.querySelector("[data-found]").replaceWith(document.adoptNode(found));
      said.textContent = field.value.trim() ? found.dataset.said : "";
    } catch (problem) {
      if (problem instanceof SessionOver) window.location.reload();
      else if (mine === asked) said.textContent = FAILED;
    }
  }

  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, PAUSE_MS);
  });
  document.addEventListener("keydown", (event) => walk(event, field));
  // What was typed before somebody went on and came back stands in the field again.
  window.addEventListener("pageshow", () => {
    if (field.value !== field.defaultValue) look();
  });
}

function walk(event, field) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const names = [...document.querySelectorAll("[data-found] .work__name")];
  const here = event.target === field ? -1 : names.indexOf(event.target);
  if (here === -1 && event.target !== field) return;
  const next = here + step < 0 ? field : names[here + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
