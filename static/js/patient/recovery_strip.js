// The recovery as a strip of phases with today marked. Drawn from guidance.aftercare.phases.

import { el } from "../ui/dom.js";

/** The phase that a day falls in; null before the injection and where the day is unknown. */
export function phaseOf(phases, day) {
  if (day === null || day < 0) return null;
  const reached = phases.filter((phase) => phase.first_day <= day);
  return reached.at(-1) ?? null;
}

/** How far through its phase a day is, from 0 to 1. The last phase has no end: 0.5. */
export function shareOf(phase, day) {
  if (phase.last_day === null) return 0.5;
  const length = phase.last_day - phase.first_day + 1;
  return Math.min(1, (day - phase.first_day + 0.5) / length);
}

/** The strip for one treatment. With the day unknown no phase is marked. */
export function drawStrip({ phases, day, say }) {
  const now = phaseOf(phases, day);
  const at = phases.indexOf(now);
  const list = el("ol", { class: "strip__phases" });
  phases.forEach((phase, index) => {
    const item = el("li", {},
      el("span", { class: "strip__bar" }),
      el("span", { class: "strip__label" }, say(`strip_${phase.id}`)));
    if (index < at) item.className = "is-done";
    if (index === at) {
      item.className = "is-now";
      item.style.setProperty("--done", `${Math.round(shareOf(phase, day) * 100)}%`);
    }
    list.append(item);
  });
  const words = now === null
    ? say("strip_not_marked")
    : say("strip_words", { day, name: now.title, number: at + 1, total: phases.length });
  return el("div", { class: "strip", role: "img", "aria-label": words }, list);
}
