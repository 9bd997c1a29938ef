"""The administrator's pages: the log with its filters, and who saw one patient."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from pwa.accounts import people
from pwa.accounts.models import Account, Patient
from pwa.audit import log as audit_log
from pwa.database import db, writing
from tests.clinic.asking import audited, send_emergency, words_of
from tests.conftest import NOON, PASSWORD_HASH, Cast, Clock, Person

LOG = "/clinic/settings/audit"


@pytest.fixture
def maya(cast: Cast, app: Flask) -> Person:
    """The administrator of the other clinic."""
    clinic_id = cast.dr_dunn.clinic_id
    with writing():
        account = people.add_account(
            clinic_id=clinic_id, role="administrator", display_name="Maya", at=NOON
        )
        people.claim_username(account, "maya")
        account.password_hash = PASSWORD_HASH
        account_id = account.account_id
    return Person(account_id, clinic_id, "maya", "Maya", "administrator", app.test_client())


def who_saw(cast: Cast) -> str:
    return f"{LOG}/patients/{cast.ana.account_id}"


def test_the_administrator_sees_who_opened_a_patient_and_when(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    clock.move(days=1)
    said = words_of(cast.mo.get(who_saw(cast)))
    assert "Who saw Ana R." in said
    assert "Identifier R-ana" in said
    assert "Thu 26 Nov 12:00 Dr Cole opened a patient's page" in said
    assert "Dr Cole added a patient" in said
    again = words_of(cast.mo.get(who_saw(cast)))
    assert "Today, Fri 27 Nov 12:00 Mo looked up who saw a patient" in again
    assert [one.subject_id for one in audited("audit_patient.seen")] == [cast.ana.account_id] * 2


def test_the_page_shows_nothing_of_what_the_patient_sent(started: Cast) -> None:
    send_emergency(started)
    page = words_of(started.mo.get(who_saw(started))).replace("Emergency", "emergency")
    for clinical in ("07700", "breath", "knee", "Knee", "Dextrose", "emergency", "pain"):
        assert clinical not in page, clinical


def test_an_attempt_that_was_refused_is_on_the_page(cast: Cast) -> None:
    assert cast.mo.get(f"/clinic/patients/{cast.ana.account_id}").status_code == 404
    said = words_of(cast.mo.get(f"{who_saw(cast)}?kind=denied"))
    assert "Mo was refused: not for this role" in said
    assert "added a patient" not in said


def test_no_other_clinic_and_no_clinician_learns_who_saw_her(cast: Cast, maya: Person) -> None:
    assert maya.get(LOG).status_code == 200
    for who in (maya, cast.dr_cole, cast.dr_dunn, cast.ana, cast.ben):
        assert who.get(who_saw(cast)).status_code == 404
        assert who.post(f"{LOG}/patients", data={"q": "Ana"}).status_code == (
            200 if who is maya else 404
        )
    assert "Ana R." not in maya.post(f"{LOG}/patients", data={"q": "Ana"}).text
    assert cast.mo.get(f"{LOG}/patients/{cast.dr_cole.account_id}").status_code == 404


def test_a_patient_is_found_by_name_or_identifier_and_the_name_stays_out_of_addresses(
    cast: Cast,
) -> None:
    for text in ("ana", "R-ana"):
        page = cast.mo.post(f"{LOG}/patients", data={"q": text})
        assert re.findall(r'href="(/clinic/settings/audit/patients/[^"]+)"', page.text) == [
            who_saw(cast)
        ]
    assert "Ana R." not in cast.mo.post(f"{LOG}/patients", data={"q": " "}).text
    said = words_of(cast.mo.post(f"{LOG}/patients", data={"q": "<b>zed</b>"}))
    assert "Nobody of that name or identifier." in said
    assert len(audited("audit_search.seen")) == 4


def test_a_line_about_a_patient_leads_to_who_saw_her(cast: Cast) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    assert f'href="{who_saw(cast)}">Ana R.</a>' in cast.mo.get(LOG).text


def test_the_log_is_filtered_by_person_and_by_kind(cast: Cast) -> None:
    cast.dr_cole.get("/clinic")
    assert cast.mo.get("/clinic/patients").status_code == 404
    cole = f"{LOG}?who={cast.dr_cole.account_id}"
    said = words_of(cast.mo.get(cole))
    assert "Dr Cole opened the worklist" in said
    assert "Mo signed in" not in said
    assert "signed the form" not in words_of(cast.mo.get(f"{cole}&kind=seen"))
    done = words_of(cast.mo.get(f"{LOG}?kind=changed"))
    assert "Dr Cole signed the form and the rules" in done
    assert "opened the worklist" not in done
    denied = words_of(cast.mo.get(f"{LOG}?kind=denied"))
    assert "Mo was refused: not for this role" in denied
    assert "signed in" not in denied
    for bad in ("who=nobody", f"who={cast.dr_dunn.account_id}", "kind=all"):
        assert cast.mo.get(f"{LOG}?{bad}").status_code == 404


def test_older_pages_keep_the_filter(cast: Cast) -> None:
    with writing():
        for _ in range(101):
            audit_log.record(
                at=NOON,
                clinic_id=cast.mo.clinic_id,
                actor_id=cast.dr_cole.account_id,
                actor_name="Dr Cole",
                action="patient.changed",
            )
    page = cast.mo.get(f"{LOG}?who={cast.dr_cole.account_id}&kind=changed").text
    [older] = re.findall(r'href="([^"]+before=[^"]+)"', page)
    older = older.replace("&amp;", "&")
    assert older.startswith(f"{LOG}?who={cast.dr_cole.account_id}&kind=changed&before=")
    said = words_of(cast.mo.get(older))
    assert "Dr Cole" in said
    assert "Mo signed in" not in said


def test_of_an_erased_patient_the_entries_stay_and_the_name_does_not(cast: Cast) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    cast.ana.get("/api/v1/session")
    assert "Ana R. signed in" in words_of(cast.mo.get(LOG))
    with writing():
        account = db.session.get_one(Account, cast.ana.account_id)
        account.erased_at, account.display_name = NOON, "Ana R."
        who = db.session.get_one(Patient, (cast.ana.clinic_id, cast.ana.account_id))
        who.second_identifier = "R-ana"
    for path in (LOG, who_saw(cast)):
        page = cast.mo.get(path)
        assert "Erased patient" in page.text
        assert "Ana R." not in page.text
        assert "R-ana" not in page.text
        assert "Dr Cole opened a patient's page" in words_of(page)
