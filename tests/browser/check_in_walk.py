"""The check-in form under a thumb. No test lives here."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.patient_world import Clinic

FINE = {
    "pain.pain_now": "3",
    "pain.pain_trend_self": "same",
    "joint.swelling": "none",
    "joint.cannot_use": "no",
    "temperature.feverish": "false",
    "temperature.fever_medicine_6h": "false",
}
NONE_OF_THEM = re.compile("None of the(se| others)|Nada de (esto|lo demás)")
"""What the button says that answers all rows of a screen, in either language."""

# Brings every row to the middle of the screen, one rendered frame after another.
SEE_ALL = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (const row of document.querySelectorAll(".row-question")) {
    row.scrollIntoView({ block: "center" });
    await frame();
    await frame();
  }
}"""

# Answers screen after screen as far as a step, in the page itself. The form's own clock is moved
# over the moment in which taps do not count; thumbs that wait for it are in `Form.advance`.
WALK = """async ({ told, none, until }) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const realNow = performance.now.bind(performance);
  window.passed = window.passed ?? 0;
  performance.now = () => realNow() + window.passed;
  const form = () => document.querySelector("form.wizard");
  const buttonFor = (step) => {
    const question = step.split(".").slice(0, 2).join(".");
    const noneButton = [...form().querySelectorAll("button")]
      .find((button) => new RegExp(none).test(button.textContent));
    if (noneButton) return noneButton;
    const answer = `[data-value="${told[question]}"]`;
    if (told[question] !== undefined) return form().querySelector(answer);
    return form().querySelector("[data-no-thermometer], [data-save]")
      ?? form().querySelector("[data-next]");
  };
  const deadline = Date.now() + 15000;
  const becomes = async (isSo, what) => {
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(what);
      await frame();
    }
  };
  while (form() && form().dataset.step !== until) {
    const { step } = form().dataset;
    const button = buttonFor(step);
    const waits = () => button.getAttribute("aria-disabled") === "true";
    for (const row of waits() ? form().querySelectorAll(".row-question") : []) {
      row.scrollIntoView({ block: "center" });
      await frame();
      await frame();
    }
    await becomes(() => !waits(), `${step}: every row was seen`);
    window.passed += 300;
    button.click();
    await becomes(() => form()?.dataset.step !== step, `${step} was answered`);
  }
}"""


class Form:
    """The check-in form under a thumb; it counts the taps."""

    def __init__(self, page: Page, clinic: Clinic) -> None:
        self.page = page
        self.clinic = clinic
        self.taps = 0

    def open(self, path: str = "/check-in") -> Form:
        self.page.goto(self.clinic.origin + path)
        self.page.locator("form.wizard").wait_for()
        return self

    @property
    def step(self) -> str:
        return self.page.locator("form.wizard").get_attribute("data-step") or ""

    def tap(self, target: str | Locator) -> None:
        (self.page.locator(target).first if isinstance(target, str) else target).tap()
        self.taps += 1

    def none(self) -> None:
        """Read every row, then "None of these"."""
        self.page.evaluate(SEE_ALL)
        self.tap(self.page.get_by_role("button", name=NONE_OF_THEM))

    def at(self, step: str) -> None:
        """The screen that shows now."""
        expect(self.page.locator("form.wizard")).to_have_attribute("data-step", step)

    def advance(self, answers: dict[str, str] | None = None) -> None:
        """One screen on, with nothing wrong unless `answers` say so."""
        step = self.step
        question = ".".join(step.split(".")[:2])
        told = FINE | (answers or {})
        if self.page.get_by_role("button", name=NONE_OF_THEM).count():
            self.none()
        elif question in told:
            self.tap(f'[data-value="{told[question]}"]')
        elif question == "temperature.temp_c":
            self.tap("[data-no-thermometer]")
        elif question == "note.note":
            self.tap("[data-save]")
        else:
            self.tap("[data-next]")
        expect(self.page.locator(f'form.wizard[data-step="{step}"]')).to_have_count(0)

    def all_well(self, *, until: str = "result", **answers: str) -> None:
        """Answer everything from here with "nothing wrong", as far as a step or the result."""
        options = {"told": FINE | answers, "none": NONE_OF_THEM.pattern, "until": until}
        self.page.evaluate(WALK, options)
        if until == "result":
            self.page.locator(".result").wait_for()
