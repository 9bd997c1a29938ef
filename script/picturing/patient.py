"""Takes each screen of a patient at 360 px, light and dark, in English and Spanish; one of them at
twice the text size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from script.picturing.shrink import write_small
from script.picturing.world import PASSWORD, SIGNS_IN, World
from tests.browser.check_in_walk import FINE, NONE_OF_THEM, WALK

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "patient"
PHONE = {"width": 360, "height": 780}
SMALL = {"width": 320, "height": 640}
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "es")
PATIENCE = 60_000
"""In milliseconds."""
CHART = "#recovery svg:has(.chart__grid)"
BEFORE_CHART = "#recovery section:has(.chart__grid) h2"
Go = Callable[[Page], None]


def take_all(browser: Browser, world: World, *, names: Sequence[str] = ()) -> None:
    """Every picture, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        for shots, is_known in ((FOR_EVERYBODY, False), (FOR_A_PATIENT, True)):
            context = _context(browser, world, language)
            page = context.new_page()
            if is_known:
                _sign_in(page, SIGNS_IN[language])
            for name, go in shots.items():
                if names and name not in names:
                    continue
                go(page)
                _take(page, f"{name}-{language}")
            if is_known and not names:
                _take_large(page, f"today-large-{language}")
            context.close()


def _context(browser: Browser, world: World, language: str) -> BrowserContext:
    url = world.server.url
    context = browser.new_context(
        base_url=url, viewport=PHONE, reduced_motion="reduce", locale=language, has_touch=True
    )
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "language", "value": language, "url": url}])
    return context


def _sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("#sign-in form button[type=submit]").click()
    page.locator(".strip").first.wait_for()


def _take(page: Page, name: str) -> None:
    page.evaluate("for (const one of document.querySelectorAll('.demo')) one.hidden = true;")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        path = FOLDER / f"{name}-{scheme}.png"
        write_small(page.screenshot(animations="disabled", caret="initial"), path)
        print(f"{path.name}: {path.stat().st_size // 1024} kB")


def _take_large(page: Page, name: str) -> None:
    """At twice the text size on a small phone, as a reader's own setting makes it."""
    _to("/")(page)
    page.locator(".strip").first.wait_for()
    page.set_viewport_size(SMALL)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    _take(page, name)
    page.set_viewport_size(PHONE)


def _to(address: str, *, wait: str = "main h1", top: str | None = None) -> Go:
    def go(page: Page) -> None:
        page.goto(address)
        page.locator(wait).first.wait_for()
        page.wait_for_load_state("networkidle")
        if top is not None:
            page.locator(top).first.evaluate("(one) => one.scrollIntoView({ block: 'start' })")

    return go


def _open_sheet(page: Page) -> None:
    _to("/joints")(page)
    page.locator("[data-site=knee]").first.dispatch_event("click")
    page.locator("dialog[open]").first.wait_for()


def _ask(step: str, **told: str) -> Go:
    """The form, answered with nothing wrong (unless told) as far as a step."""

    def go(page: Page) -> None:
        _to("/check-in", wait="form.wizard")(page)
        page.evaluate(WALK, {"told": FINE | told, "none": NONE_OF_THEM.pattern, "until": step})
        reached = ".result" if step == "result" else f'form.wizard[data-step="{step}"]'
        page.locator(reached).wait_for()

    return go


FOR_EVERYBODY: dict[str, Go] = {
    "welcome": _to("/"),
    "joints": _to("/joints"),
    "joints-sheet": _open_sheet,
    "knee": _to("/joints/knee"),
    "knee-drawings": _to("/joints/knee", top="main figure"),
    "aftercare": _to("/aftercare"),
    "aftercare-knee": _to("/aftercare/knee"),
    "prolotherapy": _to("/prolotherapy"),
    "when-to-call": _to("/when-to-call"),
    "sources": _to("/sources"),
    "sign-in": _to("/sign-in", wait="#sign-in form"),
    "join": _to("/join"),
    "reset": _to("/reset"),
}
FOR_A_PATIENT: dict[str, Go] = {
    "check-in-emergency": _ask("emergency"),
    "check-in-pain": _ask("pain.pain_now"),
    "check-in-skin": _ask("skin"),
    "result-expected": _ask("result"),
    "result-same-day": _ask("result", **{"pain.pain_now": "9"}),
    "today": _to("/", wait=".strip"),
    "recovery": _to("/recovery", wait="#recovery h2"),
    "recovery-chart": _to("/recovery", wait=CHART, top=BEFORE_CHART),
    "check-ins": _to("/check-ins", wait="main svg"),
    "start": _to("/start"),
    "you": _to("/you", wait="#you h2"),
    "you-reminders": _to("/you", wait=".you__reminders h2", top=".you__reminders"),
    "you-language": _to("/you", wait=".you__language h2", top=".you__language"),
    "you-install": _to("/you", wait=".you__install h2", top=".you__install"),
}
