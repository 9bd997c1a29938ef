"""The release before this one, as a phone still has it, against today's server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import PHONE
from tests.browser.patient_world import Clinic, fill_sign_in, save, sign_in
from tests.faults.old_release import newest, serve_old, unpack

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that has the old release; today's worker is kept out, as no phone has it yet."""
    context = browser.new_context(**PHONE, service_workers="block")
    serve_old(context, unpack(newest()))
    yield context
    context.close()


@pytest.mark.fault(51)
def test_the_release_before_signs_in_saves_sends_and_shows_what_the_clinic_says(
    context: BrowserContext, clinic: Clinic
) -> None:
    page: Page = context.new_page()
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    today = clinic.app.extensions["shell"].release().id
    assert page.locator("html").get_attribute("data-release") != today
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Day 3 after your right knee injection"
    )
    _, made = save(page, {"kind": "start"}, {})
    assert [event.kind for event in clinic.events(patient)] == ["start", "create"]
    clinic.read(patient, [made])
    page.goto(f"{clinic.origin}/check-ins")
    expect(page.locator("main")).to_contain_text("Read by Dr Cole")

    clinic.end_sessions(patient)
    page.goto(clinic.origin)
    save(page, {})
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    fill_sign_in(page, patient.username)
    expect(page.get_by_text(re.compile("On the clinic's server since"))).to_be_visible()
    assert len(clinic.events(patient)) == 3
