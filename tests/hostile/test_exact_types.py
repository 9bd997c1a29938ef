"""Numbers, ids and days that mean something else in another language, wherever JSON is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from pwa import doors
from pwa.check_ins.models import CheckInEvent, Device
from pwa.database import db
from tests.conftest import Cast, send, send_batch
from tests.hostile.test_server_only_fields import bodies
from tests.making import about, amend, answers, batch, event

pytestmark = pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)

NOT_WHOLE = ("true", '"7"', "7.0", "7.9", "7e0", "-0.0", "[]", "{}", '"٧"', "07", "+7", "0x7")
"""As they stand in the body. JSON readers of other languages make 7 of most of these."""


@pytest.mark.fault(88)
@pytest.mark.parametrize("field", ["dseq", "form_version", "pain_now"])
def test_only_a_whole_number_is_a_whole_number(started: Cast, field: str) -> None:
    for written in NOT_WHOLE:
        made = event(started.ana, answers=answers(pain_now=4))
        target = made["answers"] if field == "pain_now" else made
        target[field] = "PUT HERE"
        body = json.dumps(batch(started.ana, made)).replace('"PUT HERE"', written)
        answer = started.ana.post("/api/v1/sync", data=body, content_type="application/json")
        if answer.status_code == 200:
            result = answer.get_json()["results"][0]
            assert (result["status"], result["problem"]["kind"]) == ("rejected", "invalid")
            assert result["problem"]["field"] in (field, f"answers.{field}")
        else:
            assert answer.status_code == 400, written
        assert not is_stored(made), written


@pytest.mark.fault(92)
def test_a_number_that_javascript_cannot_hold_is_refused(started: Cast) -> None:
    for number in (2**53, 2**53 + 1, 2**63, 10**16, -1, 0, -(2**63)):
        made = event(started.ana, dseq=number)
        answer = send_batch(started.ana, made)
        assert answer.status_code in (200, 400), number
        assert not is_stored(made), number
    assert send(started.ana, event(started.ana, dseq=10**15))[0]["status"] == "stored"


CANNOT_BE: tuple[tuple[str, object], ...] = (
    ("recorded_at", "0000-01-01T00:00:00Z"),
    ("recorded_at", "10000-01-01T00:00:00Z"),
    ("recorded_at", "2026-02-30T10:00:00Z"),
    ("recorded_at", "2026-11-26T10:00:00+99:99"),
    ("recorded_at", "2026-12-31T23:59:60Z"),
    ("recorded_at", "2026-11-26T24:00:00Z"),
    ("recorded_at", "2026-11-26T10:00:00"),
    ("recorded_at", "2026-11-26"),
    ("recorded_at", "20261126T100000Z"),
    ("recorded_at", "2026-W48-4T10:00:00Z"),
    ("recorded_at", "2026-11-26T10Z"),
    ("recorded_at", "2026-11-26T10:00:00 +00:00"),
    ("recorded_at", "2026-11-26T10:00:00.1234567Z"),
    ("recorded_at", "٢٠٢٦-11-26T10:00:00Z"),
    ("recorded_at", 1795688100),
    ("local_date", "0000-01-01"),
    ("local_date", "10000-01-01"),
    ("local_date", "2026-02-30"),
    ("local_date", "2026-2-3"),
    ("local_date", "20261126"),
    ("local_date", "2026-11-26\n"),
    ("time_zone", "Europe/London\n"),
    ("time_zone", "../../etc/passwd"),
    ("time_zone", "/etc/localtime"),
    ("time_zone", ""),
)


@pytest.mark.fault(97)
def test_a_day_or_time_that_cannot_be_is_refused_by_its_field(started: Cast) -> None:
    made = [event(started.ana, **{field: value}) for field, value in CANNOT_BE]
    for one, result, (field, value) in zip(made, send(started.ana, *made), CANNOT_BE, strict=True):
        assert (result["status"], result["problem"]["kind"]) == ("rejected", "invalid"), value
        assert result["problem"]["field"] == field, value
        assert not is_stored(one), value


@pytest.mark.fault(96)
@pytest.mark.parametrize("field", ["device_id", "supersedes", "treatment_id"])
def test_every_id_goes_by_one_name_only(started: Cast, field: str) -> None:
    made = event(started.ana)
    send(started.ana, made)
    own = {"supersedes": made["event_id"]}.get(field, made[field])
    for alias in (
        own.upper(),
        f"{{{own}}}",
        f"urn:uuid:{own}",
        own.replace("-", ""),
        f" {own}",
        f"{own}\n",
        f"{own[:14]}1{own[15:]}",
        "00000000-0000-0000-0000-000000000000",
    ):
        changed = amend(started.ana, made) if field == "supersedes" else event(started.ana)
        changed[field] = alias
        if field == "device_id":
            changed["dseq"] = 900
        if alias == own:
            continue
        result = send(started.ana, changed, device_id=made["device_id"])[0]
        assert (result["status"], result["problem"]["kind"]) == ("rejected", "invalid"), alias
        assert result["problem"]["field"] == field


@pytest.mark.fault(110)
def test_corrections_in_a_circle_of_themselves_or_in_a_long_chain_are_refused(
    started: Cast,
) -> None:
    first, second = event(started.ana), event(started.ana)
    circle = [
        {**amend(started.ana, second), "event_id": first["event_id"]},
        {**amend(started.ana, first), "event_id": second["event_id"]},
    ]
    itself = event(started.ana, kind="amend")
    itself["supersedes"] = itself["event_id"]
    results = send(started.ana, itself, *circle)
    assert results[0]["status"] == "rejected"
    assert "stored" not in {results[0]["status"], results[2]["status"]}
    original = event(started.ana)
    chain = [original, amend(started.ana, original)]
    chain += [amend(started.ana, chain[-1])]
    chain += [about(started.ana, chain[1], "retract")]
    told = send(started.ana, *chain)
    assert [one["status"] for one in told] == ["stored", "stored", "rejected", "rejected"]
    assert started.dr_cole.get(f"/clinic/patients/{started.ana.account_id}").status_code == 200


@pytest.mark.fault(111)
def test_the_device_beyond_the_limit_is_refused_and_the_known_ones_go_on(started: Cast) -> None:
    known = event(started.ana)
    send(started.ana, known)
    db.session.rollback()
    limit = 1000
    have = len(db.session.scalars(select(Device)).all())
    row = db.session.scalars(
        select(Device).where(Device.patient_id == started.ana.account_id)
    ).first()
    assert row is not None
    clinic_id, patient_id = row.clinic_id, row.patient_id
    db.session.add_all(
        Device(
            clinic_id=clinic_id,
            patient_id=patient_id,
            device_id=f"00000000-0000-4000-8000-{number:012x}",
        )
        for number in range(limit - have + 1)
    )
    db.session.commit()
    one_more = event(started.ana, device_id="00000000-0000-4000-9000-000000000000", dseq=1)
    answer = send_batch(started.ana, one_more)
    assert answer.status_code == 200
    assert answer.get_json()["results"][0]["status"] in ("deferred", "rejected")
    assert not is_stored(one_more)
    assert send(started.ana, event(started.ana))[0]["status"] == "stored"


@pytest.mark.fault(112)
def test_a_clock_at_the_end_of_time_and_a_huge_gap_are_kept_and_told(started: Cast) -> None:
    made = event(started.ana, dseq=2**53 - 1, recorded_at="9998-12-31T23:59:59-12:00")
    body = send_batch(started.ana, made, sent_at="0001-01-02T00:00:00+00:00").get_json()
    assert body["results"][0]["status"] == "stored"
    assert body["device"]["contiguous"] == 1
    assert 0 < len(body["device"]["missing"]) <= 1000
    for page in ("/clinic", f"/clinic/patients/{started.ana.account_id}"):
        assert started.dr_cole.get(page).status_code == 200


@pytest.mark.fault(88, 89, 90, 91, 92)
def test_every_endpoint_that_reads_json_reads_it_strictly(started: Cast, app: Flask) -> None:
    """The same reader everywhere: shown for each, so that no new one brings its own."""
    for path, roles, body in bodies(app, started):
        who = started.ana if roles is None or "patient" in roles else started.dr_cole
        text = json.dumps(body)
        first = next(iter(body))
        for bad in (
            text[:-1].encode() + f', "{first}": 1}}'.encode(),
            b"\xef\xbb\xbf" + text.encode(),
            text.encode("utf-16"),
            text.encode() + b"{}",
            b"[" * 60_000,
            b'{"a":' * 60_000,
            b'{"%s": NaN}' % first.encode(),
            b'{"%s": 1e999}' % first.encode(),
            b'{"%s": "\\ud800"}' % first.encode(),
            b'{"%s": "\\u0000"}' % first.encode(),
            b'{"%s": "\xc0\xaf"}' % first.encode(),
            b'{"%s": %s}' % (first.encode(), b"9" * 10_000),
        ):
            answer = who.post(path, data=bad, content_type="application/json")
            if path.startswith("/api/v1/second-step"):
                assert answer.status_code in (401, 404)
                continue
            wanted = (400, 413) if len(bad) > 8192 else (400,)
            assert answer.status_code in wanted, (path, bad[:40], answer.text[:200])
            assert answer.headers["Content-Security-Policy"] == doors.CONTENT_SECURITY_POLICY


def is_stored(made: dict[str, Any]) -> bool:
    db.session.rollback()
    return (
        db.session.scalars(
            select(CheckInEvent).where(CheckInEvent.event_id == made["event_id"])
        ).first()
        is not None
    )
