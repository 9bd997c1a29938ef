"""A script in every text that a person can write: it is shown as text, on every page, and never
runs. In the pages' own HTML for all of them, then in a real Chromium for both sides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.driving import fill_in_sign_in
from tests.browser.real_server import free_port
from tests.clinic.asking import read
from tests.conftest import PASSWORD, Cast, Person, send
from tests.hostile.crawling import every_form, pages
from tests.making import answers, event

pytestmark = pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
PAYLOAD = "'\"><img data-hostile src=x onerror=hurt()>"
"""Ends an attribute of either kind, then a tag, then is one. Short enough for every field."""
OTHERS = (
    "</textarea></script><script>hurt()</script>",
    "javascript:hurt()//",
    "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "<svg/onload=hurt()>",
    "&lt;img data-hostile src=x onerror=hurt()&gt;",
    "\\u003cimg src=x onerror=hurt()\\u003e",
)
NOT_SENT = ("sign-out", "/active", "/erase", "password", "/end", "second-factor", "/hand-in")
ADDRESSES_OF_A_PATIENT = (
    "/",
    "/check-ins",
    "/recovery",
    "/you",
    "/aftercare",
    "/check-in",
    "/when-to-call",
)


class Hunter(HTMLParser):
    """Finds what a payload would have become where it was not escaped."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "data-hostile" or name.startswith("on"):
                self.caught.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "formaction") and "script:" in (value or ""):
                self.caught.append(f"<{tag} {name}={value}>")
            self.words.append(value or "")
        if tag in ("svg", "script") and not dict(attrs) and tag == "script":
            self.caught.append("<script>")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def hunt(html: str) -> Hunter:
    hunter = Hunter()
    hunter.feed(html)
    return hunter


def plant(cast: Cast, *, only: tuple[str, ...] = ("",)) -> list[str]:
    """Write the payload into everything that can be written; returns the answers' HTML.

    Args:
        only: forms whose address holds one of these words.
    """
    said = []
    notes = (PAYLOAD, *OTHERS)
    made = [
        event(cast.ana, answers=answers(note=note, breathless=not number))
        for number, note in enumerate(notes)
    ]
    send(cast.ana, *made)
    answer = cast.ana.client.post(
        "/api/v1/sign-in",
        json={"username": "ana", "password": PASSWORD},
        headers={"Origin": "http://localhost:8000", "User-Agent": f"Mozilla {PAYLOAD}"},
    )
    assert answer.status_code == 200
    for who in (cast.dr_cole, cast.mo):
        for form in every_form(who):
            if any(word in form.action for word in NOT_SENT):
                continue
            if not any(word in form.action for word in only):
                continue
            for field in sorted(form.texts):
                data = {**form.filled(), field: PAYLOAD}
                said.append(who.post(form.action, data=data).get_data(as_text=True))
    said += [
        read(cast.dr_cole, cast.ana, made[1], outcome="booked_to_be_seen", note=PAYLOAD).text,
        cast.dr_cole.post(
            f"/clinic/patients/{cast.ana.account_id}/details",
            data={
                "display_name": PAYLOAD,
                "second_identifier": PAYLOAD,
                "phone_number": "07700 900461",
            },
        ).text,
    ]
    return said


def check_every_page(cast: Cast) -> list[str]:
    """Looks through the HTML of all pages of the clinic; returns some of the addresses."""
    shown_on = set()
    for who in (cast.dr_cole, cast.mo):
        for address, html in pages(who):
            hunter = hunt(html)
            assert hunter.caught == [], address
            assert "49" not in [word.strip() for word in hunter.words if "7*7" in word]
            if any(PAYLOAD in word for word in hunter.words):
                shown_on.add(address.partition("?")[0])
    assert f"/clinic/patients/{cast.ana.account_id}" in shown_on
    assert {"/clinic", "/clinic/patients", "/clinic/settings"} <= shown_on
    assert len(shown_on) >= 6
    return sorted(shown_on - {"/clinic/settings/audit"})[:10]


@pytest.mark.fault(98)
def test_what_stands_in_an_address_or_a_name_is_text_on_error_pages_too(started: Cast) -> None:
    for path in (
        f"/{PAYLOAD}",
        f"/clinic/patients/{PAYLOAD}",
        f"/clinic?read={PAYLOAD}",
        f"/sign-in?next={PAYLOAD}",
        f"/joints/{PAYLOAD}",
    ):
        assert hunt(started.dr_cole.get(path).get_data(as_text=True)).caught == []
    answer = started.ana.get(f"/api/v1/{PAYLOAD}")
    assert answer.mimetype == "application/problem+json"


class Quiet(WSGIRequestHandler):
    """Keeps its lines to itself."""

    def log(self, *_: object, **__: object) -> None:
        pass


class Site:
    """The application under test, with what was planted, on a port that Chromium can reach."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server(
            "127.0.0.1", free_port(), app, threaded=True, request_handler=Quiet
        )
        self.url = f"http://localhost:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def site(app: Flask) -> Iterator[Site]:
    app.extensions["shell"].refresh_if_changed()
    running = Site(app)
    yield running
    running.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=site.url)
    opened.add_init_script("window.hurt = () => { window.isHurt = true; };")
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def be(context: BrowserContext, who: Person, site: Site) -> None:
    cookie = who.client.get_cookie("session")
    assert cookie is not None
    context.add_cookies([{"name": "session", "value": cookie.value, "url": site.url}])


def is_unhurt(page: Page) -> bool:
    return not page.evaluate(
        "window.isHurt === true || document.querySelector('[data-hostile]') !== null"
    )


@pytest.mark.browser
@pytest.mark.fault(98)
@pytest.mark.lengthy
@pytest.mark.whole
def test_on_no_page_of_the_clinic_a_text_becomes_an_element_or_runs(
    started: Cast, site: Site, context: BrowserContext
) -> None:
    cast = started
    for html in plant(cast):
        assert hunt(html).caught == []
    be(context, cast.dr_cole, site)
    page = context.new_page()
    seen = 0
    for address in check_every_page(cast):
        answer = page.goto(address, wait_until="domcontentloaded")
        assert answer is not None
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert is_unhurt(page), address
        seen += PAYLOAD in page.locator("body").inner_text()
    assert seen >= 3
    page.goto(f"/clinic/patients/{cast.ana.account_id}")
    for text in OTHERS:
        assert text in page.locator("body").inner_text()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hurt()>')")
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    assert not page.evaluate("window.isHurt === true"), "the content policy is the second wall"


@pytest.mark.browser
@pytest.mark.fault(98, 75)
@pytest.mark.lengthy
@pytest.mark.whole
def test_nothing_that_was_planted_runs_on_the_patients_pages(
    started: Cast, app: Flask, context: BrowserContext
) -> None:
    plant(started, only=("/treatments/", "/settings"))
    app.extensions["shell"].refresh_if_changed()
    page = context.new_page()
    page.goto("/sign-in")
    fill_in_sign_in(page, {"username": "ana", "password": PASSWORD})
    page.wait_for_url(lambda url: "/sign-in" not in url)
    shown = ""
    for address in ADDRESSES_OF_A_PATIENT:
        page.goto(address)
        page.wait_for_function("() => document.querySelector('main')?.innerText.trim().length > 0")
        assert is_unhurt(page), address
        shown += page.locator("body").inner_text()
    page.goto("/check-ins")
    page.get_by_text("data-hostile").first.wait_for(state="attached")
    assert is_unhurt(page)
    kept = page.evaluate(
        """async () => {
          const kept = { urls: [], texts: [] };
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              kept.urls.push(request.url);
              kept.texts.push(await (await cache.match(request)).text());
            }
          }
          return kept;
        }"""
    )
    assert len(kept["urls"]) > 20
    paths = [urlsplit(url).path for url in kept["urls"]]
    assert not [path for path in paths if path.startswith(("/api", "/clinic"))]
    assert not [text for text in kept["texts"] if "data-hostile" in text]


@pytest.mark.browser
@pytest.mark.fault(74)
def test_going_back_after_signing_out_shows_nothing(
    started: Cast, site: Site, context: BrowserContext
) -> None:
    started.dr_cole.sign_in()
    be(context, started.dr_cole, site)
    page = context.new_page()
    page.goto(f"/clinic/patients/{started.ana.account_id}")
    assert "Ana R." in page.locator("body").inner_text()
    page.goto("/clinic/account")
    page.locator("form[action$='/sign-out'] button").first.click()
    page.wait_for_url("**/sign-in**")
    for _ in range(2):
        page.go_back(wait_until="domcontentloaded")
        assert "Ana R." not in page.locator("body").inner_text()
    page.goto(f"/clinic/patients/{started.ana.account_id}")
    assert "/sign-in" in page.url
