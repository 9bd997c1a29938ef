// Opening a row: its review is asked for when somebody wants it, and one is open at a time.
// Whoever fills a review hears `review:opened` and `review:closed` on the document.

import { el } from "../ui/dom.js";
import { readPage, SessionOver } from "./fragments.js";
import { isDirty } from "./worklist_rows.js";

const TROUBLE = "The review could not be loaded. Close it and open it again.";
const SIGNED_OUT = "Your session has ended. Load the page to sign in.";

/** Follow the Review links in `root`; returns {toggle(row), close(row), openRow()}. */
export function openRows(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    toggle(link.closest("[data-patient]"));
  });

  function openRow() {
    return root.querySelector(".is-open");
  }

  function toggle(row) {
    if (!row.classList.contains("is-open")) return open(row);
    close(row);
    return Promise.resolve();
  }

  async function open(row) {
    const other = openRow();
    if (other && !isDirty(other)) close(other, { hasFocus: false });
    const body = row.querySelector("[data-review-place]");
    const link = row.querySelector("[data-open]");
    row.classList.add("is-open");
    row.querySelector(".work__review").hidden = false;
    link.setAttribute("aria-expanded", "true");
    try {
      const review = await ask(row.dataset.patient);
      if (!row.classList.contains("is-open")) return;
      body.replaceChildren(review);
      tell(row, "review:opened");
      body.querySelector("[data-review-start]")?.focus({ preventScroll: true });
    } catch (error) {
      const words = error instanceof SessionOver ? SIGNED_OUT : TROUBLE;
      body.replaceChildren(el("p", { class: "form-error", role: "alert" }, words));
    }
  }

  function close(row, { hasFocus = true } = {}) {
    if (!row.classList.contains("is-open")) return;
    tell(row, "review:closed");
    row.classList.remove("is-open");
    row.querySelector(".work__review").hidden = true;
    row.querySelector("[data-review-place]").replaceChildren();
    const link = row.querySelector("[data-open]");
    link.setAttribute("aria-expanded", "false");
    if (hasFocus) link.focus();
  }

  return { toggle, close, openRow };
}

async function ask(patientId) {
  const page = await readPage(`/clinic/patients/${patientId}/review`);
  return document.adoptNode(page.querySelector("[data-review]"));
}

function tell(row, name) {
  const body = row.querySelector("[data-review-place]");
  row.dispatchEvent(new CustomEvent(name, {
    bubbles: true, detail: { patientId: row.dataset.patient, body },
  }));
}
