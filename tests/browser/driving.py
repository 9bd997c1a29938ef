"""What a person does on the pages, as sentences. Only what several tests need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect

from tests.browser.chromium import PHONE, Chromium

WIDE: Any = {"width": 1280, "height": 900}
"""A clinician's screen: on a desk, and on a phone (`NARROW`)."""
NARROW: Any = {"width": 360, "height": 780}

CALM = {
    "How bad is the pain now?": "4",
    "Is the pain better or worse than last time?": "The same",
    "How swollen is it?": "A little",
    "Your temperature": "I have no thermometer",
}
"""Answers by heading; where a heading is not named, the calm one is found by its words."""
CALM_WORDS = ("None of these", "No harder than before", "Yes, that is right", "No")


@contextmanager
def phone(
    playwright: Playwright, chromium: Chromium, profile: Path, url: str, **changed: Any
) -> Iterator[Page]:
    """A phone with this profile; what it keeps outlives the block."""
    context = open_phone(playwright, chromium, profile, url, **changed)
    try:
        yield context.pages[0]
    finally:
        context.close()


def open_phone(
    playwright: Playwright, chromium: Chromium, profile: Path, url: str, **changed: Any
) -> BrowserContext:
    """Start a browser on this profile."""
    options: dict[str, Any] = {**chromium.launch_options(), **PHONE, **changed}
    context = playwright.chromium.launch_persistent_context(
        str(profile), base_url=url, service_workers="allow", **options
    )
    context.set_default_timeout(20_000)
    return context


def sign_in(page: Page, who: dict[str, str]) -> None:
    """Sign in and wait for the first page behind it."""
    page.goto("/sign-in")
    fill_in_sign_in(page, who)
    page.wait_for_url(lambda url: "/sign-in" not in url)


def fill_in_sign_in(page: Page, who: dict[str, str]) -> None:
    """Fill in and send the sign-in form that is on the screen."""
    form = page.locator("form:visible", has=page.locator("input[name=password]"))
    form.locator("input[name=username]").fill(who["username"])
    form.locator("input[name=password]").fill(who["password"])
    form.locator("button[type=submit]").click()


def wait_for_worker(page: Page) -> None:
    """Until the release is on the phone."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def option(page: Page, name: str) -> Locator:
    """An answer on the screen, by its words."""
    found = page.locator("main").get_by_role("button", name=name, exact=True)
    return found.or_(page.locator("main").get_by_role("radio", name=name, exact=True)).first


def heading(page: Page) -> str:
    """The heading of the screen."""
    return page.locator("main h1").first.inner_text()


def answer(page: Page, name: str) -> None:
    """Choose an answer and wait for the next screen."""
    before = page.locator("main h1").first.inner_text()
    choice = option(page, name)
    if name == "None of these":
        see_every_row(page)
    expect(choice).to_be_enabled()
    wait_until_taps_count(page)
    choice.click()
    expect(page.locator("main h1").first).not_to_have_text(before)


def see_every_row(page: Page) -> None:
    """Scroll through the list, as somebody who reads it does."""
    for row in page.locator("main [data-key]").all():
        row.scroll_into_view_if_needed()
        row.evaluate(
            """(row) => new Promise((seen) => {
              new IntersectionObserver((entries, observer) => {
                if (!entries.some((entry) => entry.isIntersecting)) return;
                observer.disconnect();
                seen();
              }).observe(row);
            })"""
        )


def wait_until(page: Page, question: str, *, within_ms: int = 15_000) -> None:
    """Ask an asynchronous question in the page again and again until its answer is true.

    `wait_for_function` does not wait for promises: to it every one is true.
    """
    page.evaluate(
        f"""async (within) => {{
          const end = performance.now() + within;
          while (!await ({question})()) {{
            if (performance.now() > end) throw new Error("it never came true");
            await new Promise((done) => {{ requestAnimationFrame(done); }});
          }}
        }}""",
        within_ms,
    )


def wait_until_taps_count(page: Page) -> None:
    """The first 300 ms after a change of screen do not count."""
    expect(page.locator("main.is-settling")).to_have_count(0)


def check_in_calmly(page: Page, *, is_saved_twice: bool = False, **changed: str) -> None:
    """Fill in the whole form with nothing wrong, but for answers given by heading."""
    page.goto("/check-in")
    option(page, "Yes, that is right").wait_for()
    while not page.locator("[data-level]").count():
        title = heading(page)
        wanted = changed.get(title) or CALM.get(title)
        if wanted is None:
            wanted = next((word for word in CALM_WORDS if option(page, word).count()), None)
        if wanted is None:
            wait_until_taps_count(page)
            save = page.locator("main").get_by_role("button", name="Save").first
            save.click(click_count=2 if is_saved_twice else 1)
            page.locator("[data-level]").wait_for()
            return
        answer(page, wanted)
