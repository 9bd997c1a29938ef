"""The check-in form, the start questions and the result, on a phone against a real clinic."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.database import writing
from pwa.practice import clinics
from tests.browser.auditing import faults_of
from tests.browser.check_in_walk import Form
from tests.browser.chromium import PHONE
from tests.browser.patient_world import Clinic, Patient, save, sign_in, wipe
from tests.conftest import PASSWORD_HASH, words

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "Your answers are on this phone. Nobody has seen them."
NOTHING_MATCHED = "Nothing matched our warning rules"
EMERGENCY_TEXT = re.compile(
    r"This could be an emergency\. Call 999 now\. Tell them: I had an injection in my .+ on .+\. "
    r"Do not drive yourself\. Do not wait for the clinic to reply\."
)
SETTLING = re.compile("is-settling")

# The answers of a screen without a list or a keyboard that stand high, or beneath the lower edge.
FAR_FROM_THE_THUMB = """() => {
  if (document.querySelector(".rows, #temperature, #note")) return [];
  const answers = document.querySelectorAll(".wizard__body :is(.choice, .btn, .scale__step)");
  return [...answers].filter((answer) => answer.checkVisibility()).filter((answer) => {
    const { top, bottom } = answer.getBoundingClientRect();
    return top < 0.4 * innerHeight || bottom > innerHeight;
  }).map((answer) => answer.textContent);
}"""


class UnsignedClinic(Clinic):
    """A clinic whose clinicians have not signed any rules."""

    def _open(self) -> None:
        at = datetime.now(UTC)
        with writing():
            self.clinic_id = clinics.open_clinic(words=words("New Clinic"), at=at, by="test")
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
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = UnsignedClinic(tmp_path_factory.mktemp("unsigned"))
    yield clinic
    clinic.stop()


@pytest.fixture(scope="module")
def handed_on(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that goes from test to test, blank each time."""
    context = browser.new_context(
        **PHONE, locale="en-GB", reduced_motion="reduce", service_workers="block"
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def context(
    handed_on: BrowserContext, clinic: Clinic, unsigned: Clinic
) -> Iterator[BrowserContext]:
    yield handed_on
    wipe(handed_on, clinic, unsigned)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no error of our own may happen."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}: {error.stack}"))
    yield page
    # The worker is left out here, and says so in an error of its own.
    assert [error for error in errors if "worker_client" not in error] == []


def patient_at(page: Page, clinic: Clinic, *, has_start: bool = True, **options: Any) -> Patient:
    """A new patient, signed in on this phone, with the start answered for each treatment."""
    patient = clinic.patient(**options)
    sign_in(page, clinic, patient)
    expect(page.locator(".due, .strip").first).to_be_visible()
    if has_start:
        count = len(options.get("days", (3,)))
        save(page, *({"kind": "start", "treatment": place} for place in range(count)))
    return patient


def answers_of(clinic: Clinic, patient: Patient, kind: str) -> list[dict[str, Any]]:
    return [event.event["answers"] for event in clinic.events(patient) if event.kind == kind]


def arrived(page: Page) -> None:
    """The check-in on screen has reached the clinic."""
    expect(page.locator(".where")).to_contain_text("On the clinic's server since", timeout=15_000)


def nothing_is_chosen(page: Page) -> bool:
    return (
        page.locator(
            'main [aria-pressed="true"], main [role="radio"][aria-checked="true"]:not([data-unit])'
        ).count()
        == 0
    )


def test_nothing_wrong_takes_at_most_fourteen_taps(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    while page.locator("form.wizard").count():
        assert page.evaluate(FAR_FROM_THE_THUMB) == [], form.step
        form.advance()
    page.locator(".result").wait_for()
    assert form.taps <= 14
    expect(page.get_by_role("heading", level=1)).to_have_text(NOTHING_MATCHED)
    expect(page.locator(".level").first).to_contain_text("We cannot rule out a problem.")
    arrived(page)
    [answers] = answers_of(clinic, patient, "create")
    assert answers["breathless"] is False and answers["redness"] == "none"
    assert answers["temp_c"] is None and answers["pain_now"] == 3


def test_no_screen_has_an_answer_chosen_beforehand(page: Page, clinic: Clinic) -> None:
    patient_at(page, clinic)
    form = Form(page, clinic).open()
    for step in (
        "emergency",
        "pain.pain_now",
        "pain.pain_trend_self",
        "joint.swelling",
        "joint.cannot_use",
        "skin",
        "nerves_leg",
        "temperature.feverish",
        "temperature.temp_c",
        "temperature.fever_medicine_6h",
        "note.note",
    ):
        form.all_well(until=step)
        form.at(step)
        assert nothing_is_chosen(page), step


def test_none_of_these_counts_only_once_every_row_was_on_screen(page: Page, clinic: Clinic) -> None:
    patient_at(page, clinic)
    page.set_viewport_size({"width": 360, "height": 520})
    form = Form(page, clinic).open()
    form.all_well(until="emergency")
    none = page.get_by_role("button", name="None of these")
    expect(none).to_have_attribute("aria-disabled", "true")
    expect(page.locator("main")).not_to_have_class(SETTLING)
    none.dispatch_event("click")
    expect(page.get_by_role("alert")).to_have_text("Read to the end of the list first.")
    form.at("emergency")
    form.none()
    form.at("pain.pain_now")


def test_an_emergency_yes_is_saved_and_opens_the_call_screen_at_once(
    page: Page, clinic: Clinic
) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="emergency")
    form.tap('[data-key="chest_pain"] .answer')
    expect(page.get_by_role("heading", level=1)).to_have_text("Get emergency help now")
    expect(page.locator(".call-screen")).to_contain_text(EMERGENCY_TEXT)
    expect(page.get_by_role("link", name="Call 999")).to_have_attribute("href", "tel:999")
    arrived(page)
    [first] = answers_of(clinic, patient, "create")
    assert first == {"chest_pain": True}

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Get emergency help now")
    page.get_by_role("button", name="Answer the rest").tap()
    form.none()
    form.all_well()
    expect(page.locator(".level").first).to_contain_text(EMERGENCY_TEXT)
    arrived(page)
    [amended] = answers_of(clinic, patient, "amend")
    assert amended["chest_pain"] is True and amended["breathless"] is False
    assert len(answers_of(clinic, patient, "create")) == 1


def test_a_reload_and_a_closed_page_come_back_to_the_same_screen(
    page: Page, context: BrowserContext, clinic: Clinic
) -> None:
    patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="joint.cannot_use")
    page.reload()
    form.at("joint.cannot_use")
    page.go_back()
    form.at("joint.swelling")
    expect(page.locator('[data-value="none"]')).to_have_attribute("aria-checked", "true")
    page.go_forward()
    form.at("joint.cannot_use")
    page.get_by_role("button", name="Back").tap()
    form.at("joint.swelling")
    page.close()
    again = Form(context.new_page(), clinic).open()
    again.at("joint.swelling")
    again.tap("[data-next]")
    again.all_well()
    expect(again.page.get_by_role("heading", level=1)).to_have_text(NOTHING_MATCHED)


@pytest.mark.fault(59)
def test_a_tap_meant_for_the_screen_before_is_ignored(page: Page, clinic: Clinic) -> None:
    patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="pain.pain_now")
    expect(page.locator("main")).not_to_have_class(SETTLING)
    # Both taps of a double tap, the second as soon as the next screen is there.
    page.evaluate("""() => new Promise((done) => {
      const here = document.querySelector("form.wizard").dataset.step;
      document.querySelector('[data-value="4"]').click();
      const watch = new MutationObserver(() => {
        const form = document.querySelector("form.wizard");
        if (form.dataset.step === here) return;
        watch.disconnect();
        setTimeout(() => {
          form.querySelector(".choice").click();
          done();
        });
      });
      watch.observe(document.querySelector("main"), { childList: true });
    })""")
    form.at("pain.pain_trend_self")
    assert nothing_is_chosen(page)


def test_not_sure_is_kept_as_unknown_and_the_headline_says_not_checked(
    page: Page, clinic: Clinic
) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="emergency")
    form.tap('[data-key="breathless"] .answer--quiet')
    expect(page.locator(".not-sure")).to_contain_text("Call 999 now if")
    expect(page.locator(".not-sure").get_by_role("link", name="Call 999")).to_be_visible()
    form.none()
    form.all_well()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not checked")
    expect(page.locator(".result")).to_contain_text("Short of breath")
    expect(page.locator(".level").first).not_to_contain_text("when it next opens")
    expect(page.locator(".result")).not_to_contain_text(NOTHING_MATCHED)
    arrived(page)
    [answers] = answers_of(clinic, patient, "create")
    assert answers["breathless"] is None and answers["chest_pain"] is False


def test_a_detail_opens_in_place_and_has_to_be_told(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="skin")
    form.tap('[data-key="redness"] .answer')
    expect(page.get_by_role("radio", name="It is spreading")).to_be_visible()
    form.none()
    expect(page.get_by_role("alert")).to_contain_text("The skin has changed colour")
    form.at("skin")
    form.tap(page.get_by_role("radio", name="It is spreading"))
    form.none()
    form.all_well()
    expect(page.get_by_role("heading", level=1)).to_have_text("Speak to a clinician today")
    arrived(page)
    [answers] = answers_of(clinic, patient, "create")
    assert answers["redness"] == "spreading" and answers["warmth"] is False


def test_a_temperature_is_taken_in_either_unit_with_a_comma(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="temperature.temp_c")
    page.locator("#temperature").fill("100,3")
    form.tap("[data-next]")
    expect(page.get_by_role("button", name="Is this °F?")).to_be_visible()
    form.tap(page.get_by_role("button", name="Is this °F?"))
    form.at("temperature.fever_medicine_6h")
    page.get_by_role("button", name="Back").tap()
    page.locator("#temperature").fill("45")
    page.get_by_role("radio", name="Degrees Celsius").tap()
    form.tap("[data-next]")
    expect(page.locator(".field__error")).to_contain_text("34.0 to 43.0")
    page.locator("#temperature").fill("100,3")
    page.get_by_role("radio", name="Degrees Fahrenheit").tap()
    form.tap("[data-next]")
    form.at("temperature.fever_medicine_6h")
    form.all_well()
    arrived(page)
    [answers] = answers_of(clinic, patient, "create")
    assert answers["temp_c"] == 37.9
    expect(page.locator(".level").first).to_have_attribute("data-level", "clinic_hours")
    expect(page.locator(".result")).to_contain_text("check in again")


def test_two_joints_are_two_events_and_the_worse_one_comes_first(
    page: Page, clinic: Clinic
) -> None:
    patient = patient_at(page, clinic, days=(3, 5), sites=("knee", "elbow"))
    form = Form(page, clinic).open()
    expect(page.get_by_role("button", name=re.compile("Right knee.*day 3"))).to_be_visible()
    steps: list[str] = []
    while page.locator("form.wizard").count():
        steps.append(form.step)
        is_elbow = page.locator(".kicker", has_text="Your right elbow").count() == 1
        form.advance({"joint.swelling": "severe"} if is_elbow else {})
    assert sum(step.startswith("emergency") for step in steps) == 1
    assert sum(step.startswith("skin") for step in steps) == 2
    expect(page.get_by_role("heading", level=1)).to_have_text("Speak to a clinician today")
    expect(page.locator(".level").first).to_contain_text("Right elbow, day 5")
    expect(page.locator(".level").nth(1)).to_contain_text("Right knee, day 3")
    expect(page.locator(".where")).to_contain_text("On the clinic's server since", timeout=15_000)
    creates = [event for event in clinic.events(patient) if event.kind == "create"]
    assert {event.treatment_id for event in creates} == {
        event.treatment_id for event in clinic.events(patient)
    }
    assert sorted(event.event["answers"]["swelling"] for event in creates) == ["none", "severe"]
    assert all(
        "calf" in event.event["answers"]
        for event in creates
        if event.event["answers"]["swelling"] == "none"
    )
    assert all(
        "calf" not in e.event["answers"]
        for e in creates
        if e.event["answers"]["swelling"] == "severe"
    )


def test_a_correction_stands_filled_in_and_keeps_the_day_of_its_check_in(
    page: Page, clinic: Clinic
) -> None:
    patient = patient_at(page, clinic, days=(5,))
    [made] = save(page, {"days_ago": 3, "answers": {"pain_now": 5, "temp_c": 36.6}})
    form = Form(page, clinic).open(f"/check-in?amend={made}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Correct your answers")
    form.tap("[data-next]")
    form.none()
    form.at("pain.pain_now")
    expect(page.locator('[data-value="5"]')).to_have_attribute("aria-checked", "true")
    form.tap('[data-value="9"]')
    for step in ("pain.pain_trend_self", "joint.swelling", "joint.cannot_use"):
        form.at(step)
        form.tap("[data-next]")
    form.none()
    form.at("nerves_leg")
    form.none()
    form.at("temperature.feverish")
    form.tap("[data-next]")
    expect(page.locator("#temperature")).to_have_value("36.6")
    form.tap("[data-next]")
    form.at("temperature.fever_medicine_6h")
    form.tap("[data-next]")
    form.at("note.note")
    form.tap("[data-save]")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Contact your clinic when it next opens"
    )
    expect(page.locator(".level").first).to_contain_text("day 2")
    arrived(page)
    [amended] = [event for event in clinic.events(patient) if event.kind == "amend"]
    assert amended.supersedes == made and amended.event["answers"]["pain_now"] == 9
    assert amended.event["answers"]["swelling"] == "mild"


def test_an_unread_urgent_answer_opens_every_later_and_lower_result(
    page: Page, clinic: Clinic
) -> None:
    patient_at(page, clinic)
    save(
        page,
        {
            "level": "emergency",
            "reasons": ["E1_BREATHING"],
            "answers": {"breathless": True},
            "days_ago": 1,
        },
    )
    form = Form(page, clinic).open()
    form.all_well()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%A")
    expect(page.locator(".earlier-urgent")).to_contain_text(
        f"Your answers on {yesterday} needed urgent help. If you have not had it, call now."
    )
    expect(page.locator(".earlier-urgent").get_by_role("link", name="Call 999")).to_be_visible()


def test_i_have_called_travels_with_the_check_in(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(**{"joint.swelling": "severe"})
    page.get_by_role("button", name="I have called").tap()
    expect(page.locator(".result")).to_contain_text("You told us that you called")
    expect(page.locator("[data-called]")).to_have_count(0)
    page.reload()
    expect(page.locator(".result")).to_contain_text("You told us that you called")
    assert len([event for event in clinic.events(patient) if event.kind == "called"]) <= 1


def test_what_the_start_left_open_is_asked_again(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic, has_start=False)
    form = Form(page, clinic).open()
    form.all_well(until="emergency")
    form.none()
    expect(page.locator("form.wizard")).to_have_attribute("data-step", re.compile("^start"))
    form.tap('[data-value="6"]')
    expect(page.locator('[data-key="diabetes"]')).to_be_visible()
    for row in page.locator(".row-question").all():
        is_adult = row.get_attribute("data-key") == "adult"
        row.locator(f'[data-value="{"true" if is_adult else "false"}"]').tap()
    form.tap("[data-next]")
    form.at("pain.pain_now")
    form.all_well()
    expect(page.get_by_role("heading", level=1)).to_have_text(NOTHING_MATCHED)
    arrived(page)
    [start] = answers_of(clinic, patient, "start")
    assert start["pain_baseline"] == 6 and start["anticoagulant"] is False
    assert "adult" not in start


def test_without_signed_rules_the_signs_come_first_and_there_is_no_level(
    page: Page, unsigned: Clinic
) -> None:
    patient = patient_at(page, unsigned)
    form = Form(page, unsigned).open()
    expect(page.get_by_role("heading", level=1)).to_have_text("Read these warning signs first.")
    expect(page.locator("main")).to_contain_text("Call 999 now if")
    form.all_well()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saved in your diary")
    expect(page.locator(".result")).not_to_contain_text(NOTHING_MATCHED)
    arrived(page)
    [event] = [event for event in unsigned.events(patient) if event.kind == "create"]
    assert set(event.event["answers"]) <= {"pain_now", "pain_trend_self", "swelling", "note"}
    assert event.event["rules_version"] is None


@pytest.mark.fault(42)
def test_a_full_phone_keeps_the_form_and_still_says_what_to_do(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic)
    form = Form(page, clinic).open()
    form.all_well(until="note.note", **{"joint.swelling": "severe"})
    page.evaluate("""() => {
      window.realAdd = IDBObjectStore.prototype.add;
      window.realPut = IDBObjectStore.prototype.put;
      const full = () => { throw new DOMException("full", "QuotaExceededError"); };
      IDBObjectStore.prototype.add = full;
      IDBObjectStore.prototype.put = full;
    }""")
    form.tap("[data-save]")
    expect(page.get_by_role("alert").first).to_contain_text("This could not be saved")
    expect(page.get_by_role("alert").first).to_contain_text("no space left")
    expect(page.locator(".result")).to_contain_text("Speak to a clinician today")
    expect(page.locator(".result")).not_to_contain_text(NOBODY)
    page.get_by_role("button", name="Copy my answers").tap()
    assert "Very swollen or tight" in page.locator(".save-failed textarea").input_value()
    page.evaluate("""() => {
      IDBObjectStore.prototype.add = window.realAdd;
      IDBObjectStore.prototype.put = window.realPut;
    }""")
    page.get_by_role("button", name="Save again").tap()
    arrived(page)
    assert len(answers_of(clinic, patient, "create")) == 1


def test_the_start_page_keeps_what_is_told_and_takes_not_sure(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic, has_start=False)
    page.goto(clinic.origin + "/start")
    page.locator('[data-key="adult"] [data-value="true"]').tap()
    assert page.locator('main [aria-checked="true"]').count() == 1
    page.locator('[data-key="diabetes"] [data-value="true"]').tap()
    page.locator('[data-key="anticoagulant"] [data-value="null"]').tap()
    page.reload()
    expect(page.locator('[data-key="diabetes"] [data-value="true"]')).to_have_attribute(
        "aria-checked", "true"
    )
    page.locator('.scale [data-value="7"]').tap()
    with page.expect_response(lambda reply: reply.url.endswith("/sync")):
        page.get_by_role("button", name="Save my answers").tap()
    page.wait_for_url(f"{clinic.origin}/")
    [start] = answers_of(clinic, patient, "start")
    assert start["diabetes"] is True and start["pain_baseline"] == 7
    assert start["anticoagulant"] is None and start["pregnant"] is None


def test_somebody_under_18_gets_the_signs_and_no_level(page: Page, clinic: Clinic) -> None:
    patient = patient_at(page, clinic, has_start=False)
    page.goto(clinic.origin + "/start")
    page.locator('[data-key="adult"] [data-value="false"]').tap()
    expect(page.locator("[data-notice]")).to_contain_text("This app is for adults.")
    page.get_by_role("button", name="Save my answers").tap()
    page.wait_for_url(f"{clinic.origin}/when-to-call")
    Form(page, clinic).open().all_well()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saved in your diary")
    assert answers_of(clinic, patient, "start") == []


@pytest.mark.whole
def test_the_screens_pass_an_audit_and_fit_a_narrow_phone(browser: Browser, clinic: Clinic) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 600},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
        service_workers="block",
        bypass_csp=True,
    )
    page = context.new_page()
    patient_at(page, clinic)
    form = Form(page, clinic).open()

    def audit(name: str) -> None:
        expect(page.locator("main")).not_to_have_class(SETTLING)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        assert faults_of(page, "main") == [], name

    for step in (
        "first.joint",
        "emergency",
        "pain.pain_now",
        "joint.swelling",
        "skin",
        "temperature.temp_c",
        "note.note",
    ):
        form.all_well(until=step, **{"joint.swelling": "severe"})
        audit(step)
    form.all_well()
    audit("result")
    context.close()


def test_a_keyboard_alone_gets_through(page: Page, clinic: Clinic) -> None:
    patient_at(page, clinic)
    Form(page, clinic).open()
    expect(page.locator("#step-title")).to_be_focused()
    expect(page.locator("main")).not_to_have_class(SETTLING)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator('form.wizard[data-step="emergency"]')).to_be_visible()
    expect(page.locator("#step-title")).to_be_focused()
    expect(page.locator("main")).not_to_have_class(SETTLING)
    none = page.get_by_role("button", name="None of these")
    for _ in range(20):
        page.keyboard.press("Tab")
        if none.evaluate("(node) => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator('form.wizard[data-step="pain.pain_now"]')).to_be_visible()
    expect(page.locator("main")).not_to_have_class(SETTLING)
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator('form.wizard[data-step="pain.pain_trend_self"]')).to_be_visible()


def test_every_sentence_that_the_screens_ask_for_is_written() -> None:
    phrases = tomllib.loads((ROOT / "pwa/guidance/content/en/phrases.toml").read_text("utf-8"))
    folder = ROOT / "static" / "js"
    sources = [
        *(folder / "check_in").glob("*.js"),
        folder / "pages" / "check_in.js",
        folder / "pages" / "start.js",
    ]
    asked = {
        key
        for source in sources
        for key in re.findall(r'(?:say\(|key: |: \[".", )"([a-z0-9_]+)"', source.read_text("utf-8"))
    }
    assert len(asked) > 60
    assert sorted(asked - set(phrases)) == []
