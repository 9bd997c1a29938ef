"""How a patient gets in: what the page tells of it, and signing them out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from pwa.accounts.models import Session
from pwa.database import db
from tests.clinic.asking import NEW_PATIENT, audited, words_of
from tests.conftest import Cast, Clock, Person


def path_of(patient: Person, rest: str = "") -> str:
    return f"/clinic/patients/{patient.account_id}{rest}"


def open_ids(patient: Person) -> list[str]:
    db.session.rollback()
    query = select(Session.session_id).where(
        Session.account_id == patient.account_id, Session.ended_at.is_(None)
    )
    return list(db.session.scalars(query))


def test_one_browser_is_signed_out_and_it_is_written_down(cast: Cast) -> None:
    assert cast.ana.sign_in().status_code == 200
    [session_id] = open_ids(cast.ana)
    page = cast.dr_cole.get(path_of(cast.ana))
    assert f"/sessions/{session_id}/end" in page.text
    answer = cast.dr_cole.post(path_of(cast.ana, f"/sessions/{session_id}/end"))
    assert answer.status_code == 303
    assert "Signed out there." in words_of(cast.dr_cole.get(answer.headers["Location"]))
    assert cast.ana.get("/api/v1/session").status_code == 401
    [entry] = audited("patient.session_ended")
    assert (entry.actor_name, entry.subject_id) == ("Dr Cole", cast.ana.account_id)
    assert entry.detail == {}
    again = cast.dr_cole.post(path_of(cast.ana, f"/sessions/{session_id}/end"))
    assert again.status_code == 404
    assert cast.ana.sign_in().status_code == 200


def test_a_patient_is_signed_out_everywhere_at_once(cast: Cast, app: Flask) -> None:
    for _ in range(3):
        assert replace(cast.ana, client=app.test_client()).sign_in().status_code == 200
    said = words_of(cast.dr_cole.get(path_of(cast.ana)))
    assert "Sign out of all 3" in said
    assert cast.dr_cole.post(path_of(cast.ana, "/sessions/end")).status_code == 303
    assert open_ids(cast.ana) == []
    assert "Not signed in anywhere." in words_of(cast.dr_cole.get(path_of(cast.ana)))
    assert len(audited("patient.sessions_ended")) == 1


def test_signing_out_is_none_of_dr_dunns_business_nor_of_another_patients(cast: Cast) -> None:
    assert cast.ana.sign_in().status_code == 200
    assert cast.ben.sign_in().status_code == 200
    [session_id] = open_ids(cast.ana)
    for person in (cast.dr_dunn, cast.ben, cast.ana, cast.mo):
        for rest in (f"/sessions/{session_id}/end", "/sessions/end"):
            assert person.post(path_of(cast.ana, rest)).status_code == 404, person.name
    assert open_ids(cast.ana) == [session_id]


def test_a_session_of_somebody_else_is_not_ended_by_this_patients_page(cast: Cast) -> None:
    for other in (cast.ben, cast.dr_cole):
        other.get("/api/v1/session")
        [session_id] = open_ids(other)
        answer = cast.dr_cole.post(path_of(cast.ana, f"/sessions/{session_id}/end"))
        assert answer.status_code == 404
        assert open_ids(other) == [session_id]
    assert audited("patient.session_ended") == []


@pytest.mark.parametrize("session_id", ["x", "%00", "9" * 300, "../../end"])
def test_a_session_that_nobody_has_is_not_there(cast: Cast, session_id: str) -> None:
    answer = cast.dr_cole.post(path_of(cast.ana, f"/sessions/{session_id}/end"))
    assert answer.status_code in (400, 404)


def test_the_card_is_told_by_what_became_of_it(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.post("/clinic/patients/new", data=NEW_PATIENT)
    page = f"/clinic/patients/{NEW_PATIENT['form_id']}"
    assert "A card was made 12:00 and is not used yet." in words_of(cast.dr_cole.get(page))
    clock.move(days=16)
    assert cast.dr_cole.sign_in().status_code == 200
    assert "The last card ran out Thu 10 Dec 12:00." in words_of(cast.dr_cole.get(page))
    assert "No phone has sent anything yet." in words_of(cast.dr_cole.get(page))
