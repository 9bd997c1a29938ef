"""Records whose time is over: by the clinic's setting, never with something unread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from pwa.accounts.models import Account
from pwa.audit.models import AuditEntry
from pwa.database import db, writing
from pwa.exchange import retention
from pwa.practice import clinics
from tests.clinic.asking import read
from tests.conftest import Cast, Clock, send
from tests.exchange.planting import everything_in_the_database
from tests.making import event


def set_retention(cast: Cast, months: int | None) -> None:
    with writing():
        found = clinics.snapshot(cast.mo.clinic_id)
        clinics.save_words(
            clinic_id=cast.mo.clinic_id,
            words=found.words.model_copy(update={"retention_months": months}),
            seen_version=found.version,
            at=datetime(2026, 11, 26, 12, 0, tzinfo=UTC),
            actor_id=cast.mo.account_id,
            actor_name=cast.mo.name,
        )


def due(at: datetime) -> list[str]:
    found = [one.patient_id for one in retention.find_due(at=at)]
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        ((2026, 11, 26), 12, (2025, 11, 26)),
        ((2026, 3, 31), 13, (2025, 2, 28)),
        ((2024, 2, 29), 12, (2023, 2, 28)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 31), 600, (1976, 12, 31)),
    ],
)
def test_months_are_counted_by_the_calendar(
    at: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    found = retention.months_before(datetime(*at, 8, 30, tzinfo=UTC), months)
    assert found == datetime(*before, 8, 30, tzinfo=UTC)


def test_a_record_is_due_only_when_its_time_is_over_and_all_of_it_is_read(
    started: Cast, clock: Clock, app: Flask, stones: Any
) -> None:
    ana, ben = started.ana, started.ben
    sent = event(ana)
    send(ana, sent)
    last = clock()
    assert due(last.replace(year=2099)) == [], "no clinic has set a time"
    set_retention(started, 24)
    assert due(last.replace(year=2028, month=11, day=25)) == []
    after = last.replace(year=2028, month=11, day=27)
    assert due(after) == [ben.account_id], "ana has something unread"
    assert read(started.dr_cole, ana, sent).status_code == 303
    assert set(due(after)) == {ana.account_id, ben.account_id}

    clock.now = after
    run = app.test_cli_runner().invoke
    listed = run(args=["retention"])
    assert "2 due. Nothing was erased" in listed.output
    assert "Ana" not in listed.output
    assert stones.read() == []
    send_late(started)
    done = run(args=["retention", "--do"])
    assert done.exit_code == 0, done.output
    assert "1 erased" in done.output
    assert {stone.cause for stone in stones.read()} == {"retention"}
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "patient.erased")
    ).one()
    assert (entry.actor_name, entry.detail["cause"]) == ("retention", "retention")
    assert db.session.get_one(Account, ana.account_id).erased_at is None
    assert "Ben T." not in everything_in_the_database()
    assert "1 due" not in run(args=["retention"]).output


def send_late(cast: Cast) -> None:
    """Ana's phone comes back after two years; what it brings is unread."""
    assert cast.ana.sign_in().status_code == 200
    assert send(cast.ana, event(cast.ana))[0]["status"] == "stored"


def test_a_next_appointment_and_a_new_code_keep_a_record(started: Cast, clock: Clock) -> None:
    set_retention(started, 12)
    at = clock().replace(year=2028)
    assert set(due(at)) == {started.ana.account_id, started.ben.account_id}
    form = {
        "site": "knee",
        "side": "right",
        "performed_on": "2026-11-23",
        "number": "1",
        "injected": "",
        "clinician_name": "Dr Cole",
        "next_on": "2028-01-10",
        "next_time": "10:00",
        "version": "1",
    }
    path = f"/clinic/patients/{started.ana.account_id}/treatments/{started.ana.treatment_id}"
    assert started.dr_cole.post(path, data=form).status_code == 303
    assert due(at) == [started.ben.account_id]
