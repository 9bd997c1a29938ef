"""How soon a phone shows something without a network, and whether sending makes it stutter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from script.benchmarks.patients import PASSWORD, Patient
from script.benchmarks.phone import SHIFTS
from tests.browser.chromium import PHONE, Chromium
from tests.browser.patient_world import SAVE

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
WATCH_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    window.longTasks.push([startTime, duration]);
  }
}).observe({ type: "longtask", buffered: true });
"""
IS_IDLE = """async () => {
  const open = indexedDB.open("prolo-aftercare");
  const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const count = database.transaction("events").objectStore("events").index("by_state")
    .count(IDBKeyRange.only("pending"));
  const left = await new Promise((done) => { count.onsuccess = () => done(count.result); });
  database.close();
  return left === 0;
}"""
EMPTY = "/sources"
EMPTY_IT = """async (address) => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    if (!await cache.match(address)) continue;
    const headers = { "Content-Type": "text/html" };
    await cache.put(address, new Response("<!doctype html><title>-</title><p>Empty", { headers }));
  }
}"""
"""A page with nothing on it in the place of one that is kept: what the browser itself needs."""
PATIENCE_MS = 60_000
SLOWER = 4
PIECE = 100
LOOK_MS = 250


@dataclass(frozen=True)
class Painted:
    """Openings of a page without a server, the worker put to sleep before each.

    Attributes:
        empty_ms: until the first thing on screen of a page with one word, out of the same copy.
        plain_ms: the same for Today, this machine as it is. The two were opened by turns.
        slowed_ms: the same with its processor slowed to a quarter.
        shift: the largest sum of layout shifts of one opening.
    """

    empty_ms: tuple[float, ...]
    plain_ms: tuple[float, ...]
    slowed_ms: tuple[float, ...]
    shift: float


@dataclass(frozen=True)
class Sent:
    """What a page felt while it sent.

    Attributes:
        tasks_ms: the tasks of more than 50 ms on its main thread.
    """

    count: int
    took_s: float
    tasks_ms: tuple[float, ...]


@contextmanager
def signed_in(
    chromium: Chromium, *, origin: str, patient: Patient, profile: Path
) -> Iterator[BrowserContext]:
    """A phone with this patient on it, that keeps the whole release."""
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
            yield context
        finally:
            context.close()


def sending(context: BrowserContext, *, origin: str, count: int) -> Sent:
    """Save so many check-ins without a line, then open Today with one, which sends them."""
    page = context.pages[0]
    context.set_offline(True)
    for _ in range(count // PIECE):
        page.evaluate(SAVE, [{"stays": True}] * PIECE)
    context.set_offline(False)
    page.add_init_script(WATCH_TASKS)
    began = time.monotonic()
    page.goto(origin + "/")
    while not page.evaluate(IS_IDLE):
        page.wait_for_timeout(LOOK_MS)
    took = time.monotonic() - began
    page.wait_for_load_state("networkidle")
    tasks = page.evaluate("window.longTasks.map(([, duration]) => duration)")
    return Sent(count, took, tuple(tasks))


def first_paint(
    context: BrowserContext, *, origin: str, stop_server: Callable[[], None], repeat: int
) -> Painted:
    """Open Today with the server gone."""
    context.pages[0].evaluate(EMPTY_IT, EMPTY)
    stop_server()
    empty, plain = [], []
    for _ in range(repeat):
        empty.append(_paint(context, origin + EMPTY, shown="p", rate=1))
        plain.append(_paint(context, origin + "/", shown="#today h1", rate=1))
    slowed = [_paint(context, origin + "/", shown="#today h1", rate=SLOWER) for _ in range(repeat)]
    return Painted(
        tuple(paint for paint, _ in empty),
        tuple(paint for paint, _ in plain),
        tuple(paint for paint, _ in slowed),
        max(shift for _, shift in (*plain, *slowed)),
    )


def _paint(context: BrowserContext, address: str, *, shown: str, rate: int) -> tuple[float, float]:
    page: Page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("ServiceWorker.enable")
    tools.send("ServiceWorker.stopAllWorkers")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    page.goto(address)
    painted = float(page.evaluate(FIRST_PAINT))
    page.locator(shown).wait_for()
    shift = float(page.evaluate(SHIFTS))
    page.close()
    return painted, shift
