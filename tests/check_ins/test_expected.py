"""One row a patient of whom something is expected: when it comes, changes and goes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from pwa.accounts.models import Account
from pwa.check_ins import expected, reviews
from pwa.check_ins.models import Expectation
from pwa.database import db, writing
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from tests.clinic.asking import values_of
from tests.conftest import Cast, Clock, Person, add_patient, add_treatment, send
from tests.making import about, amend, answers, event, shoulder_answers

EMERGENCY = {"level": "emergency", "reasons": ["E1_BREATHING"]}
BREATHLESS = {"answers": answers(breathless=True), "verdict": EMERGENCY}


def midnight(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


SLOT_3 = ("missed", date(2026, 11, 26), midnight(28))
SLOT_5 = ("missed", date(2026, 11, 28), midnight(30))
SILENT = ("silent", date(2026, 11, 27), datetime(2026, 11, 27, 12, tzinfo=UTC))
"""At noon of ana's day 3, the 26th."""


def row_of(person: Person) -> tuple[str, date, datetime] | None:
    db.session.rollback()
    row = db.session.scalars(
        select(Expectation).where(Expectation.patient_id == person.account_id)
    ).one_or_none()
    return None if row is None else (row.reason, row.expected_on, row.overdue_at)


def refresh(person: Person, clock: Clock) -> None:
    with writing():
        expected.refresh(clinic_id=person.clinic_id, patient_id=person.account_id, at=clock())


def overdue(cast: Cast, clock: Clock) -> set[str]:
    db.session.rollback()
    clinic_id = cast.mo.clinic_id
    return set(
        db.session.scalars(
            select(Expectation.patient_id).where(
                Expectation.clinic_id == clinic_id,
                *expected.is_overdue(clinics.schedule(clinic_id), at=clock()),
            )
        )
    )


def test_a_check_in_moves_what_is_expected_to_the_next_slot(started: Cast) -> None:
    assert row_of(started.ana) == SLOT_3
    send(started.ana, event(started.ana))
    assert row_of(started.ana) == SLOT_5


def test_somebody_is_overdue_from_that_moment_on(started: Cast, clock: Clock) -> None:
    clock.now = midnight(28)
    assert overdue(started, clock) == {started.ana.account_id, started.ben.account_id}
    clock.move(seconds=-1)
    assert overdue(started, clock) == set()


def test_a_row_whose_last_slot_is_long_over_is_not_overdue(started: Cast, clock: Clock) -> None:
    clock.move(days=90)
    assert started.ana.account_id in overdue(started, clock)
    clock.move(days=6)
    assert started.ana.account_id not in overdue(started, clock)
    prepare_database()
    assert row_of(started.ana) is None


def test_nothing_is_expected_of_somebody_who_never_joined_nor_sent(
    cast: Cast, clock: Clock
) -> None:
    with writing():
        db.session.get_one(Account, cast.ana.account_id).password_hash = None
    refresh(cast.ana, clock)
    assert row_of(cast.ana) is None


@pytest.mark.parametrize("is_fresh", [True, False])
def test_it_begins_with_the_first_contact_of_a_phone(cast: Cast, is_fresh: bool) -> None:
    assert row_of(cast.ana) is None
    cast.ana.get("/api/v1/changes?after=0" + ("" if is_fresh else "&clinic=1"))
    assert (row_of(cast.ana) is not None) == is_fresh


def test_a_withdrawn_check_in_leaves_the_slot_open(started: Cast) -> None:
    mistaken = event(started.ana)
    send(started.ana, mistaken)
    send(started.ana, about(started.ana, mistaken, "retract"))
    assert row_of(started.ana) == SLOT_3


@pytest.mark.parametrize(
    ("changed", "slot_day"),
    [
        ({"local_date": "2031-01-01"}, 28),
        ({"local_date": "2020-01-01", "clock_behind": True}, 28),
        ({"local_date": "2026-11-24"}, 26),
        ({"local_date": "2026-11-27"}, 28),
    ],
)
def test_a_wrong_clock_makes_nobody_invisible(
    started: Cast, changed: dict[str, Any], slot_day: int
) -> None:
    send(started.ana, event(started.ana, **changed))
    row = row_of(started.ana)
    assert row is not None
    assert row[1] == date(2026, 11, slot_day)


def test_silence_after_an_emergency_counts_after_a_day_until_something_comes(
    started: Cast, clock: Clock
) -> None:
    worst = event(started.ana, **BREATHLESS)
    send(started.ana, worst)
    assert row_of(started.ana) == SILENT
    clock.move(minutes=5)
    send(started.ana, amend(started.ana, worst, **BREATHLESS))
    assert row_of(started.ana) == SILENT
    clock.move(hours=1)
    send(started.ana, event(started.ana))
    assert row_of(started.ana) == SLOT_5


def test_a_withdrawn_emergency_is_not_silence(started: Cast) -> None:
    worst = event(started.ana, **BREATHLESS)
    send(started.ana, worst)
    send(started.ana, about(started.ana, worst, "retract"))
    assert row_of(started.ana) == SLOT_3


def test_an_outcome_ends_the_silence_and_undoing_it_brings_it_back(
    started: Cast, clock: Clock
) -> None:
    worst = event(started.ana, **BREATHLESS)
    send(started.ana, worst)
    patient_id = started.ana.account_id
    with writing():
        review_id = reviews.mark_read(
            actor=started.dr_cole.actor,
            role="clinician",
            patient_id=patient_id,
            event_ids=[worst["event_id"]],
            outcome="spoke_with_patient",
            note="",
            at=clock(),
        )
    assert row_of(started.ana) == SLOT_5
    with writing():
        reviews.undo(
            actor=started.dr_cole.actor, patient_id=patient_id, review_id=review_id, at=clock()
        )
    assert row_of(started.ana) == SILENT


def test_a_closed_account_has_no_row_and_an_opened_one_has(started: Cast) -> None:
    path = f"/clinic/patients/{started.ana.account_id}/archive"
    started.dr_cole.post(path, data={"is_archived": "1"})
    assert row_of(started.ana) is None
    started.dr_cole.post(path, data={"is_archived": "0"})
    assert row_of(started.ana) == SLOT_3


def test_a_corrected_day_moves_what_is_expected(started: Cast) -> None:
    ana = started.ana
    path = f"/clinic/patients/{ana.account_id}/treatments/{ana.treatment_id}"
    page = started.dr_cole.get(path)
    form = {
        "site": "knee",
        "side": "right",
        "performed_on": "2026-11-20",
        "number": "1",
        "injected": "Dextrose 15 %",
        "clinician_name": "Dr Dunn",
        "version": values_of(page, "version")[0],
    }
    assert started.dr_cole.post(path, data=form).status_code == 303
    assert row_of(ana) == ("missed", date(2026, 11, 25), midnight(28))
    db.session.rollback()
    row = db.session.scalars(select(Expectation).where(Expectation.patient_id == ana.account_id))
    assert row.one().treated_by == "Dr Dunn"


def test_of_two_joints_the_earliest_slot_counts(started: Cast, clock: Clock) -> None:
    ben = started.ben
    send(ben, event(ben, answers=shoulder_answers()))
    assert row_of(ben) == ("missed", date(2026, 11, 27), midnight(29))
    with writing():
        add_treatment(
            started.dr_cole,
            ben.account_id,
            site="hip",
            side="left",
            performed_on=date(2026, 11, 26),
            at=clock(),
        )
    refresh(ben, clock)
    assert row_of(ben) == ("missed", date(2026, 11, 26), midnight(28))


def rows_of(clinic_id: str) -> list[tuple[Any, ...]]:
    db.session.rollback()
    table = Expectation.__table__
    return [
        tuple(row)
        for row in db.session.execute(
            select(table).where(table.c.clinic_id == clinic_id).order_by(table.c.patient_id)
        )
    ]


def test_counting_a_whole_clinic_says_what_counting_each_patient_says(
    started: Cast, app: Flask, clock: Clock
) -> None:
    send(started.ana, event(started.ana, **BREATHLESS))
    send(started.ben, event(started.ben, answers=shoulder_answers()))
    with writing():
        cleo = add_patient(app, started.dr_cole, "cleo", "Cleo", "hip", "left", 84, clock())
    refresh(cleo, clock)
    before, elsewhere = rows_of(started.mo.clinic_id), rows_of(started.dr_dunn.clinic_id)
    assert len(before) == 3
    with writing():
        db.session.execute(delete(Expectation))
    prepare_database()
    assert rows_of(started.mo.clinic_id) == before
    assert rows_of(started.dr_dunn.clinic_id) == elsewhere == []


def test_a_clinic_that_asks_on_other_days_expects_on_other_days(
    started: Cast, clock: Clock
) -> None:
    words = clinics.snapshot(started.mo.clinic_id).words
    with writing():
        clinics.save_words(
            clinic_id=started.mo.clinic_id,
            words=words.model_copy(update={"check_in_days": [10]}),
            seen_version=clinics.words_version(started.mo.clinic_id),
            at=clock(),
            actor_id=started.mo.account_id,
            actor_name="Mo",
        )
    with writing():
        expected.refresh_clinic(clinic_id=started.mo.clinic_id, at=clock())
    assert row_of(started.ana) == ("missed", date(2026, 12, 3), midnight(5, month=12))
