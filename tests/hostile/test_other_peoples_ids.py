"""Ids of other people in bodies: nothing happens, and the answer does not tell whether they exist.

The ids in addresses are walked over in `tests/test_doors.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from pwa.accounts.models import Session
from pwa.check_ins.models import CheckInEvent, Review
from pwa.database import db, writing
from tests.clinic.asking import KNEE, read, send_emergency
from tests.conftest import Cast, Clock, add_patient, send
from tests.making import about, amend, answers, batch, event, shoulder_answers

pytestmark = pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)


def stored(event_id: str) -> dict[str, Any]:
    db.session.rollback()
    row = db.session.scalars(select(CheckInEvent).where(CheckInEvent.event_id == event_id)).one()
    return {"event": row.event, "seq": row.seq, "sha": row.content_sha256, "who": row.patient_id}


def told(result: dict[str, Any], event_id: str) -> dict[str, Any]:
    """An answer without what only says which event it is about."""
    assert result["event_id"] == event_id
    return {key: value for key, value in result.items() if key != "event_id"}


@pytest.mark.fault(84)
def test_an_id_of_another_patient_is_answered_like_any_conflict(started: Cast) -> None:
    hers = event(started.ana, answers=answers(note="only ana and her clinic read this"))
    his = event(started.ben, answers=shoulder_answers())
    send(started.ana, hers)
    assert send(started.ben, his)[0]["status"] == "stored"
    before = stored(hers["event_id"])
    forged = send(started.ben, event(started.ben, event_id=hers["event_id"]))[0]
    own = send(started.ben, event(started.ben, event_id=his["event_id"]))[0]
    assert told(forged, hers["event_id"]) == told(own, his["event_id"])
    assert forged["problem"]["kind"] == "id-conflict"
    assert "ana" not in str(forged).replace(hers["event_id"], "")
    assert stored(hers["event_id"]) == before


@pytest.mark.fault(84)
def test_an_id_of_another_clinic_is_no_conflict_and_touches_nothing(
    started: Cast, app: Flask, clock: Clock
) -> None:
    """Ids are unique within a clinic; whether one is in use elsewhere cannot be asked."""
    with writing():
        eve = add_patient(app, started.dr_dunn, "eve", "Eve S.", "knee", "left", 2, clock())
    theirs = event(eve, answers=answers(note="only eve and her clinic read this"))
    assert send(eve, theirs)[0]["status"] == "stored"
    hers = event(started.ana, event_id=theirs["event_id"])
    assert send(started.ana, hers)[0]["status"] == "stored"
    db.session.rollback()
    kept = db.session.scalars(
        select(CheckInEvent).where(CheckInEvent.event_id == theirs["event_id"])
    )
    assert {row.patient_id: row.event for row in kept} == {
        eve.account_id: theirs,
        started.ana.account_id: hers,
    }
    assert "only eve" not in started.ana.get("/api/v1/changes").text


@pytest.mark.fault(85)
@pytest.mark.parametrize("kind", ["amend", "retract", "called"])
def test_nothing_is_linked_to_a_check_in_of_somebody_else(started: Cast, kind: str) -> None:
    """An unknown original may still arrive, so it is kept, unlinked; a known one is refused."""
    hers = event(started.ana)
    send(started.ana, hers)
    before = stored(hers["event_id"])
    made = (
        amend(started.ben, hers, answers=shoulder_answers())
        if kind == "amend"
        else about(started.ben, hers, kind)
    )
    result = send(started.ben, made)[0]
    assert result["status"] == "rejected"
    assert result["problem"]["kind"] in ("not-yours", "invalid")
    assert stored(hers["event_id"]) == before
    page = started.dr_cole.get(f"/clinic/patients/{started.ana.account_id}").text
    assert made["event_id"] not in page


@pytest.mark.fault(85, 87)
@pytest.mark.parametrize("whose", ["ben", "nobody"])
def test_a_treatment_that_is_not_hers_has_one_answer(started: Cast, whose: str) -> None:
    treatment_id = started.ben.treatment_id if whose == "ben" else str(uuid.uuid4())
    result = send(started.ana, event(started.ana, treatment_id=treatment_id))[0]
    assert (result["status"], result["problem"]["kind"]) == ("rejected", "not-yours")
    assert result["problem"]["field"] == "treatment_id"
    assert result["seq"] is None


def reader_bodies(cast: Cast, hers: dict[str, Any], his: dict[str, Any]) -> Iterator[Any]:
    """Ids of one patient's check-ins under another patient's address."""
    yield cast.ana, [his["event_id"]]
    yield cast.ben, [hers["event_id"]]
    yield cast.ana, [hers["event_id"], his["event_id"]]
    yield cast.ana, [str(uuid.uuid4())]


@pytest.mark.fault(87)
def test_a_check_in_is_read_only_under_its_own_patient(started: Cast) -> None:
    hers, his = send_emergency(started), event(started.ben, answers=shoulder_answers())
    send(started.ben, his)
    answers_seen = set()
    for patient, ids in reader_bodies(started, hers, his):
        done = read(started.dr_cole, patient, *({"event_id": one} for one in ids), outcome="none")
        answers_seen.add(done.status_code)
        db.session.rollback()
        assert db.session.scalars(select(Review)).all() == []
    assert answers_seen <= {404, 409, 422}


@pytest.mark.fault(87)
def test_another_clinics_clinician_reads_corrects_and_adds_nothing(started: Cast) -> None:
    hers = send_emergency(started)
    address = f"/clinic/patients/{started.ana.account_id}"
    asked = [
        read(started.dr_dunn, started.ana, hers, outcome="spoke_with_patient"),
        started.dr_dunn.post(f"{address}/treatments/new", data=KNEE),
        started.dr_dunn.post(f"{address}/treatments/{started.ana.treatment_id}", data=KNEE),
        started.dr_dunn.post(f"{address}/details", data={"display_name": "Dunn"}),
        started.dr_cole.post(
            f"/clinic/patients/{started.ben.account_id}/treatments/{started.ana.treatment_id}",
            data=KNEE,
        ),
    ]
    unknown = started.dr_dunn.get(f"/clinic/patients/{uuid.uuid4()}")
    assert {one.status_code for one in asked} == {404}
    assert {without_request(one.text) for one in asked} == {without_request(unknown.text)}


def without_request(html: str) -> str:
    return " ".join(html.split())


@pytest.mark.fault(87)
def test_another_persons_sessions_and_passkeys_are_as_unknown_as_made_up_ones(
    started: Cast, app: Flask
) -> None:
    started.ben.get("/api/v1/session")
    theirs = db.session.scalars(
        select(Session.session_id).where(Session.account_id == started.ben.account_id)
    ).first()
    assert theirs is not None
    for path, name, other in (
        ("/api/v1/sessions/end", "session_id", theirs),
        ("/api/v1/passkeys/remove", "credential_id", "AAAA"),
    ):
        if path not in {rule.rule for rule in app.url_map.iter_rules()}:
            continue
        own, made_up = (
            started.ana.post(path, json={name: one}) for one in (other, str(uuid.uuid4()))
        )
        assert own.status_code == made_up.status_code >= 400
        assert own.get_data() == made_up.get_data(), path
    assert started.ben.get("/api/v1/session").status_code == 200


@pytest.mark.fault(87, 113)
def test_missing_and_foreign_records_have_one_answer(started: Cast) -> None:
    made_up = str(uuid.uuid4())
    for who in (started.dr_dunn, started.mo, started.ana):
        foreign = who.get(f"/clinic/patients/{started.ben.account_id}")
        missing = who.get(f"/clinic/patients/{made_up}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.get_data() == missing.get_data()
        assert dict(foreign.headers) == dict(missing.headers)


@pytest.mark.fault(87)
def test_a_batch_names_its_account_and_nobody_elses(started: Cast) -> None:
    made = event(started.ana)
    answer = started.ben.post("/api/v1/sync", json=batch(started.ana, made))
    assert (answer.status_code, answer.get_json()["kind"]) == (409, "account-mismatch")
