"""Reading by clinicians, and the one row a patient that says who needs somebody."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pwa.check_ins import reviews
from pwa.check_ins.models import Attention
from pwa.database import db, writing
from pwa.problems import Conflict, Invalid, NotFound
from tests.conftest import Cast, Clock, Person, send
from tests.making import about, amend, answers, event, start_event

EMERGENCY = {"level": "emergency", "reasons": ["E1_BREATHING"]}


def attention_of(person: Person) -> Attention | None:
    db.session.rollback()
    return db.session.scalars(
        select(Attention).where(Attention.patient_id == person.account_id)
    ).one_or_none()


def read(
    cast: Cast, clock: Clock, *events: dict, outcome: str | None = None, by=None, note: str = ""
) -> str:
    reader = by or cast.dr_cole
    with writing():
        return reviews.mark_read(
            actor=reader.actor,
            role="clinician",
            patient_id=cast.ana.account_id,
            event_ids=[one["event_id"] for one in events],
            outcome=outcome,
            note=note,
            at=clock(),
        )


def test_no_action_needed_closes_what_is_urgent_only_with_the_reason(
    started: Cast, clock: Clock
) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    send(started.ana, worst)
    with pytest.raises(Invalid) as refused:
        read(started, clock, worst, outcome="no_action_needed", note=" \n ")
    assert refused.value.field == "note"
    assert attention_of(started.ana).rank == 4  # type: ignore[union-attr]
    read(started, clock, worst, outcome="no_action_needed", note="Ticked by mistake, she is well")
    assert attention_of(started.ana) is None


def test_a_later_milder_check_in_never_hides_an_emergency(started: Cast) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    send(started.ana, worst)
    send(started.ana, event(started.ana))
    row = attention_of(started.ana)
    assert row is not None
    assert (row.rank, row.event_id, row.unread_count) == (4, worst["event_id"], 2)


@pytest.mark.parametrize("kind", ["amend", "retract"])
def test_a_corrected_or_withdrawn_emergency_stays_until_it_is_read(
    started: Cast, clock: Clock, kind: str
) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    milder = amend(started.ana, worst) if kind == "amend" else about(started.ana, worst, kind)
    send(started.ana, worst, milder)
    assert attention_of(started.ana).rank == 4  # type: ignore[union-attr]
    read(started, clock, worst, outcome="spoke_with_patient")
    row = attention_of(started.ana)
    assert row is None if kind == "retract" else row.rank == 1  # type: ignore[union-attr]


def test_an_emergency_closes_only_with_an_outcome(started: Cast, clock: Clock) -> None:
    worst = event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    send(started.ana, worst)
    with pytest.raises(Invalid) as refusal:
        read(started, clock, worst)
    assert refusal.value.field == "outcome"
    read(started, clock, worst, outcome="sent_to_emergency_care")
    assert attention_of(started.ana) is None


def test_the_more_urgent_of_phone_and_server_counts(started: Cast) -> None:
    calm = event(started.ana, answers=answers(breathless=True))
    send(started.ana, calm)
    assert attention_of(started.ana).rank == 4  # type: ignore[union-attr]
    alarmed = event(started.ben, answers={"pain_now": 3}, verdict=EMERGENCY)
    send(started.ben, alarmed)
    assert attention_of(started.ben).rank == 4  # type: ignore[union-attr]


def test_a_reading_can_be_undone_for_ten_seconds(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    review_id = read(started, clock, made)
    assert attention_of(started.ana) is None
    clock.move(seconds=9)
    with writing():
        reviews.undo(
            actor=started.dr_cole.actor,
            patient_id=started.ana.account_id,
            review_id=review_id,
            at=clock(),
        )
    assert attention_of(started.ana).unread_count == 1  # type: ignore[union-attr]


def test_after_that_it_is_too_late(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    review_id = read(started, clock, made)
    clock.move(seconds=11)
    with pytest.raises(Conflict), writing():
        reviews.undo(
            actor=started.dr_cole.actor,
            patient_id=started.ana.account_id,
            review_id=review_id,
            at=clock(),
        )


def test_of_two_readers_the_second_is_told(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    read(started, clock, made)
    with pytest.raises(Conflict):
        read(started, clock, made)


def test_anas_check_ins_are_none_of_dr_dunns_business(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    with pytest.raises(NotFound):
        read(started, clock, made, by=started.dr_dunn)
    assert attention_of(started.ana) is not None


def test_what_rises_after_it_was_read_is_unread_again(started: Cast, clock: Clock) -> None:
    warm = event(
        started.ana,
        answers=answers(warmth=True),
        verdict={"level": "clinic_hours", "reasons": ["C4_LOCAL_SIGNS"]},
    )
    send(started.ana, warm)
    read(started, clock, warm)
    assert attention_of(started.ana) is None
    send(started.ana, start_event(started.ana, flags={"diabetes": True}))
    assert attention_of(started.ana).rank == 3  # type: ignore[union-attr]


def warm_check_in() -> dict:
    return {
        "answers": answers(warmth=True),
        "verdict": {"level": "clinic_hours", "reasons": ["C4_LOCAL_SIGNS"]},
    }


def test_what_rose_within_the_undo_time_is_not_told_as_read(started: Cast, clock: Clock) -> None:
    warm = event(started.ana, **warm_check_in())
    send(started.ana, warm)
    read(started, clock, warm, outcome="spoke_with_patient")
    send(started.ana, start_event(started.ana, flags={"diabetes": True}))
    clock.move(seconds=11)
    changes = started.ana.get("/api/v1/changes").get_json()["changes"]
    assert [one["type"] for one in changes].count("verdict") == 1
    assert "review" not in [one["type"] for one in changes]
    read(started, clock, warm, outcome="spoke_with_patient")
    clock.move(seconds=11)
    assert started.ana.get("/api/v1/changes").get_json()["changes"][-1]["type"] == "review"


def test_what_rose_while_it_was_on_the_screen_stays_unread(started: Cast, clock: Clock) -> None:
    warm = event(started.ana, **warm_check_in())
    send(started.ana, warm)
    send(started.ana, start_event(started.ana, flags={"diabetes": True}))
    with pytest.raises(Conflict), writing():
        reviews.mark_read(
            actor=started.dr_cole.actor,
            role="clinician",
            patient_id=started.ana.account_id,
            event_ids=[warm["event_id"]],
            outcome="spoke_with_patient",
            note="",
            at=clock(),
            seen_levels={warm["event_id"]: "clinic_hours"},
        )
    assert attention_of(started.ana).rank == 3  # type: ignore[union-attr]
