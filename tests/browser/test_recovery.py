"""My recovery in a browser, and Today, the check-in and its result where the input is bad."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.check_ins import reviews
from pwa.database import writing
from pwa.practice import clinics
from pwa.practice.words import Words
from tests.browser.auditing import faults_of
from tests.browser.check_in_walk import Form
from tests.browser.chromium import PHONE
from tests.browser.patient_world import Clinic, Patient, save, sign_in, wipe
from tests.conftest import PASSWORD_HASH

LETTER = "Please rest the knee until Monday."
PRAISE = re.compile(
    r"great|well done|congrat|good job|keep it up|improv|recovered|heal", re.IGNORECASE
)


class SilentClinic(Clinic):
    """A clinic that has told no phone number and no hours; so its rules cannot be signed."""

    def _open(self) -> None:
        at = datetime.now(UTC)
        with writing():
            silent = Words(name="Quiet Clinic", time_zone="Europe/London")
            self.clinic_id = clinics.open_clinic(words=silent, at=at, by="test")
            account = people.add_account(
                clinic_id=self.clinic_id, role="clinician", display_name="Dr Cole", at=at
            )
            account.password_hash = PASSWORD_HASH
            self.doctor = Actor(account.account_id, "Dr Cole", self.clinic_id)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path_factory.mktemp("clinic"))
    yield clinic
    clinic.stop()


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = SilentClinic(tmp_path_factory.mktemp("silent"))
    yield clinic
    clinic.stop()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        **PHONE, locale="en-GB", reduced_motion="reduce", service_workers="block", bypass_csp=True
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, clinic: Clinic, silent: Clinic) -> Iterator[Page]:
    """A page of a blank phone on which no error of our own may happen."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}: {error.stack}"))
    yield page
    assert [error for error in errors if "worker_client" not in error] == []
    wipe(context, clinic, silent)


def at(page: Page, clinic: Clinic, path: str) -> None:
    page.goto(clinic.origin + path)


def write_to(clinic: Clinic, patient: Patient, event_id: str) -> None:
    """Dr Cole read this check-in and wrote, long enough ago to be told."""
    with clinic.app.app_context(), writing():
        reviews.mark_read(
            actor=clinic.doctor,
            role="clinician",
            patient_id=patient.account_id,
            event_ids=[event_id],
            outcome="spoke_with_patient",
            note="",
            message=LETTER,
            at=datetime.now(UTC) - timedelta(hours=1),
        )


def too_wide(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main *, .dock *")]
          .filter((node) => !node.closest(".table-wrap") && !node.closest("svg"))
          .filter((node) => node.checkVisibility())
          .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
          .map((node) => `${node.tagName}.${node.className}: ${node.textContent.slice(0, 40)}`)"""
    )
    return found


def test_my_recovery_tells_the_days_ahead_and_looks_back_without_praise(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient(days=(3,))
    sign_in(page, clinic, patient)
    _, flagged, _ = save(
        page,
        {"kind": "start"},
        {"days_ago": 2, "answers": {"pain_now": 8}, "level": "same_day", "reasons": ["S1"]},
        {"answers": {"pain_now": 2}},
    )
    write_to(clinic, patient, flagged)
    page.get_by_role("link", name="My recovery").click()
    page.wait_for_url("**/recovery")
    page.reload()

    tomorrow = page.locator(".tomorrow")
    expect(tomorrow).to_contain_text("Go back to everyday tasks")
    first = page.locator(".ahead__day").first
    expect(first).to_contain_text("Day 5")
    expect(page.get_by_role("heading", name="Call if")).to_be_visible()
    expect(page.get_by_role("link", name="Call the clinic")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Pain by day"))).to_have_accessible_name(
        re.compile(r"Before: 5\. Highest: 8, on day 1\. Latest: 2, on day 3\.$")
    )
    expect(page.get_by_text("Before the injection you said 5.")).to_be_visible()
    expect(page.locator(".thread")).to_have_count(1)
    expect(page.locator(".thread")).to_contain_text("Speak to a clinician today")
    expect(page.get_by_role("link", name="See this result")).to_have_attribute(
        "href", f"/check-in?result={flagged}"
    )
    expect(page.locator(".message")).to_contain_text(LETTER)
    assert not PRAISE.search(page.inner_text("main"))

    assert faults_of(page, "main") == []
    page.set_viewport_size({"width": 320, "height": 640})
    for summary in page.locator("main summary").all():
        summary.click()
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert too_wide(page) == []
    page.set_viewport_size(PHONE["viewport"])


def test_three_treatments_are_looked_at_one_by_one_and_nothing_is_left_for_the_next_person(
    page: Page, clinic: Clinic
) -> None:
    ana = clinic.patient(days=(2, 10, 30))
    ben = clinic.patient(days=(400,), sites=("elbow",))
    sign_in(page, clinic, ana)
    page.get_by_text("Day 30 after your right hip injection").wait_for()
    at(page, clinic, "/recovery")
    picks = page.get_by_role("radiogroup", name="Which joint?").get_by_role("radio")
    expect(picks).to_have_text(["Right knee", "Right shoulder", "Right hip"])
    picks.nth(2).click()
    expect(picks.nth(2)).to_be_focused()
    expect(page.get_by_text("Day 30 after your right hip injection")).to_be_visible()
    expect(page.locator("#recovery")).not_to_contain_text("knee injection")

    form = Form(page, clinic).open()
    expect(page.locator(".choices .choice[aria-pressed=true]")).to_have_count(3)
    form.all_well(until="emergency")
    expect(page.locator(".wizard__count")).to_have_text(re.compile(r"Step 2 of \d+"))

    page.evaluate("() => fetch('/api/v1/sign-out', {method: 'POST'})")
    wipe_and_sign_in(page, clinic, ben)
    at(page, clinic, "/recovery")
    expect(page.get_by_text(re.compile("Your last injection: right elbow"))).to_be_visible()
    expect(page.locator(".tomorrow")).to_contain_text("Nothing in your plan changes tomorrow.")
    expect(page.locator(".ahead__day")).to_have_count(0)
    assert ana.name not in page.content() and "knee" not in page.inner_text("main").lower()
    Form(page, clinic).open()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today is day 400. Right?")


def wipe_and_sign_in(page: Page, clinic: Clinic, patient: Patient) -> None:
    devtools = page.context.new_cdp_session(page)
    page.goto("about:blank")
    what = {"origin": clinic.origin, "storageTypes": "all"}
    devtools.send("Storage.clearDataForOrigin", what)
    page.context.clear_cookies()
    sign_in(page, clinic, patient)


def test_a_clinic_without_numbers_and_a_clock_in_2019_leave_the_way_to_help_open(
    page: Page, silent: Clinic
) -> None:
    sign_in(page, silent, silent.patient(days=(3,)))
    at(page, silent, "/recovery")
    expect(page.get_by_text("We do not know your clinic's number yet.")).to_be_visible()
    expect(page.get_by_role("link", name="Call 112")).to_be_visible()
    Form(page, silent).open().all_well()
    result = page.locator(".result")
    expect(result).to_contain_text("Saved in your diary")
    expect(result).to_contain_text("We do not know your clinic's number yet.")
    expect(result.get_by_role("link", name="Call 112")).to_be_visible()
    assert "{" not in result.inner_text() and "null" not in result.inner_text()

    page.clock.set_fixed_time("2019-05-01T12:00:00")
    at(page, silent, "/recovery")
    expect(page.get_by_text("The clock of this phone looks wrong.")).to_be_visible()
    expect(page.locator(".tomorrow, .ahead, .strip")).to_have_count(0)
    expect(page.get_by_role("link", name="Call 112")).to_be_visible()
    Form(page, silent).open().all_well(until="first.joint")
    expect(page.get_by_text("The clock of this phone looks wrong.")).to_be_visible()
    assert "day -" not in page.inner_text("main")


def test_answers_outlive_an_update_in_the_middle_even_one_that_changes_the_rules(
    page: Page, clinic: Clinic
) -> None:
    sign_in(page, clinic, clinic.patient(days=(3,)))
    save(page, {"kind": "start"})
    form = Form(page, clinic).open()
    form.all_well(until="joint.cannot_use", **{"joint.swelling": "moderate"})
    assert page.evaluate("document.body.dataset.dirty") == "true"
    page.reload()
    form.at("joint.cannot_use")

    page.evaluate(
        """async () => {
          const { assets } = document.documentElement.dataset;
          const { openPhone } = await import(`${assets}/js/phone.js`);
          const phone = await openPhone({ assets });
          const draft = await phone.draft("check_in");
          await phone.keepDraft("check_in", { ...draft, rules_version: 99 });
          phone.close();
        }"""
    )
    page.reload()
    expect(page.locator("main")).to_contain_text("The questions have changed since you began.")
    page.get_by_role("button", name="Go on").click()
    form.at("first.joint")
    for step in ("first.joint", "emergency"):
        form.at(step)
        expect(page.locator("main.is-settling")).to_have_count(0)
        form.tap("[data-next]") if step == "first.joint" else form.none()
    form.at("pain.pain_now")
    expect(page.locator('[data-value="3"]')).to_have_attribute("aria-checked", "true")
    form.all_well(**{"joint.swelling": "moderate"})
    expect(page.locator(".level").first).to_have_attribute("data-level", re.compile("."))


def test_the_main_button_of_a_result_is_under_the_thumb_and_steps_aside_for_large_text(
    page: Page, clinic: Clinic
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, clinic, clinic.patient(days=(3,)))
    save(page, {"kind": "start"})
    Form(page, clinic).open().all_well(**{"joint.swelling": "severe"})
    main = page.locator(".dock .btn")
    expect(main).to_have_count(1)
    expect(main).to_have_attribute("href", re.compile("^tel:"))
    assert is_under_the_thumb(main.bounding_box(), 740)
    expect(page.locator(".bar")).to_be_hidden()
    assert faults_of(page, "main") == []

    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    expect(page.locator("html")).to_have_class(re.compile("has-tall-dock"))
    expect(page.locator(".dock")).to_have_css("position", "static")
    assert too_wide(page) == []
    page.set_viewport_size(PHONE["viewport"])


def is_under_the_thumb(box: Any, height: int) -> bool:
    return bool(box["y"] > height * 0.75 and box["y"] + box["height"] <= height)
