"""When the log takes no entry: clinicians see nothing, and patients' check-ins are still taken."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import func, select

from pwa.check_ins.models import CheckInEvent, Review
from pwa.database import db, is_sqlite
from tests.audit.breaking import blocked_log, run
from tests.clinic.asking import read, send_emergency
from tests.conftest import Cast, send_batch
from tests.making import event
from tests.tally import Tally

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.fault(38)
def test_no_clinician_sees_or_does_anything_that_is_not_written_down(
    started: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    worst = send_emergency(started)
    patient = f"/clinic/patients/{started.ana.account_id}"
    started.dr_cole.get("/clinic/account")
    with blocked_log(), caplog.at_level(logging.CRITICAL):
        for path in ("/clinic", "/clinic/patients", patient, f"{patient}/details"):
            answer = started.dr_cole.get(path)
            assert (path, answer.status_code) == (path, 503)
            assert "Ana R." not in answer.text
            assert "Nothing was shown or changed" in answer.text
        answer = read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen")
        assert answer.status_code == 503
        assert "the audit log cannot be written" in caplog.text
        assert "Ana" not in caplog.text
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Review)) == 0
    assert 'data-level="emergency"' in started.dr_cole.get("/clinic").text


@pytest.mark.fault(38)
def test_patients_check_ins_are_taken_all_the_same(started: Cast, tally: Tally) -> None:
    made = [event(started.ana) for _ in range(3)]
    tally.fault()
    with blocked_log():
        answer = send_batch(started.ana, *made)
        assert answer.status_code == 200
        acknowledged = [
            one["event_id"] for one in answer.get_json()["results"] if one["status"] == "stored"
        ]
        assert started.ana.get("/api/v1/session").status_code == 200
        assert started.ana.get("/api/v1/changes").status_code == 200
    db.session.rollback()
    tally.compare(acknowledged, db.session.scalars(select(CheckInEvent.event_id)))
    assert set(acknowledged) == {one["event_id"] for one in made}


@pytest.mark.fault(38)
def test_a_log_that_is_gone_altogether_is_no_other_case(started: Cast) -> None:
    started.dr_cole.get("/clinic/account")
    run("ALTER TABLE audit_entries RENAME TO audit_entries_elsewhere")
    try:
        answer = started.dr_cole.get("/clinic")
        assert (answer.status_code, "Ana R." in answer.text) == (503, False)
        assert send_batch(started.ana, event(started.ana)).status_code == 200
    finally:
        run("ALTER TABLE audit_entries_elsewhere RENAME TO audit_entries")
    assert started.dr_cole.get("/clinic").status_code == 200


@pytest.mark.fault(38)
def test_rights_that_were_taken_away_are_no_other_case(started: Cast) -> None:
    if is_sqlite(db.engine):
        pytest.skip("SQLite knows no rights")
    started.dr_cole.get("/clinic/account")
    run("CREATE ROLE without_the_log LOGIN")
    run(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO without_the_log",
        "REVOKE INSERT ON audit_entries FROM without_the_log",
    )
    try:
        with every_connection_as("without_the_log"):
            assert started.dr_cole.get("/clinic").status_code == 503
            assert send_batch(started.ana, event(started.ana)).status_code == 200
    finally:
        run("DROP OWNED BY without_the_log", "DROP ROLE without_the_log")
    assert started.dr_cole.get("/clinic").status_code == 200


@contextmanager
def every_connection_as(role: str) -> Iterator[None]:
    """Within the block every connection of the server has these rights."""

    def speak_as(connection: Any, _record: Any) -> None:
        connection.execute(f"SET ROLE {role}")
        connection.commit()

    engine = db.engine
    forget_connections()
    sqlalchemy.event.listen(engine, "connect", speak_as)
    try:
        yield
    finally:
        sqlalchemy.event.remove(engine, "connect", speak_as)
        forget_connections()


def forget_connections() -> None:
    db.session.rollback()
    db.engine.dispose()


def test_taking_in_check_ins_knows_nothing_of_the_log() -> None:
    for name in ("intake", "feed", "routes", "verdicts", "attention", "course"):
        path = ROOT / "pwa" / "check_ins" / f"{name}.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not str(node.module).startswith("pwa.audit"), name
