"""Choosing a joint with a finger, a keyboard and a screen reader, and its aftercare on paper.

The pages are those of a release in which every joint is on; no server is needed for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from pwa.config import PROJECT_ROOT, read_settings
from pwa.shell.release import PrintedWords
from tests.browser.auditing import faults_of
from tests.browser.chromium import PHONE
from tests.shell.house import LIBRARY, SNAPSHOT, House

ORIGIN = "http://localhost"
SITES = tuple(LIBRARY.joints)
SHEETS_OF_PAPER = re.compile(rb"/Type\s*/Page\b")
CHOSEN = '.spot[aria-current="true"]'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = str(tmp_path_factory.mktemp("joints"))
    settings = read_settings({"INSTANCE_PATH": folder, "PUBLIC_URL": ORIGIN})
    words = PrintedWords(snapshot={**SNAPSHOT, "joints": SITES}, sites=frozenset(SITES))
    house = House(root=PROJECT_ROOT, settings=settings, words=words)
    return house.both_languages().test_client()


@pytest.fixture
def phone(browser: Browser, client: FlaskClient) -> Iterator[Page]:
    context = browser.new_context(**PHONE, service_workers="block")
    yield opened(context, client)
    context.close()


def opened(context: BrowserContext, client: FlaskClient, language: str = "en") -> Page:
    """A page for which the release answers, with the real headers."""
    client.set_cookie("language", language)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        got = client.get(path, headers={"Accept": route.request.headers.get("accept", "*/*")})
        headers = {name: value for name, value in got.headers.items() if name != "Content-Length"}
        route.fulfill(status=got.status_code, headers=headers, body=got.data)

    context.route("**/*", answer)
    return context.new_page()


def to_the_body(page: Page) -> None:
    page.goto(f"{ORIGIN}/joints")
    page.locator("#body.has-views").wait_for()


def test_a_joint_opens_as_a_sheet_that_one_thumb_can_leave(phone: Page) -> None:
    to_the_body(phone)
    sheet = phone.get_by_role("dialog")
    knee = phone.get_by_role("group", name="Your body from the front").get_by_role(
        "link", name="Right knee"
    )
    knee.tap()
    expect(sheet.get_by_role("heading", name="Right knee")).to_be_focused()
    expect(sheet).to_contain_text("Mixed.")
    expect(sheet).to_have_accessible_name("Right knee")
    assert phone.locator(CHOSEN).count() == 2  # of the front and of the back
    assert faults_of(phone) == []

    buttons = sheet.locator(".bottom__foot > *")
    screen = phone.viewport_size
    assert screen
    for index in range(buttons.count()):
        box = buttons.nth(index).bounding_box()
        assert box and box["height"] >= 48 and box["y"] > screen["height"] * 2 / 3

    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()
    expect(knee).to_be_focused()
    assert phone.locator(CHOSEN).count() == 0

    knee.tap()
    phone.go_back()
    expect(sheet).to_be_hidden()
    assert phone.url == f"{ORIGIN}/joints"

    knee.tap()
    grip = sheet.locator("[data-grip]").bounding_box()
    assert grip
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + 8
    phone.mouse.move(x, y)
    phone.mouse.down()
    phone.mouse.move(x, y + 20, steps=2)
    phone.mouse.move(x, y + 140, steps=4)
    phone.mouse.up()
    expect(sheet).to_be_hidden()

    knee.tap()
    phone.reload()
    expect(sheet.get_by_role("heading", name="Right knee")).to_be_visible()
    sheet.get_by_role("link", name="About the knee").tap()
    expect(phone).to_have_url(f"{ORIGIN}/joints/knee#right")
    expect(phone.get_by_text("You chose your right side.")).to_be_visible()
    phone.go_back()
    expect(sheet.get_by_role("heading", name="Right knee")).to_be_visible()


def test_a_keyboard_goes_over_the_body_and_the_list_says_the_same(
    browser: Browser, client: FlaskClient
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, service_workers="block", reduced_motion="reduce"
    )
    page = opened(context, client)
    to_the_body(page)
    front = page.get_by_role("group", name="Your body from the front")
    front.get_by_role("link", name="Right jaw").focus()
    for key, reached in (
        ("ArrowDown", "Right shoulder"),
        ("ArrowRight", "Left shoulder"),
        ("ArrowDown", "Left elbow"),
        ("End", "Left ankle"),
        ("ArrowLeft", "Right ankle"),
        ("ArrowUp", "Right knee"),
    ):
        page.keyboard.press(key)
        expect(front.get_by_role("link", name=reached)).to_be_focused()
    page.keyboard.press("Tab")
    expect(front.get_by_role("link", name="Left knee")).to_be_focused()

    sheet = page.get_by_role("dialog")
    page.keyboard.press("Enter")
    expect(sheet.get_by_role("heading", name="Left knee")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(front.get_by_role("link", name="Left knee")).to_be_focused()

    rows = page.get_by_role("list").filter(has=page.locator(".joint-row"))
    expect(rows.get_by_role("listitem")).to_have_count(len(SITES))
    in_the_list = rows.get_by_role("link", name="Left shoulder")
    in_the_list.click()
    expect(sheet.get_by_role("heading", name="Left shoulder")).to_be_focused()
    assert page.locator(CHOSEN).count() == 2
    page.keyboard.press("Escape")
    expect(in_the_list).to_be_focused()
    spoken = front.aria_snapshot()
    order = ["Right jaw", "Left jaw", "Right shoulder", "Right wrist or hand", "Right ankle"]
    places = [spoken.index(f'link "{name}"') for name in order]
    assert places == sorted(places)
    context.close()


@pytest.mark.parametrize(("language", "papers"), [("en", ("A4", "Letter")), ("es", ("Letter",))])
@pytest.mark.whole
def test_every_aftercare_page_prints_on_one_sheet(
    browser: Browser, client: FlaskClient, language: str, papers: tuple[str, ...]
) -> None:
    # Letter is the shorter one, and Spanish the longer.
    context = browser.new_context(service_workers="block", java_script_enabled=False)
    page = opened(context, client, language)
    sheets = {}
    for address in ("/aftercare", *(f"/aftercare/{site}" for site in SITES)):
        page.goto(ORIGIN + address)
        for paper in papers:
            sheets[address, paper] = len(SHEETS_OF_PAPER.findall(page.pdf(format=paper)))
    page.emulate_media(media="print")
    for number in ("020 7946 0102", "020 7946 0199", "999"):
        expect(page.locator(".paper__numbers").get_by_text(number, exact=True)).to_be_visible()
    expect(page.locator(".paper__code svg")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == language
    context.close()
    assert set(sheets.values()) == {1}, sheets
