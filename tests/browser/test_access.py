"""What docs/accessibility.md states, held against the pages: beyond what an auditor can find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.auditing import faults_of
from tests.browser.chromium import PHONE, chromium_or_skip
from tests.browser.every_state import PUBLIC, open_page
from tests.browser.patient_world import Clinic, save, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
OWN = ("/", "/check-ins", "/recovery", "/you", "/check-in", "/start")
SMALLEST = 24
FINGER = 48
# A link within a sentence is exempt (2.5.8, "inline").
SMALL = """(least) => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [role=button]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.closest("p, li > span, .sources, .visually-hidden, .skip"))
  .map((one) => [one.closest("label") ?? one, one])
  .map(([area, one]) => [area.getBoundingClientRect(), one])
  .filter(([{ width, height }]) => width > 1 && Math.min(width, height) < least)
  .map(([{ width, height }, one]) => `${Math.round(width)}×${Math.round(height)} `
    + `${one.outerHTML.slice(0, 110)}`)"""
NAMELESS = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [role=button], [role=img], dialog")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent
    ?? one.textContent).trim() && !one.getAttribute("aria-labelledby")
    && !one.getAttribute("title"))
  .map((one) => one.outerHTML.slice(0, 110))"""
# What a system of forced colours paints over must still be seen: a border or an outline, no shadow.
UNSEEN = """() => [...document.querySelectorAll(".btn, .input, .choice, .scale button, .tile")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => {
    const { borderTopWidth, outlineWidth, outlineStyle } = getComputedStyle(one);
    return parseFloat(borderTopWidth) === 0
      && !(outlineStyle !== "none" && parseFloat(outlineWidth) > 0);
  })
  .map((one) => one.outerHTML.slice(0, 110))"""
MOVING = """() => [...document.querySelectorAll("*")].flatMap((one) => {
    const { animationName, animationDuration, transitionDuration } = getComputedStyle(one);
    const longest = Math.max(...transitionDuration.split(",").map(parseFloat),
      animationName === "none" ? 0 : parseFloat(animationDuration));
    return longest > 0.011 ? [`${longest} s ${one.outerHTML.slice(0, 80)}`] : [];
  })"""
FOCUSED = """() => {
  const one = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const at = document.elementFromPoint(
    Math.min(innerWidth - 1, Math.max(0, box.x + box.width / 2)),
    Math.min(innerHeight - 1, Math.max(0, box.y + box.height / 2)));
  return {
    what: one === document.body ? "" : one.outerHTML.slice(0, 90),
    // On the drawn body the ring around the joint says it, and test_joints.py looks at that.
    isSeen: (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || one.matches(".spot"),
    isCovered: Boolean(at) && !one.contains(at) && !at.contains(one)
      && Boolean(at.closest(".top, .bar, .toast")) && !one.closest(".top, .bar, .toast"),
  };
}"""


SMALLEST_SCREEN = {"width": 320, "height": 640}
# What stays on the screen while the page is scrolled, and so is taken from the reader.
TAKEN = """() => {
  scrollTo(0, document.documentElement.scrollHeight / 2);
  return [...document.querySelectorAll("body *")]
    .filter((one) => ["fixed", "sticky"].includes(getComputedStyle(one).position))
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((one) => one.getBoundingClientRect())
    .map(({ top, bottom }) => Math.min(innerHeight, bottom) - Math.max(0, top))
    .reduce((sum, height) => sum + Math.max(0, height), 0);
}"""
LARGE = """document.addEventListener("DOMContentLoaded",
  () => { document.documentElement.style.fontSize = "200%"; });"""
HIGHEST = "(all) => Math.max(...all.map((one) => one.getBoundingClientRect().height))"
# Where a link into the page leads: is its heading seen, or does a bar lie over it?
COVERED_TARGET = """() => {
  const { x, y } = document.querySelector(":target").getBoundingClientRect();
  const at = document.elementFromPoint(x + 8, Math.max(0, y) + 8);
  return y < 0 || y > innerHeight - 48 || Boolean(at?.closest(".top, .bar"));
}"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path_factory.mktemp("clinic"))
    yield clinic
    clinic.stop()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE, locale="en-GB", service_workers="block")
    yield context
    context.close()


def faults_to_touch_see_and_hear(page: Page) -> list[str]:
    """Small, nameless, unseen in forced colours, or moving though nobody wants it."""
    found = [f"small: {one}" for one in page.evaluate(SMALL, SMALLEST)]
    found += [f"nameless: {one}" for one in page.evaluate(NAMELESS)]
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    found += [f"unseen: {one}" for one in page.evaluate(UNSEEN)]
    found += [f"moving: {one}" for one in page.evaluate(MOVING)]
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    return found


@pytest.mark.whole
def test_every_control_is_large_enough_named_and_seen_in_forced_colours(
    phone: BrowserContext, clinic: Clinic
) -> None:
    page = phone.new_page()
    found = {}
    for path in PUBLIC:
        open_page(page, clinic, path)
        found[path] = faults_to_touch_see_and_hear(page)
    sign_in(page, clinic, clinic.patient(days=(3, 10)))
    save(page, {"level": "same_day", "reasons": ["S6_SEVERE_SWELLING"]})
    for path in OWN:
        open_page(page, clinic, path)
        found[f"own {path}"] = faults_to_touch_see_and_hear(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_main_ways_are_as_large_as_a_finger(phone: BrowserContext, clinic: Clinic) -> None:
    page = phone.new_page()
    for path in ("/", "/when-to-call", "/aftercare/knee"):
        open_page(page, clinic, path)
        sizes = page.eval_on_selector_all(
            ".btn, .bar a, .call-link, .you-link, .links a",
            "(all) => all.filter((one) => one.checkVisibility())"
            ".map((one) => one.getBoundingClientRect().height)",
        )
        assert len(sizes) > 6
        assert min(sizes) >= FINGER, path


def test_a_keyboard_walks_through_a_page_in_order_and_is_always_seen(
    phone: BrowserContext, clinic: Clinic
) -> None:
    page = phone.new_page()
    sign_in(page, clinic, clinic.patient())
    for path in ("/", "/joints", "/aftercare/knee"):
        open_page(page, clinic, path)
        page.keyboard.press("Tab")
        assert "skip" in page.evaluate(FOCUSED)["what"], path
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        seen: list[str] = []
        for _ in range(12):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUSED)
            if not focus["what"]:
                break
            assert focus["isSeen"], (path, focus)
            assert not focus["isCovered"], (path, focus)
            seen.append(focus["what"])
        assert len(seen) > 2, path


@contextmanager
def small_phone_with_large_text(browser: Browser, setting: str) -> Iterator[Page]:
    """Twice the text on the smallest phone, as the page or as the browser is told."""
    options = chromium_or_skip().launch_options()
    options["args"] = [*options["args"], "--blink-settings=defaultFontSize=32"]
    is_of_the_page = setting == "of the page"
    one = browser if is_of_the_page else browser.browser_type.launch(**options)
    page = one.new_page(viewport=SMALLEST_SCREEN, service_workers="block")
    if is_of_the_page:
        page.add_init_script(LARGE)
    yield page
    page.close()
    if not is_of_the_page:
        one.close()


@pytest.mark.parametrize("setting", ["of the page", "of the browser"])
@pytest.mark.whole
def test_large_text_on_a_small_phone_is_covered_by_little_and_never_where_one_is(
    browser: Browser, clinic: Clinic, setting: str
) -> None:
    with small_phone_with_large_text(browser, setting) as page:
        for path in ("/", "/when-to-call#same-day", "/aftercare/knee#rules", "/sources"):
            open_page(page, clinic, path)
            assert page.eval_on_selector_all(".top__inner > :not(.bar)", HIGHEST) <= 80, path
            assert "#" not in path or not page.evaluate(COVERED_TARGET), path
            assert page.evaluate(TAKEN) <= SMALLEST_SCREEN["height"] / 8, path
            for _ in range(16):
                page.keyboard.press("Tab")
                focus = page.evaluate(FOCUSED)
                assert not focus["isCovered"], (path, focus)


def test_today_is_read_out_in_an_order_that_makes_sense(
    phone: BrowserContext, clinic: Clinic
) -> None:
    page = phone.new_page()
    open_page(page, clinic, "/")
    expect(page.locator("body")).to_match_aria_snapshot("""
    - link "Skip to the page"
    - banner:
      - link "Aftercare"
      - navigation "Main":
        - list:
          - listitem:
            - link "Today"
          - listitem:
            - link "Aftercare"
          - listitem:
            - link "Joints"
          - listitem:
            - link "Check-ins"
      - link "When to call"
      - 'link "You: account and settings"'
    - main:
      - heading "After your injection, step by step" [level=1]
      - link "I have a code from my clinic"
      - link "Sign in"
      - region "Open to everybody":
        - heading "Open to everybody" [level=2]
    - contentinfo
    """)


def test_staff_are_warned_before_they_are_signed_out_and_stay_with_one_press(
    browser: Browser, clinic: Clinic
) -> None:
    context = browser.new_context(base_url=clinic.origin, service_workers="block")
    reply = context.request.post(
        "/api/v1/sign-in",
        data={"username": "dr_cole", "password": PASSWORD},
        headers={"Origin": clinic.origin},
    )
    assert reply.ok
    page = context.new_page()
    page.clock.install()
    page.goto("/clinic/settings")
    assert page.locator("link[rel=stylesheet]").get_attribute("href").endswith("/css/desk.css")
    offer = page.locator("#stay-offer")
    page.clock.fast_forward("27:00")
    expect(offer).to_have_count(0)
    page.clock.fast_forward("01:30")
    expect(offer.get_by_role("alert")).to_contain_text("signed out in two minutes")
    assert faults_of(page, "#stay-offer") == []
    with page.expect_response("**/clinic/account") as asked:
        offer.get_by_role("button", name="Stay signed in").click()
    assert asked.value.ok
    expect(offer).to_have_count(0)
    page.clock.fast_forward("28:30")
    page.clock.fast_forward("02:00")
    expect(offer.get_by_role("alert")).to_contain_text("What you typed stays here")
    context.close()
