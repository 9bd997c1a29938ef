"""What a clinician does beside reading: calls, messages, raised levels, notes, hand-overs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from pwa.accounts.models import Patient
from pwa.check_ins import attention, claims, hand_overs, notes, reviews
from pwa.check_ins.models import Attention, Claim, Note, Review, Verdict
from pwa.database import db, writing
from pwa.problems import Conflict, Invalid, NotFound
from tests.conftest import Cast, Clock, Person, send
from tests.making import answers, event, start_event

EMERGENCY = {"level": "emergency", "reasons": ["E1_BREATHING"]}
WARM = {
    "answers": answers(warmth=True),
    "verdict": {"level": "clinic_hours", "reasons": ["C4_LOCAL_SIGNS"]},
}


class Desk:
    """A clinician who deals with ana, each act in a transaction of its own."""

    def __init__(self, who: Person, cast: Cast, clock: Clock) -> None:
        self.who, self.clock, self.patient_id = who, clock, cast.ana.account_id

    def do(self, act: Callable[..., Any], **given: Any) -> Any:
        if act in (reviews.mark_read, reviews.answer, reviews.note_call, reviews.raise_level):
            given["role"] = "clinician"
        with writing():
            return act(actor=self.who.actor, patient_id=self.patient_id, at=self.clock(), **given)

    def read(self, *events: dict, **given: Any) -> str:
        given = {"outcome": "spoke_with_patient", "note": "", **given}
        return self.do(reviews.mark_read, event_ids=ids(*events), **given)

    def answer(self, *events: dict, message: str = "Please call us.", note: str = "") -> str:
        return self.do(reviews.answer, event_ids=ids(*events), message=message, note=note)

    def call(self, *events: dict, result: str = "no_answer", message: str = "") -> str:
        return self.do(
            reviews.note_call, event_ids=ids(*events), result=result, note="", message=message
        )

    def put_higher(self, one: dict, level: str, remark: str = "") -> str:
        return self.do(reviews.raise_level, event_id=one["event_id"], level=level, remark=remark)

    def undo(self, review_id: str) -> None:
        self.do(reviews.undo, review_id=review_id)


@pytest.fixture
def cole(started: Cast, clock: Clock) -> Desk:
    return Desk(started.dr_cole, started, clock)


def ids(*events: dict) -> list[str]:
    return [one["event_id"] for one in events]


def heard(person: Person) -> list[tuple[str, dict]]:
    """What a phone of this person has heard, as types with their data."""
    changes = person.get("/api/v1/changes").get_json()["changes"]
    return [(one["type"], one["data"]) for one in changes]


def reviews_heard(person: Person) -> list[dict]:
    return [data for kind, data in heard(person) if kind == "review"]


def unread(person: Person) -> dict[str, int]:
    db.session.rollback()
    return attention.unread_of(clinic_id=person.clinic_id, patient_id=person.account_id)


def mark_of(person: Person) -> int | None:
    db.session.rollback()
    return db.session.scalar(
        select(Attention.mark).where(Attention.patient_id == person.account_id)
    )


# messages


def test_a_message_with_a_reading_comes_once_under_the_newest(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    first, second = event(started.ana), event(started.ana)
    send(started.ana, first, second)
    cole.read(second, first, message="  Well done.\nSee you.  ")
    assert reviews_heard(started.ana) == []
    clock.move(seconds=11)
    told = {one["event_id"]: one for one in reviews_heard(started.ana)}
    assert told[first["event_id"]]["message"] is None
    assert told[second["event_id"]]["message"] == "Well done.\nSee you."
    assert {one["kind"] for one in told.values()} == {"read"}


def test_a_message_alone_says_nothing_about_reading(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    send(started.ana, worst)
    cole.answer(worst)
    assert unread(started.ana) == {worst["event_id"]: 4}
    clock.move(seconds=11)
    [told] = reviews_heard(started.ana)
    assert (told["kind"], told["message"], told["outcome"]) == ("answer", "Please call us.", None)
    assert (told["by"], told["role"]) == ("Dr Cole", "clinician")


def test_a_message_can_follow_later_and_be_the_second(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.read(made, message="One.")
    clock.move(days=1)
    cole.answer(made, message="Two.")
    clock.move(seconds=11)
    told = reviews_heard(started.ana)
    assert [(one["kind"], one["message"]) for one in told] == [("read", "One."), ("answer", "Two.")]


def test_a_message_that_was_taken_back_never_reaches_the_phone(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    sent = cole.answer(made)
    clock.move(seconds=9)
    cole.undo(sent)
    clock.move(minutes=1)
    assert reviews_heard(started.ana) == []
    late = cole.answer(made)
    clock.move(seconds=11)
    with pytest.raises(Conflict):
        cole.undo(late)


def test_a_message_goes_out_where_what_was_read_rose_meanwhile(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    warm = event(started.ana, **WARM)
    send(started.ana, warm)
    cole.read(warm, message="Come in on Monday.")
    send(started.ana, start_event(started.ana, flags={"diabetes": True}))
    clock.move(seconds=11)
    [told] = reviews_heard(started.ana)
    assert (told["kind"], told["message"]) == ("answer", "Come in on Monday.")


def test_the_same_message_sent_twice_by_a_double_tap_is_one(started: Cast, cole: Desk) -> None:
    made = event(started.ana)
    send(started.ana, made)
    assert cole.answer(made) == cole.answer(made)
    assert cole.answer(made, message="Another one.") != cole.answer(made)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001])
def test_an_empty_or_endless_message_is_refused_by_field(
    started: Cast, cole: Desk, text: str
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    with pytest.raises(Invalid) as refusal:
        cole.answer(made, message=text)
    assert refusal.value.field == "message"
    assert cole.answer(made, message="x" * 2000)


def test_of_two_who_read_the_second_hears_who_was_first(started: Cast, cole: Desk) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.read(made)
    with pytest.raises(Conflict, match="Dr Cole has read this already"):
        cole.read(made)


# calls


def test_an_unanswered_call_is_noted_and_the_row_stays(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    send(started.ana, worst)
    before = mark_of(started.ana)
    cole.call(worst, message="We tried to call you.")
    assert unread(started.ana) == {worst["event_id"]: 4}
    assert mark_of(started.ana) != before
    clock.move(seconds=11)
    assert [(one["kind"], one["message"]) for one in reviews_heard(started.ana)] == [
        ("answer", "We tried to call you.")
    ]


def test_a_call_alone_is_nothing_that_a_phone_hears_of(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.call(made, result="left_message")
    clock.move(seconds=11)
    assert reviews_heard(started.ana) == []


def test_a_message_on_the_machine_closes_nothing_that_is_urgent(started: Cast, cole: Desk) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    calm = event(started.ana)
    send(started.ana, worst, calm)
    with pytest.raises(Invalid) as refusal:
        cole.read(worst, outcome="left_message")
    assert refusal.value.field == "outcome"
    cole.read(calm, outcome="left_message")
    assert list(unread(started.ana)) == [worst["event_id"]]


def test_a_call_counts_as_no_review_for_the_next_check_in(started: Cast, cole: Desk) -> None:
    warm = event(started.ana, **WARM)
    send(started.ana, warm)
    cole.call(warm, result="left_message")
    send(started.ana, event(started.ana))
    db.session.rollback()
    facts = db.session.scalars(select(Verdict.facts).order_by(Verdict.made_at)).all()
    assert max(one["open_clinic_flags"] for one in facts) == 1


# raising


def test_a_raised_level_reaches_the_phone_by_name_after_its_time(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.put_higher(made, "same_day", remark="Sounded faint on the phone")
    assert unread(started.ana) == {made["event_id"]: 3}
    assert "verdict" not in [kind for kind, _ in heard(started.ana)]
    clock.move(seconds=11)
    [told] = [data for kind, data in heard(started.ana) if kind == "verdict"]
    assert (told["level"], told["cause"], told["by"]) == ("same_day", "clinician", "Dr Cole")
    assert "faint" not in started.ana.get("/api/v1/changes").get_data(as_text=True)
    db.session.rollback()
    levels = [(one.level, one.made_by) for one in db.session.scalars(select(Verdict))]
    assert sorted(levels) == [("expected", None), ("same_day", "Dr Cole")]


@pytest.mark.parametrize("level", ["expected", "clinic_hours", "same_day", "high", ""])
def test_a_level_is_never_lowered_nor_left(started: Cast, cole: Desk, level: str) -> None:
    made = event(started.ana, answers=answers(breathless=None), verdict=EMERGENCY)
    send(started.ana, made)
    with pytest.raises(Invalid) as refusal:
        cole.put_higher(made, level)
    assert refusal.value.field == "level"
    with pytest.raises(Invalid):
        cole.put_higher(made, "emergency")


def test_what_was_read_waits_again_once_it_is_raised(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.read(made, outcome=None)
    clock.move(minutes=5)
    raised = cole.put_higher(made, "emergency")
    assert unread(started.ana) == {made["event_id"]: 4}
    cole.undo(raised)
    assert unread(started.ana) == {}
    cole.put_higher(made, "emergency")
    with pytest.raises(Invalid):
        cole.read(made, outcome=None)
    cole.read(made)
    clock.move(seconds=11)
    assert [kind for kind, _ in heard(started.ana)][-3:] == ["review", "verdict", "review"]


def test_a_raise_that_was_taken_back_leaves_the_rules_level(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.undo(cole.put_higher(made, "same_day"))
    assert unread(started.ana) == {made["event_id"]: 1}
    clock.move(seconds=11)
    assert "verdict" not in [kind for kind, _ in heard(started.ana)]
    cole.put_higher(made, "clinic_hours")
    assert unread(started.ana) == {made["event_id"]: 2}


def test_a_raise_under_a_worse_verdict_cannot_be_undone_and_is_not_told(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    warm = event(started.ana, **WARM)
    send(started.ana, warm)
    raised = cole.put_higher(warm, "same_day")
    cole.put_higher(warm, "emergency")
    with pytest.raises(Conflict):
        cole.undo(raised)
    clock.move(seconds=11)
    assert [data["level"] for kind, data in heard(started.ana) if kind == "verdict"] == [
        "emergency"
    ]


def test_a_diary_entry_can_be_raised_too(started: Cast, cole: Desk, clock: Clock) -> None:
    made = event(started.ana, rules_version=None, verdict=None, answers={"pain_now": 9})
    send(started.ana, made)
    cole.put_higher(made, "same_day")
    clock.move(seconds=11)
    changes = heard(started.ana)
    assert [data["verdict"] for kind, data in changes if kind == "check_in"][-1] is None
    [told] = [data for kind, data in changes if kind == "verdict"]
    assert (told["level"], told["rules_version"], told["reasons"]) == ("same_day", None, [])


def test_the_answer_to_a_check_in_sent_again_is_the_rules_own(started: Cast, cole: Desk) -> None:
    made = event(started.ana)
    send(started.ana, made)
    cole.put_higher(made, "emergency")
    [again] = send(started.ana, made)
    assert (again["status"], again["level"]) == ("duplicate", "expected")


# notes, hand-overs, claims


def test_a_note_is_for_colleagues_and_can_be_taken_back(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    made = event(started.ana)
    send(started.ana, made)
    note_id = cole.do(notes.add, event_id=made["event_id"], text=" Ring the GP.\n ")
    assert note_id == cole.do(notes.add, event_id=made["event_id"], text="Ring the GP.")
    assert unread(started.ana) == {made["event_id"]: 1}
    clock.move(seconds=11)
    assert "Ring the GP" not in started.ana.get("/api/v1/changes").get_data(as_text=True)
    with pytest.raises(Conflict):
        cole.do(notes.undo, note_id=note_id)
    second = cole.do(notes.add, event_id=None, text="Wrong patient")
    cole.do(notes.undo, note_id=second)
    db.session.rollback()
    kept = {one.text: one.undone_at is None for one in db.session.scalars(select(Note))}
    assert kept == {"Ring the GP.": True, "Wrong patient": False}


def test_a_note_about_another_patients_check_in_is_refused(started: Cast, cole: Desk) -> None:
    made = event(started.ben)
    send(started.ben, made)
    with pytest.raises(NotFound):
        cole.do(notes.add, event_id=made["event_id"], text="Hello")
    with pytest.raises(Invalid) as refusal:
        cole.do(notes.add, event_id=None, text="x" * 100_000)
    assert refusal.value.field == "note"
    assert "100,000" in str(refusal.value)


def test_a_hand_over_names_the_colleague_and_can_be_taken_back(started: Cast, cole: Desk) -> None:
    given = {"to_id": "someone", "to_name": "Dr Vale", "remark": "Knows her"}
    first = cole.do(hand_overs.hand_over, **given)
    with pytest.raises(Invalid):
        cole.do(hand_overs.hand_over, **given)
    cole.do(hand_overs.undo, hand_over_id=first)
    db.session.rollback()
    key = (started.ana.clinic_id, started.ana.account_id)
    assert db.session.get_one(Patient, key).assigned_id is None
    again = cole.do(hand_overs.hand_over, **given)
    cole.do(hand_overs.hand_over, to_id=None, to_name="", remark="")
    with pytest.raises(Conflict, match="handed this patient on"):
        cole.do(hand_overs.undo, hand_over_id=again)


def test_a_claim_tells_lapses_and_can_be_taken_over(
    started: Cast, cole: Desk, clock: Clock
) -> None:
    vale = Desk(started.mo, started, clock)
    assert cole.do(claims.take).name == "Dr Cole"
    clock.move(minutes=2)
    assert vale.do(claims.take).name == "Dr Cole"
    assert vale.do(claims.take, is_taking_over=True).name == "Mo"
    assert cole.do(claims.take).name == "Mo"
    clock.move(minutes=4)
    db.session.rollback()
    mine = {"clinic_id": started.ana.clinic_id, "patient_ids": [started.ana.account_id]}
    assert claims.holders(**mine, at=clock()) == {}
    assert cole.do(claims.take).name == "Dr Cole"
    with writing():
        claims.release(actor=started.mo.actor, patient_id=started.ana.account_id)
    assert db.session.scalars(select(Claim.name)).all() == ["Dr Cole"]


def test_only_who_did_it_may_take_it_back(started: Cast, cole: Desk, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    acts = [cole.answer(made), cole.call(made), cole.put_higher(made, "same_day")]
    other = Desk(started.mo, started, clock)
    for act in acts:
        with pytest.raises(NotFound):
            other.undo(act)
    db.session.rollback()
    assert all(one.undone_at is None for one in db.session.scalars(select(Review)))


def test_anas_record_is_none_of_dr_dunns_business(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    dunn = Desk(started.dr_dunn, started, clock)
    for act in (
        lambda: dunn.read(made),
        lambda: dunn.answer(made),
        lambda: dunn.call(made),
        lambda: dunn.put_higher(made, "emergency"),
        lambda: dunn.do(notes.add, event_id=None, text="Hello"),
        lambda: dunn.do(hand_overs.hand_over, to_id=None, to_name="", remark=""),
        lambda: dunn.do(claims.take),
    ):
        with pytest.raises(NotFound):
            act()
