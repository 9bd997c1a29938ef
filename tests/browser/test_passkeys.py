"""Passkeys and the second factor in a real browser, which plays the authenticator too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import update

from pwa.accounts.models import Session
from pwa.database import db, writing
from pwa.practice.models import Clinic as ClinicRow
from tests.browser.auditing import faults_of
from tests.browser.driving import NARROW, WIDE
from tests.browser.patient_world import Clinic, Patient, add_staff, fill_sign_in, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
OWN = "/clinic/account/second-factor"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic that asks its people for a second factor."""
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    with running.app.app_context(), writing():
        db.session.get_one(ClinicRow, running.clinic_id).is_second_factor_required = True
    yield running
    running.stop()


@pytest.fixture
def page(clinic: Clinic, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, base_url=clinic.origin)
    context.set_default_timeout(20_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def device(page: Page) -> Device:
    """A phone or computer that knows its owner."""
    return Device(page)


class Device:
    """The authenticator that the browser plays for this page."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        added = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.id: str = added["authenticatorId"]

    def knows_its_owner(self, *, is_verified: bool) -> None:
        """Whether the finger fits."""
        self.cdp.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.id, "isUserVerified": is_verified},
        )

    @property
    def passkeys(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        credentials: list[dict[str, Any]] = found["credentials"]
        return credentials


def colleague(clinic: Clinic, username: str) -> None:
    """A further clinician who has a password and nothing else yet."""
    with clinic.app.app_context(), writing():
        add_staff(
            clinic.clinic_id,
            role="clinician",
            display_name=f"Dr {username.title()}",
            username=username,
        )


def forget_proofs(clinic: Clinic) -> None:
    """As if everybody had signed in a while ago."""
    with clinic.app.app_context(), writing():
        db.session.execute(update(Session).values(confirmed_at=None))


def look_around(page: Page) -> None:
    """The page as it stands, wide and narrow, light and dark."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert faults_of(page) == [], page.url
    page.set_viewport_size(WIDE)


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.whole
def test_staff_add_a_passkey_and_then_sign_in_with_it(
    page: Page, device: Device, clinic: Clinic
) -> None:
    page.goto("/sign-in")
    fill_sign_in(page, "dr_cole")
    page.wait_for_url(f"**{OWN}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a second factor")
    look_around(page)
    page.goto("/clinic")
    expect(page).to_have_url(f"{clinic.origin}{OWN}")
    button(page, "Add a passkey").click()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    assert len(device.passkeys) == 1
    button(page, "Make recovery codes").click()
    expect(page.locator("[data-codes] li")).to_have_count(10)
    look_around(page)

    page.context.clear_cookies()
    page.goto("/sign-in")
    fill_sign_in(page, "dr_cole")
    page.wait_for_url("**/clinic/second-step")
    expect(button(page, "Use your passkey")).to_be_visible()
    look_around(page)
    device.knows_its_owner(is_verified=False)
    button(page, "Use your passkey").click()
    expect(page.get_by_role("alert").filter(has_text="You did not finish.")).to_be_visible()
    device.knows_its_owner(is_verified=True)
    button(page, "Use your passkey").click()
    page.wait_for_url(f"{clinic.origin}/clinic")

    page.context.clear_cookies()
    page.goto("/sign-in")
    button(page, "Sign in with a passkey").click()
    page.wait_for_url(f"{clinic.origin}/clinic")
    forget_proofs(clinic)
    page.goto(OWN)
    page.get_by_role("link", name="Confirm that it is you").click()
    expect(button(page, "Use your passkey")).to_be_visible()
    look_around(page)
    button(page, "Use your passkey").click()
    page.wait_for_url(f"**{OWN}")
    expect(button(page, "Make new recovery codes")).to_be_visible()
    expect(button(page, "Add a passkey")).to_be_visible()
    look_around(page)


@pytest.mark.whole
def test_staff_set_up_an_app_and_type_its_code(
    page: Page, clinic: Clinic, browser: Browser
) -> None:
    colleague(clinic, "ek")
    page.goto("/sign-in")
    fill_sign_in(page, "ek")
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an app")
    look_around(page)
    secret = page.locator("[data-secret]").inner_text().replace(" ", "")
    page.get_by_label("Six digits").fill("12 34")
    button(page, "Set it up").click()
    expect(page.get_by_text("That code does not fit.").first).to_be_visible()
    assert page.locator("[data-secret]").inner_text().replace(" ", "") == secret
    page.get_by_label("Six digits").fill(pyotp.TOTP(secret).now())
    button(page, "Set it up").click()
    codes = page.locator("[data-codes] li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 of 10 still work")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/sign-in")
    fill_sign_in(page, "ek")
    page.wait_for_url("**/clinic/second-step")
    page.get_by_label("Code from your app").fill("000000")
    button(page, "Go on").click()
    expect(page.get_by_role("alert").filter(has_text="That code does not work.")).to_be_visible()
    page.get_by_label("Code from your app").fill(codes[0].lower())
    button(page, "Go on").click()
    page.wait_for_url(f"{clinic.origin}/clinic")

    plain = browser.new_context(base_url=clinic.origin, java_script_enabled=False)
    plain.request.post(
        "/api/v1/sign-in",
        data={"username": "ek", "password": PASSWORD},
        headers={"Origin": clinic.origin},
    )
    still = plain.new_page()
    still.goto("/clinic")
    still.get_by_label("Code from your app").fill(codes[1])
    still.get_by_role("button", name="Go on").click()
    still.wait_for_url(f"{clinic.origin}/clinic")
    plain.close()


@pytest.mark.usefixtures("device")
@pytest.mark.whole
def test_a_patient_adds_a_passkey_signs_in_with_it_and_removes_it(
    page: Page, clinic: Clinic
) -> None:
    patient: Patient = clinic.patient()
    sign_in(page, clinic, patient)
    forget_proofs(clinic)
    page.goto("/you")
    button(page, "Add a passkey").click()
    page.get_by_label("A name to know it by").fill("My red phone")
    button(page, "Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Your password").fill("not my password at all")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.get_by_text("That is not your password.")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Your passkey is ready.")).to_be_visible()
    expect(page.locator(".passkeys li")).to_contain_text("My red phone")
    look_around(page)
    button(page, "Add a passkey").click()
    button(page, "Add a passkey").click()
    expect(page.get_by_text("has a passkey of yours already")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/sign-in")
    expect(button(page, "Sign in with a passkey")).to_be_visible()
    look_around(page)
    button(page, "Sign in with a passkey").click()
    page.wait_for_url(f"{clinic.origin}/")
    page.goto("/you")
    expect(page.get_by_text(f"Signed in as {patient.name}")).to_be_visible()
    page.get_by_role("button", name="Remove My red phone").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/sign-in")
    button(page, "Sign in with a passkey").click()
    expect(page.get_by_text("That passkey does not work here.")).to_be_visible()
