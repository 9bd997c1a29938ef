"""What the first visit costs a phone, and how soon it shows something without a network."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from script.benchmarks.patients import PASSWORD, Patient
from tests.browser.chromium import PHONE, Chromium

FILES = re.compile(rb"const FILES=(\[.*?\]);")
NAMED = re.compile(rb'(?:href|src)="(/assets/[^"]+)"')
FIRST_PAINT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name === "first-contentful-paint") resolve(entry.startTime);
    }
  }).observe({ type: "paint", buffered: true });
})"""
IS_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  return navigator.serviceWorker.controller !== null;
}"""
PATIENCE_MS = 60_000
SLOWER = 4


@dataclass(frozen=True)
class FirstVisit:
    """Bytes of bodies as they travel, gzipped where the server does.

    Attributes:
        page_bytes: Today and what it names in its head: what the first paint may wait for.
        kept_bytes: everything that the worker keeps, so that all of it opens offline.
    """

    page_bytes: int
    kept_bytes: int
    kept_count: int


def first_visit(port: int) -> FirstVisit:
    """Fetch what a phone fetches at its first visit."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def fetch(address: str) -> tuple[int, bytes]:
        accepted = {"Host": f"localhost:{port}", "Accept-Encoding": "gzip, deflate, br, zstd"}
        connection.request("GET", address, headers=accepted)
        reply = connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{address} answered {reply.status}")
        is_gzipped = reply.getheader("Content-Encoding") == "gzip"
        return len(body), gzip.decompress(body) if is_gzipped else body

    page_bytes, page = fetch("/")
    named = {found.decode() for found in NAMED.findall(page)}
    worker_bytes, worker = fetch("/sw.js")
    found = FILES.search(worker)
    if found is None:
        raise RuntimeError("the worker does not say which files it keeps")
    kept = json.loads(found[1])
    sizes = {address: fetch(address)[0] for address in {*kept, *named}}
    connection.close()
    return FirstVisit(
        page_bytes=page_bytes + sum(sizes[address] for address in named),
        kept_bytes=worker_bytes + sum(sizes[address] for address in kept),
        kept_count=len(kept),
    )


def offline_first_paint(
    chromium: Chromium,
    *,
    origin: str,
    patient: Patient,
    profile: Path,
    stop_server: Callable[[], None],
    repeat: int,
) -> tuple[list[float], list[float]]:
    """Milliseconds from opening Today to the first thing on screen, the server being gone.

    A patient is signed in, and the worker is put to sleep before each opening. Returns them as
    this machine is, then with its processor slowed to a quarter.
    """
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, **chromium.launch_options(), **PHONE
        )
        try:
            page = context.pages[0]
            page.goto(origin + "/sign-in")
            page.wait_for_function(IS_KEPT, timeout=PATIENCE_MS)
            page.fill("input[name=username]", patient.username)
            page.fill("input[name=password]", PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_url(origin + "/", timeout=PATIENCE_MS)
            page.wait_for_load_state("networkidle")
            stop_server()
            return (
                [_paint(context, origin, rate=1) for _ in range(repeat)],
                [_paint(context, origin, rate=SLOWER) for _ in range(repeat)],
            )
        finally:
            context.close()


def _paint(context: BrowserContext, origin: str, *, rate: int) -> float:
    page: Page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("ServiceWorker.enable")
    tools.send("ServiceWorker.stopAllWorkers")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    page.goto(origin + "/")
    painted = float(page.evaluate(FIRST_PAINT))
    page.close()
    return painted
