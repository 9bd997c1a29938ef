"""A phone that changes its language: as a whole, offline too, never under a form; and what a
language does to the layout, shown with one that nobody speaks."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pwa.database import db, writing
from pwa.guidance.library import load_library
from pwa.practice import clinics
from script.translating.pseudo import PSEUDO_RTL, accented, make_pseudo
from tests.browser.auditing import faults_of
from tests.browser.chromium import PHONE
from tests.browser.driving import wait_for_worker
from tests.browser.patient_world import Clinic, save, sign_in
from tests.conftest import PASSWORD
from tests.languages.test_pseudo import PLAIN_WORD

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
WIDER_THAN_THE_SCREEN = """() => document.documentElement.scrollWidth
  - document.documentElement.clientWidth"""
# What is visible and no name of somebody; the languages themselves are named in themselves.
SAID = """() => {
  const skip = "[lang=en], .languages, [data-clinic-name], script, style, noscript, [hidden]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement: holder, data } = walker.currentNode;
    if (data.trim() && !holder.closest(skip)) found.push(data.trim());
  }
  for (const one of document.querySelectorAll("[aria-label]")) {
    if (!one.closest(skip)) found.push(one.getAttribute("aria-label"));
  }
  return found;
}"""
# Every telephone number on the page: does its first group of digits stand left of its last?
NUMBERS_OUT_OF_ORDER = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const wrong = [];
  const left = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect();
  };
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    for (const { 0: number, index } of node.data.matchAll(/\\d{3,}(?: \\d{3,})+/g)) {
      const [first, last] = [left(node, index), left(node, index + number.length - 1)];
      if (first.width && first.top === last.top && first.left > last.left) wrong.push(number);
    }
  }
  return wrong;
}"""
PUBLIC = ("/", "/aftercare", "/aftercare/knee", "/joints", "/joints/knee", "/when-to-call", "/join")
OWN = ("/", "/you", "/check-in", "/check-ins", "/recovery", "/start")
LOADING = accented(load_library().phrases["loading"])
NAMES = {"Riverside", "Joint", "Clinic", "Patient", "Number", "Chrome", "Linux"}
# The browser knows neither a month nor a day of a language that nobody speaks.
NAMES |= set(calendar.month_name) | set(calendar.day_name)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    running = Clinic(tmp_path_factory.mktemp("clinic"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic that also speaks the two made-up languages."""
    folder = tmp_path_factory.mktemp("nowhere")
    running = Clinic(folder, content=str(make_pseudo(folder)))
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser, clinic: Clinic) -> Iterator[BrowserContext]:
    made = browser.new_context(**PHONE, base_url=clinic.origin)
    yield made
    made.close()


def is_in(page: Page, language: str) -> None:
    expect(page.locator(f"html[lang={language}]")).to_be_attached(timeout=30_000)


@contextmanager
def gone(clinic: Clinic) -> Iterator[None]:
    clinic.stop()
    try:
        yield
    finally:
        clinic.start()


def choose(page: Page, name: str) -> None:
    page.locator(".foot [data-languages]").get_by_role("button", name=name).click()


def leave_out(clinic: Clinic, *codes: str) -> None:
    """The clinic saves which languages its patients may not read."""
    with clinic.app.app_context():
        with writing():
            now = clinics.snapshot(clinic.clinic_id)
            clinics.save_words(
                clinic_id=clinic.clinic_id,
                words=now.words.model_copy(update={"languages_off": list(codes)}),
                seen_version=now.version,
                at=datetime.now(UTC),
                actor_id=clinic.doctor.account_id or "",
                actor_name="Dr Cole",
            )
        db.session.remove()
    clinic.app.extensions["shell"].refresh_if_changed()


def test_a_phone_takes_another_language_whole_and_keeps_what_it_holds(
    clinic: Clinic, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, clinic, clinic.patient())
    wait_for_worker(page)
    save(page, {"stays": True, "level": "emergency", "reasons": ["E1_BREATHING"]})
    english = page.locator("html").get_attribute("data-release")
    choose(page, "Español")
    is_in(page, "es")
    assert page.locator("html").get_attribute("data-release") != english
    with gone(clinic):
        for path in ("/you", "/check-ins", "/"):
            page.goto(path)
            is_in(page, "es")
        expect(page.get_by_text("rodilla derecha").first).to_be_visible()
        expect(page.locator(".unreviewed")).to_be_visible()
        page.goto("/check-ins")
        expect(page.locator("main h3").first).to_contain_text("Rodilla derecha")
    page.goto("/you")
    page.locator(".you__language").get_by_role("button", name="English").click()
    is_in(page, "en")
    assert page.locator("html").get_attribute("data-release") == english


@pytest.mark.whole
def test_a_language_waits_for_a_line_and_for_a_form_and_then_is_offered_as_an_update(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    page.goto("/")
    wait_for_worker(page)
    context.set_offline(True)
    choose(page, "Español")
    expect(page.locator(".foot .languages__said")).to_contain_text("Are you online?")
    context.set_offline(False)
    page.evaluate("document.body.dataset.dirty = 'true'")
    choose(page, "Español")
    said = page.locator(".foot .languages__said")
    expect(said).to_have_text("The app changes its language when you have finished here.")
    page.evaluate("document.body.dataset.dirty = ''")
    page.reload()
    page.locator("#update-offer").wait_for()
    assert faults_of(page, "#update-offer") == []
    page.locator("#update-offer button").first.click()
    is_in(page, "es")


@pytest.mark.whole
def test_a_phone_goes_back_to_english_where_its_clinic_leaves_the_language_out(
    clinic: Clinic, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, clinic, clinic.patient())
    wait_for_worker(page)
    choose(page, "Español")
    is_in(page, "es")
    try:
        leave_out(clinic, "es")
        page.reload()
        is_in(page, "en")
        expect(page.locator("main .notice").first).to_contain_text(
            "Your clinic does not offer this app in this language (Español)."
        )
        expect(page.get_by_role("button", name="Español")).to_have_count(0)
    finally:
        leave_out(clinic)


def test_without_javascript_a_public_page_changes_its_language_too(
    clinic: Clinic, browser: Browser
) -> None:
    page = browser.new_page(java_script_enabled=False, locale="es-MX")
    page.goto(f"{clinic.origin}/aftercare/knee")
    is_in(page, "es")
    choose(page, "English")
    is_in(page, "en")
    assert page.url == f"{clinic.origin}/aftercare/knee"
    page.close()


def spoken_by(nowhere: Clinic, browser: Browser, language: str) -> BrowserContext:
    context = browser.new_context(
        viewport=NARROW, base_url=nowhere.origin, service_workers="block", has_touch=True
    )
    context.add_cookies([{"name": "language", "value": language, "url": nowhere.origin}])
    return context


def plain_words(page: Page) -> set[str]:
    texts = " ".join(page.evaluate(SAID)).replace("Prolo Aftercare", "")
    return set(PLAIN_WORD.findall(texts)) - NAMES


@pytest.mark.whole
def test_forty_per_cent_longer_and_from_the_right_nothing_breaks_at_320_pixels(
    nowhere: Clinic, browser: Browser
) -> None:
    context = spoken_by(nowhere, browser, PSEUDO_RTL)
    page = context.new_page()
    too_wide: dict[str, int] = {}
    mixed_up: list[str] = []
    for path in PUBLIC:
        page.goto(path)
        too_wide[path] = page.evaluate(WIDER_THAN_THE_SCREEN)
        mixed_up += page.evaluate(NUMBERS_OUT_OF_ORDER)
    page.goto("/sign-in")
    patient = nowhere.patient()
    page.locator("input[name=username]").fill(patient.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"{nowhere.origin}/")
    save(page, {"level": "same_day", "reasons": ["S1_FEVER"]}, {"days_ago": 1})
    left = {}
    for path in OWN:
        page.goto(path)
        expect(page.locator("main").get_by_text(LOADING, exact=True)).to_have_count(
            0, timeout=30_000
        )
        too_wide[f"own {path}"] = page.evaluate(WIDER_THAN_THE_SCREEN)
        mixed_up += page.evaluate(NUMBERS_OUT_OF_ORDER)
        left[path] = plain_words(page)
    page.goto("/")
    page.locator("a[href^='tel:']").first.wait_for()
    mixed_up += page.evaluate(NUMBERS_OUT_OF_ORDER)
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    brand = page.locator(".brand").bounding_box()
    assert brand
    assert brand["x"] > 100
    assert [one for one in faults_of(page) if "lang" not in one.split(":")[1]] == []
    context.close()
    assert mixed_up == []
    assert {path: px for path, px in too_wide.items() if px > 0} == {}
    assert {path: words for path, words in left.items() if words} == {}
