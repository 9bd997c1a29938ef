"""The whole journey, with the real server and a real browser, offline and back."""

from __future__ import annotations

import json
from pathlib import Path
from queue import Queue

import pytest
from playwright.sync_api import Page, Playwright, expect

from pwa.guidance.questions import SITES
from tests.browser.chromium import Chromium, without_window
from tests.browser.driving import (
    answer,
    check_in_calmly,
    fill_in_sign_in,
    open_phone,
    option,
    phone,
    sign_in,
    wait_for_worker,
    wait_until_taps_count,
)
from tests.browser.real_server import FaultProxy, RealServer, canned, path_of

JOINTS = tuple(site for site in SITES if site != "neck")
ON_PHONE = "On this phone. Nobody has seen it."
ON_SERVER = "On the clinic's server since"
READ = "Read by Dr Cole, clinician"
PASSWORD = "nine purple otters dance slowly"
IS_READ = """async () => {
  const deadline = Date.now() + 30000;
  const isTold = async () => (await (await fetch("/api/v1/changes")).json()).changes
    .some(({ type }) => type === "review");
  while (!(await isTold())) {
    if (Date.now() > deadline) throw new Error("nobody was told of the reading");
    await new Promise((done) => { setTimeout(done, 500); });
  }
}"""


@pytest.mark.lengthy
def test_from_the_invite_to_read_by(
    server: RealServer, chromium: Chromium, playwright_driver: Playwright, tmp_path: Path
) -> None:
    desk = open_phone(
        playwright_driver,
        chromium,
        tmp_path / "desk",
        server.url,
        is_mobile=False,
        has_touch=False,
        viewport={"width": 1280, "height": 900},
    )
    clinician = desk.pages[0]
    sign_in(clinician, server.people["clinician"])
    code = invite(clinician, "Cleo D.")
    profile = tmp_path / "phone"

    with phone(playwright_driver, chromium, profile, server.url) as page:
        join(page, code)
        expect(page).to_have_url(f"{server.url}/start")
        wait_for_worker(page)
        answer_start(page)
        page.goto("/")
        expect(page.locator("main h1").first).to_contain_text("right knee")
        assert_installable(page)
        server.stop()
        open_everything(page)
        check_in_calmly(page)
        expect(page.locator("main")).to_contain_text("Nobody has seen")
        expect(page.locator("[data-level]")).to_have_attribute("data-level", "expected")
        expect(page.locator("main")).to_contain_text("Nothing matched our warning rules")

    with phone(playwright_driver, chromium, profile, server.url) as page:
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text(ON_PHONE)
        server.start()
        page.reload()
        expect(page.locator("main")).to_contain_text(ON_SERVER)

        clinician.goto("/clinic")
        row = clinician.locator("[data-patient]", has_text="Cleo D.")
        expect(row).to_have_count(1)
        mark_read(clinician, row)
        until_told(page, READ)
    desk.close()


@pytest.mark.fault(1, 21)
def test_a_reply_lost_because_the_server_was_killed_leaves_one_row(
    proxied: tuple[RealServer, FaultProxy],
    chromium: Chromium,
    playwright_driver: Playwright,
    tmp_path: Path,
) -> None:
    server, proxy = proxied
    with phone(playwright_driver, without_window(chromium), tmp_path / "phone", server.url) as page:
        sign_in(page, server.people["patient"])
        committed: Queue[dict] = Queue()

        def kill_before_the_reply(request: bytes, reply: bytes) -> bytes | None:
            if path_of(request) != "/api/v1/sync" or not has_events(request):
                return reply
            committed.put(json.loads(reply.partition(b"\r\n\r\n")[2]))
            server.kill()
            return None

        proxy.fate = kill_before_the_reply
        check_in_calmly(page)
        told = committed.get(timeout=20)
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text(ON_PHONE)
        proxy.fate = lambda _request, reply: reply
        server.start()
        page.reload()
        expect(page.locator("main")).to_contain_text(ON_SERVER)
        assert told["results"][0]["status"] == "stored"
        changes = page.evaluate("fetch('/api/v1/changes').then((reply) => reply.json())")
        kinds = [
            change["data"]["event"]["kind"]
            for change in changes["changes"]
            if change["type"] == "check_in"
        ]
        assert kinds == ["start", "create"]


@pytest.mark.fault(5)
@pytest.mark.whole
def test_a_captive_portal_counts_as_nothing_sent(
    proxied: tuple[RealServer, FaultProxy],
    chromium: Chromium,
    playwright_driver: Playwright,
    tmp_path: Path,
) -> None:
    server, proxy = proxied
    portal = canned("200 OK", b"<h1>Welcome to the cafe</h1>", content_type="text/html")
    with phone(playwright_driver, without_window(chromium), tmp_path / "phone", server.url) as page:
        sign_in(page, server.people["patient"])
        wait_for_worker(page)
        asked: Queue[bytes] = Queue()

        def portal_for_the_api(request: bytes) -> bytes | None:
            if not path_of(request).startswith("/api/"):
                return None
            asked.put(request)
            return portal

        proxy.before = portal_for_the_api
        check_in_calmly(page)
        asked.get(timeout=20)
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text(ON_PHONE)
        proxy.before = lambda _request: None
        page.reload()
        expect(page.locator("main")).to_contain_text(ON_SERVER)


@pytest.mark.fault(64)
@pytest.mark.whole
def test_a_session_that_ends_in_the_middle_loses_nothing(
    server: RealServer, chromium: Chromium, playwright_driver: Playwright, tmp_path: Path
) -> None:
    with phone(playwright_driver, without_window(chromium), tmp_path / "phone", server.url) as page:
        sign_in(page, server.people["patient"])
        wait_for_worker(page)
        page.evaluate("fetch('/api/v1/sign-out', {method: 'POST'})")
        page.context.clear_cookies()
        check_in_calmly(page)
        page.goto("/")
        expect(page.locator("main")).to_contain_text("Sign in to send 1 saved check-in")
        page.get_by_role("button", name="Sign in", exact=True).first.click()
        fill_in_sign_in(page, server.people["patient"])
        expect(page.locator("main")).to_contain_text(ON_SERVER)


def test_an_emergency_opens_the_call_screen_at_once_and_stays_on_the_worklist(
    server: RealServer, chromium: Chromium, playwright_driver: Playwright, tmp_path: Path
) -> None:
    with phone(playwright_driver, without_window(chromium), tmp_path / "phone", server.url) as page:
        sign_in(page, server.people["patient"])
        page.goto("/check-in")
        answer(page, "Yes, that is right")
        wait_until_taps_count(page)
        page.locator("[data-key=breathless]").get_by_role("button", name="Yes").click()
        expect(page.get_by_role("link", name="Call 999").first).to_be_visible()
        expect(page.locator("main")).to_contain_text("Do not drive yourself")
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text(ON_SERVER)
    with phone(
        playwright_driver,
        chromium,
        tmp_path / "desk",
        server.url,
        is_mobile=False,
        has_touch=False,
    ) as clinician:
        sign_in(clinician, server.people["clinician"])
        clinician.goto("/clinic")
        first = clinician.locator("[data-patient]").first
        expect(clinician.locator("[data-patient]", has_text="Ana R.")).to_contain_text("Emergency")
        expect(first).to_contain_text("Emergency")


@pytest.mark.fault(59)
@pytest.mark.whole
def test_a_double_tap_on_save_is_one_check_in(
    server: RealServer, chromium: Chromium, playwright_driver: Playwright, tmp_path: Path
) -> None:
    with phone(playwright_driver, without_window(chromium), tmp_path / "phone", server.url) as page:
        sign_in(page, server.people["patient"])
        check_in_calmly(page, is_saved_twice=True)
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text(ON_SERVER)
        expect(page.locator(".thread")).to_have_count(1)


def invite(clinician: Page, name: str) -> str:
    """Add a patient with a treatment three days ago; returns the code on the card."""
    clinician.goto("/clinic/patients/new")
    clinician.get_by_label("Name or initials").fill(name)
    clinician.get_by_label("Second identifier").fill("1984")
    clinician.get_by_label("Joint").select_option("knee")
    clinician.get_by_label("Side").select_option("right")
    day = clinician.evaluate("() => new Date(Date.now() - 3 * 86400000).toISOString().slice(0, 10)")
    clinician.get_by_label("Day of the injections").fill(day)
    clinician.locator("main form button").last.click()
    return clinician.locator("[data-code]").first.inner_text()


def join(page: Page, code: str) -> None:
    """Open the invite, choose a name and a password."""
    page.goto(f"/join#{code}")
    page.locator("#join-make [name=username]").fill("cleo")
    page.locator("#join-make [name=password]").fill(PASSWORD)
    page.locator("#join-make [data-submit]").click()
    page.wait_for_url("**/start")


def answer_start(page: Page) -> None:
    """The start questions: an adult, pain 5 before, no risk flags."""
    page.locator("main [role=radio]", has_text="5").first.click()
    for row in page.locator("main [data-key]").all():
        wanted = "Yes" if row.get_attribute("data-key") == "adult" else "No"
        choice = row.get_by_role("button", name=wanted, exact=True)
        choice.or_(row.get_by_role("radio", name=wanted, exact=True)).first.click()
    page.locator("[data-save]").click()
    page.wait_for_url(lambda url: "/start" not in url)


def assert_installable(page: Page) -> None:
    """Chromium finds nothing in the way of installing."""
    session = page.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert errors == []


def open_everything(page: Page) -> None:
    """Every public page and shell, with the server stopped."""
    for path in ("/", "/aftercare", "/joints", "/prolotherapy", "/when-to-call", "/sources"):
        page.goto(path)
        expect(page.locator("main h1").first).to_be_visible()
    for joint in JOINTS:
        for path in (f"/joints/{joint}", f"/aftercare/{joint}"):
            assert page.goto(path).status == 200  # type: ignore[union-attr]
            expect(page.locator("main h1").first).to_be_visible()
    page.goto("/check-in?from=shortcut")
    expect(option(page, "Yes, that is right")).to_be_visible()


def has_events(request: bytes) -> bool:
    return bool(json.loads(request.partition(b"\r\n\r\n")[2])["events"])


def mark_read(clinician: Page, row) -> None:  # type: ignore[no-untyped-def]
    """Read it in place."""
    row.locator("[data-open]").click()
    row.get_by_role("button", name="Mark as read", exact=True).click()
    expect(clinician.get_by_role("button", name="Undo")).to_be_visible()


def until_told(page: Page, words: str) -> None:
    """Wait until the time to undo has passed and the server tells the phone of the reading."""
    page.evaluate(IS_READ)
    page.reload()
    expect(page.locator("main")).to_contain_text(words)
