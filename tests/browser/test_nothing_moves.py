"""What is being read stays where it is: no page moves while it fills with what the phone knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.driving import wait_for_worker
from tests.browser.patient_world import OFFER, Clinic, save, sign_in
from tests.browser.test_install_and_keep import OPEN_TODAY, SMALL

pytestmark = pytest.mark.browser
TALL = {"width": 360, "height": 1400}
"""Most of each page is in view, and so is seen to move."""
PAGES = (
    "/",
    "/aftercare",
    "/aftercare/knee",
    "/check-in",
    "/check-ins",
    "/joints",
    "/joints/knee",
    "/prolotherapy",
    "/recovery",
    "/sources",
    "/when-to-call",
    "/you",
)
WATCH = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    const what = sources.map(({ node }) => (node?.className ?? node?.nodeName ?? "gone"));
    if (!hadRecentInput) window.moved.push([value, ...what]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
TWO_FRAMES = """() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.moved)));
})"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    opened = Clinic(tmp_path_factory.mktemp("clinic"))
    yield opened
    opened.stop()


def moved_on(page: Page, address: str) -> list[list[Any]]:
    """What moved until the page was complete and the browser offered to install the app."""
    page.goto(address)
    page.wait_for_function(OPEN_TODAY)
    page.wait_for_load_state("networkidle")
    page.evaluate(OFFER, "dismissed")
    found: list[list[Any]] = page.evaluate(TWO_FRAMES)
    return found


@pytest.mark.whole
def test_no_page_moves_for_a_patient_with_or_without_a_line(
    browser: Browser, clinic: Clinic
) -> None:
    context = browser.new_context(**{**SMALL, "viewport": TALL}, base_url=clinic.origin)
    context.add_init_script(WATCH)
    page = context.new_page()
    patient = clinic.patient(days=(3, 20))
    sign_in(page, clinic, patient)
    save(page, {"days_ago": 1}, {})
    save(page, {"stays": True})
    wait_for_worker(page)
    moved = {f"{one}, online": moved_on(page, one) for one in PAGES}
    context.set_offline(True)
    moved |= {f"{one}, offline": moved_on(page, one) for one in PAGES}
    assert {name: what for name, what in moved.items() if what} == {}
    context.close()


def test_a_movement_would_be_seen(browser: Browser, clinic: Clinic) -> None:
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(clinic.origin + "/sources")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelector('main').style.paddingBlockStart = '200px'")
    assert page.evaluate(TWO_FRAMES) != []
    page.close()
