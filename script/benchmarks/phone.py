"""What a phone transfers at its first visit, and for everything that it keeps."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import PHONE, Chromium

FILES = re.compile(rb"const RELEASE=(\".*?\");const FILES=(\[.*?\]);")
PUBLIC = (
    "/",
    "/join",
    "/sign-in",
    "/when-to-call",
    "/joints",
    "/joints/knee",
    "/aftercare",
    "/aftercare/knee",
    "/prolotherapy",
    "/sources",
)
SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.hadRecentInput ? 0 : entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""


@dataclass(frozen=True)
class Visit:
    """A first visit of one page, until the network is silent. What the worker then fetches to keep
    is not in it.

    Attributes:
        body_bytes: bodies as they travel, compressed.
        all_bytes: with the headers of the answers, as HTTP/1.1 sends them; HTTP/2 packs them.
        shift: the sum of layout shifts.
    """

    address: str
    body_bytes: int
    all_bytes: int
    requests: int
    shift: float


@dataclass(frozen=True)
class Kept:
    """What the worker fetches to keep the whole release: its own script and one answer."""

    brotli_bytes: int
    gzip_bytes: int
    count: int


def first_visits(
    chromium: Chromium, *, origin: str, addresses: Sequence[str] = PUBLIC
) -> list[Visit]:
    """Visit each page with a browser that has never been here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.launch_options())
        try:
            return [_visit(browser, origin, address) for address in addresses]
        finally:
            browser.close()


def _visit(browser: Browser, origin: str, address: str) -> Visit:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    heads: dict[str, int] = {}
    wholes: dict[str, int] = {}

    def note_head(told: dict[str, Any]) -> None:
        heads[told["requestId"]] = int(told["response"]["encodedDataLength"])

    def note_end(told: dict[str, Any]) -> None:
        wholes[told["requestId"]] = int(told["encodedDataLength"])

    tools.on("Network.responseReceived", note_head)
    tools.on("Network.loadingFinished", note_end)
    tools.send("Network.enable")
    page.goto(origin + address)
    page.wait_for_load_state("networkidle")
    shift = float(page.evaluate(SHIFTS))
    context.close()
    bodies = sum(max(0, whole - heads.get(name, 0)) for name, whole in wholes.items())
    return Visit(address, bodies, sum(wholes.values()), len(wholes), shift)


def kept(port: int) -> Kept:
    """Ask for the worker and the whole release as a browser does, and as one without brotli."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def fetch(address: str, encoding: str) -> bytes:
        headers = {"Host": f"localhost:{port}", "Accept-Encoding": encoding}
        connection.request("GET", address, headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        if reply.status != 200 or reply.getheader("Content-Encoding", "identity") != encoding:
            raise RuntimeError(f"{address} answered {reply.status}, not in {encoding}")
        return body

    found = FILES.search(fetch("/sw.js", "identity"))
    if found is None:
        raise RuntimeError("the worker does not say which files it keeps")
    whole = f"/assets/{json.loads(found[1])}/whole.json"
    sizes = {
        encoding: len(fetch("/sw.js", encoding)) + len(fetch(whole, encoding))
        for encoding in ("br", "gzip")
    }
    connection.close()
    return Kept(sizes["br"], sizes["gzip"], len(json.loads(found[2])))
