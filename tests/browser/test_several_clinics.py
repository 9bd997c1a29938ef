"""A clinician of two clinics in a real browser: joining the second, choosing, two tabs at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pwa.accounts import invites, people
from pwa.accounts.people import Actor
from pwa.database import writing
from pwa.practice import clinics
from tests.browser.auditing import faults_of
from tests.browser.driving import NARROW
from tests.browser.patient_world import Clinic, fill_sign_in
from tests.conftest import PASSWORD, words

pytestmark = pytest.mark.browser
ACCOUNT = "/clinic/account"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinics"))
    yield running
    running.stop()


@pytest.fixture
def context(clinic: Clinic, browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=NARROW, base_url=clinic.origin)
    yield made
    made.close()


def code_of_hillside(clinic: Clinic) -> str:
    """A further clinic, and a code for a colleague there."""
    at = datetime.now(UTC)
    with clinic.app.app_context(), writing():
        hillside = clinics.open_clinic(
            words=words("Hillside Clinic"), at=at, by="test", is_second_factor_required=False
        )
        maya = Actor(None, "Maya", hillside)
        account_id = people.add_staff(actor=maya, role="clinician", display_name="Dr C.", at=at)
        account = people.find_own_staff(clinic_id=hillside, account_id=account_id)
        return invites.grouped(invites.issue(actor=maya, account=account, at=at))


def is_clean(page: Page) -> None:
    """Nothing for axe to find, and nothing to scroll sideways to."""
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def join_with_the_name_one_has(page: Page, clinic: Clinic) -> None:
    page.goto(f"/join#{code_of_hillside(clinic)}")
    page.get_by_role("button", name="I sign in at another clinic already").click()
    expect(page.get_by_role("heading", name="Use the name you have")).to_be_focused()
    page.get_by_label("Your sign-in name").fill("dr_cole")
    page.get_by_label("Your password", exact=True).fill("not the password at all")
    page.get_by_role("button", name="Work there too").click()
    expect(page.get_by_text("This name and password do not match.")).to_be_visible()
    is_clean(page)
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Work there too").press("Enter")
    page.wait_for_url("**/clinic/choose")


def go_to(page: Page, name: str) -> None:
    page.get_by_role("listitem").filter(has_text=name).get_by_role("button").press("Enter")
    page.wait_for_url("**/clinic")


@pytest.mark.lengthy
def test_a_clinician_joins_a_second_clinic_and_works_at_one_at_a_time(
    clinic: Clinic, context: BrowserContext
) -> None:
    patient = clinic.patient()
    page = context.new_page()
    join_with_the_name_one_has(page, clinic)
    expect(page.get_by_role("heading", level=1)).to_have_text("Where are you now?")
    is_clean(page)
    go_to(page, "Riverside Joint Clinic")
    page.goto(f"/clinic/patients/{patient.account_id}/looked")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Who looked at {patient.name}")

    other = context.new_page()
    other.goto("/clinic/settings")
    notice = other.locator("[data-elsewhere]")
    expect(notice).to_be_hidden()
    page.get_by_role("link", name="Clinics", exact=True).press("Enter")
    go_to(page, "Hillside Clinic")
    expect(page.locator(".brand")).to_have_text("Hillside Clinic")
    expect(notice).to_contain_text("This page is of Riverside Joint Clinic")
    is_clean(other)
    other.get_by_role("button", name="Save the settings").first.click()
    expect(
        other.get_by_text("You are at Hillside Clinic now. Nothing was changed.")
    ).to_be_visible()

    page.goto(f"{ACCOUNT}/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("What you did today")
    assert patient.name not in page.content()
    is_clean(page)
    page.goto(ACCOUNT)
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-in")
    fill_sign_in(page, "dr_cole")
    page.wait_for_url("**/clinic/choose")
