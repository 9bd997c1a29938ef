"""What the installed worker does in a real browser, with the server up, down, and lying."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Request,
    expect,
)
from werkzeug.serving import BaseWSGIServer, make_server

from tests.browser.chromium import PHONE, chromium_or_skip, skip_if_packed
from tests.browser.real_server import LOOK_S
from tests.shell.house import ONE_CLINIC, House, copy_house

pytestmark = pytest.mark.browser
Answer = Callable[[dict[str, Any], Callable[..., Any]], Any]
OFFER = "#update-offer"


class Site:
    """The shell on a real port, which can be stopped, and made to answer wrongly."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.app = house.app()
        self.wrong: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._port = 0
        self._server: BaseWSGIServer | None = None
        self._connections: list[socket] = []

    @property
    def origin(self) -> str:
        return f"http://localhost:{self._port}"

    @property
    def release(self) -> Any:
        return self.app.extensions["shell"].release()

    def start(self) -> None:
        self._server = make_server("localhost", self._port, self._answer, threaded=True)
        self._port = self._server.server_port
        serve_one = self._server.process_request

        def remember(connection: Any, address: Any) -> None:
            self._connections.append(connection)
            serve_one(connection, address)

        self._server.process_request = remember  # type: ignore[method-assign]
        Thread(target=self._server.serve_forever, args=(LOOK_S,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        # A browser connects ahead; such a connection would still be answered.
        while self._connections:
            with suppress(OSError):
                self._connections.pop().shutdown(SHUT_RDWR)

    def ship(self) -> None:
        """Other words of the clinic, hence another release."""
        self.house.words = ONE_CLINIC
        self.app.extensions["shell"].refresh_if_changed()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        for ending, wrong in self.wrong.items():
            if path.endswith(ending):
                return wrong(environ, start_response)
        return self.app(environ, start_response)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(copy_house(tmp_path))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that has never been here."""
    context = browser.new_context(**PHONE)
    yield context
    context.close()


def first_visit(context: BrowserContext, site: Site) -> Page:
    """Open Today for the first time and wait until the worker is in charge of the page."""
    page = context.new_page()
    page.goto(site.origin)
    until(page, "() => navigator.serviceWorker.controller !== null")
    return page


def until(page: Page, condition: str, arg: Any = None) -> None:
    """Wait for a condition; Playwright's own wait needs eval, which the pages forbid."""
    page.evaluate(
        f"""async (arg) => {{
          const isSo = {condition};
          const deadline = Date.now() + 15000;
          while (!(await isSo(arg))) {{
            if (Date.now() > deadline) throw new Error("it never came to be so");
            await new Promise((resolve) => setTimeout(resolve, 20));
          }}
        }}""",
        arg,
    )


def expect_release(page: Page, release_id: str) -> None:
    """The page on screen is of this release."""
    expect(page.locator("html")).to_have_attribute("data-release", release_id)


def cached_addresses(page: Page, release_id: str) -> list[str]:
    """What the phone keeps of a release."""
    found: list[str] = page.evaluate(
        """async (name) => {
          if (!(await caches.has(name))) return [];
          const requests = await (await caches.open(name)).keys();
          return requests.map((request) => new URL(request.url).pathname);
        }""",
        f"release-{release_id}",
    )
    return found


def look_for_an_update(page: Page) -> str:
    """Update, and say what became of the worker that was found."""
    state: str = page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          const found = new Promise((resolve, reject) => {
            setTimeout(() => reject(new Error("no new release was found")), 15000);
            registration.addEventListener("updatefound", () => resolve(registration.installing),
              { once: true });
          });
          await registration.update();
          const worker = await found;
          return new Promise((resolve, reject) => {
            setTimeout(() => reject(new Error("still installing")), 15000);
            const look = () => worker.state !== "installing" && resolve(worker.state);
            worker.addEventListener("statechange", look);
            look();
          });
        }"""
    )
    return state


@contextmanager
def stopped(site: Site) -> Iterator[None]:
    site.stop()
    try:
        yield
    finally:
        site.start()


@pytest.mark.fault(15, 75)
def test_after_one_visit_every_page_opens_with_the_server_stopped(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    assert sorted(cached_addresses(page, site.release.id)) == sorted(site.release.kept)
    addresses = [*site.release.pages, "/check-in?from=shortcut", "/aftercare?utm=x#top"]
    failed: list[str] = []

    def note(request: Request) -> None:
        was_left_by_going_on = request.failure == "net::ERR_ABORTED"
        is_for_the_network = "/api/" in request.url or "/img/icon-" in request.url
        if not was_left_by_going_on and not is_for_the_network:
            failed.append(request.url)

    page.on("requestfailed", note)
    with stopped(site):
        for address in addresses:
            answer = page.goto(site.origin + address)
            assert answer is not None and answer.from_service_worker, address
            expect(page.locator("h1").first, address).to_be_visible()
            assert page.locator("h1").first.inner_text(), address
            page.evaluate("document.fonts.ready")
    assert failed == []


def test_where_the_browser_can_it_need_not_wake_the_worker(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    came = """() => [...performance.getEntriesByType("navigation"),
      ...performance.getEntriesByType("resource")]
      .filter(({ name }) => !/\\/api\\/|\\/img\\/icon-/.test(name))
      .map((one) => [one.name, one.workerFinalSourceType])"""
    with stopped(site):
        page.goto(f"{site.origin}/aftercare")
        found = page.evaluate(came)
        assert len(found) > 5
        assert [one for one in found if one[1] != "cache"] == []
        page.goto(f"{site.origin}/aftercare?utm=x")
        assert page.evaluate(came)[0][1] != "cache"
        assert page.locator("h1").inner_text()


def test_an_address_that_is_not_kept_shows_the_offline_page(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    with stopped(site):
        page.goto(f"{site.origin}/somewhere-else")
        assert page.evaluate("document.body.dataset.page") == "offline"


def test_the_worker_never_answers_for_the_api_or_the_clinic(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    for path in ("/api/v1/session", "/clinic", "/clinic/patients/1", "/setup/x", "/reset"):
        answer = page.goto(site.origin + path)
        assert answer is not None and not answer.from_service_worker, path
    page.goto(site.origin)
    with stopped(site):
        assert page.evaluate("fetch('/api/v1/session').then(() => true, () => false)") is False
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            page.goto(f"{site.origin}/clinic")


def server_error(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("500 Internal Server Error", [("Content-Type", "text/javascript")])
    return [b"broken"]


def captive_portal(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<h1>Welcome to our free Wi-Fi</h1>"]


def other_release(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    headers = [("Content-Type", "text/html; charset=utf-8"), ("X-Release", "0123456789abcdef")]
    start_response("200 OK", headers)
    return [b"<h1>From another release</h1>"]


def cut_short(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """What a proxy may make of a connection that broke: everything is right but the end."""
    release = environ["PATH_INFO"].split("/")[2]
    headers = [("Content-Type", "application/json"), ("X-Release", release)]
    start_response("200 OK", headers)
    return [b'{"release": "%s", "files": {"/": {"type": "text/html"' % release.encode()]


def of_another(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The headers say the one release, the body is of another."""
    release = environ["PATH_INFO"].split("/")[2]
    headers = [("Content-Type", "application/json"), ("X-Release", release)]
    start_response("200 OK", headers)
    return [b'{"release": "0123456789abcdef", "files": {}}']


def without(path: str, site: Site) -> Answer:
    """The whole release but for one file."""

    def answer(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        release = site.release
        whole = json.loads(release.assets["whole.json"].body)
        whole["files"] = {
            address: file for address, file in whole["files"].items() if not address.endswith(path)
        }
        headers = [("Content-Type", "application/json"), ("X-Release", release.id)]
        start_response("200 OK", headers)
        return [json.dumps(whole).encode()]

    return answer


@pytest.mark.fault(49)
def test_a_release_with_one_wrong_answer_is_not_taken_and_the_old_one_stays_whole(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    old = site.release
    site.ship()
    for answer in (server_error, captive_portal, other_release, cut_short, of_another):
        site.wrong["/whole.json"] = answer
        assert look_for_an_update(page) == "redundant", answer.__name__
        assert cached_addresses(page, site.release.id) == []
        assert sorted(cached_addresses(page, old.id)) == sorted(old.kept)
    with stopped(site):
        page.goto(f"{site.origin}/when-to-call")
        expect_release(page, old.id)
    site.wrong.clear()
    assert look_for_an_update(page) == "installed"
    assert sorted(cached_addresses(page, site.release.id)) == sorted(site.release.kept)


@pytest.mark.fault(49)
def test_a_file_that_did_not_come_with_the_others_has_to_come_by_itself(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    site.ship()
    for path, answer in (
        ("/js/main.js", server_error),
        ("/css/app.css", captive_portal),
        ("/when-to-call", other_release),
    ):
        site.wrong = {"/whole.json": without(path, site), path: answer}
        assert look_for_an_update(page) == "redundant", path
        assert cached_addresses(page, site.release.id) == []
        site.wrong.pop(path)
    assert look_for_an_update(page) == "installed"
    assert sorted(cached_addresses(page, site.release.id)) == sorted(site.release.kept)


@pytest.mark.fault(48)
def test_a_new_release_waits_asks_and_never_interrupts_a_form(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    old = site.release.id
    expect(page.locator(OFFER)).to_have_count(0)
    page.evaluate("document.body.dataset.dirty = 'true'")
    site.ship()
    assert look_for_an_update(page) == "installed"
    expect(page.locator(OFFER)).to_be_hidden()
    page.evaluate("delete document.body.dataset.dirty")
    expect(page.locator(OFFER)).to_contain_text("A new version is ready.")
    expect_release(page, old)

    page.goto(f"{site.origin}/aftercare")
    expect_release(page, old)
    expect(page.locator(OFFER)).to_be_visible()
    page.locator(OFFER).get_by_role("button", name="Use it now").click()
    expect_release(page, site.release.id)
    expect(page.locator(OFFER)).to_have_count(0)
    assert cached_addresses(page, old) != []


def test_a_page_that_the_worker_left_out_asks_to_be_taken_in(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    # No worker is asked for a page that is loaded like this, as for one that was on its way.
    with page.expect_event("load"):
        context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    until(page, "() => navigator.serviceWorker.controller !== null")
    with stopped(site):
        assert page.evaluate("fetch('/offline').then((answer) => answer.ok)") is True


def test_a_new_release_can_be_put_off(context: BrowserContext, site: Site) -> None:
    page = first_visit(context, site)
    old = site.release.id
    site.ship()
    assert look_for_an_update(page) == "installed"
    page.locator(OFFER).get_by_role("button", name="Later").click()
    expect(page.locator(OFFER)).to_be_hidden()
    page.goto(f"{site.origin}/joints")
    expect_release(page, old)
    until(page, "() => navigator.serviceWorker.getRegistration().then((one) => one.waiting)")
    expect(page.locator(OFFER)).to_be_hidden()
    page.evaluate("sessionStorage.setItem('update-put-off-at', Date.now() - 61 * 60 * 1000)")
    page.reload()
    expect(page.locator(OFFER)).to_be_visible()


def test_a_release_that_another_tab_takes_leaves_a_form_alone(
    context: BrowserContext, site: Site
) -> None:
    form = first_visit(context, site)
    old = site.release.id
    other = context.new_page()
    other.goto(f"{site.origin}/joints")
    form.evaluate("document.body.dataset.dirty = 'true'; window.isSamePage = true")
    site.ship()
    assert look_for_an_update(other) == "installed"
    other.locator(OFFER).get_by_role("button", name="Use it now").click()
    expect_release(other, site.release.id)
    until(form, "() => navigator.serviceWorker.getRegistration().then((one) => !one.waiting)")
    assert form.evaluate("window.isSamePage") is True
    expect_release(form, old)
    module = f"/assets/{old}/js/pages/check_in.js"
    with stopped(site):
        assert form.evaluate("(path) => fetch(path).then((answer) => answer.ok)", module) is True


def test_coming_back_to_the_app_looks_for_a_new_release(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    site.ship()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(OFFER)).to_be_visible()


def test_only_caches_of_older_releases_are_deleted(context: BrowserContext, site: Site) -> None:
    page = first_visit(context, site)
    page.evaluate(
        """async () => {
          for (const name of ["somebody-elses", "release-1", "release-2", "release-3"]) {
            await caches.open(name);
          }
        }"""
    )
    site.ship()
    assert look_for_an_update(page) == "installed"
    page.locator(OFFER).get_by_role("button", name="Use it now").click()
    expect_release(page, site.release.id)
    names = page.evaluate("caches.keys()")
    assert sorted(names) == sorted(
        ["release-2", "release-3", f"release-{site.release.id}", "somebody-elses"]
    )


@pytest.mark.fault(63)
def test_what_the_phone_threw_away_is_fetched_again(context: BrowserContext, site: Site) -> None:
    page = first_visit(context, site)
    page.evaluate("async (name) => caches.delete(name)", f"release-{site.release.id}")
    page.goto(f"{site.origin}/aftercare")
    until(
        page,
        "async ([name, count]) => (await (await caches.open(name)).keys()).length === count",
        [f"release-{site.release.id}", len(site.release.kept)],
    )
    with stopped(site):
        answer = page.goto(f"{site.origin}/when-to-call")
        assert answer is not None and answer.from_service_worker


@pytest.mark.fault(63)
def test_a_page_that_was_thrown_away_alone_is_fetched_again(
    context: BrowserContext, site: Site
) -> None:
    page = first_visit(context, site)
    name = f"release-{site.release.id}"
    forget = "async (name) => (await caches.open(name)).delete('/aftercare')"
    assert page.evaluate(forget, name) is True
    page.goto(f"{site.origin}/aftercare")
    until(
        page, "async (name) => Boolean(await (await caches.open(name)).match('/aftercare'))", name
    )


@pytest.mark.fault(53)
def test_background_sync_asks_an_open_page_to_send(context: BrowserContext, site: Site) -> None:
    skip_if_packed(chromium_or_skip(), needs="Background Sync")
    page = first_visit(context, site)
    page.evaluate(
        """() => navigator.serviceWorker.addEventListener("message", ({ data }) => {
          window.wasAsked = data;
        })"""
    )
    devtools = context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registrations.extend(
            one["registrationId"] for one in told["registrations"] if not one["isDeleted"]
        ),
    )
    devtools.send("ServiceWorker.enable")
    until(page, "() => navigator.serviceWorker.controller !== null")
    devtools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": site.origin,
            "registrationId": registrations[-1],
            "tag": "send-check-ins",
            "lastChance": False,
        },
    )
    until(page, "() => window.wasAsked?.type === 'send-check-ins'")


def test_a_public_page_is_complete_when_the_store_cannot_be_opened(
    context: BrowserContext, site: Site
) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('refused') } })"
    )
    page = first_visit(context, site)
    page.goto(f"{site.origin}/when-to-call")
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_text("does not let us save")).to_have_count(0)
    page.goto(f"{site.origin}/check-in")
    expect(page.get_by_text("does not let us save")).to_be_visible()
