"""A real browser and the real server, for what a phone does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.chromium import Chromium, chromium_or_skip
from tests.browser.real_server import FaultProxy, RealServer


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
    running = playwright_driver.chromium.launch(**chromium.launch_options())
    yield running
    running.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    """A demo clinic of this test's own, serving."""
    running = RealServer(tmp_path / "instance").start()
    yield running
    running.stop()


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[RealServer, FaultProxy]]:
    """A demo clinic behind a proxy; people type the proxy's address."""
    running = RealServer(tmp_path / "instance")
    proxy = FaultProxy(running.port)
    running.public_port = proxy.port
    running.start()
    yield running, proxy
    proxy.close()
    running.stop()
