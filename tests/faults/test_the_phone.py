"""What a phone meets besides a broken line: a browser that is wrong about the network, odd time
zones, an urgent symptom with no network, the back button, a worker's script that cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import PHONE
from tests.browser.patient_world import Clinic, save, sign_in
from tests.browser.phone_harness.browser import (
    SAVE,
    Phone,
    clinic,  # noqa: F401 - a fixture, as the others without a use here
    phone,  # noqa: F401
)
from tests.browser.phone_harness.clinic import FakeClinic, Held
from tests.browser.test_worker import (
    Site,
    captive_portal,
    expect_release,
    first_visit,
    server_error,
    site,  # noqa: F401
    stopped,
)

pytestmark = pytest.mark.browser
SYNC = "/api/v1/sync"
RESULT = "harness.send().then(({ result }) => result)"
SAYS_ONLINE = "Object.defineProperty(navigator, 'onLine', { get: () => %s })"
NO_BACKGROUND_SYNC = """delete window.SyncManager;
  delete ServiceWorkerRegistration.prototype.sync;"""
ODD_ZONES = {
    "Australia/Lord_Howe": "2026-04-04T15:00:00+00:00",
    "America/St_Johns": "2026-11-01T04:30:00+00:00",
    "Europe/London": "2026-03-29T01:00:00+00:00",
    "Pacific/Kiritimati": "2026-11-22T10:00:00+00:00",
    "Pacific/Apia": "2026-11-22T11:00:00+00:00",
}
"""Zones of half an hour, of the earliest day, and moments at which the clock is put on or back."""


@pytest.mark.fault(16)
def test_what_the_browser_believes_about_the_network_decides_nothing(phone: Phone) -> None:
    page = phone.tab(before=SAYS_ONLINE % "false")
    page.evaluate("harness.signIn()")
    page.evaluate(SAVE)
    assert page.evaluate("navigator.onLine") is False
    assert page.evaluate(RESULT) == "sent"
    believer = phone.tab(before=SAYS_ONLINE % "true")
    phone.clinic.stop()
    believer.evaluate(SAVE)
    assert believer.evaluate(RESULT) == "offline"
    assert believer.evaluate("phone.waiting().count") == 1


@pytest.mark.fault(17)
def test_a_connection_that_flaps_has_one_sender_and_sends_once(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate("phone.startSending()")
    page.wait_for_function("!phone.waiting().is_sending")
    held = Held()
    phone.clinic.next(SYNC, held)
    event_id = page.evaluate(SAVE)
    held.wait_for_it()
    page.evaluate(
        """async () => {
          for (let turn = 0; turn < 150; turn += 1) {
            window.dispatchEvent(new Event(turn % 2 ? "online" : "offline"));
            await new Promise((done) => { setTimeout(done); });
          }
        }"""
    )
    assert phone.clinic.sent() == [[event_id]]
    held.let_go()
    page.wait_for_function("phone.waiting().count === 0")
    assert phone.clinic.sent() == [[event_id]]


@pytest.mark.fault(52)
def test_without_background_sync_a_save_is_sent_all_the_same(phone: Phone) -> None:
    page = phone.signed_in(before=NO_BACKGROUND_SYNC)
    assert page.evaluate("'SyncManager' in window") is False
    page.evaluate("phone.startSending()")
    event_id = page.evaluate(SAVE)
    page.wait_for_function("phone.waiting().count === 0")
    assert phone.clinic.sent() == [[event_id]]


@pytest.mark.fault(56)
@pytest.mark.parametrize("zone", ODD_ZONES)
def test_the_day_and_hour_are_those_that_the_patient_saw(
    browser: Browser,
    clinic: FakeClinic,
    zone: str,
) -> None:
    context = browser.new_context(timezone_id=zone)
    page = Phone(context, clinic).tab()
    change = datetime.fromisoformat(ODD_ZONES[zone])
    for minutes in (-61, -31, -1, 0, 29, 59, 24 * 60):
        moment = change + timedelta(minutes=minutes)
        stamp = page.evaluate(
            """(at) => {
              harness.moveClock(at - phone.now().getTime());
              return phone.stamp();
            }""",
            moment.timestamp() * 1000,
        )
        recorded = datetime.fromisoformat(stamp["recorded_at"])
        seen = moment.astimezone(ZoneInfo(zone))
        assert abs(recorded - moment) < timedelta(seconds=30)
        assert recorded.utcoffset() == seen.utcoffset(), moment
        assert stamp["local_date"] == seen.date().isoformat()
        assert stamp["time_zone"] == zone
    context.close()


@pytest.fixture(scope="module")
def real_clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.mark.fault(118)
def test_an_urgent_symptom_with_no_network_says_what_to_do_and_that_nobody_has_seen_it(
    context: BrowserContext, real_clinic: Clinic
) -> None:
    page = context.new_page()
    sign_in(page, real_clinic, real_clinic.patient())
    save(page, {"kind": "start"})
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.reload()
    real_clinic.stop()
    try:
        page.goto(real_clinic.origin + "/check-in")
        page.locator("[data-next]").tap()
        page.locator('[data-key="chest_pain"] .answer').first.tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Get emergency help now")
        expect(page.get_by_role("link", name="Call 999")).to_have_attribute("href", "tel:999")
        expect(page.locator("main")).to_contain_text("Nobody has seen")
    finally:
        real_clinic.start()


@pytest.mark.fault(74)
def test_the_back_button_after_signing_out_shows_nothing_of_the_person(
    context: BrowserContext, real_clinic: Clinic
) -> None:
    page: Page = context.new_page()
    patient = real_clinic.patient()
    sign_in(page, real_clinic, patient)
    save(page, {"kind": "start"}, {})
    page.goto(real_clinic.origin + "/check-ins")
    expect(page.locator(".thread")).to_have_count(1)
    page.goto(real_clinic.origin + "/you")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(real_clinic.origin + "/")
    page.go_back()
    expect(page.get_by_text("You are not signed in on this phone.")).to_be_visible()
    page.go_back()
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator(".thread")).to_have_count(0)
    assert patient.name not in page.content()


def not_found(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"gone"]


@pytest.mark.fault(50)
@pytest.mark.parametrize("answer", [not_found, captive_portal, server_error])
def test_a_workers_script_that_cannot_be_had_leaves_the_old_one_whole(
    context: BrowserContext,
    site: Site,
    answer: Callable[..., Any],
) -> None:
    page = first_visit(context, site)
    old = site.release.id
    site.wrong["/sw.js"] = answer
    site.ship()
    assert (
        page.evaluate(
            """() => navigator.serviceWorker.ready
          .then((registration) => registration.update()).then(() => "taken", () => "refused")"""
        )
        == "refused"
    )
    with stopped(site):
        page.goto(f"{site.origin}/when-to-call")
        expect_release(page, old)


def test_the_moments_are_those_at_which_the_clocks_change() -> None:
    for zone in ("Australia/Lord_Howe", "America/St_Johns", "Europe/London"):
        change = datetime.fromisoformat(ODD_ZONES[zone]).astimezone(UTC)
        before, after = (
            (change + timedelta(seconds=step)).astimezone(ZoneInfo(zone)).utcoffset()
            for step in (-1, 1)
        )
        assert before != after, zone
