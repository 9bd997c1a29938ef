"""What another engine lacks or refuses, and what the app then does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.patient_world import SAVE, Clinic
from tests.engines import journey
from tests.engines.phones import Firefox, Phone, WebKit, firefox_options

pytestmark = [pytest.mark.browser, pytest.mark.whole]
PUBLIC = ("/", "/aftercare/knee", "/joints/knee", "/when-to-call")
PRIVATE = {"browser.privatebrowsing.autostart": True}
REFUSED = "This browser does not let us save on this phone."
ASK = "Ask the browser to keep it"
NO_PUSH = "Use your calendar instead."
HAS = """(...names) => names.map((name) => name.split(".").reduce(
  (found, part) => found?.[part], window) !== undefined)"""
MAY_GO = "This browser may delete"
IS_ON_PHONE = """async () => {
  const { openPhone } = await import(`${document.documentElement.dataset.assets}/js/phone.js`);
  const phone = await openPhone({ assets: document.documentElement.dataset.assets });
  const count = phone.checkInCount();
  phone.close();
  return count;
}"""
WRITE_WITHOUT_END = """async () => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  const write = async () => { for (;;) {
    await phone.keepDraft("endless", { at: Date.now() });
    await new Promise((next) => { setTimeout(next); });
  } };
  for (let each = 0; each < 5; each += 1) write();
}"""
BE_ONLINE_WHEN_STORAGE_IS_LOST = """() => new Promise((armed) => {
  const asked = indexedDB.open("canary");
  asked.onsuccess = () => {
    asked.result.onclose = () => setInterval(() => window.dispatchEvent(new Event("online")), 100);
    armed();
  };
})"""


@pytest.mark.usefixtures("firefox")
def test_public_pages_are_whole_in_firefox_without_javascript(
    clinic: Clinic, playwright_driver: Playwright, tmp_path: Path
) -> None:
    """Asked once a page: without a clock in it Playwright could not ask again and again."""
    phone = Firefox(
        playwright_driver, tmp_path / "firefox", clinic.origin, **{"javascript.enabled": False}
    )
    try:
        for address in PUBLIC:
            phone.open(address)
            assert phone.page.locator("main h1").is_visible(), address
        phone.open("/check-in")
        assert phone.page.locator("noscript a", has_text="When to call").is_visible()
    finally:
        phone.close()


@pytest.mark.usefixtures("firefox")
def test_firefox_that_blocks_all_storage_says_so_and_still_tells_what_to_do(
    clinic: Clinic, playwright_driver: Playwright
) -> None:
    """A setting that people use: no cookie, no IndexedDB, no worker, no channel between tabs."""
    blocking = {"network.cookie.cookieBehavior": 2}
    browser = playwright_driver.firefox.launch(**firefox_options(**blocking))
    try:
        page = browser.new_page(base_url=clinic.origin)
        for address in PUBLIC:
            page.goto(address)
            expect(page.locator("main h1")).to_be_visible()
            expect(page.get_by_text(REFUSED)).to_be_hidden()
        page.goto("/check-in")
        expect(page.get_by_text(REFUSED)).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("One moment")
    finally:
        browser.close()


@pytest.mark.usefixtures("firefox")
def test_a_private_window_of_firefox(
    clinic: Clinic, playwright_driver: Playwright, tmp_path: Path
) -> None:
    profile = tmp_path / "firefox"
    phone = Firefox(playwright_driver, profile, clinic.origin, **PRIVATE)
    in_a_private_window(clinic, phone)
    stored = profile / "storage" / "default"
    assert not stored.exists() or list(stored.glob("http*")) == []


def test_a_private_window_of_webkit_which_has_no_push_and_promises_to_keep_nothing(
    clinic: Clinic, display: str, tmp_path: Path
) -> None:
    phone = WebKit(display, tmp_path / "webkit", clinic.origin, is_private=True)
    in_a_private_window(clinic, phone, lacks=("PushManager", "StorageManager.prototype.persist"))
    assert not (tmp_path / "webkit").exists()


def in_a_private_window(clinic: Clinic, phone: Phone, lacks: tuple[str, ...] = ()) -> None:
    """It works as ever, and what is sent is with the clinic; the page does not say "kept"."""
    patient = clinic.patient()
    try:
        journey.sign_in(phone, patient.username)
        phone.run(SAVE, [{}])
        assert phone.run(IS_ON_PHONE) == 1
        phone.open("/you")
        phone.until_said(MAY_GO)
        assert phone.run("(keep) => document.body.innerText.includes(keep)", ASK) is not bool(lacks)
        if lacks:
            assert not any(phone.run(HAS, *lacks))
            phone.until_said(NO_PUSH)
    finally:
        phone.close()
    assert [one.kind for one in clinic.events(patient)] == ["create"]


def test_webkit_freezes_a_page_in_the_middle_of_writing_and_the_next_one_works(
    clinic: Clinic, display: str, tmp_path: Path
) -> None:
    patient = clinic.patient()
    phone = WebKit(display, tmp_path / "webkit", clinic.origin)
    try:
        journey.sign_in(phone, patient.username)
        phone.run(WRITE_WITHOUT_END)
        phone.open("/check-in")
        phone.until_shown(journey.OPTIONS, "Yes, that is right")
        phone.run("() => history.back()")
        phone.until_at("/")
        phone.run(SAVE, [{}])
    finally:
        phone.close()
    assert [one.kind for one in clinic.events(patient)] == ["create"]


def test_webkit_loses_its_storage_and_a_fresh_page_sends_what_waited(
    clinic: Clinic, display: str, tmp_path: Path
) -> None:
    """A page that has lost it gets there no more: it loads itself anew."""
    patient = clinic.patient()
    phone = WebKit(display, tmp_path / "webkit", clinic.origin)
    try:
        journey.sign_in(phone, patient.username)
        phone.run(SAVE, [{"stays": True}])
        assert clinic.events(patient) == []
        phone.run(BE_ONLINE_WHEN_STORAGE_IS_LOST)
        phone.lose_its_storage()
        eventually(lambda: bool(clinic.events(patient)))
    finally:
        phone.close()


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait for what no page can tell."""
    deadline = time.monotonic() + 20
    look_again = threading.Event()
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be so"
        look_again.wait(0.05)
