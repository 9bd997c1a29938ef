"""A clinician's morning: the real server, a clinic of 300 patients, desks and a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select, update

from pwa import create_app
from pwa.accounts.models import Account
from pwa.check_ins.models import Attention
from pwa.clock import now
from pwa.database import db, writing
from pwa.guidance.library import Library, load_library
from pwa.operations.seeding.__main__ import seed
from tests.browser.auditing import faults_of
from tests.browser.driving import (
    NARROW,
    WIDE,
    answer,
    check_in_calmly,
    sign_in,
    wait_until_taps_count,
)
from tests.browser.real_server import RealServer
from tests.browser.test_journey import until_told
from tests.conftest import PASSWORD, PASSWORD_HASH
from tests.faults.sending import Sender
from tests.making import answers
from tests.new_release import make_content

pytestmark = pytest.mark.browser
PATIENTS, CHECK_INS, ARRIVING = 300, 600, 40
PATIENCE = 20_000
"""In milliseconds: the worklist asks every five seconds, and a machine may be busy."""
EMERGENCY = {"level": "emergency", "reasons": ["E2_CHEST"]}
WATCH = """(row) => {
  window.tops = new Set();
  const look = () => {
    window.tops.add(Math.round(row.getBoundingClientRect().top));
    requestAnimationFrame(look);
  };
  look();
}"""
HEARD = """async () => {
  const reply = await fetch("/api/v1/changes");
  const { changes } = await reply.json();
  return changes.filter(({ type, data }) => type === "check_in" && data.event.kind === "create")
    .map(({ data }) => data.event.rules_version);
}"""


class Morning:
    """The clinic, as full as a clinic is, and those who will check in while somebody works."""

    def __init__(self, server: RealServer, usernames: list[str]) -> None:
        self.server = server
        self.library: Library = load_library()
        self.usernames = usernames

    def phones(self) -> list[Sender]:
        """One phone each, signed in one after the other: they share an address."""
        return [self._phone(username) for username in self.usernames]

    def _phone(self, username: str) -> Sender:
        phone = Sender(self.server)
        phone.who = {"username": username, "password": PASSWORD}
        return phone.sign_in()

    def arrive(self, phones: list[Sender], *, worst: Sender) -> None:
        """Everybody sends one check-in, side by side; the worst one has chest pain."""
        with ThreadPoolExecutor(8) as pool:
            for reply in pool.map(lambda one: self._check_in(one, one is worst), phones):
                assert set(reply.results.values()) == {"stored"}, reply.body

    def _check_in(self, phone: Sender, is_worst: bool) -> Any:
        changes = phone.ask("GET", "/api/v1/changes").body["changes"]
        site = next(
            one["data"]["site"]
            for one in changes
            if one["type"] == "treatment" and one["data"]["treatment_id"] == phone.treatment_id
        )
        asked = self.library.forms[1].questions_for(site)
        given = {**dict.fromkeys(asked), **answers(chest_pain=is_worst), "note": None}
        event = phone.check_in()
        event["answers"] = {key: value for key, value in given.items() if key in asked}
        if is_worst:
            event["verdict"] = EMERGENCY
        return phone.send(event)


@pytest.fixture(scope="module")
def morning(made_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    instance = Path(shutil.copytree(made_demo, tmp_path_factory.mktemp("morning") / "instance"))
    usernames = fill(instance)
    server = RealServer(instance, settings={"SYNC_CALLS_PER_MINUTE": "1000"}).start()
    yield Morning(server, usernames)
    server.stop()


def fill(instance: Path) -> list[str]:
    """Put 300 patients into the demo clinic; returns the names of those who have nothing unread and
    will check in. They and the colleagues get a password."""
    app = create_app({"INSTANCE_PATH": str(instance), "DEMO": "1", "EMERGENCY_NUMBER": "999"})
    with app.app_context():
        seed(patients=PATIENTS, check_ins=CHECK_INS, number=1, at=now())
        with writing():
            quiet = select(Account.username).where(
                Account.role == "patient",
                Account.username.startswith("seed"),
                Account.is_active,
                Account.account_id.not_in(select(Attention.patient_id)),
            )
            usernames = sorted(filter(None, db.session.scalars(quiet)))[:ARRIVING]
            db.session.execute(
                update(Account)
                .where(Account.username.in_([*usernames, "dr_okafor"]))
                .values(password_hash=PASSWORD_HASH)
            )
        db.session.remove()
        db.engine.dispose()
    assert len(usernames) == ARRIVING
    return usernames


@contextmanager
def opened(browser: Browser, server: RealServer, **options: Any) -> Iterator[Page]:
    """A desk, or a phone where the options say so; nothing may go wrong in its scripts."""
    context = browser.new_context(**{"base_url": server.url, "viewport": WIDE, **options})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    expect.set_options(timeout=5_000)
    assert problems == []


def sit_down(context: BrowserContext, server: RealServer, who: dict[str, str]) -> Page:
    """A clinician signs in by the API and has the worklist before them."""
    reply = context.request.post("/api/v1/sign-in", data=who, headers={"Origin": server.url})
    assert reply.ok
    page = context.pages[0]
    page.goto("/clinic")
    return page


def is_clean(page: Page) -> None:
    """Nothing for axe to find in light or dark, and nothing to scroll sideways to."""
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def row_of(page: Page, patient_id: str) -> Locator:
    return page.locator(f'[data-patient="{patient_id}"]')


def focused_patient(page: Page) -> str:
    found: str = page.evaluate(
        "() => document.activeElement.closest('[data-patient]')?.dataset.patient ?? ''"
    )
    return found


def press_until(page: Page, key: str, target: Locator, *, most: int) -> None:
    """Press this key until the focus is there; hands stay on the keyboard."""
    for _ in range(most):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} did not lead there")


@pytest.mark.whole
def test_forty_check_ins_arrive_while_a_clinician_works(morning: Morning, browser: Browser) -> None:
    phones = morning.phones()
    worst = phones[17]
    with opened(browser, morning.server) as page:
        sit_down(page.context, morning.server, morning.server.people["clinician"])
        first = page.locator("[data-patient]").first
        first.hover()
        first.evaluate(WATCH)
        needing = page.locator("[data-title]").inner_text()
        morning.arrive(phones, worst=worst)
        expect(page.locator("[data-alarm]")).to_contain_text("New emergency: ")
        expect(page.locator("[data-news]")).to_contain_text(" new")
        assert page.evaluate("window.tops.size") == 1
        expect(row_of(page, worst.account)).to_have_count(0)
        expect(page.locator("[data-title]")).not_to_have_text(needing)
        is_clean(page)

        page.keyboard.press("s")
        expect(row_of(page, worst.account)).to_have_attribute("data-level", "emergency")
        review_by_keys(page, worst.account)
        assert {one.account for one in phones} - {worst.account} <= set(listed(page))
        review_on_a_narrow_screen(page)


def review_by_keys(page: Page, patient_id: str) -> None:
    """From the list to "marked as read" without a mouse."""
    row = row_of(page, patient_id)
    press_until(page, "j", row.locator("[data-go]"), most=ARRIVING)
    page.keyboard.press("o")
    expect(row.locator("[data-review-start]")).to_be_focused()
    page.keyboard.press("r")
    outcome = row.get_by_label("What came of it")
    expect(outcome).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    note = row.get_by_label("Note for colleagues")
    expect(note).to_be_focused()
    page.keyboard.type("Ambulance is with her, j k r u.")
    press_until(page, "Tab", row.locator("[data-mark-read]"), most=6)
    page.keyboard.press("Enter")
    expect(page.locator("[data-undo]")).to_contain_text("marked as read.")
    expect(row).to_have_count(0)
    assert focused_patient(page) not in ("", patient_id)


def listed(page: Page) -> list[str]:
    """Everybody on the worklist, page by page."""
    page.goto("/clinic")
    found: list[str] = []
    while True:
        rows = page.locator("[data-patient]")
        found += rows.evaluate_all("(all) => all.map((one) => one.dataset.patient)")
        onward = page.get_by_role("link", name="Next page")
        if not onward.count():
            return found
        page.goto(str(onward.get_attribute("href")))


def review_on_a_narrow_screen(page: Page) -> None:
    """The same at 360 px, for one of those where nothing matched."""
    page.set_viewport_size(NARROW)
    page.goto("/clinic?level=expected")
    row = page.locator("[data-patient]").first
    row.locator("[data-open]").click()
    row.get_by_label("Note for colleagues").fill("As expected for the day.")
    is_clean(page)
    patient_id = str(row.get_attribute("data-patient"))
    row.get_by_role("button", name="Mark as read", exact=True).click()
    expect(row_of(page, patient_id)).to_have_count(0)


def test_two_clinicians_one_row_and_the_phone_learns_what_they_did(
    morning: Morning, browser: Browser
) -> None:
    server = morning.server
    phone = {"has_touch": True, "is_mobile": True, "viewport": NARROW}
    with (
        opened(browser, server, **phone) as ana,
        opened(browser, server) as cole,
        opened(browser, server) as okafor,
    ):
        send_emergency(ana, server)
        sit_down(cole.context, server, server.people["clinician"])
        sit_down(okafor.context, server, {"username": "dr_okafor", "password": PASSWORD})
        both_read(cole, okafor)
        change_ice(cole)
        expect_to_be_told(ana)


def send_emergency(page: Page, server: RealServer) -> None:
    """Ana answers on her phone that she is short of breath."""
    sign_in(page, server.people["patient"])
    page.goto("/check-in")
    answer(page, "Yes, that is right")
    wait_until_taps_count(page)
    page.locator("[data-key=breathless]").get_by_role("button", name="Yes").click()
    expect(page.get_by_role("link", name="Call 999").first).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Saving")
    page.goto("/check-ins")
    expect(page.locator("main")).to_contain_text("On the clinic's server since")
    page.goto("/")
    expect(page.locator(".today__plan")).to_contain_text("no ice")


def both_read(cole: Page, okafor: Page) -> None:
    """Both have Ana's row open; the second knows it, and hears who was first."""
    rows = [page.locator("[data-patient]", has_text="Ana R.") for page in (cole, okafor)]
    mine, theirs = rows
    mine.locator("[data-open]").click()
    mine.get_by_label("Message to the patient").fill("Please ring 999 now. Do not wait for us.")
    theirs.locator("[data-open]").click()
    expect(theirs.locator("[data-review-claim]")).to_contain_text("Dr Cole has this open.")
    for row in rows:
        row.get_by_label("What came of it").select_option("spoke_with_patient")
    theirs.get_by_label("Note for colleagues").fill("Ringing her now")
    mine.get_by_role("button", name="Mark as read", exact=True).click()
    expect(cole.locator("[data-undo]")).to_contain_text("Ana R.: marked as read")
    theirs.get_by_role("button", name="Mark as read", exact=True).click()
    expect(theirs).to_contain_text("Dr Cole has read this already.")
    expect(theirs.get_by_label("Note for colleagues")).to_have_value("Ringing her now")
    is_clean(okafor)


def change_ice(page: Page) -> None:
    """The clinic changes what it says about ice."""
    page.goto("/clinic/settings")
    page.get_by_label("Ice", exact=True).select_option("allowed")
    page.get_by_role("button", name="Save the settings").first.click()
    expect(page.locator("main")).to_contain_text("Saved. Phones learn of it")


def expect_to_be_told(ana: Page) -> None:
    """Ana reads who read it, what was written, and that the advice on ice is another."""
    until_told(ana, "Read by Dr Cole")
    expect(ana.locator("main")).to_contain_text("Please ring 999 now. Do not wait for us.")
    ana.goto("/")
    expect(ana.locator(".today__changed")).to_contain_text("your clinic changed its advice on ice")
    expect(ana.locator(".today__wrote")).to_contain_text("Please ring 999 now.")
    expect(ana.locator(".today__plan")).to_contain_text("Your clinic's rule: you may use ice.")
    is_clean(ana)


@pytest.mark.whole
def test_rules_that_were_signed_run_until_a_clinician_signs_the_new_ones(
    server: RealServer, browser: Browser, tmp_path: Path
) -> None:
    server.stop()
    server.settings["CONTENT_PATH"] = str(make_content(tmp_path))
    server.start()
    phone = {"has_touch": True, "is_mobile": True, "viewport": NARROW}
    with opened(browser, server) as desk, opened(browser, server, **phone) as ben:
        sign_in(ben, server.people["patient_2"])
        check_in_calmly(ben, **{"How bad is the pain now?": "6"})
        expect(ben.locator("[data-level]")).to_have_attribute("data-level", "expected")
        ben.goto("/check-ins")
        expect(ben.locator("main")).to_contain_text("On the clinic's server since")

        sit_down(desk.context, server, server.people["clinician"])
        read_replay_and_sign(desk)

        ben.goto("/")
        expect(ben.locator(".today__changed")).to_contain_text("its warning rules")
        check_in_calmly(ben, **{"How bad is the pain now?": "6"})
        expect(ben.locator("[data-level]")).to_have_attribute("data-level", "clinic_hours")
        ben.goto("/check-ins")
        expect(ben.locator(".thread")).to_have_count(2)
        ben.wait_for_function(f"async () => (await ({HEARD})()).length === 2")
        assert ben.evaluate(HEARD) == [1, 2]


def read_replay_and_sign(page: Page) -> None:
    """What is new, what it would have said of Ben, and a name under it."""
    page.goto("/clinic/settings/sign-off")
    expect(page.locator("main")).to_contain_text("There is a newer version")
    expect(page.locator("main")).to_contain_text("Phones go on with the signed one")
    is_clean(page)
    page.get_by_role("link", name="Try rules 2 on your check-ins").press("Enter")
    page.wait_for_url("**/sign-off/replay")
    expect(page.locator("[data-label='Patient']", has_text="Ben T.")).to_be_visible()
    page.set_viewport_size(NARROW)
    is_clean(page)
    page.go_back()
    page.get_by_label("Your full name and title").fill("Dr Cole, Consultant")
    page.get_by_role("button", name="Sign form 2 and rules 2").press("Enter")
    expect(page.locator("main")).to_contain_text("Signed by Dr Cole, Consultant")
    expect(page.locator("main")).to_contain_text("demo, no clinician")
    is_clean(page)
