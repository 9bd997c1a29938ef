"""Takes each page of the clinic at 360 and 1280 px, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from script.picturing.shrink import write_small
from script.picturing.world import PASSWORD, World

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "clinic"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 900}}
SCHEMES = ("light", "dark")
PATIENCE = 180_000
"""In milliseconds: a picture of a long page takes a busy machine its time."""
CSV = """Name;Patient number;Phone;Joint;Side;Date;Session;Clinician
Anna S.;R-3101;07700 900301;knee;right;{day};1;Dr Cole
Zoë M.;R-3102;07700 900302;shoulder;left;{day};2;Dr Okafor
;R-3103;07700 900303;hip;left;{day};1;Dr Cole
Tom O.;R-2207;07700 900304;elbow;left;{day};1;Dr Cole
=cmd|' /C calc'!A0;R-3105;;knee;left;{day};1;Dr Cole
Uma K.;R-3106;07700 900306;nose;left;{day};1;Dr Lind
Ivo P.;R-3107;07700 900307;ankle;right;31/02/2026;1;Dr Lind
"""
Go = Callable[[Page, World], str | None]
"""Leads to a page; returns what shall stand at the top of the picture; None: the page's top."""


def take_all(browser: Browser, world: World, *, names: Sequence[str] = ()) -> None:
    """Every picture (or those named), by everybody whose page it is."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for who, shots in SHOTS.items():
        context = browser.new_context(base_url=world.server.url, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        known = world.server.people["administrator"]
        named = known if who == "mo" else {"username": who, "password": PASSWORD}
        context.request.post("/api/v1/sign-in", data=named, headers={"Origin": world.server.url})
        page = context.new_page()
        for name, go in shots.items():
            if names and name not in names:
                continue
            page.set_viewport_size(SIZES["wide"])
            take(page, name, go(page, world))
        context.close()


def take(page: Page, name: str, top: str | None) -> None:
    """The page as it stands, four times."""
    # A real clinic's pages show these too, and that is no demo.
    page.evaluate("for (const one of document.querySelectorAll('.demo')) one.hidden = true;")
    for size_name, size in SIZES.items():
        page.set_viewport_size(size)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            bring_up(page, top)
            path = FOLDER / f"{name}-{size_name}-{scheme}.png"
            write_small(page.screenshot(animations="disabled", caret="initial"), path)
            print(f"{path.name}: {path.stat().st_size // 1024} kB")


def bring_up(page: Page, top: str | None) -> None:
    if top is None:
        page.evaluate("scrollTo(0, 0)")
    else:
        page.locator(top).first.evaluate("(one) => one.scrollIntoView({ block: 'start' })")


def at(address: str, top: str | None = None) -> Go:
    """The page at this address, where {patient} is the patient of the pictures."""

    def go(page: Page, world: World) -> str | None:
        page.goto(address.format(patient=world.patient_id), wait_until="load")
        return top

    return go


def open_review(page: Page, _world: World) -> str:
    page.goto("/clinic?level=emergency")
    row = page.locator("[data-patient]", has_text="Mira K.")
    row.locator("[data-open]").click()
    row.locator("[data-review-start]").wait_for()
    row.get_by_label("The clinic's messages").select_option(index=2)
    row.get_by_label("Note for colleagues").fill("Spoke with her husband, she is on her way in.")
    row.evaluate("(one) => { one.id = 'pictured'; }")
    return "#pictured"


def open_dialog(page: Page, _world: World) -> None:
    page.goto("/clinic")
    page.get_by_role("button", name="Alerts and keys").click()
    page.locator("dialog[open]").wait_for()


def search(page: Page, _world: World) -> None:
    page.goto("/clinic/patients")
    page.get_by_role("searchbox").press_sequentially("sm")
    page.locator("[data-found]:not([data-said*=more])").wait_for()


def preview(page: Page, _world: World) -> None:
    page.goto("/clinic/patients/import")
    day = page.evaluate("new Date(Date.now() - 2 * 86400000).toISOString().slice(0, 10)")
    content = CSV.replace("{day}", day).encode()
    list_of = {"name": "patients.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("#file", [list_of])
    page.get_by_role("button", name="Read the list").click()
    page.wait_for_url("**/patients/import/*")


def flaws(page: Page, world: World) -> str:
    preview(page, world)
    return "#flaws"


def add_and_invite(page: Page, _world: World) -> None:
    page.goto("/clinic/patients/new")
    page.get_by_label("Name or initials").fill("Cleo D.")
    page.get_by_label("Second identifier").fill("R-4000")
    page.get_by_label("Joint").select_option("knee")
    page.get_by_label("Side").select_option("right")
    page.get_by_label("Day of the injections").fill(
        page.evaluate("new Date(Date.now() - 2 * 86400000).toISOString().slice(0, 10)")
    )
    page.locator("main form button").last.click()
    page.locator("[data-code]").first.wait_for()


def open_colleague(page: Page, _world: World) -> None:
    page.goto("/clinic/settings")
    page.locator("a[href^='/clinic/settings/staff/']").first.click()
    page.wait_for_url("**/staff/*")


SHOTS: dict[str, dict[str, Go]] = {
    "dr_okafor": {
        "worklist": at("/clinic"),
        "worklist-overdue": at("/clinic?overdue=1"),
        "worklist-keys": open_dialog,
        "review": open_review,
        "patient": at("/clinic/patients/{patient}"),
        "patient-chart": at("/clinic/patients/{patient}", "#chart"),
        "patient-timeline": at("/clinic/patients/{patient}", "#check-ins"),
        "patients": search,
        "patient-new": at("/clinic/patients/new"),
        "invite": add_and_invite,
        "import": at("/clinic/patients/import"),
        "import-preview": preview,
        "import-flaws": flaws,
        "treatment": at("/clinic/patients/{patient}/treatments/new"),
        "details": at("/clinic/patients/{patient}/details"),
        "hand-in": at("/clinic/patients/{patient}/hand-in"),
        "export": at("/clinic/patients/{patient}/export"),
        "erase": at("/clinic/patients/{patient}/erase"),
        "archive": at("/clinic/patients/{patient}/archive"),
        "looked": at("/clinic/patients/{patient}/looked"),
        "settings": at("/clinic/settings"),
        "settings-aftercare": at("/clinic/settings", "#activity_days"),
        "messages": at("/clinic/settings/messages"),
        "sign-off": at("/clinic/settings/sign-off"),
        "replay": at("/clinic/settings/sign-off/replay"),
        "own-day": at("/clinic/account/today"),
        "account": at("/clinic/account"),
        "second-factor": at("/clinic/account/second-factor"),
        "confirm": at("/clinic/account/confirm"),
    },
    "dr_cole": {"choose": at("/clinic/choose")},
    "mo": {
        "audit": at("/clinic/settings/audit"),
        "colleague": open_colleague,
        "second-factor-rule": at("/clinic/settings/second-factor"),
    },
}
