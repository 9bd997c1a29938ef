"""A forgotten password, on the patient's phone and at the clinician's desk at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import PHONE
from tests.browser.patient_world import PASSWORD, Clinic, Patient, sign_in

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SPOKEN = re.compile(r"\d{3} \d{3}")
GOOD = "another horse battery staple"
WOKEN = "() => document.dispatchEvent(new Event('visibilitychange'))"
"""The page looks at once when it comes back to the front; the test need not wait for its turn."""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    yield running
    running.stop()


@pytest.fixture
def phone(browser: Browser, clinic: Clinic) -> Iterator[Page]:
    """A phone on which no error of our own may happen."""
    context = browser.new_context(**PHONE, base_url=clinic.origin, reduced_motion="reduce")
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def desk(browser: Browser, clinic: Clinic) -> Iterator[Page]:
    """Dr Cole at a desk, signed in."""
    context = browser.new_context(base_url=clinic.origin)
    assert enters(context, clinic, "dr_cole", PASSWORD)
    yield context.new_page()
    context.close()


def enters(context: BrowserContext, clinic: Clinic, username: str, password: str) -> bool:
    """Sign in without a page; whether it worked."""
    return context.request.post(
        "/api/v1/sign-in",
        data={"username": username, "password": password},
        headers={"Origin": clinic.origin},
    ).ok


def is_signed_in(context: BrowserContext) -> bool:
    return context.request.get("/api/v1/session").ok


def faults_of(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(
        """async () => {
          const { violations } = await axe.run(document, { resultTypes: ["violations"] });
          return violations.map(({ id }) => id);
        }"""
    )
    return found


def approve(desk: Page, patient: Patient, number: str) -> None:
    """Type what the patient reads out."""
    desk.goto(f"/clinic/patients/{patient.account_id}")
    desk.get_by_text("Forgotten password").click()
    desk.get_by_label(f"The number that {patient.name} reads to you").fill(number)
    desk.get_by_role("button", name=f"Let {patient.name} choose a new password").click()


def test_a_patient_who_forgot_reads_out_a_number_and_chooses_a_new_password(
    phone: Page, desk: Page, browser: Browser, clinic: Clinic
) -> None:
    patient = clinic.patient()
    lost = browser.new_context(base_url=clinic.origin)
    assert enters(lost, clinic, patient.username, PASSWORD)

    phone.goto("/sign-in")
    phone.get_by_role("link", name="Forgot your password?").click()
    phone.get_by_role("button", name="Get a number").click()
    expect(phone.get_by_text("Type your sign-in name.")).to_be_visible()
    phone.get_by_label("Your sign-in name").fill(patient.username)
    phone.get_by_role("button", name="Get a number").click()
    shown = phone.locator("[data-number]")
    expect(shown).to_have_text(SPOKEN)
    number = shown.inner_text()
    assert faults_of(phone) == []
    phone.reload()
    expect(shown).to_have_text(number)

    approve(desk, patient, "000 000" if number != "000 000" else "111 111")
    expect(desk.get_by_text("Nobody asked for this person with that number.").first).to_be_visible()
    expect(desk.get_by_label(f"The number that {patient.name} reads to you")).to_be_visible()
    assert faults_of(desk) == []
    approve(desk, patient, number)
    expect(desk.get_by_text("Approved. Their own screen now lets them")).to_be_visible()

    phone.evaluate(WOKEN)
    expect(phone.get_by_role("heading", name="Your clinic agrees.")).to_be_focused()
    assert faults_of(phone) == []
    phone.get_by_label("Choose a password").fill("too short")
    phone.get_by_role("button", name="Save my new password").click()
    expect(phone.get_by_text("Your password needs at least 15 letters")).to_be_visible()
    phone.get_by_label("Choose a password").fill(GOOD)
    phone.get_by_role("button", name="Save my new password").click()
    phone.wait_for_url("/start")
    assert phone.evaluate("() => sessionStorage.length") == 0
    assert not is_signed_in(lost)
    assert not enters(lost, clinic, patient.username, PASSWORD)
    assert enters(lost, clinic, patient.username, GOOD)

    phone.goto("/you")
    rows = phone.locator(".sessions > li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="this one")).to_have_count(1)
    rows.get_by_role("button", name="Sign it out").click()
    phone.get_by_role("dialog").get_by_role("button", name="Sign it out").click()
    expect(rows).to_have_count(1)
    assert not is_signed_in(lost)
    assert is_signed_in(phone.context)
    lost.close()


def test_a_number_that_is_over_is_said_to_be_and_another_can_be_had(
    phone: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    phone.goto("/reset")
    phone.get_by_label("Your sign-in name").fill(patient.username)
    phone.get_by_role("button", name="Get a number").click()
    shown = phone.locator("[data-number]")
    expect(shown).to_have_text(SPOKEN)
    first = shown.inner_text()
    phone.evaluate(
        """() => {
          const kept = JSON.parse(sessionStorage.getItem("reset"));
          sessionStorage.setItem("reset", JSON.stringify({ ...kept, secret: "another" }));
        }"""
    )
    phone.reload()
    expect(phone.get_by_role("alert")).to_have_text(
        "That number is over. Get a new one and call again.", timeout=20_000
    )
    phone.get_by_label("Your sign-in name").fill(patient.username)
    phone.get_by_role("button", name="Get a number").click()
    expect(shown).to_have_text(SPOKEN)
    expect(shown).not_to_have_text(first)
    phone.get_by_role("button", name="Get another number").click()
    expect(phone.get_by_label("Your sign-in name")).to_be_focused()


def test_signing_in_too_often_is_answered_in_words(phone: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    phone.goto("/sign-in")
    phone.get_by_label("Your sign-in name").fill(patient.username)
    button = phone.locator("form").get_by_role("button", name="Sign in", exact=True)
    for said in ["This name and password do not match."] * 5 + ["Too many tries. Wait 60 seconds"]:
        phone.get_by_label("Your password", exact=True).fill("not the password at all")
        with phone.expect_response("**/api/v1/sign-in"):
            button.click()
        expect(phone.get_by_role("alert")).to_contain_text(said)


def test_who_is_signed_in_nowhere_else_is_offered_no_other_to_end(
    phone: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    sign_in(phone, clinic, patient)
    phone.goto("/you")
    expect(phone.locator(".sessions > li")).to_have_count(1)
    expect(phone.get_by_role("button", name="Sign out all others")).to_have_count(0)
