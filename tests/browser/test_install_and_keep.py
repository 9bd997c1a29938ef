"""Putting the app on the phone at a good moment, and what You says of what is kept there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.auditing import faults_of
from tests.browser.patient_world import OFFER, Clinic, save, sign_in

pytestmark = pytest.mark.browser
MOMENT = ".install-moment"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
)
SMALL: dict[str, Any] = {"viewport": {"width": 360, "height": 780}, "has_touch": True}
NO_PERSIST = "delete StorageManager.prototype.persist; delete StorageManager.prototype.estimate;"
ASKS_FOR_EVER = "StorageManager.prototype.persist = () => new Promise(() => {});"
OPEN_TODAY = "() => document.body.classList.contains('is-ready')"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    opened = Clinic(tmp_path_factory.mktemp("clinic"))
    yield opened
    opened.stop()


def phone(browser: Browser, script: str = "", **changed: Any) -> Page:
    """A blank phone without a worker."""
    context = browser.new_context(**SMALL, **changed)
    context.add_init_script("delete Navigator.prototype.serviceWorker;" + script)
    return context.new_page()


def open_today(page: Page, clinic: Clinic) -> None:
    page.goto(clinic.origin)
    page.wait_for_function(OPEN_TODAY)


def test_android_is_asked_after_the_first_check_in_and_never_again_after_a_no(
    browser: Browser, clinic: Clinic
) -> None:
    page = phone(browser)
    sign_in(page, clinic, clinic.patient())
    open_today(page, clinic)
    page.evaluate(OFFER, "dismissed")
    expect(page.locator(MOMENT)).to_have_count(0)

    save(page, {})
    open_today(page, clinic)
    expect(page.locator(MOMENT)).to_be_hidden()
    page.evaluate(OFFER, "dismissed")
    card = page.locator(MOMENT)
    expect(card).to_contain_text("Put the app on your phone?")
    assert faults_of(page, MOMENT) == []
    card.get_by_role("button", name="Install", exact=True).click()
    expect(card).to_be_hidden()
    assert page.evaluate("window.asked") == 1

    open_today(page, clinic)
    page.evaluate(OFFER, "dismissed")
    expect(page.locator(MOMENT)).to_have_count(0)
    page.goto(clinic.origin + "/you")
    page.evaluate(OFFER, "accepted")
    expect(page.get_by_role("button", name="Install", exact=True)).to_be_visible()
    page.context.close()


def test_an_iphone_is_shown_the_steps_with_the_reason_and_may_say_no(
    browser: Browser, clinic: Clinic
) -> None:
    page = phone(browser, NO_PERSIST, user_agent=IPHONE)
    sign_in(page, clinic, clinic.patient())
    save(page, {})
    open_today(page, clinic)
    card = page.locator(MOMENT)
    expect(card).to_contain_text("may delete what is kept here after 7 days")
    card.get_by_role("link", name="Show me how").click()
    steps = page.locator(".you__install li")
    expect(steps).to_have_count(4)
    for place, drawn in ((1, "share"), (2, "add-home"), (3, "home")):
        expect(steps.nth(place).locator(f'use[href$="#{drawn}"]')).to_have_count(1)
    expect(page.locator(".you__storage")).to_contain_text("1 check-in is kept on this phone.")
    expect(page.get_by_role("button", name="Ask the browser to keep it")).to_have_count(0)
    open_today(page, clinic)
    page.locator(MOMENT).get_by_role("button", name="No, thanks").click()
    expect(page.locator(MOMENT)).to_be_hidden()
    open_today(page, clinic)
    expect(page.locator(MOMENT)).to_have_count(0)
    page.context.close()


def test_a_browser_that_asks_the_person_to_keep_the_data_does_not_leave_the_button_busy(
    browser: Browser, clinic: Clinic
) -> None:
    """Firefox asks, and who overlooks the question never answers it."""
    page = phone(browser, ASKS_FOR_EVER)
    sign_in(page, clinic, clinic.patient())
    page.goto(clinic.origin + "/you")
    part = page.locator(".you__storage")
    expect(part).to_contain_text("No check-in is kept on this phone.")
    part.get_by_role("button", name="Ask the browser to keep it").click()
    expect(part.get_by_role("status")).to_have_text(
        "Your browser asks you now. Please answer its question."
    )
    expect(part.get_by_role("button", name="Ask the browser to keep it")).to_be_enabled()
    page.context.close()


def look(browser: Browser, clinic: Clinic, folder: Path) -> None:
    """Take pictures of these parts, for somebody who looks at them."""
    for name, script, agent in (("android", "", None), ("iphone", NO_PERSIST, IPHONE)):
        changed = {"user_agent": agent} if agent else {}
        page = phone(browser, script, **changed)
        sign_in(page, clinic, clinic.patient())
        save(page, {})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            open_today(page, clinic)
            page.evaluate(OFFER, "dismissed")
            page.locator(MOMENT).scroll_into_view_if_needed()
            page.screenshot(path=folder / f"{name}-{theme}-today.png", full_page=True)
            page.goto(clinic.origin + "/you")
            page.evaluate(OFFER, "dismissed")
            page.locator(".you__storage").wait_for()
            page.screenshot(path=folder / f"{name}-{theme}-you.png", full_page=True)
        page.set_viewport_size({"width": 320, "height": 780})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.screenshot(path=folder / f"{name}-320.png", full_page=True)
        page.context.close()
