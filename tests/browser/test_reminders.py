"""Reminders on a phone: turned on, come, give nothing away, and go with the person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Response,
    Worker,
    expect,
)
from sqlalchemy import delete, select

from pwa.database import db
from pwa.reminders.models import CalendarLink, PushSubscription, ReminderSetting
from tests.browser.auditing import faults_of
from tests.browser.chromium import PHONE, Chromium, skip_if_packed
from tests.browser.driving import wait_for_worker, wait_until
from tests.browser.patient_world import Clinic, Patient, save, sign_in

pytestmark = pytest.mark.browser
ENDPOINT = "https://fcm.googleapis.com/fcm/send/this-phone"
# A browser without a push service waits for ever, so the test plays the push service's part; the
# worker, the permission and the message on screen are the browser's own.
PUSH_SERVICE = """
  const made = () => ({
    endpoint: "%s", options: {},
    toJSON: () => ({ endpoint: "%s", keys: { auth: "BTBZMqHH6r4Tts7J_aSIgg", p256dh: "BCVxsr7N_eNg\
VRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4" } }),
    unsubscribe: async () => { localStorage.removeItem("subscribed"); return true; },
  });
  PushManager.prototype.getSubscription = async () => (
    localStorage.getItem("subscribed") ? made() : null);
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly) throw new Error("not allowed");
    localStorage.setItem("subscribed", options.applicationServerKey);
    return made();
  };
""".replace("%s", ENDPOINT)
LET_GO = "async () => localStorage.getItem('subscribed') === null"
ICON = """
  window.badges = [];
  navigator.setAppBadge = async (count) => { window.badges.push(count); };
  navigator.clearAppBadge = async () => { window.badges.push(0); };
"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, data, icon }) => (
    { title, body, tag, data, icon: new URL(icon).pathname }));
}"""
WHERE_A_TAP_LEADS = """async () => {
  const led = [];
  self.clients.openWindow = async (address) => { led.push(address); };
  WindowClient.prototype.focus = async function focus() { led.push(new URL(this.url).pathname); };
  await showApp();
  return led;
}"""

# A page that was left is one of the worker's for a moment longer.
UNTIL_NO_PAGE_IS_OPEN = """async () => {
  const end = performance.now() + 10000;
  while ((await self.clients.matchAll({ type: "window", includeUncontrolled: true })).length) {
    if (performance.now() > end) throw new Error("a page stays open");
    await new Promise((done) => { setTimeout(done, 20); });
  }
}"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    yield running
    running.stop()


def phone_of(browser: Browser, clinic: Clinic, *scripts: str) -> BrowserContext:
    context = browser.new_context(
        **PHONE, base_url=clinic.origin, locale="en-GB", timezone_id="Europe/Madrid"
    )
    context.set_default_timeout(10_000)
    context.grant_permissions(["notifications"])
    for script in scripts:
        context.add_init_script(script)
    return context


def rows(clinic: Clinic, model: Any) -> list[Any]:
    with clinic.app.app_context():
        return list(db.session.scalars(select(model)))


def part(page: Page) -> Any:
    return page.locator(".you__reminders")


def is_taken(reply: Response) -> bool:
    """The server reminds a browser from now on."""
    return reply.status == 201 and reply.url.endswith("/api/v1/push")


def push(context: BrowserContext, page: Page, clinic: Clinic) -> None:
    """A push service delivers something to the worker."""
    devtools = context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    wait_until(page, "() => navigator.serviceWorker.ready.then(() => true)")
    message = {"origin": clinic.origin, "registrationId": found[-1], "data": '{"v":1}'}
    devtools.send("ServiceWorker.deliverPushMessage", message)
    wait_until(
        page,
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length > 0",
    )


@pytest.fixture(scope="module")
def whole_browser(playwright_driver: Playwright, chromium: Chromium) -> Iterator[Browser]:
    """One that shows messages, which the headless shell of the other tests does not."""
    skip_if_packed(chromium, needs="notifications")
    running = playwright_driver.chromium.launch(**chromium.launch_options())
    yield running
    running.close()


def reminded(context: BrowserContext, clinic: Clinic, patient: Patient) -> Page:
    """The You page of somebody who signs in on a new phone and turns reminders on."""
    page = context.new_page()
    sign_in(page, clinic, patient)
    wait_for_worker(page)
    page.goto("/you")
    part(page).get_by_role("button", name="Turn on reminders").click()
    expect(part(page).get_by_text("They come at about 18:00")).to_be_visible()
    return page


def test_reminders_are_turned_on_come_and_go_with_the_person(
    whole_browser: Browser, clinic: Clinic
) -> None:
    context = phone_of(whole_browser, clinic, PUSH_SERVICE)
    ana, ben = clinic.patient(), clinic.patient()
    page = reminded(context, clinic, ana)
    assert [row.endpoint for row in rows(clinic, PushSubscription)] == [ENDPOINT]
    part(page).get_by_label("From").fill("17:30")
    part(page).get_by_label("Until").fill("18:45")
    part(page).get_by_role("button", name="Save quiet hours").click()
    expect(part(page).get_by_text("They come at about 18:45")).to_be_visible()
    (wishes,) = rows(clinic, ReminderSetting)
    assert (wishes.quiet_from, wishes.time_zone) == ("17:30", "Europe/Madrid")
    assert faults_of(page, ".you__reminders") == []

    page.goto("/check-in")
    push(context, page, clinic)
    (shown,) = page.evaluate(SHOWN)
    assert shown.pop("icon").endswith("/img/icon-192.png")
    assert shown == {
        "title": "Aftercare",
        "body": "You have a reminder",
        "tag": "reminder",
        "data": None,
    }
    worker: Worker = context.service_workers[0]
    assert worker.evaluate(WHERE_A_TAP_LEADS) == ["/check-in"]
    page.goto("about:blank")
    worker.evaluate(UNTIL_NO_PAGE_IS_OPEN)
    assert worker.evaluate(WHERE_A_TAP_LEADS) == ["/"]

    sign_in(page, clinic, ben)  # over her session, on her phone
    wait_until(page, LET_GO)
    page.goto("/you")
    expect(part(page).get_by_role("button", name="Turn on reminders")).to_be_visible()
    context.close()


def test_a_browser_that_lost_its_subscription_gets_another_unless_it_is_not_wanted(
    whole_browser: Browser, clinic: Clinic
) -> None:
    context = phone_of(whole_browser, clinic, PUSH_SERVICE)
    ana, ben = clinic.patient(), clinic.patient()
    page = reminded(context, clinic, ana)
    with clinic.app.app_context():  # its push service said 410, and the browser let go of it
        db.session.execute(delete(PushSubscription))
        db.session.commit()
    page.evaluate("localStorage.removeItem('subscribed')")
    with page.expect_response(is_taken):
        page.goto("/")
    assert [row.patient_id for row in rows(clinic, PushSubscription)] == [ana.account_id]

    sign_in(page, clinic, ben)
    wait_until(page, LET_GO)
    with page.expect_response(is_taken):
        sign_in(page, clinic, ana)
    page.goto("/you")
    part(page).get_by_role("button", name="Turn off reminders").click()
    expect(part(page).get_by_text("Reminders are off")).to_be_visible()
    page.reload()
    expect(part(page).get_by_role("button", name="Turn on reminders")).to_be_visible()
    assert page.evaluate(LET_GO)
    assert rows(clinic, PushSubscription) == []
    context.close()


def test_where_nothing_can_be_pushed_the_days_go_into_a_calendar(
    browser: Browser, clinic: Clinic
) -> None:
    context = phone_of(browser, clinic, "delete window.PushManager;", ICON)
    page = context.new_page()
    sign_in(page, clinic, clinic.patient())
    page.goto("/you")
    expect(part(page).get_by_text("This browser cannot show reminders.")).to_be_visible()
    file = context.request.get(
        part(page).get_by_role("link", name="Save a calendar file").get_attribute("href") or ""
    )
    assert len(Calendar.from_ical(file.body()).walk("VEVENT")) == 8

    part(page).get_by_role("button", name="Make a calendar link").click()
    address = part(page).get_by_label("Your calendar link").input_value()
    opened = part(page).get_by_role("link", name="Open in my calendar").get_attribute("href")
    assert opened == address.replace("http:", "webcal:")
    assert faults_of(page, ".you__reminders") == []
    stranger = browser.new_context()
    assert stranger.request.get(address).body().startswith(b"BEGIN:VCALENDAR")

    page.reload()
    expect(part(page).get_by_text("You have a calendar link since")).to_be_visible()
    assert page.get_by_label("Your calendar link").count() == 0
    part(page).get_by_role("button", name="End the link").click()
    page.locator("dialog").get_by_role("button", name="End the link").click()
    expect(part(page).get_by_text("The link has ended.")).to_be_visible()
    assert stranger.request.get(address).status == 404
    assert rows(clinic, CalendarLink) == []

    assert page.evaluate("window.badges.at(-1)") == 0
    clinic.stop()
    try:
        save(page, {"stays": True})
        page.wait_for_function("() => window.badges.at(-1) === 1")
    finally:
        clinic.start()
    page.evaluate("() => { window.dispatchEvent(new Event('online')); }")
    page.wait_for_function("() => window.badges.at(-1) === 0")
    stranger.close()
    context.close()
