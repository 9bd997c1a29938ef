"""What is being read stays where it is: no page moves while it fills with what the phone knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import wait_for_worker
from tests.browser.patient_world import OFFER, Clinic, save, sign_in
from tests.browser.test_install_and_keep import OPEN_TODAY, SMALL

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = pytest.mark.browser
TALL = {"width": 360, "height": 1400}
"""Most of each page is in view, and so is seen to move."""
PAGES = (
    "/",
    "/aftercare",
    "/aftercare/knee",
    "/check-in",
    "/check-ins",
    "/joints",
    "/joints/knee",
    "/prolotherapy",
    "/recovery",
    "/sources",
    "/when-to-call",
    "/you",
)
WATCH = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    const what = sources.map(({ node }) => (node?.className ?? node?.nodeName ?? "gone"));
    if (!hadRecentInput) window.moved.push([value, ...what]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
TWO_FRAMES = """() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(window.moved)));
})"""
SAY_WHEN_SEEN = """
const seen = () => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
  setTimeout(done, 150);
});
document.addEventListener("load", ({ target }) => {
  if (target.rel === "stylesheet") seen().then(() => fetch("/seen"));
}, true);
"""
"""The styles are there: the page can be seen now, unless it waits for more of itself."""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    opened = Clinic(tmp_path_factory.mktemp("clinic"))
    yield opened
    opened.stop()


def moved_on(page: Page, address: str) -> list[list[Any]]:
    """What moved until the page was complete and the browser offered to install the app."""
    page.goto(address)
    page.wait_for_function(OPEN_TODAY)
    page.wait_for_load_state("networkidle")
    page.evaluate(OFFER, "dismissed")
    found: list[list[Any]] = page.evaluate(TWO_FRAMES)
    return found


@pytest.mark.whole
def test_no_page_moves_for_a_patient_with_or_without_a_line(
    browser: Browser, clinic: Clinic
) -> None:
    context = browser.new_context(**{**SMALL, "viewport": TALL}, base_url=clinic.origin)
    context.add_init_script(WATCH)
    page = context.new_page()
    patient = clinic.patient(days=(3, 20))
    sign_in(page, clinic, patient)
    save(page, {"days_ago": 1}, {})
    save(page, {"stays": True})
    wait_for_worker(page)
    moved = {f"{one}, online": moved_on(page, one) for one in PAGES}
    context.set_offline(True)
    moved |= {f"{one}, offline": moved_on(page, one) for one in PAGES}
    assert {name: what for name, what in moved.items() if what} == {}
    context.close()


@pytest.mark.parametrize("address", ["/", "/check-ins"])
def test_what_is_read_stays_while_what_waited_is_sent(
    browser: Browser, clinic: Clinic, address: str
) -> None:
    context = browser.new_context(**{**SMALL, "viewport": TALL}, base_url=clinic.origin)
    context.add_init_script(WATCH)
    page = context.new_page()
    sign_in(page, clinic, clinic.patient(days=(3, 20)))
    save(page, {"days_ago": 1}, {})
    wait_for_worker(page)
    page.goto("/check-ins")
    page.wait_for_function(OPEN_TODAY)
    context.set_offline(True)
    save(page, {})
    page.goto(address)
    page.wait_for_function(OPEN_TODAY)
    expect(page.get_by_text("1 check-in saved on this phone.")).to_be_visible()
    assert page.evaluate(TWO_FRAMES) == []
    context.set_offline(False)
    expect(page.get_by_text("Sent. All that you saved is on the clinic's server.")).to_be_visible()
    assert page.evaluate(TWO_FRAMES) == []
    context.close()


def test_a_movement_would_be_seen(browser: Browser, clinic: Clinic) -> None:
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(clinic.origin + "/sources")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelector('main').style.paddingBlockStart = '200px'")
    assert page.evaluate(TWO_FRAMES) != []
    page.close()


class InHalves:
    """Sends pages up to a place, and the rest when the phone asks for `/seen`."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.cut_before = 0
        self._is_seen = Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/seen":
            self._is_seen.set()
        for name in ("HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH"):
            environ.pop(name, None)
        body = b"".join(self.app(environ, start_response))
        return [body] if not body.startswith(b"<!doctype") else self._halves(body)

    def _halves(self, page: bytes) -> Iterator[bytes]:
        self._is_seen.clear()
        yield page[: self.cut_before]
        assert self._is_seen.wait(20), "the phone never saw the first half"
        yield page[self.cut_before :]


@pytest.mark.whole
def test_nothing_moves_where_the_browser_has_read_half_of_the_top(
    browser: Browser, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy phone stops reading wherever it likes, shows what it has, and goes on."""
    text = clinic.app.test_client().get("/sources").text
    server = InHalves(clinic.app.wsgi_app)
    monkeypatch.setattr(clinic.app, "wsgi_app", server)
    context = browser.new_context(viewport=TALL, service_workers="block", base_url=clinic.origin)
    context.add_init_script(WATCH + SAY_WHEN_SEEN)
    moved = {}
    for cut in (at for at in range(text.index("<header"), text.index("<main")) if text[at] == "<"):
        server.cut_before = len(text[:cut].encode())
        page = context.new_page()
        page.goto("/sources")
        if what := page.evaluate(TWO_FRAMES):
            moved[text[cut : cut + 60]] = what
        page.close()
    context.close()
    assert moved == {}
