"""The clinic's pages in a real browser: a worklist that refreshes itself and holds still."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from pwa.check_ins import intake
from pwa.check_ins.wire import Batch
from pwa.database import writing
from pwa.treatments import records
from tests.browser.driving import WIDE
from tests.browser.patient_world import Clinic, Patient, fill_sign_in
from tests.conftest import PASSWORD, Person
from tests.making import answers, event, start_event

pytestmark = pytest.mark.browser
EMERGENCY = {"level": "emergency", "reasons": ["E1_BREATHING"]}
AT_ONCE = 12_000
"""Two rounds of asking and some patience, in milliseconds."""
USUAL = 5_000
"""What Playwright waits for by itself."""
HELD_STILL = """(row) => {
  window.tops = new Set();
  const look = () => {
    window.tops.add(Math.round(row.getBoundingClientRect().top));
    window.watching = requestAnimationFrame(look);
  };
  look();
}"""


@dataclass
class Desk:
    """A clinic with a clinician in front of a browser."""

    clinic: Clinic
    page: Page

    def check_in(self, patient: Patient, **changed: Any) -> dict[str, Any]:
        """A check-in of this patient arrives."""
        return self._arrive(patient, event, **changed)

    def start(self, patient: Patient) -> None:
        """The start questions of this patient arrive."""
        self._arrive(patient, start_event)

    def _arrive(self, patient: Patient, make: Any, **changed: Any) -> dict[str, Any]:
        at = datetime.now(UTC)
        with self.clinic.app.app_context(), writing():
            [treatment] = records.of_patient(
                clinic_id=self.clinic.clinic_id, patient_id=patient.account_id
            )
            sender = _SENDERS.setdefault(patient.account_id, _person(self.clinic, patient))
            made: dict[str, Any] = make(
                sender,
                treatment_id=treatment.treatment_id,
                recorded_at=at.isoformat(timespec="seconds"),
                local_date=at.date().isoformat(),
                **changed,
            )
            receipt = intake.take_in(
                Batch(patient.account_id, made["device_id"], at, (made,), ()),
                clinic_id=self.clinic.clinic_id,
                patient_id=patient.account_id,
                library=self.clinic.app.extensions["library"],
                limits=intake.Limits(daily_check_ins=100, devices=10),
                at=at,
            )
            assert receipt.results[0].status == "stored", receipt.results[0].problem
        return made

    def row(self, patient: Patient) -> Any:
        """The rows of this patient on the worklist."""
        return self.page.locator(f'[data-patient="{patient.account_id}"]')


_SENDERS: dict[str, Person] = {}


def _person(clinic: Clinic, patient: Patient) -> Person:
    return Person(
        account_id=patient.account_id,
        clinic_id=clinic.clinic_id,
        username=patient.username,
        name=patient.name,
        role="patient",
        client=clinic.app.test_client(),
    )


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    yield running
    running.stop()


@pytest.fixture
def desk(clinic: Clinic, browser: Browser) -> Iterator[Desk]:
    """Dr Cole, signed in. What earlier tests left unread stands on the worklist too."""
    context = browser.new_context(viewport=WIDE, base_url=clinic.origin)
    context.set_default_timeout(AT_ONCE)
    expect.set_options(timeout=AT_ONCE)
    reply = context.request.post(
        "/api/v1/sign-in",
        data={"username": "dr_cole", "password": PASSWORD},
        headers={"Origin": clinic.origin},
    )
    assert reply.ok
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    yield Desk(clinic, page)
    context.close()
    expect.set_options(timeout=USUAL)
    assert problems == []


def test_a_new_row_appears_by_itself_and_is_announced(desk: Desk) -> None:
    patient = desk.clinic.patient()
    desk.page.goto("/clinic")
    desk.check_in(patient)
    expect(desk.row(patient)).to_be_visible()
    expect(desk.page.locator("[data-say]")).to_have_text("1 row new.")


def test_nothing_moves_under_the_focus_and_a_new_emergency_is_announced(desk: Desk) -> None:
    calm, worse = desk.clinic.patient(), desk.clinic.patient()
    desk.check_in(calm)
    desk.page.goto("/clinic")
    link = desk.row(calm).locator(".work__name a")
    link.focus()
    link.evaluate(HELD_STILL)
    desk.check_in(worse, answers=answers(breathless=True), verdict=EMERGENCY)
    alarm = desk.page.locator("[data-alarm]")
    expect(alarm).to_have_text(f"New emergency: {worse.name}, Right knee, day 3.")
    expect(desk.page.locator("[data-new-emergency]")).to_be_visible()
    expect(desk.page.locator("[data-news]")).to_contain_text("1 new")
    expect(desk.row(worse)).to_have_count(0)
    assert desk.page.evaluate("window.tops.size") == 1
    expect(link).to_be_focused()
    desk.page.locator("[data-new-emergency]").get_by_role("button", name="Show").click()
    expect(desk.row(worse).locator(".work__name a")).to_be_focused()
    assert desk.page.locator("[data-patient]").first.get_attribute("data-level") == "emergency"


def test_a_note_that_is_being_written_is_never_wiped(desk: Desk) -> None:
    reading, other = desk.clinic.patient(), desk.clinic.patient()
    desk.check_in(reading)
    desk.page.goto("/clinic")
    row = desk.row(reading)
    row.get_by_text("Review").click()
    row.get_by_label("Note for colleagues").fill("Half a sen")
    desk.check_in(other)
    later = desk.check_in(reading, answers=answers(chest_pain=True), verdict=EMERGENCY)
    expect(desk.page.locator("[data-news]")).to_contain_text("1 new, 1 changed")
    desk.page.locator("[data-news]").get_by_role("button", name="Show").click()
    expect(desk.row(other)).to_be_visible()
    expect(row.get_by_label("Note for colleagues")).to_have_value("Half a sen")
    expect(row).to_contain_text("This has changed since you opened it.")
    ids = row.locator("[name=event_id]").evaluate_all("(all) => all.map((one) => one.value)")
    assert later["event_id"] not in ids


def test_reading_in_place_and_undo_by_keyboard_alone(desk: Desk) -> None:
    patient = desk.clinic.patient()
    desk.check_in(patient, answers=answers(breathless=True), verdict=EMERGENCY)
    desk.page.goto("/clinic")
    row = desk.row(patient)
    row.locator("[data-open]").focus()
    desk.page.keyboard.press("Enter")
    row.get_by_label("What came of it").select_option("spoke_with_patient")
    row.get_by_role("button", name="Mark as read", exact=True).focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text(f"{patient.name}: marked as read.")).to_be_visible()
    expect(desk.row(patient)).to_have_count(0)
    desk.page.get_by_role("button", name="Undo").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.row(patient)).to_be_visible()


def test_a_row_opens_by_key_and_the_next_stop_is_what_it_opened(desk: Desk) -> None:
    patient = desk.clinic.patient()
    desk.check_in(patient)
    desk.page.goto("/clinic")
    row = desk.row(patient)
    review = row.locator(".work__review")
    expect(review).to_be_hidden()
    row.locator("[data-open]").press("Enter")
    expect(review.locator("[data-review-start]")).to_be_focused()
    desk.page.keyboard.press("Tab")
    expect(review.locator("summary").first).to_be_focused()


def test_an_emergency_does_not_close_without_an_outcome(desk: Desk) -> None:
    patient = desk.clinic.patient()
    desk.check_in(patient, answers=answers(breathless=True), verdict=EMERGENCY)
    desk.page.goto("/clinic")
    row = desk.row(patient)
    row.locator("[data-open]").click()
    row.get_by_role("button", name="Mark as read", exact=True).click()
    expect(row.locator("select:invalid")).to_have_count(1)
    expect(row).to_be_visible()


def test_a_session_that_has_ended_is_said_and_not_hidden(desk: Desk) -> None:
    desk.page.goto("/clinic")
    desk.page.context.clear_cookies()
    expect(desk.page.locator("[data-live-state]")).to_contain_text("Your session has ended.")


def test_search_answers_while_somebody_types_and_keeps_the_focus(desk: Desk) -> None:
    patient = desk.clinic.patient()
    desk.page.goto("/clinic/patients")
    field = desk.page.get_by_role("searchbox")
    field.press_sequentially(patient.name)
    expect(desk.page.locator("[data-found-said]")).to_contain_text("found")
    expect(desk.page.locator("[data-found]")).to_contain_text(patient.name)
    expect(field).to_be_focused()
    assert desk.page.url.endswith("/clinic/patients")


def test_signing_out_leaves_nobody_signed_in(desk: Desk) -> None:
    desk.page.goto("/clinic")
    desk.page.get_by_role("button", name="Sign out").click()
    desk.page.wait_for_url("**/sign-in")
    desk.page.wait_for_load_state("networkidle")
    desk.page.goto("/clinic")
    expect(desk.page).to_have_url(f"{desk.clinic.origin}/sign-in?next=/clinic")


def test_the_address_of_a_view_that_a_colleague_sent_leads_there_past_the_sign_in(
    desk: Desk,
) -> None:
    view = f"/clinic?by={quote('Dr Ünal & Söhne')}&joint=knee"
    desk.page.context.clear_cookies()
    desk.page.goto(view)
    expect(desk.page).to_have_url(re.compile(r"/sign-in\?next="))
    page = desk.page
    fill_sign_in(page, "dr_cole")
    page.wait_for_url("**/clinic?by=*")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"by": ["Dr Ünal & Söhne"], "joint": ["knee"]}
    page.goto("/clinic")
    expect(page).to_have_url(f"{desk.clinic.origin}/clinic")
