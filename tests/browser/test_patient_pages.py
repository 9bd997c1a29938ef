"""Today, Check-ins, You, Sign in, Join and Set-up on a real phone-sized browser and server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pwa.guidance.library import load_library
from pwa.shell.whole import PAGE, as_kept
from tests.browser.chromium import PHONE
from tests.browser.patient_world import PASSWORD, Clinic, fill_sign_in, save, sign_in, wipe

ROOT = Path(__file__).resolve().parents[2]
ON_PHONE = "On this phone. Nobody has seen it."
WATCH_THE_WELCOME = """
window.welcomed = 0;
const look = () => {
  const words = document.querySelector(".welcome h1");
  if (words?.checkVisibility({ visibilityProperty: true })) window.welcomed += 1;
  requestAnimationFrame(look);
};
look();
"""
"""Counts the frames in which somebody reads what Today says to strangers."""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path_factory.mktemp("clinic"))
    yield clinic
    clinic.stop()


def new_phone(browser: Browser) -> BrowserContext:
    context = browser.new_context(
        **PHONE,
        locale="en-GB",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.set_default_timeout(10_000)
    return context


@pytest.fixture(scope="module")
def handed_on(browser: Browser) -> Iterator[BrowserContext]:
    """A phone without the worker that goes from test to test, blank each time."""
    context = new_phone(browser)
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    yield context
    context.close()


@pytest.fixture
def context(
    browser: Browser, request: pytest.FixtureRequest, handed_on: BrowserContext, clinic: Clinic
) -> Iterator[BrowserContext]:
    """A blank phone; a new one where a test needs the worker or leaves something behind."""
    if {"installed", "of_its_own"} & set(request.fixturenames):
        context = new_phone(browser)
        yield context
        context.close()
    else:
        yield handed_on
        wipe(handed_on, clinic)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no error of our own may happen."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    yield page
    assert errors == []


@pytest.fixture
def installed() -> None:
    """For a test that needs the worker."""


@pytest.fixture
def of_its_own() -> None:
    """For a test that moves the clock of its phone for good."""


@pytest.fixture
def back_online(clinic: Clinic) -> Iterator[None]:
    """The clinic answers again after a test that stopped it."""
    yield
    clinic.stop()
    clinic.start()


def worker_in_charge(page: Page) -> None:
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


# Signing in


def test_a_stranger_keeps_the_public_page(page: Page, clinic: Clinic) -> None:
    page.goto(clinic.origin)
    page.wait_for_load_state("networkidle")

    expect(page.get_by_role("link", name="I have a code from my clinic")).to_be_visible()
    expect(page.locator("#today")).to_be_hidden()


@pytest.mark.usefixtures("installed", "back_online")
def test_a_patient_sees_nothing_meant_for_strangers_when_the_app_is_opened(
    page: Page, clinic: Clinic
) -> None:
    sign_in(page, clinic, clinic.patient(days=(3,)))
    worker_in_charge(page)
    clinic.stop()
    page.add_init_script(WATCH_THE_WELCOME)

    page.goto(clinic.origin)
    expect(page.get_by_role("heading", name="Day 3", exact=False).first).to_be_visible()
    assert page.evaluate("window.welcomed") == 0


@pytest.mark.usefixtures("installed", "back_online")
def test_a_stranger_reads_the_copy_as_soon_as_nobody_is_known_here(
    page: Page, clinic: Clinic
) -> None:
    page.goto(clinic.origin)
    worker_in_charge(page)
    clinic.stop()
    page.add_init_script(WATCH_THE_WELCOME)

    page.goto(clinic.origin)
    expect(page.get_by_role("link", name="I have a code from my clinic")).to_be_visible()
    assert page.evaluate("window.welcomed") > 0


def test_the_copy_shows_itself_to_a_stranger_where_the_script_does_not_come(
    page: Page, clinic: Clinic
) -> None:
    copy = as_kept(clinic.app.test_client().get("/").text)
    page.route("**/js/main.js", lambda route: route.abort())
    page.route(f"{clinic.origin}/", lambda route: route.fulfill(body=copy, content_type=PAGE))
    page.goto(clinic.origin)

    welcome = page.get_by_role("link", name="I have a code from my clinic")
    expect(welcome).to_be_hidden()
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(welcome).to_be_visible()


def test_a_wrong_password_is_said_and_nothing_typed_is_lost(page: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    page.goto(f"{clinic.origin}/sign-in")
    fill_sign_in(page, patient.username, "not the password at all")

    expect(page.get_by_role("alert")).to_have_text("This name and password do not match.")
    expect(page.get_by_label("Your sign-in name")).to_have_value(patient.username)
    expect(page.get_by_label("Your password", exact=True)).to_be_focused()


def test_an_empty_sign_in_names_the_fields(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.origin}/sign-in")
    page.locator("form").get_by_role("button", name="Sign in", exact=True).click()

    name = page.get_by_label("Your sign-in name")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Type your sign-in name.")


@pytest.mark.fault(67)
def test_an_account_that_was_closed_meanwhile_says_so_keeps_what_waits_and_writes_nothing(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    clinic.close_account(patient)
    save(page, {})
    expect(page.get_by_text("Sign in to send 1 saved check-in.")).to_be_visible()
    page.goto(f"{clinic.origin}/sign-in")
    fill_sign_in(page, patient.username)

    expect(page.get_by_role("alert")).to_have_text("This account is closed. Call your clinic.")
    page.goto(f"{clinic.origin}/check-ins")
    expect(page.get_by_text(ON_PHONE)).to_be_visible()
    assert clinic.events(patient) == []


@pytest.mark.usefixtures("installed", "back_online")
def test_signing_in_without_signal_is_said_in_words(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.origin}/sign-in")
    page.get_by_label("Your sign-in name").wait_for()
    clinic.stop()
    fill_sign_in(page, "anybody")

    expect(page.get_by_role("alert")).to_have_text("You are offline. Sign in when you have signal.")


@pytest.mark.parametrize(
    "next_address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%2f%2fevil.example",
        "javascript:alert(1)",
        "/clinic",
        "/check-ins/../clinic",
        "/check-ins?x=//evil.example",
        " /check-ins",
        "",
    ],
)
def test_the_way_back_after_signing_in_is_never_an_address_that_is_not_listed(
    page: Page, clinic: Clinic, next_address: str
) -> None:
    page.goto(f"{clinic.origin}/offline")
    assert way_back(page, next_address) == "/"


def test_the_way_back_after_signing_in_leads_to_the_page_one_came_from(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    page.goto(f"{clinic.origin}/sign-in?next=/check-ins")
    fill_sign_in(page, patient.username)

    page.wait_for_url(f"{clinic.origin}/check-ins")


def way_back(page: Page, next_address: str) -> str:
    address: str = page.evaluate(
        """async (next) => {
          const { assets } = document.documentElement.dataset;
          const { wayBack } = await import(`${assets}/js/pages/sign_in.js`);
          return wayBack(`?${new URLSearchParams({ next })}`);
        }""",
        next_address,
    )
    return address


def test_staff_are_taken_to_the_clinics_pages(page: Page, clinic: Clinic) -> None:
    page.route("**/clinic", lambda route: route.fulfill(body="<title>staff</title>"))
    page.goto(f"{clinic.origin}/sign-in?next=/check-ins")
    fill_sign_in(page, "dr_cole")

    page.wait_for_url(f"{clinic.origin}/clinic")


# Joining


def test_the_code_leaves_the_address_and_the_clinic_is_shown_before_anything_is_chosen(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient(joined=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{clinic.origin}/join#{patient.code}")

    expect(page.get_by_text("Riverside Joint Clinic has invited you.")).to_be_focused()
    expect(page.get_by_text("Staff of Riverside Joint Clinic can see them.")).to_be_visible()
    assert page.url == f"{clinic.origin}/join"
    assert [url for url in asked if patient.code in url.split("#")[0]] == []


def test_a_code_that_does_not_exist_is_said_beside_its_field(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.origin}/join")
    page.get_by_label("The code from your clinic").fill("abcd-efgh")
    page.get_by_role("button", name="Go on").click()

    code = page.get_by_label("The code from your clinic")
    expect(code).to_have_accessible_description(re.compile("We do not know this code"))
    expect(code).to_have_value("abcd-efgh")
    expect(code).to_be_focused()


def test_a_refused_name_or_password_names_its_field_and_keeps_what_was_typed(
    page: Page, clinic: Clinic
) -> None:
    taken = clinic.patient()
    newcomer = clinic.patient(joined=False)
    page.goto(f"{clinic.origin}/join#{newcomer.code}")
    name = page.get_by_label("Choose a name to sign in with")
    password = page.get_by_label("Choose a password")
    make = page.get_by_role("button", name="Make my account")

    name.fill(taken.username)
    password.fill("too short")
    make.click()
    expect(password).to_have_accessible_description(re.compile("needs at least 15"))
    expect(password).to_be_focused()

    password.fill("password password password")
    make.click()
    expect(password).to_have_accessible_description(re.compile("easy to guess"))

    password.fill(PASSWORD)
    make.click()
    expect(name).to_have_accessible_description(re.compile("Someone else has this name"))
    expect(name).to_have_value(taken.username)
    expect(password).to_have_value(PASSWORD)


def test_a_suggested_password_is_made_of_words_and_shown(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.origin}/join#{clinic.patient(joined=False).code}")
    page.get_by_role("button", name="Suggest one for me").click()

    password = page.get_by_label("Choose a password")
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value(re.compile(r"^\w+( \w+){3,}$"))
    page.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")


@pytest.mark.usefixtures("installed", "back_online")
def test_joining_ends_at_the_start_questions_with_everything_stored_for_offline_use(
    page: Page, clinic: Clinic
) -> None:
    newcomer = clinic.patient(joined=False)
    page.goto(f"{clinic.origin}/join")
    page.get_by_label("The code from your clinic").fill(newcomer.code.lower())
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Choose a name to sign in with").fill(f"new-{newcomer.username}")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url(f"{clinic.origin}/start")

    clinic.stop()
    page.goto(clinic.origin)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Day 3 after your right knee injection"
    )
    expect(page.get_by_role("heading", name="Avoid today")).to_be_visible()


def test_a_fresh_server_is_set_up_by_its_one_time_code(page: Page, tmp_path: Path) -> None:
    fresh = Clinic(tmp_path, is_empty=True)
    try:
        page.goto(f"{fresh.origin}/setup#{fresh.setup_code()}")
        page.get_by_role("button", name="Open the clinic").click()
        expect(page.get_by_label("Name of the clinic")).to_be_focused()
        assert page.url == f"{fresh.origin}/setup"

        page.get_by_label("Name of the clinic").fill("Seaside Clinic")
        page.get_by_label("Emergency number of your country").fill("112")
        page.get_by_label("Time zone").select_option("Europe/Lisbon")
        page.get_by_label("Your name").fill("Mo")
        page.get_by_label("Choose a name to sign in with").fill("mo")
        page.get_by_label("Choose a password").fill(PASSWORD)
        page.get_by_role("button", name="Open the clinic").click()
        page.wait_for_url(f"{fresh.origin}/clinic/account/second-factor")
        expect(page.get_by_role("heading", level=1)).to_have_text("Add a second factor")
    finally:
        fresh.stop()


# Today


def test_today_says_the_day_and_marks_it_on_the_strip(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient(days=(3,)))

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Day 3 after your right knee injection"
    )
    expect(page.get_by_role("img", name="Recovery: Days 1 to 3. Part 2 of 5.")).to_be_visible()
    expect(page.get_by_role("link", name="Check in", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Avoid today")).to_be_visible()
    expect(page.get_by_text("Do not stop aspirin, blood thinners or steroids")).to_be_visible()
    expect(page.get_by_text("After your injection, step by step")).to_be_hidden()


def test_two_injections_on_one_day_are_told_together(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient(days=(2, 2)))

    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"^Day 2 after your right (knee|shoulder) and right (knee|shoulder) injections$")
    )


def test_injections_on_different_days_each_have_their_day(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient(days=(2, 20)))

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Day 2 after your right knee injection"
    )
    expect(page.get_by_text("Day 20 after your right shoulder injection")).to_be_visible()
    expect(page.get_by_text(re.compile("^Right knee: .*kneeling"))).to_be_visible()


def test_an_injection_of_long_ago_is_named_by_its_date_and_nothing_is_due(
    page: Page, clinic: Clinic
) -> None:
    sign_in(page, clinic, clinic.patient(days=(400,)))

    year = (datetime.now(UTC) - timedelta(days=400)).year
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(rf"^Your last injection: right knee, \d+ \w+ {year}$")
    )
    expect(page.get_by_text("You can check in at any time.")).to_be_visible()
    expect(page.locator(".due")).to_have_count(0)


@pytest.mark.usefixtures("of_its_own")
def test_with_the_clock_in_the_past_no_day_is_said(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient(days=(3,)))
    page.clock.set_fixed_time("2001-01-01T12:00:00")
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text("After your right knee injection")
    expect(page.get_by_text("The clock of this phone looks wrong.")).to_be_visible()
    expect(page.get_by_role("link", name="Check in", exact=True)).to_be_visible()


def test_a_patient_without_an_injection_is_told_whom_to_ask(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient(days=()))

    expect(page.get_by_text("Your clinic has not added your injection yet.")).to_be_visible()


def test_an_urgent_check_in_stays_on_today_after_a_milder_one(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient())
    save(
        page,
        {
            "level": "emergency",
            "reasons": ["E1_BREATHING"],
            "answers": {"breathless": True},
        },
    )
    save(page, {})

    urgent = page.locator(".level--emergency")
    expect(urgent).to_contain_text("Your answers today needed urgent help.")
    expect(urgent.get_by_role("link", name=re.compile("Call 999"))).to_have_attribute(
        "href", "tel:999"
    )


@pytest.mark.fault(64)
def test_an_ended_session_keeps_todays_data_and_signs_in_on_the_spot(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    clinic.end_sessions(patient)
    save(page, {}, {})

    expect(page.get_by_text("Sign in to send 2 saved check-ins.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Day 3 after your right knee injection"
    )
    assert clinic.events(patient) == []
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    fill_sign_in(page, patient.username)

    expect(page.get_by_text(re.compile("On the clinic's server since"))).to_be_visible()
    expect(page.get_by_text("Sign in to send")).to_have_count(0)
    assert len(clinic.events(patient)) == 2


@pytest.mark.fault(15, 117)
@pytest.mark.usefixtures("installed", "back_online")
def test_what_waits_is_counted_and_never_called_sent(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient())
    worker_in_charge(page)
    clinic.stop()
    save(page, {})

    expect(page.get_by_text("1 check-in saved on this phone.")).to_be_visible()
    expect(page.get_by_text(ON_PHONE)).to_be_visible()
    assert "clinic's server since" not in page.inner_text("main")


def test_a_change_of_the_clinics_words_is_told_once(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient())
    page.evaluate(
        """async () => {
          const { assets } = document.documentElement.dataset;
          const { openPhone } = await import(`${assets}/js/phone.js`);
          const phone = await openPhone({ assets });
          let seen = null; // until the page has written down what it knows for the first time
          while (!seen) seen = await phone.draft("clinic_seen");
          await phone.keepDraft("clinic_seen", { ...seen, phone: "01632 960000" });
          phone.close();
        }"""
    )
    page.reload()
    notice = page.get_by_text("Your clinic changed its phone numbers.")
    expect(notice).to_be_visible()
    page.get_by_role("button", name="I have seen this").click()
    expect(notice).to_have_count(0)
    page.reload()
    page.get_by_role("heading", name="Avoid today").wait_for()
    expect(notice).to_have_count(0)


@pytest.mark.fault(68, 69)
def test_nothing_of_the_person_before_is_left_when_another_signs_in(
    page: Page, clinic: Clinic
) -> None:
    ana, ben = clinic.patient(sites=("knee",)), clinic.patient(sites=("elbow",))
    sign_in(page, clinic, ana)
    save(page, {})
    expect(page.get_by_text(re.compile("On the clinic's server since"))).to_be_visible()
    clinic.end_sessions(ana)
    save(page, {})
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    fill_sign_in(page, ben.username)

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Day 3 after your right elbow injection"
    )
    expect(page.get_by_text("1 sealed check-in of another person")).to_be_visible()
    page.goto(f"{clinic.origin}/check-ins")
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    assert ana.name not in page.content()
    assert "knee" not in page.inner_text("main").lower()


# Check-ins


def test_the_chart_and_its_table_tell_the_same(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient(days=(5,)))
    save(
        page,
        {"days_ago": 4, "answers": {"pain_now": 6}},
        {"days_ago": 2, "answers": {"pain_now": 9}, "level": "same_day"},
        {"answers": {"pain_now": 3}},
    )
    page.goto(f"{clinic.origin}/check-ins")

    drawing = page.get_by_role("img", name=re.compile("Pain by day since the injection"))
    expect(drawing).to_have_accessible_name(
        re.compile(r"Highest: 9, on day 3\. Latest: 3, on day 5\.$")
    )
    expect(page.locator(".chart__legend")).to_contain_text("Speak to a clinician today")
    page.get_by_text("The same as a table").click()
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(4)
    assert [row.split("\t")[0::2][:2] for row in rows.all_inner_texts()[1:]] == [
        ["1", "6"],
        ["3", "9"],
        ["5", "3"],
    ]


@pytest.mark.fault(117)
def test_the_three_true_sentences_follow_a_check_in(page: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    made = save(page, {})
    page.goto(f"{clinic.origin}/check-ins")
    now = page.locator(".thread .is-now")
    expect(now).to_have_text(
        re.compile(r"^On the clinic's server since \d\d:\d\d\. Not read yet\.$")
    )

    clinic.read(patient, made)
    page.reload()
    expect(now).to_have_text(
        re.compile(r"^Read by Dr Cole, clinician, .*\d\d:\d\d\. Reading is not advice\.$")
    )


def test_a_withdrawn_check_in_leaves_the_chart_and_stays_in_the_list(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    save(page, {"answers": {"pain_now": 9}})
    page.goto(f"{clinic.origin}/check-ins")
    page.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your clinic can still see it.")
    dialog.get_by_role("button", name="Leave it as it is").click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_focused()
    assert len(clinic.events(patient)) == 1

    page.get_by_role("button", name="Withdraw").click()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("You withdrew this one.")).to_be_visible()
    expect(page.locator(".chart")).to_have_count(0)
    expect(page.get_by_role("button", name="Withdraw")).to_have_count(0)
    expect(page.get_by_text("Nothing is waiting to send.")).to_be_visible()
    assert [event.kind for event in clinic.events(patient)] == ["create", "retract"]


def test_a_check_in_can_be_corrected_from_the_list(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient())
    [made] = save(page, {})
    page.goto(f"{clinic.origin}/check-ins")

    expect(page.get_by_role("link", name="Correct")).to_have_attribute(
        "href", f"/check-in?amend={made}"
    )
    expect(page.get_by_role("link", name="Correct")).to_have_accessible_description(
        "Right knee · day 3"
    )


@pytest.mark.fault(119)
def test_a_rejected_check_in_says_why_and_can_be_deleted(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient())
    save(page, {"answers": {"pain_now": 11}})
    page.goto(f"{clinic.origin}/check-ins")

    expect(page.get_by_text("1 check-in needs you to look at it.")).to_be_visible()
    expect(page.get_by_text("The reason: An answer did not fit the questions.")).to_be_visible()
    page.get_by_role("button", name="Delete from this phone").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete from this phone").click()
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()


@pytest.mark.usefixtures("installed", "back_online")
def test_send_now_says_what_came_of_it_and_unsent_ones_can_be_kept_as_a_file(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    worker_in_charge(page)
    clinic.stop()
    [made] = save(page, {"answers": {"note": "my own words"}})
    page.goto(f"{clinic.origin}/check-ins")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("The server did not answer.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Save unsent check-ins as a file").click()
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [event["event_id"] for event in kept["events"]] == [made]
    assert kept["events"][0]["answers"]["note"] == "my own words"

    told = clinic.take_in_file(patient, Path(download.value.path()).read_bytes())
    assert [(line.what, line.outcome) for line in told] == [("Check-in", "stored")]
    clinic.start()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Nothing is waiting to send.")).to_be_visible()
    assert [event.event_id for event in clinic.events(patient)] == [made]


@pytest.mark.fault(61)
@pytest.mark.usefixtures("installed", "back_online")
def test_a_check_in_that_cannot_be_read_is_said_with_what_to_do_and_goes_into_the_file(
    page: Page, clinic: Clinic
) -> None:
    sign_in(page, clinic, clinic.patient())
    worker_in_charge(page)
    clinic.stop()
    [made] = save(page, {"stays": True})
    page.evaluate(
        """() => new Promise((done) => {
          indexedDB.open("prolo-aftercare").onsuccess = ({ target: { result } }) => {
            const events = result.transaction("events", "readwrite").objectStore("events");
            events.getAll().onsuccess = ({ target: { result: [row] } }) => {
              row.box.ciphertext[0] ^= 1;
              events.put(row).onsuccess = () => { result.close(); done(); };
            };
          };
        })"""
    )
    for path in ("/", "/you", "/check-ins"):
        page.goto(clinic.origin + path)
        expect(page.get_by_text("1 check-in cannot be read on this phone.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save unsent check-ins as a file").click()
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [(one["event_id"], one["state"]) for one in kept["sealed"]] == [(made, "pending")]


def test_what_the_clinic_wrote_back_stands_with_its_check_in(page: Page, clinic: Clinic) -> None:
    sign_in(page, clinic, clinic.patient())
    save(page, {})
    page.goto(f"{clinic.origin}/check-ins")
    page.locator(".thread").wait_for()
    text = page.evaluate(
        """async () => {
          const { assets } = document.documentElement.dataset;
          const load = (name) => import(`${assets}/js/${name}.js`);
          const [{ openPhone }, { drawThread }, { speaker }] = await Promise.all(
            [load("phone"), load("patient/thread"), load("patient/words")]);
          const phone = await openPhone({ assets });
          const guidance = await phone.guidance();
          const at = "2026-11-26T15:10:00+00:00";
          const review = { name: "Dr Cole", role: "clinician", at, outcome: "called",
            message: "<b>Please</b> call us on Monday." };
          const thread = { ...phone.checkIns()[0], review, reviews: [review] };
          const made = drawThread(thread, { say: speaker(guidance.phrases), now: phone.now(),
            guidance, form: null, isNewest: true });
          const place = document.createElement("div");
          place.append(...made.flat(Infinity).filter(Boolean));
          phone.close();
          return place.textContent;
        }"""
    )
    assert "Your clinic wrote:" in text
    assert "<b>Please</b> call us on Monday." in text


# You


@pytest.mark.fault(70)
def test_signing_out_with_unsent_check_ins_asks_and_can_keep_them_sealed(
    page: Page, clinic: Clinic
) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    clinic.end_sessions(patient)
    save(page, {})
    page.goto(f"{clinic.origin}/you")
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 check-in has not been sent yet.")
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_text(f"Signed in as {patient.name}")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    dialog.get_by_role("button", name="Sign out and keep them sealed on this phone").click()
    page.wait_for_url(f"{clinic.origin}/")
    assert patient.name not in page.content()

    sign_in(page, clinic, patient)
    expect(page.get_by_text(re.compile("On the clinic's server since"))).to_be_visible()
    assert len(clinic.events(patient)) == 1


@pytest.mark.fault(70)
def test_signing_out_can_send_first(page: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    page.goto(f"{clinic.origin}/you")
    page.route("**/api/v1/sync", lambda route: route.abort())
    save(page, {"stays": True})
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="Send now, then sign out")
    send.click()
    expect(dialog).to_contain_text("They could not be sent just now.")
    page.unroute("**/api/v1/sync")
    send.click()
    page.wait_for_url(f"{clinic.origin}/")
    assert len(clinic.events(patient)) == 1


def test_clearing_the_phone_asks_first_and_leaves_nothing(page: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    clinic.end_sessions(patient)
    save(page, {})
    page.goto(f"{clinic.origin}/you")
    page.get_by_role("button", name="Clear this phone").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 unsent check-in would be lost.")
    dialog.get_by_role("button", name="Clear this phone").click()
    page.wait_for_url(f"{clinic.origin}/")

    expect(page.get_by_role("link", name="I have a code from my clinic")).to_be_visible()
    page.goto(f"{clinic.origin}/you")
    expect(page.get_by_text("You are not signed in on this phone.")).to_be_visible()
    expect(page.get_by_text("sealed")).to_have_count(0)


def test_my_data_is_one_file_with_everything_on_the_phone(page: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    [made] = save(page, {})
    page.goto(f"{clinic.origin}/you")
    with page.expect_download() as download:
        page.get_by_role("button", name="My data as a file").click()
    data = json.loads(Path(download.value.path()).read_text("utf-8"))

    assert data["account"] == patient.account_id
    assert data["clinic"]["name"] == "Riverside Joint Clinic"
    assert [treatment["site"] for treatment in data["treatments"]] == ["knee"]
    assert [check_in["event_id"] for check_in in data["check_ins"]] == [made]


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "


@pytest.mark.parametrize(
    ("agent", "changes", "way"),
    [
        (IPHONE + "Version/18.0 Mobile/15E148 Safari/604.1", {}, "ios"),
        (IPHONE + "CriOS/130.0 Mobile/15E148 Safari/604.1", {}, "ios_other_browser"),
        ("Mozilla/5.0 (Macintosh)", {"platform": "MacIntel", "maxTouchPoints": 5}, "ios"),
        ("Mozilla/5.0 (Macintosh)", {"platform": "MacIntel", "maxTouchPoints": 0}, "other"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130", {}, "android"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130", {"hasOffer": True}, "offer"),
        (IPHONE + "Version/18.0 Safari/604.1", {"isStandalone": True}, "installed"),
    ],
)
def test_the_help_to_install_is_made_for_the_phone(
    page: Page, clinic: Clinic, agent: str, changes: dict[str, object], way: str
) -> None:
    page.goto(f"{clinic.origin}/offline")
    found = page.evaluate(
        """async ([userAgent, changes]) => {
          const { assets } = document.documentElement.dataset;
          const { installWay } = await import(`${assets}/js/patient/install_help.js`);
          const { isStandalone = false, hasOffer = false, ...navigator } = changes;
          return installWay({ navigator: { userAgent, ...navigator }, isStandalone, hasOffer });
        }""",
        [agent, changes],
    )
    assert found == way


def test_an_iphone_is_told_to_install_before_signing_in(browser: Browser, clinic: Clinic) -> None:
    context = browser.new_context(**PHONE, user_agent=IPHONE + "Version/18.0 Safari/604.1")
    page = context.new_page()
    page.goto(f"{clinic.origin}/you")
    expect(page.get_by_text("So install first, then sign in.")).to_be_visible()
    expect(page.get_by_text("may delete a website's data after 7 days")).to_be_visible()
    context.close()


def test_the_browsers_own_offer_to_install_is_used_once(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.origin}/you")
    page.get_by_role("heading", name="Put the app on your phone").wait_for()
    page.evaluate(
        """() => {
          const offer = new Event("beforeinstallprompt", { cancelable: true });
          offer.prompt = async () => { window.wasAsked = true; };
          offer.userChoice = Promise.resolve({ outcome: "dismissed" });
          window.dispatchEvent(offer);
        }"""
    )
    page.get_by_role("button", name="Install").click()
    expect(page.get_by_role("button", name="Install")).to_have_count(0)
    assert page.evaluate("() => window.wasAsked")


# All of them


def patient_pages(page: Page, clinic: Clinic) -> Iterator[str]:
    """Each page in turn, with something on it."""
    newcomer = clinic.patient(joined=False)
    page.goto(f"{clinic.origin}/sign-in")
    page.get_by_label("Your password", exact=True).wait_for()
    yield "/sign-in"
    page.goto(f"{clinic.origin}/join#{newcomer.code}")
    page.get_by_role("button", name="Make my account").click()
    yield "/join"
    sign_in(page, clinic, clinic.patient(days=(3, 10)))
    save(
        page,
        {"level": "same_day", "reasons": ["S6_SEVERE_SWELLING"], "answers": {"swelling": "severe"}},
        {"answers": {"pain_now": 11}},
        {"days_ago": 1, "level": "clinic_hours", "treatment": 1},
    )
    page.get_by_role("heading", name="Avoid today").wait_for()
    page.locator("main summary").first.click()
    yield "/"
    page.goto(f"{clinic.origin}/check-ins")
    page.locator(".thread").first.wait_for()
    for summary in page.locator("main summary").all():
        summary.click()
    yield "/check-ins"
    page.goto(f"{clinic.origin}/you")
    page.get_by_role("heading", name="Storage on this phone").wait_for()
    yield "/you"


@pytest.mark.whole
def test_at_320_pixels_and_twice_the_text_size_nothing_is_cut_off(
    page: Page, clinic: Clinic
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    too_wide = {}
    for address in patient_pages(page, clinic):
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        wide = page.evaluate(
            """() => {
              const isScrolled = (node) => Boolean(node.closest(".table-wrap"));
              return [...document.querySelectorAll("main *")]
                .filter((node) => !isScrolled(node) && !node.closest("svg"))
                .filter((node) => node.getBoundingClientRect().right > 321)
                .map((node) => `${node.tagName}.${node.className}: ${node.textContent}`)
                .slice(0, 5);
            }"""
        )
        if wide:
            too_wide[address] = wide
    assert too_wide == {}


def test_every_control_can_be_reached_and_used_with_a_keyboard(page: Page, clinic: Clinic) -> None:
    patient = clinic.patient()
    page.goto(f"{clinic.origin}/sign-in")
    username = page.get_by_label("Your sign-in name")
    expect(username).to_be_visible()
    username.focus()
    page.keyboard.type(patient.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{clinic.origin}/")
    page.goto(f"{clinic.origin}/you")
    page.get_by_role("button", name="Clear this phone").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Clear this phone")).to_be_focused()


def test_every_sentence_that_the_patient_pages_name_stands_among_the_phrases() -> None:
    phrases = load_library().phrases
    missing = []
    for path in sorted((ROOT / "static" / "js" / "patient").glob("*.js")) + [
        ROOT / "static" / "js" / "pages" / f"{name}.js"
        for name in ("today", "check_ins", "you", "sign_in", "join", "setup")
    ]:
        text = path.read_text("utf-8")
        said = re.findall(r'\bsay\(\s*"(\w+)"', text)
        counted = re.findall(r'\bcounted\("(\w+)"', text)
        missing += [
            f"{path.name}: {key}"
            for key in [*said, *(f"{key}_{one}" for key in counted for one in ("one", "many"))]
            if key not in phrases
        ]
    assert missing == []
