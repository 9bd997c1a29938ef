"""Clocks that are wrong: the server's by years, and a phone's check-in that arrives days late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pwa.check_ins.models import CheckInEvent
from pwa.database import db
from tests.clinic.asking import words_of
from tests.conftest import NOON, Cast, Clock, send, send_batch
from tests.making import event

YEARS = timedelta(days=5 * 365)


@pytest.mark.fault(19)
@pytest.mark.parametrize("jump", [YEARS, -YEARS], ids=["ahead", "behind"])
def test_a_server_clock_years_off_refuses_no_check_in_and_changes_no_time_of_the_phone(
    started: Cast, clock: Clock, jump: timedelta
) -> None:
    clock.now = NOON + jump
    made = event(started.ana)
    first = send_batch(started.ana, made)
    assert first.status_code == (401 if jump > timedelta(0) else 200)
    assert started.ana.sign_in().status_code == 200
    [told] = send(started.ana, made)
    assert told["status"] in ("stored", "duplicate")
    db.session.rollback()
    row = db.session.scalars(
        select(CheckInEvent).where(CheckInEvent.event_id == made["event_id"])
    ).one()
    assert row.event["recorded_at"] == made["recorded_at"]
    assert row.event["local_date"] == made["local_date"]
    assert row.received_at == NOON + jump

    clock.now = NOON
    assert started.ana.sign_in().status_code == 200
    assert send(started.ana, made)[0]["status"] == "duplicate"
    assert send(started.ana, event(started.ana))[0]["status"] == "stored"


@pytest.mark.fault(120)
def test_a_late_check_in_says_when_it_was_recorded_and_when_it_came(started: Cast) -> None:
    late = event(started.ana, recorded_at="2026-11-23T10:00:00+00:00", local_date="2026-11-23")
    send(started.ana, late, sent_at="2026-11-26T10:00:00+00:00")
    said = words_of(started.dr_cole.get("/clinic"))
    assert "Mon 23 Nov 10:00 → 12:00 Recorded 3 days ago , received now" in said
    assert "Phone clock 2 hours slow." in said
