"""The cabinet: one page of a real Chromium in which several phones run the real modules."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route

from tests.browser.phone_harness.clinic import STATIC_JS
from tests.stateful.cable import Cable

ORIGIN = "http://localhost:21500"
"""Never connected to: every request of the page is answered by the route below."""
PAGE = (
    '<!doctype html><meta charset="utf-8"><title>Phones</title><script src="/cabinet.js"></script>'
)
TRUE_CODE = "true"
Patches = dict[str, list[tuple[str, str]]]
"""file under static/js → what stands there and what a seeded bug puts in its place"""


class StalePatch(Exception):
    """What a seeded bug replaces does not stand in the code any more: write the bug anew."""


class Cabinet:
    """The page. `carry` is handed every request of a phone and answers it."""

    def __init__(self, browser: Browser) -> None:
        self.carry: Callable[[dict[str, Any]], dict[str, Any]] = lambda _asked: {"status": 0}
        self._variants: dict[str, Patches] = {}
        self._prefixes = itertools.count()
        self._numbers = itertools.count(1)
        self._cable = Cable()
        self._context = browser.new_context(
            timezone_id="Europe/London", permissions=["local-network-access"]
        )
        self._page = self._context.new_page()
        self._page.route("**/*", self._serve)
        self._page.goto(ORIGIN)
        self._page.wait_for_function("window.cabinet !== undefined")
        self._page.evaluate("port => cabinet.connect(port)", self._cable.port)
        self._cable.accept()
        self.learn(TRUE_CODE, {})

    def close(self) -> None:
        self._context.close()
        self._cable.close()

    def learn(self, variant: str, patches: Patches) -> None:
        """Load the modules under this name, with these patches."""
        if variant in self._variants:
            return
        for name, changes in patches.items():
            patched((STATIC_JS / name).read_text("utf-8"), changes, name)
        self._variants[variant] = patches
        self._page.evaluate("variant => cabinet.load(variant)", variant)

    def clear(self) -> str:
        """Throw every phone away; returns the prefix of the next ones' databases."""
        self._ask("clear", {})
        return f"{next(self._prefixes)}-"

    def step(self, **step: Any) -> dict[str, Any]:
        """One step of the page's script; what the phones show and hold comes back."""
        return self._ask("step", step)

    def _ask(self, what: str, given: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._cable.tell(json.dumps({"ask": what, "number": number, "given": given}))
        while True:
            heard: dict[str, Any] = json.loads(self._cable.hear())
            if "told" in heard:
                if heard["number"] != number:  # of a step that was given up
                    continue
                told: dict[str, Any] = heard["told"]
                return told
            answer = self.carry(heard["carry"])
            self._cable.tell(json.dumps({"answer": heard["id"], "given": answer}))

    def _serve(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(content_type="text/html", body=PAGE)
        elif path == "/cabinet.js":
            source = Path(__file__).with_name("cabinet.js").read_text("utf-8")
            route.fulfill(content_type="text/javascript", body=source)
        elif path.endswith(".js"):
            _, variant, name = path.split("/", 2)
            source = (STATIC_JS / name).read_text("utf-8")
            changes = self._variants[variant].get(name, [])
            route.fulfill(content_type="text/javascript", body=patched(source, changes, name))
        else:
            route.fulfill(status=404, body="")


def patched(source: str, changes: list[tuple[str, str]], name: str) -> str:
    """The source with each change made. Raises StalePatch where one does not fit exactly once."""
    for old, new in changes:
        if source.count(old) != 1:
            raise StalePatch(f"{name}: {source.count(old)} times: {old}")
        source = source.replace(old, new)
    return source
