"""A phone in another engine than Chromium: Firefox, and WebKit in a window of its own.

Both do the same few things, so that one journey is written once. What a journey is made of is in
`journey.py`; no test lives here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Playwright

from tests.browser.real_server import free_port
from tests.engines.webdriver import ELEMENT, WebDriver, WebDriverError

FIREFOX = "/usr/bin/firefox-esr"
SYSTEM_PYTHON = "/usr/bin/python3"
APP = Path(__file__).with_name("webkit_app.py")
WIDTH, HEIGHT = 412, 915
PATIENCE_S = 60.0
SOON = "new Promise((soon) => { setTimeout(soon, 20); })"
FIND = """(css, words) => [...document.querySelectorAll(css)].find((one) => one.checkVisibility()
  && (words === null || (one.getAttribute("aria-label") ?? one.innerText).trim() === words))"""
TO_THE_MIDDLE = "(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })"
QUIETER = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.sessionstore.resume_from_crash": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.tabs.remote.separatePrivilegedContentProcess": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "extensions.webextensions.remote": False,
    "fission.autostart": False,
    "media.rdd-process.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.process.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
"""What Firefox would do beside showing our pages, and in a dozen processes: most of its start."""


class Phone(ABC):
    """A browser on a profile of its own, at one address."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    @abstractmethod
    def go(self, address: str) -> None:
        """Open an address and wait until it has loaded."""

    @abstractmethod
    def run(self, function: str, *args: Any) -> Any:
        """Call a function in the page; a promise is waited for."""

    @abstractmethod
    def tap(self, css: str, words: str | None = None) -> None:
        """Tap the first visible element of these words (its label or its whole text)."""

    @abstractmethod
    def fill(self, css: str, text: str) -> None:
        """Type into the first visible field."""

    @abstractmethod
    def close(self) -> None: ...

    def open(self, path: str) -> None:
        """Open a page of the app."""
        self.go(self.origin + path)

    def until(self, question: str, *args: Any) -> Any:
        """Ask in the page again and again until the answer is true; returns it.

        The page may change meanwhile: what it cannot answer while it goes is asked again.
        """
        last: object = None
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                last = self.run(
                    f"async (...args) => (await ({question})(...args)) || ({SOON}, null)", *args
                )
            except (PlaywrightError, WebDriverError) as error:
                last = error
            if last and not isinstance(last, Exception):
                return last
        raise AssertionError(f"it never came true: {question} {args} ({last})\n{self.text()}")

    def until_shown(self, css: str, words: str | None = None) -> None:
        """Wait for a visible element."""
        self.until(f"(css, words) => Boolean(({FIND})(css, words))", css, words)

    def until_said(self, words: str) -> None:
        """Wait until the page says this somewhere."""
        self.until("(words) => document.body.innerText.includes(words)", words)

    def until_at(self, *paths: str) -> None:
        """Wait until one of these addresses is shown, and loaded."""
        self.until(
            "(...paths) => document.readyState === 'complete' && paths.includes(location.pathname)",
            *paths,
        )

    def text(self) -> str:
        """Everything that the page says."""
        try:
            return self.run("() => `${location.href}\\n${document.body.innerText}`")
        except (PlaywrightError, WebDriverError) as error:
            return f"(no page: {error})"


class Firefox(Phone):
    """Firefox ESR on a profile that outlives it."""

    def __init__(
        self, playwright: Playwright, profile: Path, origin: str, **preferences: Any
    ) -> None:
        super().__init__(origin)
        self._context = playwright.firefox.launch_persistent_context(
            str(profile),
            viewport={"width": WIDTH, "height": HEIGHT},
            **firefox_options(**preferences),
        )
        self._context.set_default_timeout(PATIENCE_S * 1000)
        self.page = self._context.pages[0]

    def go(self, address: str) -> None:
        self.page.goto(address)

    def run(self, function: str, *args: Any) -> Any:
        return self.page.evaluate(f"(args) => ({function})(...args)", list(args))

    def tap(self, css: str, words: str | None = None) -> None:
        self._element(css, words).click()

    def fill(self, css: str, text: str) -> None:
        self._element(css).fill(text)

    def close(self) -> None:
        self._context.close()

    def _element(self, css: str, words: str | None = None) -> Any:
        self.until_shown(css, words)
        return self.page.evaluate_handle(f"(args) => ({FIND})(...args)", [css, words]).as_element()


def firefox_options(**preferences: Any) -> dict[str, Any]:
    """For Playwright's `launch` and `launch_persistent_context`."""
    return {
        "channel": "moz-firefox",
        "executable_path": FIREFOX,
        "firefox_user_prefs": {**QUIETER, **preferences},
    }


class WebKit(Phone):
    """WebKitGTK on a folder that outlives it. Not Safari, but of the same make and as bare."""

    def __init__(
        self, display: str, folder: Path, origin: str, *, is_private: bool = False
    ) -> None:
        super().__init__(origin)
        port = free_port()
        self._process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"],
            env=environment(display),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._driver = WebDriver(port)
        args = [str(APP), str(folder), *(["--private"] if is_private else [])]
        self._begin({"binary": SYSTEM_PYTHON, "args": args})

    def _begin(self, options: dict[str, Any]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._driver.begin({"webkitgtk:browserOptions": options})
            except ConnectionRefusedError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
            else:
                return

    def go(self, address: str) -> None:
        self._driver.post("url", url=address)

    def run(self, function: str, *args: Any) -> Any:
        return self._driver.call(function, *args)

    def tap(self, css: str, words: str | None = None) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._tap_now(css, words)
            except WebDriverError:
                # It was drawn again, or something was about to go out of the way.
                if time.monotonic() > deadline:
                    raise
            else:
                return

    def _tap_now(self, css: str, words: str | None) -> None:
        element = self._element(css, words)
        self.run(TO_THE_MIDDLE, {ELEMENT: element})
        self._driver.post(f"element/{element}/click")

    def fill(self, css: str, text: str) -> None:
        self._driver.post(f"element/{self._element(css)}/value", text=text)

    def close(self) -> None:
        """Kill it on the spot, as a phone does that needs the room."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)

    def lose_its_storage(self) -> None:
        """Kill the process that holds every open database; pages see theirs closed under them.

        iOS does this to an app in the background. Nothing can be asked of the page afterwards: the
        driver takes it for a crash. The page lives on.
        """
        below = psutil.Process(self._process.pid).children(recursive=True)
        (holder,) = [one for one in below if one.name().startswith("WebKitNetworkPr")]
        holder.kill()
        psutil.wait_procs([holder], timeout=20)

    def _element(self, css: str, words: str | None = None) -> str:
        self.until_shown(css, words)
        return self.run(FIND, css, words)[ELEMENT]


def environment(display: str) -> dict[str, str]:
    """Without a graphics card, a bus for screen readers, or a sandbox, which root has not."""
    return {
        **os.environ,
        "DISPLAY": display,
        "GDK_BACKEND": "x11",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "NO_AT_BRIDGE": "1",
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    }


@contextmanager
def virtual_display() -> Iterator[str]:
    """A screen that nobody sees, by its name."""
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "500x1000x24", "-nolisten", "tcp"],
        pass_fds=[theirs],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as told:
        number = told.readline().strip()
    try:
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def why_no_firefox() -> str | None:
    """What is missing for Firefox; None where it can run."""
    return None if os.access(FIREFOX, os.X_OK) else "firefox-esr is not installed"


def why_no_webkit() -> str | None:
    """What is missing for WebKit; None where it can run."""
    if missing := [name for name in ("WebKitWebDriver", "Xvfb") if not shutil.which(name)]:
        return f"not installed: {', '.join(missing)}"
    asked = "import gi; gi.require_version('WebKit2', '4.1')"
    answer = subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True, check=False)
    return None if answer.returncode == 0 else "the system's Python has no WebKit2 4.1 (python3-gi)"
