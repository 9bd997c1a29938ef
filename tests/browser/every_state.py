"""Every page for patients and the public in every state, one after the other, in whatever language
the phone has. Nothing here goes by words. No test lives here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.browser.check_in_walk import Form
from tests.browser.driving import wait_for_worker
from tests.browser.patient_world import OFFER, READ_BY_ALL, Clinic, Patient, save
from tests.conftest import PASSWORD

PUBLIC = (*READ_BY_ALL, "/sign-in", "/join", "/reset")
QUESTIONS = (
    "first.joint",
    "emergency",
    "pain.pain_now",
    "joint.swelling",
    "skin",
    "nerves_leg",
    "temperature.temp_c",
    "note.note",
)
RESULTS: dict[str, dict[str, str]] = {
    "clinic_hours": {"pain.pain_now": "9"},
    "expected": {},
    "same_day": {"joint.swelling": "severe"},
}
FORM = "main form:visible"


def open_page(page: Page, clinic: Clinic, path: str) -> None:
    """Open a page and wait until the phone has drawn what it draws."""
    page.goto(clinic.origin + path)
    page.locator("body.is-ready").wait_for(state="attached")


def every_state(page: Page, clinic: Clinic) -> Iterator[str]:
    """Go through all of it; at each `yield` the page stands in the state of that name."""
    yield from _open_to_all(page, clinic)
    yield from _before_an_account(page, clinic)
    yield from _in_a_check_in(page, clinic)
    yield from _own_pages(page, clinic)


def enter(page: Page, clinic: Clinic, patient: Patient) -> None:
    """Sign in on the page for it, as another person than the one before."""
    page.context.clear_cookies(name="session")
    page.goto(clinic.origin + "/sign-in")
    fill_in(page, patient.username, PASSWORD)
    page.wait_for_url(f"{clinic.origin}/")
    page.locator(".strip").first.wait_for()


def fill_in(page: Page, username: str, password: str) -> None:
    """Type a name and a password into the form on screen and send it."""
    form = page.locator(FORM, has=page.locator("input[name=password]"))
    form.locator("input[name=username]").fill(username)
    form.locator("input[name=password]").fill(password)
    form.locator("button[type=submit]").click()


def _open_to_all(page: Page, clinic: Clinic) -> Iterator[str]:
    for path in PUBLIC:
        open_page(page, clinic, path)
        yield path
    open_page(page, clinic, "/joints")
    page.locator("[data-site=knee]").first.dispatch_event("click")
    page.locator("dialog[open]").first.wait_for()
    yield "/joints, one chosen"


def _before_an_account(page: Page, clinic: Clinic) -> Iterator[str]:
    page.goto(clinic.origin + "/sign-in")
    fill_in(page, "nobody", "not the password at all")
    page.locator("main [role=alert]:visible").wait_for()
    yield "/sign-in, refused"
    with _no_line(page):
        fill_in(page, "nobody", "not the password at all")
        page.locator("main [role=alert]:visible").wait_for()
        yield "/sign-in, offline"
    open_page(page, clinic, "/reset")
    page.locator(f"{FORM} input").fill(clinic.patient().username)
    page.locator(f"{FORM} button[type=submit]").click()
    page.locator("[data-number]:visible").wait_for()
    yield "/reset, waiting"
    page.goto(f"{clinic.origin}/join#{clinic.patient(joined=False).code}")
    page.locator("#join-make:visible").wait_for()
    page.locator("main summary").first.click()
    page.locator("#join-make button[type=submit]").click()
    page.locator("#join-make [aria-invalid=true]").first.wait_for()
    yield "/join, nothing typed"


def _in_a_check_in(page: Page, clinic: Clinic) -> Iterator[str]:
    enter(page, clinic, clinic.patient())
    open_page(page, clinic, "/start")
    yield "/start"
    save(page, {"kind": "start"})
    form = Form(page, clinic).open()
    for step in QUESTIONS:
        form.all_well(until=step, **RESULTS["clinic_hours"])
        page.locator("main:not(.is-settling)").wait_for()
        yield f"/check-in, {step}"
    for level, answers in RESULTS.items():
        Form(page, clinic).open().all_well(**answers)
        page.locator(f".level[data-level={level}]").first.wait_for()
        yield f"the result: {level}"
    form = Form(page, clinic).open()
    form.all_well(until="emergency")
    form.tap('[data-key="breathless"] .answer--quiet')
    page.locator(".not-sure").wait_for()
    yield "/check-in, not sure"
    form.none()
    form.all_well(until="skin")
    form.tap('[data-key="redness"] .answer')
    page.locator(".row-question__detail").wait_for()
    yield "/check-in, a detail"
    form.tap('[data-key="redness"] .answer')
    page.locator(".row-question__detail").wait_for(state="detached")
    form.all_well()
    yield "the result: not checked"
    form = Form(page, clinic).open()
    form.all_well(until="emergency")
    form.tap('[data-key="chest_pain"] .answer')
    page.locator(".call-screen").wait_for()
    yield "the call screen"


def _own_pages(page: Page, clinic: Clinic) -> Iterator[str]:
    enter(page, clinic, clinic.patient())
    save(page, {})
    open_page(page, clinic, "/")
    page.evaluate(OFFER, "dismissed")
    page.locator(".install-moment:visible").wait_for()
    yield "/, asked to install"
    patient = clinic.patient(days=(3, 10))
    enter(page, clinic, patient)
    [urgent, *_] = save(
        page,
        {"level": "same_day", "reasons": ["S6_SEVERE_SWELLING"], "answers": {"swelling": "severe"}},
        {"answers": {"pain_now": 11}},
        {"days_ago": 1, "level": "clinic_hours", "treatment": 1},
    )
    yield from _filled(page, clinic, "with an urgent one", is_unfolded=True)
    clinic.read(patient, [urgent])
    clinic.end_sessions(patient)
    save(page, {"level": "emergency", "reasons": ["E1_BREATHING"]})
    yield from _filled(page, clinic, "the session over")
    wait_for_worker(page)
    clinic.stop()
    try:
        yield from _filled(page, clinic, "offline")
        open_page(page, clinic, "/check-in/")
        yield "a page that is not kept, offline"
    finally:
        clinic.start()


def _filled(page: Page, clinic: Clinic, how: str, *, is_unfolded: bool = False) -> Iterator[str]:
    for path, drawn in (
        ("/", "#today .strip"),
        ("/check-ins", "#check-ins .thread"),
        ("/recovery", "#recovery h2"),
        ("/you", "#you .you__install"),
    ):
        open_page(page, clinic, path)
        page.locator(drawn).first.wait_for()
        for summary in page.locator("main summary").all() if is_unfolded else ():
            summary.click()
        yield f"{path}, {how}"


@contextmanager
def _no_line(page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)
