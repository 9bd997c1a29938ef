"""Archiving: what the phone hears, what leaves the lists, and when it is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.accounts.models import PatientVersion
from pwa.check_ins.models import Attention, Expectation
from pwa.database import db
from tests.clinic.asking import audited, read, send_emergency, words_of
from tests.conftest import Cast, send
from tests.making import answers, event


def archive(cast: Cast, is_archived: str = "1") -> TestResponse:
    path = f"/clinic/patients/{cast.ana.account_id}/archive"
    return cast.dr_cole.post(path, data={"is_archived": is_archived})


def listed(cast: Cast, show: str = "") -> str:
    return words_of(cast.dr_cole.get(f"/clinic/patients?show={show}"))


@pytest.mark.fault(67)
def test_archiving_signs_out_everywhere_and_taking_out_lets_in_again(cast: Cast) -> None:
    page = f"/clinic/patients/{cast.ana.account_id}"
    assert cast.ana.get("/api/v1/session").status_code == 200
    assert archive(cast).headers["Location"] == f"{page}?done=archived"
    assert cast.ana.get("/api/v1/session").status_code == 401
    assert cast.ana.sign_in().get_json()["kind"] == "account-inactive"
    assert "Out of the archive" not in words_of(cast.dr_cole.get(f"{page}?done=archived"))
    assert cast.dr_cole.post(f"{page}/invite").status_code == 409
    assert "Take out of the archive" in words_of(cast.dr_cole.get(f"{page}/archive"))
    assert archive(cast, "0").status_code == 303
    assert cast.ana.sign_in().status_code == 200
    assert len(audited("patient.closed")) == len(audited("patient.opened")) == 1


def test_archived_patients_are_in_a_list_of_their_own_and_nothing_is_expected(
    started: Cast,
) -> None:
    cast = started
    mine = select(Expectation).where(Expectation.patient_id == cast.ana.account_id)
    assert db.session.scalars(mine).one_or_none() is not None
    assert archive(cast).status_code == 303
    db.session.rollback()
    assert db.session.scalars(mine).one_or_none() is None
    assert "Ana R." not in listed(cast) and "Ben T." in listed(cast)
    assert "Ana R." in listed(cast, "archived") and "Ben T." not in listed(cast, "archived")
    found = words_of(cast.dr_cole.post("/clinic/patients", data={"q": "ana"}))
    assert "Nobody found in this list" in found and "look among the archived" in found
    elsewhere = cast.dr_cole.post("/clinic/patients", data={"q": "ana", "show": "archived"})
    assert "Ana R." in words_of(elsewhere)


def test_while_something_urgent_is_unread_nobody_is_archived(started: Cast) -> None:
    cast = started
    worst = send_emergency(cast)
    page = f"/clinic/patients/{cast.ana.account_id}/archive"
    assert 'name="is_archived"' not in cast.dr_cole.get(page).text
    refused = archive(cast)
    assert (refused.status_code, "Read it first." in words_of(refused)) == (409, True)
    assert cast.ana.get("/api/v1/session").status_code == 200
    read(cast.dr_cole, cast.ana, worst, outcome="spoke_with_patient")
    assert archive(cast).status_code == 303


def test_what_is_unread_and_not_urgent_stays_on_the_worklist(started: Cast) -> None:
    cast = started
    send(cast.ana, event(cast.ana, answers=answers(pain_now=2)))
    page = cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}/archive")
    assert "1 unread check-in stays on the worklist" in words_of(page)
    assert archive(cast).status_code == 303
    db.session.rollback()
    assert db.session.get(Attention, (cast.ana.clinic_id, cast.ana.account_id)) is not None
    assert "Ana R." in words_of(cast.dr_cole.get("/clinic"))


def test_another_clinics_patients_cannot_be_archived(cast: Cast) -> None:
    page = f"/clinic/patients/{cast.ana.account_id}/archive"
    assert cast.dr_dunn.get(page).status_code == 404
    assert cast.dr_dunn.post(page, data={"is_archived": "1"}).status_code == 404
    for person in (cast.ana, cast.mo):
        assert person.post(page, data={"is_archived": "1"}).status_code == 404
    assert cast.ana.get("/api/v1/session").status_code == 200


def test_what_stood_in_the_details_is_kept(cast: Cast) -> None:
    page = f"/clinic/patients/{cast.ana.account_id}/details"
    for name in ("Ana Ro.", "Ana Ro.", "Ana Rossi"):
        data = {"display_name": name, "second_identifier": "R-ana", "phone_number": "020 7946 01"}
        assert cast.dr_cole.post(page, data=data).status_code == 303
    db.session.rollback()
    rows = db.session.scalars(select(PatientVersion).order_by(PatientVersion.version)).all()
    assert [(one.version, one.display_name, one.phone_number) for one in rows] == [
        (1, "Ana R.", "07700 900461"),
        (2, "Ana Ro.", "020 7946 01"),
    ]
    assert {one.replaced_by for one in rows} == {"Dr Cole"}
