"""What the public pages look like to a browser: reachable, readable, printable, without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.auditing import faults_of
from tests.browser.chromium import chromium_or_skip
from tests.browser.patient_world import JOINTS, READ_BY_ALL, Clinic

NARROW = {"width": 320, "height": 640}
LARGE_TEXT = "--blink-settings=defaultFontSize=32"
WIDER_THAN_THE_SCREEN = """() => document.documentElement.scrollWidth
  - document.documentElement.clientWidth"""
SMALL_SPOTS = """() => [...document.querySelectorAll(".spot__area")]
  .map((area) => area.getBoundingClientRect())
  .filter(({ width, height }) => width > 0 && (width < 48 || height < 48)).length"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path_factory.mktemp("clinic"))
    yield clinic
    clinic.stop()


@pytest.mark.whole
def test_no_public_page_has_a_fault_that_axe_knows(browser: Browser, clinic: Clinic) -> None:
    page = browser.new_page(service_workers="block")
    faults = []
    for path in READ_BY_ALL:
        page.goto(clinic.origin + path)
        faults += [(path, fault) for fault in faults_of(page)]
    page.close()
    assert faults == []


def test_nothing_is_cut_off_at_320_pixels(browser: Browser, clinic: Clinic) -> None:
    page = browser.new_page(viewport=NARROW, service_workers="block")
    too_wide = _too_wide(page, clinic)
    page.close()
    assert too_wide == []


def test_nothing_is_cut_off_when_the_reader_doubles_the_text(
    browser: Browser, clinic: Clinic
) -> None:
    options = chromium_or_skip().launch_options()
    options["args"] = [*options["args"], LARGE_TEXT]
    large = browser.browser_type.launch(**options)
    too_wide = _too_wide(large.new_page(viewport=NARROW, service_workers="block"), clinic)
    large.close()
    assert too_wide == []


def test_every_joint_on_the_body_is_a_link_as_large_as_a_finger(
    browser: Browser, clinic: Clinic
) -> None:
    context = browser.new_context(
        viewport=NARROW, java_script_enabled=False, service_workers="block"
    )
    page = context.new_page()
    page.goto(f"{clinic.origin}/joints")
    for site in JOINTS:
        on_the_body = page.locator(f'.spot[data-site="{site}"]')
        assert on_the_body.count() >= 2
        assert on_the_body.first.get_attribute("href").startswith(f"/joints/{site}")
        expect(page.locator(f'.joint-row a[href="/joints/{site}"]')).to_be_visible()
    context.close()
    page = browser.new_page(viewport=NARROW, service_workers="block")
    page.goto(f"{clinic.origin}/joints")
    assert page.evaluate(SMALL_SPOTS) == 0
    page.close()


def test_the_warning_signs_and_the_emergency_number_need_no_script(
    browser: Browser, clinic: Clinic
) -> None:
    context = browser.new_context(java_script_enabled=False, service_workers="block")
    page = context.new_page()
    for path in READ_BY_ALL:
        page.goto(clinic.origin + path)
        expect(page.locator('.top a[href="/when-to-call"]')).to_be_visible()
    page.goto(f"{clinic.origin}/when-to-call")
    number = page.locator("html").get_attribute("data-emergency")
    call = page.locator(f'.level--emergency a[href="tel:{number}"]')
    expect(call).to_be_visible()
    expect(page.locator(".level--emergency")).to_contain_text("hard to breathe")
    context.close()


def _too_wide(page: Page, clinic: Clinic) -> list[tuple[str, int]]:
    found = []
    for path in READ_BY_ALL:
        page.goto(clinic.origin + path)
        found.append((path, page.evaluate(WIDER_THAN_THE_SCREEN)))
    return [(path, extra) for path, extra in found if extra > 0]
