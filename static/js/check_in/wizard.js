// Moves through the steps of a form: keeps each answer before the next screen, follows the Back of
// the browser, ignores stray taps, puts the focus on the new heading. Draws no question itself.

import { bagOf, isYes, noneValue } from "./form.js";
import { drawStep } from "./screens.js";

const GUARD_MS = 300;
const CALL_STEP = "call";
const FOCUSABLE = "h1, button, input, textarea, a";

/** Taps in the first 300 ms after a change of screen were meant for the screen before. */
export function tapGuard(root, clock = () => performance.now()) {
  let changedAt = -GUARD_MS;
  root.addEventListener("click", (event) => {
    if (clock() - changedAt >= GUARD_MS) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  let settled;
  return { changed() {
    changedAt = clock();
    clearTimeout(settled);
    root.classList.add("is-settling");
    settled = setTimeout(() => root.classList.remove("is-settling"), GUARD_MS);
  } };
}

// The bar at the bottom of a phone covers what is under it: a row there has not been seen.
function bottomBarHeight() {
  const bar = document.querySelector(".bar");
  return bar && getComputedStyle(bar).position === "fixed" ? bar.offsetHeight : 0;
}

const openKey = (question, step) => `${question.key}:${step.treatment_id}`;

// Where the focus was, in words that still hold after the same screen is drawn again.
function focusPath(root) {
  const active = document.activeElement;
  if (!active || !root.contains(active)) return null;
  const row = active.closest("[data-key]");
  const scope = row || root;
  const place = [...scope.querySelectorAll(FOCUSABLE)].indexOf(active);
  return { key: row?.dataset.key || null, place };
}

function restoreFocus(root, path) {
  if (!path) return;
  const scope = path.key ? root.querySelector(`[data-key="${path.key}"]`) : root;
  scope?.querySelectorAll(FOCUSABLE)[path.place]?.focus({ preventScroll: true });
}

/** Runs the form in `root`. `ctx` is what check_in.js gathers; `drawCall` draws the call screen,
 *  `onEmergency` saves at once, `onFinish` saves the whole, `onSteps` gives the steps anew. */
export function runWizard({ root, ctx, guard, drawCall, onEmergency, onFinish, onSteps }) {
  const { draft } = ctx;
  let steps = onSteps();
  let leave = [];
  let seenRows = new Set();
  let isBusy = false;
  let isRunning = true;

  const stepAt = (id) => steps.find((step) => step.id === id);
  const indexOf = (id) => steps.findIndex((step) => step.id === id);
  const current = () => stepAt(draft.step);

  async function once(work) {
    if (isBusy || !isRunning) return;
    isBusy = true;
    try {
      await work();
    } finally {
      isBusy = false;
    }
  }

  // What the screen before has running ends before the next is drawn.
  function put(drawNext) {
    for (const done of leave) done();
    leave = [];
    root.replaceChildren(drawNext());
  }

  function settle() {
    guard.changed();
    window.scrollTo(0, 0);
    const heading = root.querySelector("h1");
    document.title = `${heading.textContent} · ${ctx.say("check_in_title")}`;
    heading.focus({ preventScroll: true });
  }

  function draw() {
    const step = current();
    put(() => drawStep(step, toolsFor(step),
      { number: indexOf(step.id) + 1, total: steps.length }));
  }

  function redraw() {
    const path = focusPath(root);
    drawHere();
    restoreFocus(root, path);
  }

  function show(id, { push = false } = {}) {
    draft.step = id;
    seenRows = new Set();
    const depth = (history.state?.depth || 0) + (push ? 1 : 0);
    history[push ? "pushState" : "replaceState"]({ check_in: id, depth }, "");
    drawHere();
    settle();
    ctx.keep();
  }

  function drawHere() {
    if (draft.step === CALL_STEP) put(() => drawCall({ goOn: () => once(goOn) }));
    else draw();
  }

  function goOn() {
    const emergency = steps.findLast((step) => step.is_emergency);
    show(emergency ? emergency.id : steps[0].id, { push: true });
  }

  function next() {
    const following = steps[indexOf(draft.step) + 1];
    if (following) show(following.id, { push: true });
  }

  function back() {
    if (history.state?.depth > 0) return history.back();
    if (draft.step === CALL_STEP) return goOn();
    const before = steps[indexOf(draft.step) - 1];
    if (before) return show(before.id);
    return location.assign("/");
  }

  async function set(question, value, step) {
    const bag = bagOf(draft, question, step);
    if (value === undefined) delete bag[question.key];
    else bag[question.key] = value;
    draft.open = draft.open.filter((key) => key !== openKey(question, step));
    ctx.markDirty();
    await ctx.keep();
  }

  function toolsFor(step) {
    const value = (question) => bagOf(draft, question, step)[question.key];
    return {
      ...ctx, value, seenRows, next: () => once(next), back,
      treatmentOf: () => ctx.treatments.find((one) => one.treatment_id === step.treatment_id),
      onLeave: (done) => leave.push(done),
      bottomInset: () => bottomBarHeight(),
      isOpen: (question) => draft.open.includes(openKey(question, step)),
      keepAnswer: (question, answer) => set(question, answer, step),
      answerAndGo: (question, answer) => once(async () => {
        await set(question, answer, step);
        next();
      }),
      answerRow: (question, answer) => once(async () => {
        await set(question, answer, step);
        if (question.emergency && isYes(question, answer)) {
          onEmergency();
          show(CALL_STEP, { push: true });
        } else {
          redraw();
        }
      }),
      clearRow: (question) => once(async () => {
        await set(question, undefined, step);
        redraw();
      }),
      openRow: (question) => once(async () => {
        await set(question, undefined, step);
        draft.open.push(openKey(question, step));
        await ctx.keep();
        redraw();
        root.querySelector(`[data-key="${question.key}"] .choice`)?.focus();
      }),
      answerNone: (questions) => once(async () => {
        for (const question of questions) {
          bagOf(draft, question, step)[question.key] = noneValue(question);
        }
        ctx.markDirty();
        await ctx.keep();
        next();
      }),
      typedTemperature: () => draft.typed,
      keepTyped: async (typed) => {
        draft.typed = typed;
        ctx.markDirty();
        await ctx.keep();
      },
      lastPain: (treatmentId) => ctx.lastPain(treatmentId),
      offeredTreatments: () => ctx.treatments
        .filter((one) => draft.offered.includes(one.treatment_id)),
      chosenIds: () => draft.treatment_ids,
      chooseTreatments: async (ids) => {
        draft.treatment_ids = ids;
        steps = onSteps();
        await ctx.keep();
      },
      correctedDay: () => ctx.correctedDay,
      finish: (made) => once(async () => {
        made.setAttribute("aria-busy", "true");
        await onFinish();
        made.removeAttribute("aria-busy");
      }),
    };
  }

  function onPop(event) {
    const id = event.state?.check_in;
    if (!isRunning || !id) return;
    if (id === CALL_STEP || stepAt(id)) {
      draft.step = id;
      seenRows = new Set();
      drawHere();
      settle();
      ctx.keep();
    }
  }
  window.addEventListener("popstate", onPop);

  return {
    start() {
      const isKnown = draft.step === CALL_STEP || stepAt(draft.step);
      show(isKnown ? draft.step : steps[0].id);
    },
    show: (id) => show(id),
    stop() {
      isRunning = false;
      for (const done of leave) done();
      window.removeEventListener("popstate", onPop);
    },
    redrawCall() {
      if (isRunning && draft.step === CALL_STEP) redraw();
    },
  };
}
