"""A file of unsent check-ins, brought to the clinic and taken in there."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pwa.check_ins.models import CheckInEvent
from pwa.clinic import hand_in
from pwa.database import db
from pwa.problems import Invalid
from tests.clinic.asking import EMERGENCY, audited, words_of
from tests.conftest import Cast, Person, send
from tests.making import about, amend, answers, event, start_event


def file_of(who: Person, *events: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The file as `phone.exportUnsent` makes it."""
    return {
        "format": hand_in.FORMAT,
        "made_at": "2026-11-26T11:59:00+00:00",
        "account": who.account_id,
        "display_name": who.name,
        "events": [{**one, "state": "pending", "problem": None} for one in events],
        "sealed": [],
        **changed,
    }


def bring(who: Person, patient: Person, content: dict[str, Any] | bytes) -> TestResponse:
    raw = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
    head = 'Content-Disposition: form-data; name="file"; filename="unsent-check-ins.json"'
    return who.post(
        f"/clinic/patients/{patient.account_id}/hand-in",
        data=f"--cut\r\n{head}\r\n\r\n".encode() + raw + b"\r\n--cut--\r\n",
        content_type="multipart/form-data; boundary=cut",
    )


def stored_count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(CheckInEvent)) or 0


def test_what_is_in_the_file_is_taken_in_judged_and_stands_on_the_worklist(
    started: Cast,
) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    fine = event(started.ana)
    said = words_of(bring(started.dr_cole, started.ana, file_of(started.ana, worst, fine)))
    assert "2 taken in, 0 already here, 0 not taken in yet, 0 refused." in said
    assert "Check-in 2026-11-26 Taken in" in said
    db.session.rollback()
    row = db.session.get(CheckInEvent, (started.ana.clinic_id, worst["event_id"]))
    assert row is not None
    assert row.event == worst
    assert row.clock_offset_s == 60
    assert "Ana R." in words_of(started.dr_cole.get("/clinic"))


@pytest.mark.fault(2)
def test_the_phone_that_sends_them_later_hears_that_they_are_here(started: Cast) -> None:
    made = [event(started.ana), event(started.ana)]
    bring(started.dr_cole, started.ana, file_of(started.ana, *made))
    before = stored_count()
    told = send(started.ana, *made)
    assert [one["status"] for one in told] == ["duplicate", "duplicate"]
    again = words_of(bring(started.dr_cole, started.ana, file_of(started.ana, *made)))
    assert "0 taken in, 2 already here" in again
    assert stored_count() == before


@pytest.mark.fault(108)
def test_a_bad_entry_is_refused_with_its_reason_and_stops_no_other(started: Cast) -> None:
    good = event(started.ana)
    bad = event(started.ana, answers=answers(pain_now=11))
    bens = event(started.ben, owner=started.ben.account_id)
    nameless = {**event(started.ana), "event_id": "7"}
    content = file_of(started.ana, bad, bens, nameless, good)
    said = words_of(bring(started.dr_cole, started.ana, content))
    assert "1 taken in, 0 already here, 0 not taken in yet, 3 refused." in said
    assert "Refused: this check-in belongs to another account" in said
    assert "Refused: this entry has no id that can be used" in said
    assert db.session.get(CheckInEvent, (started.ana.clinic_id, bens["event_id"])) is None


def test_every_kind_of_entry_of_several_phones_is_taken_in(cast: Cast) -> None:
    start = start_event(cast.ana)
    first = event(cast.ana)
    old_phone = event(cast.ana, device_id=str(uuid.uuid4()))
    later = [amend(cast.ana, first), about(cast.ana, first, "called")]
    content = file_of(cast.ana, start, first, old_phone, *later)
    said = words_of(bring(cast.dr_cole, cast.ana, content))
    assert "5 taken in" in said
    assert "Start questions" in said and "Correction" in said and "Note of a call" in said


def test_a_file_of_more_than_a_day_may_hold_is_taken_in_up_to_there_and_the_rest_said(
    started: Cast,
) -> None:
    made = [event(started.ana) for _ in range(104)]
    said = words_of(bring(started.dr_cole, started.ana, file_of(started.ana, *made)))
    assert "99 taken in, 0 already here, 5 not taken in yet" in said  # the start was the first
    assert "Take the same file in again later" in said


def test_entries_that_the_phone_could_not_open_are_counted_and_said(started: Cast) -> None:
    sealed = [{"event_id": str(uuid.uuid4()), "box": {"kid": "x", "ciphertext": "c2VhbGVk"}}]
    said = words_of(bring(started.dr_cole, started.ana, file_of(started.ana, sealed=sealed)))
    assert "1 entry of this file could not be read on the patient's phone" in said
    assert "There is no entry in it that can be read." in said


def test_the_file_of_somebody_else_is_not_taken_in(started: Cast) -> None:
    made = event(started.ben)
    before = stored_count()
    answer = bring(started.dr_cole, started.ana, file_of(started.ben, made))
    assert answer.status_code == 422
    assert "belongs to somebody else" in words_of(answer)
    assert "Ben" not in answer.text.partition("<main")[2]
    assert stored_count() == before
    assert audited("patient.file_taken") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b'{"format": "prolo-aftercare-unsent/1", "format": "twice"}',
        b'{"a": NaN}',
        "{}".encode("utf-16"),
        json.dumps({"format": "prolo-aftercare/my-data/1"}).encode(),
        json.dumps({"format": hand_in.FORMAT, "events": "many"}).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_such_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Invalid, match="file") as refusal:
        hand_in.read_file(content)
    assert refusal.value.field == "file"


@pytest.mark.parametrize(
    "change",
    [
        {"made_at": "yesterday"},
        {"account": 7},
        {"events": [1]},
        {"sealed": {}},
        {"role": "clinician"},
    ],
)
def test_a_file_that_was_changed_by_hand_is_refused_whole(change: dict[str, Any]) -> None:
    whole = {"format": hand_in.FORMAT, "made_at": "2026-11-26T11:59:00+00:00", "account": "a"}
    whole |= {"display_name": "Ana R.", "events": [], "sealed": []}
    assert hand_in.read_file(json.dumps(whole).encode()).events == ()
    with pytest.raises(Invalid, match="it was changed"):
        hand_in.read_file(json.dumps(whole | change).encode())


def test_the_form_comes_back_with_what_was_wrong(started: Cast) -> None:
    answer = bring(started.dr_cole, started.ana, b"not json")
    assert answer.status_code == 422
    assert "This is not a file of unsent check-ins" in words_of(answer)
    assert 'href="#file"' in answer.text and 'name="file"' in answer.text


@pytest.mark.fault(93)
def test_a_file_may_be_large_but_not_without_end(started: Cast) -> None:
    note = "x" * 1900
    made = [event(started.ana, answers=answers(note=note)) for _ in range(300)]
    content = json.dumps(file_of(started.ana, *made)).encode()
    assert len(content) > 600_000
    assert bring(started.dr_cole, started.ana, content).status_code == 200
    huge = b" " * (hand_in.MOST_BYTES + 100_000)
    assert bring(started.dr_cole, started.ana, huge).status_code == 413


def test_who_took_a_file_in_is_in_the_audit_log_without_what_it_said(started: Cast) -> None:
    made = event(started.ana, answers=answers(note="PLANTED-note"))
    bring(started.dr_cole, started.ana, file_of(started.ana, made))
    [entry] = audited("patient.file_taken")
    assert (entry.actor_id, entry.subject_id) == (
        started.dr_cole.account_id,
        started.ana.account_id,
    )
    assert entry.detail == {"entries": 1, "unreadable": 0}


def test_it_is_none_of_bens_and_none_of_dr_dunns_business(started: Cast) -> None:
    content = file_of(started.ana, event(started.ana))
    before = stored_count()
    for who in (started.ana, started.ben, started.dr_dunn, started.mo):
        assert bring(who, started.ana, content).status_code == 404
    assert stored_count() == before


def test_text_from_a_file_stays_text(started: Cast) -> None:
    made = {**event(started.ana), "local_date": "<b>x</b>", "kind": "<i>"}
    answer = bring(started.dr_cole, started.ana, file_of(started.ana, made))
    assert answer.status_code == 200
    assert "<b>x" not in answer.text and "<i>" not in answer.text


def test_the_page_of_the_patient_leads_there(started: Cast) -> None:
    path = f"/clinic/patients/{started.ana.account_id}"
    assert f'href="{path}/hand-in"' in started.dr_cole.get(path).text
    assert "Take in a file" in words_of(started.dr_cole.get(f"{path}/hand-in"))
