"""One browser and one made demo for all tests of a process, wherever they stand.

In `tests/conftest.py` by name: imported in two places, Playwright would be started twice, which it
refuses.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser.chromium import Chromium, chromium_or_skip, without_window
from tests.browser.real_server import make_demo


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """The Chromium of this machine, or the packed one."""
    return chromium_or_skip()


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Playwright, started once."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright, chromium: Chromium) -> Iterator[Browser]:
    """One running browser; each test opens a context of its own in it."""
    options = without_window(chromium).launch_options()
    running = playwright_driver.chromium.launch(**options)
    yield running
    running.close()


@pytest.fixture(scope="session")
def lent(browser: Browser) -> Iterator[BrowserContext]:
    """A context for pages of which each test has an address of its own, and so nothing in common
    with the tests before."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture(scope="session")
def made_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that was made once; nobody serves it, each test copies it."""
    return make_demo(tmp_path_factory.mktemp("made") / "instance")


@pytest.fixture
def instance(made_demo: Path, tmp_path: Path) -> Path:
    """An instance folder of this test's own, with the demo in it."""
    return Path(shutil.copytree(made_demo, tmp_path / "instance"))
