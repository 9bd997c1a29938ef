"""What a patient does on a phone of any engine, as sentences. No test lives here."""

from __future__ import annotations

from tests.browser.driving import CALM, CALM_WORDS
from tests.conftest import PASSWORD as OF_THE_CAST
from tests.engines.phones import FIND, Phone

OPTIONS = "main button, main [role=radio]"
PASSWORD = "nine purple otters dance slowly"
HEADING = "() => document.querySelector('main h1').innerText"
SEE_EVERY_ROW = """async () => {
  for (const row of document.querySelectorAll("main [data-key]")) {
    row.scrollIntoView({ block: "center", behavior: "instant" });
    await new Promise((seen) => {
      new IntersectionObserver((entries, observer) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        seen();
      }).observe(row);
    });
  }
}"""
TAPS_COUNT = f"""(css, words) => !document.querySelector("main.is-settling")
  && ({FIND})(css, words)?.disabled !== true"""


def join(phone: Phone, code: str, username: str) -> None:
    """Open the invite, choose a name and a password."""
    phone.open(f"/join#{code}")
    phone.fill("#join-make [name=username]", username)
    phone.fill("#join-make [name=password]", PASSWORD)
    phone.tap("#join-make [data-submit]")
    phone.until_at("/start")


def sign_in(phone: Phone, username: str) -> None:
    """Sign in by hand, and wait until the phone has what is known of this patient."""
    phone.open("/sign-in")
    phone.fill("main [name=username]", username)
    phone.fill("main [name=password]", OF_THE_CAST)
    phone.tap("main form button[type=submit]")
    phone.until_at("/")
    phone.until_shown('main a[href^="/check-in"], main a[href^="/start"]')


def answer_start(phone: Phone) -> None:
    """The start questions: an adult, pain 5 before, no risk flags."""
    phone.tap("main [role=radio]", "5")
    keys = phone.run("() => [...document.querySelectorAll('[data-key]')].map((r) => r.dataset.key)")
    for key in keys:
        row = f'main [data-key="{key}"]'
        phone.tap(f"{row} button, {row} [role=radio]", "Yes" if key == "adult" else "No")
    phone.tap("[data-save]")
    phone.until("() => location.pathname !== '/start' && document.readyState === 'complete'")


def wait_for_worker(phone: Phone) -> None:
    """Until the release is on the phone."""
    phone.until("() => navigator.serviceWorker.controller?.state === 'activated'")


def open_check_in(phone: Phone) -> None:
    """Open the form and wait for its first question."""
    phone.open("/check-in")
    phone.until_shown(OPTIONS, "Yes, that is right")


def answer_calmly(phone: Phone) -> None:
    """Answer everything with nothing wrong, up to the button that saves."""
    while (wanted := calm_answer(phone)) is not None:
        if wanted == "None of these":
            phone.run(SEE_EVERY_ROW)
        before = phone.run(HEADING)
        phone.until(TAPS_COUNT, OPTIONS, wanted)
        phone.tap(OPTIONS, wanted)
        phone.until("(before) => document.querySelector('main h1').innerText !== before", before)


def calm_answer(phone: Phone) -> str | None:
    """The answer to give on this screen; None on the last, where the check-in is saved."""
    named = CALM.get(phone.run(HEADING))
    if named is not None:
        return named
    offered = f"(css, words) => words.find((one) => ({FIND})(css, one)) ?? null"
    return phone.run(offered, OPTIONS, list(CALM_WORDS))


def save(phone: Phone) -> None:
    """Press Save and wait for the result."""
    phone.until(TAPS_COUNT, OPTIONS, "Save")
    phone.tap(OPTIONS, "Save")
    phone.until_shown("main [data-level]")
