"""What I did today, and who looked at this patient: for people, from the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pwa.accounts import people
from pwa.audit import log as audit_log
from pwa.audit.span import span_of
from pwa.database import db, writing
from tests.accounts.working import (
    TwoClinics,
    choose,
    two,  # noqa: F401 - a fixture, found here by name
)
from tests.clinic.asking import audited, words_of
from tests.conftest import NOON, Cast, Clock, Person

DAY = "/clinic/account/today"


def looked(patient: Person) -> str:
    return f"/clinic/patients/{patient.account_id}/looked"


def test_a_day_is_counted_and_told_act_by_act(cast: Cast, clock: Clock) -> None:
    for patient in (cast.ana, cast.ben, cast.ana):
        cast.dr_cole.get(f"/clinic/patients/{patient.account_id}")
    assert cast.dr_cole.get("/clinic/settings/audit").status_code == 404
    clock.move(minutes=1)
    said = words_of(cast.dr_cole.get(DAY))
    assert "What you did today" in said
    assert "Thu 26 Nov, at Riverside Joint Clinic" in said
    assert "Patients 2 Looked at 3" in said
    assert "Refused 1" in said
    assert "12:00 Opened a patient's page Ana R." in said
    assert [one.actor_id for one in audited("own_day.seen")] == [cast.dr_cole.account_id]


def test_a_day_is_ones_own_and_nobody_elses(cast: Cast) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    cast.mo.get("/clinic/settings")
    mine = words_of(cast.mo.get(DAY))
    assert "Opened the settings" in mine
    assert "Ana R." not in mine
    assert "Ana R." not in cast.dr_dunn.get(DAY).text
    for patient in (cast.ana, cast.ben):
        assert patient.get(DAY).status_code == 404


def test_an_administrator_is_led_to_their_own_pages(cast: Cast) -> None:
    cast.mo.get(f"/clinic/settings/audit/patients/{cast.ana.account_id}")
    page = cast.mo.get(DAY).text
    assert f'href="/clinic/settings/audit/patients/{cast.ana.account_id}">Ana R.</a>' in page
    assert f'href="/clinic/patients/{cast.ana.account_id}"' not in page


def test_a_day_ends_at_midnight_at_the_clinic(cast: Cast, clock: Clock) -> None:
    clock.now = NOON.replace(hour=23, minute=59)
    cast.dr_cole.get("/clinic")
    clock.move(minutes=2)
    cast.dr_cole.get("/clinic/account")
    today = words_of(cast.dr_cole.get(DAY))
    assert "00:01 Opened their own account page" in today
    assert "23:59" not in today
    before = words_of(cast.dr_cole.get(f"{DAY}?day=2026-11-26"))
    assert "What you did on Thu 26 Nov" in before
    assert "23:59 Opened the worklist" in before
    assert "00:01" not in before


@pytest.mark.parametrize(
    "query",
    [
        "day=tomorrow",
        "day=2026-11-27",
        "day=9999-12-31",
        "day=0001-01-01",
        "day=2026-02-30",
        "day=<b>",
        "before=x",
        "before=-1",
        "before=9999999999999999999",
    ],
)
def test_a_day_that_somebody_typed_by_hand_is_not_found(cast: Cast, query: str) -> None:
    assert cast.dr_cole.get(f"{DAY}?{query}").status_code == 404


def test_a_long_day_goes_on_another_page(cast: Cast) -> None:
    cast.dr_cole.sign_in()
    with writing():
        for _ in range(101):
            audit_log.record(
                at=NOON,
                clinic_id=cast.dr_cole.clinic_id,
                actor_id=cast.dr_cole.account_id,
                actor_name="Dr Cole",
                action="clinic.settings",
            )
    page = cast.dr_cole.get(DAY)
    assert page.text.count("Saved the settings") == 100
    older = page.text.partition(f'href="{DAY}?before=')[2].partition('"')[0]
    assert "Saved the settings" in cast.dr_cole.get(f"{DAY}?before={older}").text
    past = cast.dr_cole.get(f"{DAY}?day=2026-11-26&before={older}")
    assert past.text.count("Saved the settings") == 1


def test_a_day_at_one_clinic_says_nothing_of_the_same_day_at_another(
    two: TwoClinics,
) -> None:
    cole = two.sign_in_at(two.riverside)
    cole.get(f"/clinic/patients/{two.cast.ana.account_id}")
    choose(cole, two.hillside)
    assert "Ana R." not in cole.get(DAY).text
    cole.get(f"/clinic/patients/{two.eve.account_id}")
    choose(cole, two.riverside)
    page = cole.get(DAY).text
    assert "Ana R." in page
    assert "Eve S." not in page


def test_the_end_of_a_stretch_is_found_without_reading_the_log(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.sign_in()
    for _ in range(40):
        clock.move(minutes=20)
        with writing():
            audit_log.record(
                at=clock(),
                clinic_id="a clinic",
                actor_id="x",
                actor_name="X",
                action="settings.seen",
            )
    for begins, ends in ((0, 1), (60, 120), (-60, 9000), (9000, 9001), (-9, -8)):
        span = span_of(
            clinic_id="a clinic",
            begins=NOON + timedelta(minutes=begins),
            ends=NOON + timedelta(minutes=ends),
        )
        minutes = [20 * number for number in range(1, 41)]
        inside = [one for one in minutes if begins <= one < ends]
        assert span.end_no - span.first_no == len(inside)
    empty = span_of(clinic_id="nowhere", begins=NOON, ends=clock())
    assert (empty.first_no, empty.end_no) == (1, 1)


# --- who looked ----------------------------------------------------------------------------------


def test_a_clinician_sees_who_looked_person_by_person(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    cast.mo.get(f"/clinic/settings/audit/patients/{cast.ana.account_id}")
    cast.mo.get(f"/clinic/patients/{cast.ana.account_id}")
    cast.ana.get("/api/v1/session")
    clock.move(days=1)
    cast.dr_cole.sign_in()
    said = words_of(cast.dr_cole.get(looked(cast.ana)))
    assert "Who looked at Ana R." in said
    assert "Dr Cole (you) 1 2 yesterday 12:00" in said
    assert "Mo 1 0 yesterday 12:00" in said, "what was refused is for administrators"
    assert "Ana R. 0" not in said, "the patient is not somebody who looked"
    assert "Ben" not in said
    [entry] = audited("patient_looked.seen")
    assert (entry.actor_id, entry.subject_id) == (cast.dr_cole.account_id, cast.ana.account_id)


def test_who_looked_is_none_of_anybody_elses_business(cast: Cast) -> None:
    for who in (cast.ana, cast.ben, cast.dr_dunn, cast.mo):
        assert who.get(looked(cast.ana)).status_code == 404
    assert cast.dr_cole.get(looked(cast.mo)).status_code == 404
    assert cast.dr_cole.get("/clinic/patients/nobody/looked").status_code == 404


def test_who_looked_at_another_clinic_is_not_told_here(two: TwoClinics) -> None:
    """The same person looks at both; each clinic tells of its own patient only."""
    cole = two.sign_in_at(two.hillside)
    cole.get(f"/clinic/patients/{two.eve.account_id}")
    assert cole.get(looked(two.cast.ana)).status_code == 404
    assert "Dr Cole (you) 1 0" in words_of(cole.get(looked(two.eve)))


def test_names_of_people_stay_text(cast: Cast) -> None:
    with writing():
        people.change_patient(
            actor=cast.dr_cole.actor,
            account_id=cast.ana.account_id,
            display_name="<script>alert(1)</script>",
            second_identifier="1",
            phone_number="",
            at=NOON,
        )
        audit_log.record(
            at=NOON,
            clinic_id=cast.dr_cole.clinic_id,
            actor_id="x",
            actor_name="<img src=x>",
            action="patient.seen",
            subject_id=cast.ana.account_id,
        )
    db.session.rollback()
    for page in (looked(cast.ana), DAY):
        html = cast.dr_cole.get(page).text
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
