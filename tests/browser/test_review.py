"""Reviewing in place in a real browser: two clinicians on one row, and what the phone then says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pwa.accounts.people import Actor
from pwa.check_ins import reviews
from pwa.database import writing
from pwa.practice import clinics
from pwa.practice.words import Message
from tests.browser.auditing import faults_of
from tests.browser.driving import NARROW, WIDE
from tests.browser.patient_world import Clinic, Patient, add_staff, save, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
TWICE = """async () => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  // Null: the page itself is at it, and may have asked before what is looked for was there.
  while ((await phone.sendNow()).result === null) {
    await new Promise((done) => { setTimeout(done, 50); });
  }
  phone.close();
}"""


class Clock:
    """Real time, and as much more as a test has moved it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    add_colleague(running)
    running.app.config["CLOCK"] = Clock()
    yield running
    running.stop()


def add_colleague(clinic: Clinic) -> None:
    """Dr Vale, and two messages that this clinic has approved."""
    with clinic.app.app_context(), writing():
        add_staff(clinic.clinic_id, role="clinician", display_name="Dr Vale", username="dr_vale")
        known = clinics.snapshot(clinic.clinic_id)
        messages = [
            Message(title="Ice", text="You can use ice for 10 minutes, three times a day."),
            Message(title="Please call", text="Please call us today. We are here until 17:30."),
        ]
        clinics.save_words(
            clinic_id=clinic.clinic_id,
            words=known.words.model_copy(update={"messages": messages}),
            seen_version=known.version,
            at=datetime.now(UTC),
            actor_id=clinic.doctor.account_id,
            actor_name="Dr Cole",
        )


def desk_of(browser: Browser, clinic: Clinic, username: str) -> Page:
    """A clinician at the worklist."""
    context = browser.new_context(viewport=WIDE, base_url=clinic.origin)
    context.set_default_timeout(12_000)
    reply = context.request.post(
        "/api/v1/sign-in",
        data={"username": username, "password": PASSWORD},
        headers={"Origin": clinic.origin},
    )
    assert reply.ok
    page = context.new_page()
    page.goto("/clinic")
    return page


@pytest.fixture
def phone(browser: Browser, clinic: Clinic) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport=NARROW, base_url=clinic.origin, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(12_000)
    yield context
    context.close()


def row_of(page: Page, patient: Patient) -> Any:
    return page.locator(f'[data-patient="{patient.account_id}"]')


def send_worst(phone: BrowserContext, clinic: Clinic) -> tuple[Page, Patient, str]:
    """A patient whose phone has sent an emergency."""
    patient = clinic.patient()
    page = phone.new_page()
    sign_in(page, clinic, patient)
    [event_id] = save(
        page, {"answers": {"breathless": True}, "level": "emergency", "reasons": ["E1_BREATHING"]}
    )
    return page, patient, event_id


@pytest.mark.whole
def test_two_clinicians_on_one_row_know_of_each_other_and_lose_nothing(
    browser: Browser, clinic: Clinic, phone: BrowserContext
) -> None:
    _, patient, _ = send_worst(phone, clinic)
    cole, vale = desk_of(browser, clinic, "dr_cole"), desk_of(browser, clinic, "dr_vale")
    row_of(cole, patient).get_by_role("link", name="Review").click()
    panel = row_of(cole, patient).locator("[data-review]")
    panel.get_by_label("The clinic's messages").select_option(label="Ice")
    expect(panel.get_by_label("Message to the patient")).to_have_value(
        "You can use ice for 10 minutes, three times a day."
    )
    row_of(vale, patient).get_by_role("link", name="Review").click()
    theirs = row_of(vale, patient).locator("[data-review]")
    expect(theirs.locator("[data-review-claim]")).to_contain_text("Dr Cole has this open.")
    theirs.get_by_role("button", name="Take it over").click()
    expect(theirs.locator("[data-review-claim]")).to_have_text("")
    theirs.get_by_label("Note for colleagues").fill("I ring her now")
    for size in (WIDE, NARROW):
        vale.set_viewport_size(size)
        theirs.get_by_text("Hand over, or raise the level").or_(
            theirs.get_by_text("Hand over", exact=True)
        ).first.click()
        assert vale.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults_of(vale) == []
    panel.get_by_role("button", name="No answer").click()
    expect(cole.locator("[data-undo]")).to_contain_text("call noted, no answer.")
    expect(panel.locator(".so-far")).to_contain_text("You can use ice for 10 minutes")
    panel.get_by_role("button", name="Spoke: mark as read").press("Enter")
    expect(cole.locator("[data-undo]")).to_contain_text("marked as read.")
    expect(row_of(cole, patient)).to_have_count(0)
    theirs.get_by_label("What came of it").select_option("booked_to_be_seen")
    theirs.get_by_role("button", name="Mark as read", exact=True).click()
    expect(theirs).to_contain_text("Dr Cole has read this already.")
    expect(theirs.get_by_label("Note for colleagues")).to_have_value("I ring her now")
    cole.context.close()
    vale.context.close()


def test_the_phone_says_who_raised_it_and_what_the_clinic_wrote(
    clinic: Clinic, phone: BrowserContext
) -> None:
    patient = clinic.patient()
    page = phone.new_page()
    sign_in(page, clinic, patient)
    [event_id] = save(page, {})
    acts(clinic.doctor, patient, event_id, clinic)
    page.evaluate(TWICE)
    page.goto("/")
    expect(page.locator(".today__due")).to_be_visible()
    assert "Your clinic wrote" not in page.locator("#today").inner_text()
    clinic.app.config["CLOCK"].ahead += timedelta(seconds=11)
    page.evaluate(TWICE)
    wrote = page.locator(".today__wrote")
    expect(wrote.locator(".message")).to_have_count(2)
    expect(wrote).to_contain_text("<b>Please</b> rest\nthe knee.")
    urgent = page.locator(".today__urgent")
    expect(urgent).to_contain_text("Speak to a clinician today")
    expect(urgent).to_contain_text(
        "Dr Cole, of your clinic, rates this as more urgent than your phone did."
    )
    expect(urgent.locator("a[href^='tel:']").first).to_be_visible()
    expect(page.locator(".today__last")).to_contain_text("Not read yet.")
    assert faults_of(page) == []
    wrote.get_by_role("button", name="I have seen this").click()
    expect(wrote).to_be_hidden()
    page.goto(f"/check-in?result={event_id}")
    expect(page.locator("[data-shown=same_day]")).to_be_visible()
    expect(page.get_by_text("Dr Cole, of your clinic, rates")).to_be_visible()
    assert "None of your answers matched" not in page.locator("main").inner_text()
    page.goto("/check-ins")
    expect(page.locator(".thread .message")).to_have_count(2)
    clinic.read(patient, [event_id])
    page.evaluate(TWICE)
    expect(page.locator(".thread")).to_contain_text("Read by Dr Cole")


def acts(doctor: Actor, patient: Patient, event_id: str, clinic: Clinic) -> None:
    """Dr Cole raises the level and writes twice, and reads nothing."""
    given = {"actor": doctor, "role": "clinician", "patient_id": patient.account_id}
    with clinic.app.app_context(), writing():
        at = datetime.now(UTC)
        reviews.raise_level(
            **given, event_id=event_id, level="same_day", remark="Sounded faint", at=at
        )
        for message in ("<b>Please</b> rest\nthe knee.", "We will call you at noon."):
            reviews.answer(**given, event_ids=[event_id], message=message, note="", at=at)
