"""What happens to a check-in on its way in: kept once, answered once, never mixed up."""

from __future__ import annotations

import dataclasses
import threading
import uuid

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from pwa.accounts import sessions
from pwa.accounts.models import Account
from pwa.check_ins.models import CheckInEvent, Verdict
from pwa.database import db, for_writing, is_sqlite, writing
from tests.clinic.asking import words_of
from tests.conftest import Cast, Clock, Person, add_treatment, send, send_batch
from tests.making import about, amend, answers, event, shoulder_answers, start_event

SHARED_ANSWERS = {"pain_now": 3}


def stored_count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(CheckInEvent)) or 0


def test_a_check_in_is_stored_and_judged(started: Cast) -> None:
    made = event(started.ana)
    result = send(started.ana, made)[0]
    assert result["status"] == "stored"
    assert result["event_id"] == made["event_id"]
    assert result["level"] == "expected"
    assert result["reasons"] == ["N2_ON_TRACK"]
    assert result["problem"] is None


@pytest.mark.fault(2)
def test_a_check_in_sent_twice_is_kept_once(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    first = send(started.ana, made)[0]
    clock.move(hours=3)
    again = send(started.ana, made)[0]
    assert again["status"] == "duplicate"
    assert (again["seq"], again["received_at"]) == (first["seq"], first["received_at"])
    assert stored_count() == 3


@pytest.mark.fault(14)
def test_the_same_event_twice_in_one_batch_is_kept_once(started: Cast) -> None:
    made = event(started.ana)
    statuses = [result["status"] for result in send(started.ana, made, made)]
    assert statuses == ["stored", "duplicate"]


@pytest.mark.fault(84)
def test_the_same_id_with_other_content_is_refused_and_the_first_stays(started: Cast) -> None:
    made = event(started.ana)
    send(started.ana, made)
    forged = {**made, "answers": answers(pain_now=9)}
    assert send(started.ana, forged)[0]["problem"]["kind"] == "id-conflict"
    db.session.rollback()
    kept = db.session.scalars(
        select(CheckInEvent).where(CheckInEvent.event_id == made["event_id"])
    ).one()
    assert kept.event["answers"]["pain_now"] == 4


@pytest.mark.fault(84)
def test_another_patients_id_is_none_of_bens_business(started: Cast) -> None:
    hers = event(started.ana)
    send(started.ana, hers)
    his = event(started.ben, event_id=hers["event_id"], answers=shoulder_answers())
    unknown = event(started.ben, event_id=hers["event_id"], answers=shoulder_answers(pain_now=1))
    first, second = send(started.ben, his)[0], send(started.ben, unknown)[0]
    assert first["problem"] == second["problem"]
    assert first["problem"]["kind"] == "id-conflict"
    assert first["level"] is None and first["received_at"] is None


def test_an_event_of_another_owner_is_not_yours(started: Cast) -> None:
    hers = event(started.ben, owner=started.ana.account_id, answers=shoulder_answers())
    assert send(started.ben, hers)[0]["problem"]["kind"] == "not-yours"
    assert stored_count() == 2


def test_a_treatment_of_somebody_else_is_not_yours(started: Cast) -> None:
    made = event(started.ben, treatment_id=started.ana.treatment_id, answers=answers())
    assert send(started.ben, made)[0]["problem"]["kind"] == "not-yours"


@pytest.mark.fault(85)
def test_a_correction_of_somebody_elses_check_in_is_not_yours(started: Cast) -> None:
    hers = event(started.ana)
    send(started.ana, hers)
    made = amend(started.ben, hers, answers=shoulder_answers())
    assert send(started.ben, made)[0]["problem"]["kind"] == "not-yours"


def test_a_batch_for_another_account_is_refused_whole(started: Cast) -> None:
    made = event(started.ana)
    response = send_batch(started.ben, made, account=started.ana.account_id)
    assert response.status_code == 409
    assert response.get_json()["kind"] == "account-mismatch"
    assert stored_count() == 2


@pytest.mark.fault(108)
def test_one_bad_check_in_blocks_none(started: Cast) -> None:
    good = [event(started.ana) for _ in range(5)]
    bad = event(started.ana, answers=answers(pain_now=11))
    results = send(started.ana, *good[:2], bad, *good[2:])
    assert [result["status"] for result in results].count("stored") == 5
    refused = next(result for result in results if result["event_id"] == bad["event_id"])
    assert refused["problem"]["field"] == "answers.pain_now"


@pytest.mark.fault(88)
@pytest.mark.parametrize("value", [11, -1, "7", 7.5, True, [7], {"at": 7}])
def test_pain_that_is_not_a_whole_number_from_0_to_10_is_refused(
    started: Cast, value: object
) -> None:
    result = send(started.ana, event(started.ana, answers=answers(pain_now=value)))[0]
    assert result["status"] == "rejected"
    assert result["problem"]["kind"] == "invalid"
    assert result["problem"]["field"] == "answers.pain_now"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dseq", 0),
        ("dseq", True),
        ("dseq", 2**53),
        ("kind", "delete"),
        ("recorded_at", "2026-11-26T11:55:00"),
        ("recorded_at", "yesterday"),
        ("recorded_at", "9999-12-31T23:59:59-12:00"),
        ("local_date", "2026-02-30"),
        ("local_date", "20261126"),
        ("time_zone", "Europe/London\r\nX: y"),
        ("clock_behind", 0),
        ("treatment_id", "{0}"),
        ("form_version", "1"),
        ("answers", []),
        ("verdict", {"level": "fine", "reasons": ["N1_EXPECTED_FLARE"]}),
        ("verdict", {"level": "expected", "reasons": []}),
        ("supersedes", ""),
    ],
)
def test_a_bad_field_is_named(started: Cast, field: str, value: object) -> None:
    result = send(started.ana, event(started.ana, **{field: value}))[0]
    assert result["status"] == "rejected"
    assert result["problem"]["kind"] == "invalid"
    assert result["problem"]["field"].split(".")[0] == field


@pytest.mark.fault(86)
@pytest.mark.parametrize("key", ["seq", "received_at", "role", "clinic_id", "__proto__"])
def test_nobody_slips_in_a_field_of_the_servers(started: Cast, key: str) -> None:
    result = send(started.ana, {**event(started.ana), key: 1})[0]
    assert result["problem"]["kind"] == "invalid"
    assert result["problem"]["field"] == key


@pytest.mark.fault(57)
@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00+00:00", "9998-01-01T00:00:00+00:00"])
def test_an_odd_date_is_kept_not_refused(started: Cast, moment: str) -> None:
    made = event(started.ana, recorded_at=moment, local_date=moment[:10])
    assert send(started.ana, made)[0]["status"] == "stored"


def test_a_question_that_the_form_does_not_ask_there_is_refused(started: Cast) -> None:
    made = event(started.ben, answers=shoulder_answers(calf=False))
    assert send(started.ben, made)[0]["problem"]["field"] == "answers.calf"


def test_a_temperature_outside_the_form_is_refused(started: Cast) -> None:
    made = event(started.ana, answers=answers(temp_c=45.0))
    assert send(started.ana, made)[0]["problem"]["field"] == "answers.temp_c"


def test_an_absent_answer_is_never_invalid_and_never_reassures(started: Cast) -> None:
    given = answers()
    del given["breathless"]
    told = {"level": "clinic_hours", "reasons": ["C10_INCOMPLETE"]}
    result = send(started.ana, event(started.ana, answers=given, verdict=told))[0]
    assert (result["status"], result["level"]) == ("stored", "clinic_hours")


@pytest.mark.fault(30)
def test_a_form_of_the_future_is_deferred(started: Cast) -> None:
    result = send(started.ana, event(started.ana, form_version=99))[0]
    assert (result["status"], result["problem"]["kind"]) == ("deferred", "form-unknown")
    assert stored_count() == 2


def test_diary_mode_has_no_level(started: Cast) -> None:
    diary = {"pain_now": 5, "swelling": "mild", "note": "a quiet day"}
    made = event(started.ana, rules_version=None, verdict=None, answers=diary)
    result = send(started.ana, made)[0]
    assert (result["status"], result["level"]) == ("stored", None)


@pytest.mark.fault(58)
def test_a_cloned_phone_is_told_to_take_a_new_device(started: Cast) -> None:
    first = event(started.ana)
    send(started.ana, first)
    clone = event(started.ana, dseq=first["dseq"])
    assert send(started.ana, clone)[0]["problem"]["kind"] == "device-conflict"
    renumbered = {**clone, "device_id": str(uuid.uuid4()), "dseq": 1}
    assert send(started.ana, renumbered)[0]["status"] == "stored"


def test_a_days_worth_is_taken_and_the_rest_waits(
    started: Cast, app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["settings"]
    monkeypatch.setitem(
        app.extensions, "settings", dataclasses.replace(settings, daily_check_ins=3)
    )
    results = send(started.ana, *[event(started.ana) for _ in range(3)])
    assert [result["status"] for result in results] == ["stored", "stored", "deferred"]
    assert results[2]["problem"]["kind"] == "daily-limit"
    clock.move(hours=25)
    assert started.ana.sign_in().status_code == 200
    assert send(started.ana, event(started.ana))[0]["status"] == "stored"


@pytest.mark.fault(9)
def test_too_many_calls_a_minute_are_told_to_wait(started: Cast, app: Flask) -> None:
    app.extensions["call_meter"].forget_all()
    limit = app.extensions["call_meter"].limit
    for _ in range(limit):
        assert send_batch(started.ana).status_code == 200
    refused = send_batch(started.ana)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_gaps_in_the_numbering_are_told(started: Cast) -> None:
    one, two, three = (event(started.ana) for _ in range(3))
    reply = send_batch(started.ana, one, three).get_json()
    assert reply["device"] == {"contiguous": one["dseq"], "missing": [two["dseq"]]}
    reply = send_batch(started.ana, two).get_json()
    assert reply["device"] == {"contiguous": three["dseq"], "missing": []}


def test_a_discarded_number_is_not_missing(started: Cast) -> None:
    one, two, three = (event(started.ana) for _ in range(3))
    reply = send_batch(started.ana, one, three, discarded=[two["dseq"]]).get_json()
    assert reply["device"] == {"contiguous": three["dseq"], "missing": []}


@pytest.mark.fault(12)
def test_a_correction_may_arrive_before_what_it_corrects(started: Cast) -> None:
    original = event(started.ana)
    correction = amend(started.ana, original, answers=answers(pain_now=3))
    assert send(started.ana, correction)[0]["status"] == "stored"
    assert send(started.ana, original)[0]["status"] == "stored"
    assert "A correction by the patient." in words_of(started.dr_cole.get("/clinic"))
    review = started.dr_cole.get(f"/clinic/patients/{started.ana.account_id}/review")
    assert "The patient corrected it since." in words_of(review)


def test_a_correction_must_name_an_original_of_the_same_treatment(
    started: Cast, clock: Clock
) -> None:
    with writing():
        other = add_treatment(
            started.dr_cole,
            started.ana.account_id,
            site="knee",
            side="left",
            performed_on=clock().date(),
            at=clock(),
        )
    original = event(started.ana)
    send(started.ana, original)
    wrong = amend(started.ana, original, treatment_id=other)
    assert send(started.ana, wrong)[0]["problem"]["field"] == "supersedes"
    itself = event(started.ana, kind="amend")
    itself["supersedes"] = itself["event_id"]
    assert send(started.ana, itself)[0]["problem"]["field"] == "supersedes"


def test_withdrawing_and_having_called_are_kept(started: Cast) -> None:
    original = event(started.ana)
    results = send(
        started.ana,
        original,
        about(started.ana, original, "called"),
        about(started.ana, original, "retract"),
    )
    assert [result["status"] for result in results] == ["stored"] * 3
    assert results[1]["level"] is None


def test_an_early_answer_that_arrives_late_raises_the_later_one(started: Cast) -> None:
    low = event(started.ana, answers=answers(pain_now=2), recorded_at="2026-11-25T09:00:00+00:00")
    high = event(
        started.ana,
        answers=answers(pain_now=7, pain_trend_self=None, redness="local", swelling="moderate"),
        verdict={"level": "same_day", "reasons": ["S5_HOT_SWOLLEN_LATE"]},
    )
    before = send(started.ana, high)[0]
    assert "S8_PAIN_SEVERE_WORSE_LATE" not in before["reasons"]
    send(started.ana, low)
    db.session.rollback()
    reasons = [
        verdict.reasons
        for verdict in db.session.scalars(
            select(Verdict).where(Verdict.event_id == high["event_id"]).order_by(Verdict.number)
        )
    ]
    assert reasons[0] == before["reasons"]


def test_a_late_start_with_a_risk_flag_raises_what_was_expected(cast: Cast) -> None:
    send(cast.ana, start_event(cast.ana))
    warm = event(
        cast.ana,
        answers=answers(warmth=True),
        verdict={"level": "clinic_hours", "reasons": ["C4_LOCAL_SIGNS"]},
    )
    assert send(cast.ana, warm)[0]["level"] == "clinic_hours"
    send(cast.ana, start_event(cast.ana, flags={"diabetes": True}))
    assert send(cast.ana, warm)[0]["level"] == "same_day"


def test_an_ended_session_writes_nothing(started: Cast) -> None:
    started.ana.post("/api/v1/sign-out")
    response = send_batch(started.ana, event(started.ana))
    assert response.status_code == 401
    assert response.get_json()["kind"] == "sign-in-required"
    assert stored_count() == 2


def test_staff_have_no_outbox(started: Cast) -> None:
    assert send_batch(started.dr_cole, account=started.dr_cole.account_id).status_code == 404
    assert started.dr_cole.get("/api/v1/changes").status_code == 404


def correct_site(cast: Cast, *, site: str) -> None:
    """Dr Cole wrote down the wrong joint for ana."""
    answer = cast.dr_cole.post(
        f"/clinic/patients/{cast.ana.account_id}/treatments/{cast.ana.treatment_id}",
        data={
            "site": site,
            "side": "right",
            "performed_on": "2026-11-23",
            "number": "1",
            "injected": "Dextrose 15 %",
            "clinician_name": "Dr Cole",
            "version": "1",
        },
    )
    assert answer.status_code == 303


def test_an_answer_given_before_the_joint_was_corrected_is_taken_in(started: Cast) -> None:
    offline = event(started.ana, answers=answers(calf=True))
    correct_site(started, site="shoulder")
    result = send(started.ana, offline)[0]
    assert (result["status"], result["level"]) == ("stored", "same_day")
    never_asked = event(started.ana, answers=answers(saddle_bladder=True))
    assert send(started.ana, never_asked)[0]["problem"]["kind"] == "invalid"


@pytest.mark.fault(58)
def test_two_patients_with_one_cloned_phone_are_told_apart(started: Cast) -> None:
    """Told in the way that makes the second phone take a new device id and send again."""
    started.ben.get("/api/v1/session")
    for round_number in range(1, 6):
        device_id = str(uuid.uuid4())
        events = [
            event(one, device_id=device_id, dseq=1, answers=SHARED_ANSWERS)
            for one in (started.ana, started.ben)
        ]
        results: list[dict] = []

        def post(one: Person, made: dict, results: list[dict] = results) -> None:
            results.extend(send(one, made))

        pairs = zip((started.ana, started.ben), events, strict=True)
        threads = [threading.Thread(target=post, args=pair) for pair in pairs]
        db.session.rollback()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kinds = sorted((one["problem"] or {"kind": "none"})["kind"] for one in results)
        assert kinds == ["device-conflict", "none"], round_number


@pytest.mark.fault(73)
def test_whoever_ends_a_session_waits_for_what_it_is_writing(started: Cast, app: Flask) -> None:
    if is_sqlite(db.engine):
        pytest.skip("SQLite lets one writer in at a time")
    token = sessions_of(started.ana, app)
    with writing():
        assert sessions.find(token, at=app.config["CLOCK"](), is_held=True) is not None
        engine = db.engine.execution_options(**for_writing(db.engine))
        with engine.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(OperationalError):
                other.execute(text("UPDATE sessions SET ended_at = now()"))


def sessions_of(person: Person, app: Flask) -> str:
    """The token in this person's cookie."""
    person.get("/api/v1/session")
    with writing():
        account = db.session.get_one(Account, person.account_id)
        return sessions.start(account, at=app.config["CLOCK"]()).token
