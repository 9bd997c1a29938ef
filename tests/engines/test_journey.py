"""The whole journey on a phone of another engine: invited, offline, closed, back, read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from pwa.shell import kill_switch
from tests.browser.patient_world import Clinic
from tests.engines import journey
from tests.engines.phones import Firefox, Phone, WebKit

pytestmark = [pytest.mark.browser, pytest.mark.whole]
Start = Callable[[], Phone]
ON_PHONE = "On this phone. Nobody has seen it."
ON_SERVER = "On the clinic's server since"
GONE = """async () => (await navigator.serviceWorker.getRegistrations()).length === 0
  && (await caches.keys()).length === 0"""


@pytest.mark.usefixtures("firefox")
def test_the_journey_in_firefox(
    clinic: Clinic, playwright_driver: Playwright, tmp_path: Path
) -> None:
    def start() -> Phone:
        return Firefox(playwright_driver, tmp_path / "firefox", clinic.origin)

    from_the_invite_to_read(clinic, start)


def test_the_journey_in_webkit(clinic: Clinic, display: str, tmp_path: Path) -> None:
    def start() -> Phone:
        return WebKit(display, tmp_path / "webkit", clinic.origin)

    from_the_invite_to_read(clinic, start)


def from_the_invite_to_read(clinic: Clinic, start: Start) -> None:
    """Neither engine has Background Sync: what waits goes when the app is opened again."""
    patient = clinic.patient(joined=False)
    phone = start()
    try:
        assert phone.run("() => 'SyncManager' in window") is False
        journey.join(phone, patient.code, "cleo")
        journey.wait_for_worker(phone)
        journey.answer_start(phone)
        clinic.stop()
        journey.open_check_in(phone)
        journey.answer_calmly(phone)
        journey.save(phone)
        phone.until_said(ON_PHONE)
    finally:
        phone.close()

    phone = start()
    try:
        phone.open("/check-ins")
        phone.until_said(ON_PHONE)
        clinic.start()
        phone.open("/check-ins")
        phone.until_said(ON_SERVER)
        sent = [one for one in clinic.events(patient) if one.kind == "create"]
        assert len(sent) == 1
        clinic.read(patient, [sent[0].event_id])
        phone.open("/check-ins")
        phone.until_said("Read by Dr Cole")
        lose_the_release_and_take_it_again(clinic, phone)
    finally:
        phone.close()


def lose_the_release_and_take_it_again(clinic: Clinic, phone: Phone) -> None:
    """A release is switched off on this phone, which keeps what was written; then it is back."""
    instance = clinic.app.extensions["settings"].instance_path
    kill_switch.switch_off(instance, at=datetime.now(UTC))
    phone.open("/")
    phone.until(GONE)
    phone.open("/check-ins")
    phone.until_said("Read by Dr Cole")
    phone.until(GONE)
    kill_switch.switch_on(instance)
    phone.open("/")
    journey.wait_for_worker(phone)
