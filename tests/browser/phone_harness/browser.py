"""The browser around the harness page, and a profile on disk for the one that gets killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser.chromium import chromium_or_skip
from tests.browser.phone_harness.clinic import FakeClinic

SAVE = "change => harness.save(change)"


class Phone:
    """A phone in the hand: the pages of one browser profile, and the clinic they talk to."""

    def __init__(
        self, context: BrowserContext, clinic: FakeClinic, *, blank: Page | None = None
    ) -> None:
        self.context = context
        self.clinic = clinic
        self._blank = blank

    def tab(self, before: str = "", **options: Any) -> Page:
        """A page with the phone opened; `before` is script that runs ahead of everything."""
        page = self.context.new_page() if before else self._take_page()
        if before:
            page.add_init_script(before)
        page.goto(self.clinic.origin)
        page.wait_for_function("window.harness !== undefined")
        page.evaluate("options => harness.open(options)", options)
        return page

    def _take_page(self) -> Page:
        """The blank page that is there already, or a new one."""
        page, self._blank = self._blank or self.context.new_page(), None
        return page

    def signed_in(self, **options: Any) -> Page:
        """A page with ana signed in and her record read."""
        page = self.tab(**options)
        page.evaluate("harness.signIn()")
        page.evaluate("harness.send()")
        self.clinic.asked.clear()
        return page


def launch_on(playwright: Playwright, profile: Path) -> BrowserContext:
    """A browser whose profile stays when it is gone."""
    return playwright.chromium.launch_persistent_context(
        profile, **chromium_or_skip().launch_options()
    )


def kill_browser_of(profile: Path) -> None:
    """SIGKILL the browser that works on this profile, and no other."""
    mark = f"--user-data-dir={profile}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in words and not any(word.startswith(b"--type=") for word in words):
            os.kill(int(entry.name), signal.SIGKILL)


@pytest.fixture
def clinic() -> Iterator[FakeClinic]:
    clinic = FakeClinic()
    clinic.start()
    yield clinic
    clinic.stop()


@pytest.fixture
def phone(lent: BrowserContext, clinic: FakeClinic) -> Iterator[Phone]:
    """A phone with nothing on it: everything a page keeps goes by address, and each clinic has one
    of its own. A page costs more than most tests, so the one that is open is used again."""
    blank = lent.pages[0] if lent.pages else lent.new_page()
    yield Phone(lent, clinic, blank=blank)
    for page in lent.pages:
        if page is not blank:
            page.close()
    if not blank.is_closed():
        blank.goto("about:blank")
