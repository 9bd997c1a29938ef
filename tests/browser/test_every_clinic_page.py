"""Every page of the clinic, for a clinician and an administrator, as it opens and with a form sent
back: what an auditor of accessibility finds, and whether it fits a desk and a small phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from pwa.database import writing
from pwa.treatments import records
from tests.browser.auditing import faults_of
from tests.browser.driving import NARROW, WIDE
from tests.browser.patient_world import Clinic, Patient, add_staff, save, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
PATIENT = "/clinic/patients/<patient_id>"
STAFF = "/clinic/settings/staff/<account_id>"
OF_A_CLINICIAN = (
    "/clinic",
    "/clinic?overdue=1",
    "/clinic?level=no-such-level&joint=tail",
    "/clinic?mine=1&level=emergency",
    "/clinic/patients",
    "/clinic/patients/new",
    "/clinic/patients/import",
    PATIENT,
    f"{PATIENT}?days=all",
    f"{PATIENT}/treatments/new",
    f"{PATIENT}/treatments/<treatment_id>",
    f"{PATIENT}/details",
    f"{PATIENT}/archive",
    f"{PATIENT}/hand-in",
    f"{PATIENT}/looked",
    f"{PATIENT}/export",
    f"{PATIENT}/erase",
    "/clinic/settings",
    "/clinic/settings/messages",
    "/clinic/settings/sign-off",
    "/clinic/settings/sign-off/signed?form=1&rules=1",
    "/clinic/settings/sign-off/replay",
    "/clinic/account",
    "/clinic/account/confirm",
    "/clinic/account/today",
    "/clinic/account/second-factor",
    "/clinic/account/second-factor/app",
)
OF_AN_ADMINISTRATOR = (
    "/clinic/settings",
    "/clinic/settings/audit",
    "/clinic/settings/audit?action=patient.seen",
    "/clinic/settings/audit/patients/<patient_id>",
    "/clinic/settings/second-factor",
    STAFF,
    f"{STAFF}/second-factor",
)
ELSEWHERE = {
    "/clinic/worklist/rows": "a piece of the worklist",
    f"{PATIENT}/review": "a piece of the worklist: test_review.py",
    "/clinic/patients/import/example.csv": "a file",
    "/clinic/patients/import/<list_id>": "test_patients_in_browser.py",
    "/clinic/choose": "test_several_clinics.py",
    "/clinic/second-step": "test_passkeys.py",
}
SENT_BACK = (
    "/clinic/patients/new",
    "/clinic/patients/import",
    f"{PATIENT}/treatments/new",
    f"{PATIENT}/details",
    "/clinic/settings/sign-off",
)
SEND_EMPTY = """() => {
  const form = [...document.querySelectorAll("main form[method=post]")]
    .find((one) => one.querySelector("input:not([type=hidden]), textarea, select"));
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    field.value = "";
  }
  form.noValidate = true;
  form.requestSubmit(form.querySelector("button:not([type=button])"));
}"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    opened = Clinic(tmp_path_factory.mktemp("clinic"))
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def ids(clinic: Clinic, browser: Browser) -> dict[str, str]:
    """A patient with a course and something urgent, their treatment, and an administrator."""
    patient = clinic.patient(days=(12,))
    context = browser.new_context(base_url=clinic.origin)
    _check_in(context.new_page(), clinic, patient)
    context.close()
    with clinic.app.app_context(), writing():
        [treatment] = records.of_patient(clinic_id=clinic.clinic_id, patient_id=patient.account_id)
        add_staff(clinic.clinic_id, role="administrator", display_name="Mo", username="mo")
        return {
            "<patient_id>": patient.account_id,
            "<treatment_id>": treatment.treatment_id,
            "<account_id>": clinic.doctor.account_id,
        }


def _check_in(page: Page, clinic: Clinic, patient: Patient) -> None:
    sign_in(page, clinic, patient)
    save(
        page,
        {"kind": "start"},
        *({"days_ago": day} for day in range(9, 1, -1)),
        {"level": "same_day", "reasons": ["S6_SEVERE_SWELLING"], "answers": {"swelling": "severe"}},
    )


def desk(browser: Browser, clinic: Clinic, username: str) -> Page:
    """A browser in which this person has just given their password."""
    context = browser.new_context(base_url=clinic.origin, reduced_motion="reduce")
    reply = context.request.post(
        "/api/v1/sign-in",
        data={"username": username, "password": PASSWORD},
        headers={"Origin": clinic.origin},
    )
    assert reply.ok
    return context.new_page()


def address_of(pattern: str, ids: dict[str, str]) -> str:
    for name, one in ids.items():
        pattern = pattern.replace(name, one)
    return pattern


def faults_at_both_sizes(page: Page) -> list[str]:
    found = []
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"wider than {size['width']} px")
    # What a desk shows a phone shows too, and there targets and order are harder.
    return found + faults_of(page)


def test_the_list_of_pages_is_whole(clinic: Clinic) -> None:
    known = {
        str(rule)
        for rule in clinic.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and str(rule).startswith("/clinic")
    }
    listed = {one.partition("?")[0] for one in (*OF_A_CLINICIAN, *OF_AN_ADMINISTRATOR)}
    assert listed | ELSEWHERE.keys() == known


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("username", "patterns"),
    [("dr_cole", OF_A_CLINICIAN), ("mo", OF_AN_ADMINISTRATOR)],
    ids=["clinician", "administrator"],
)
@pytest.mark.whole
def test_every_page_passes_the_audit_and_fits(
    browser: Browser, clinic: Clinic, ids: dict[str, str], username: str, patterns: tuple[str, ...]
) -> None:
    page = desk(browser, clinic, username)
    found = {}
    for pattern in patterns:
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        address = address_of(pattern, ids)
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, pattern
        assert page.url == clinic.origin + address
        if pattern == "/clinic":
            page.locator("[data-open]").first.click()
            page.locator("[data-review-start]").first.wait_for(state="attached")
        found[pattern] = faults_at_both_sizes(page)
    assert {pattern: faults for pattern, faults in found.items() if faults} == {}
    page.context.close()


@pytest.mark.lengthy
@pytest.mark.whole
def test_every_form_that_is_sent_back_passes_the_audit_and_says_what_is_wrong(
    browser: Browser, clinic: Clinic, ids: dict[str, str]
) -> None:
    page = desk(browser, clinic, "dr_cole")
    found = {}
    for pattern in SENT_BACK:
        page.goto(address_of(pattern, ids))
        with page.expect_navigation() as sent:
            page.evaluate(SEND_EMPTY)
        assert 400 <= sent.value.status < 500, pattern
        page.locator("main [aria-invalid=true], main [role=alert]").first.wait_for()
        found[pattern] = faults_at_both_sizes(page)
    assert {pattern: faults for pattern, faults in found.items() if faults} == {}
    page.context.close()
