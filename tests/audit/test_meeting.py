"""Many at once: nobody who opens a page sees an error because somebody else did so, too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from pwa.accounts import people
from pwa.audit import log as audit_log
from pwa.audit.models import AuditHead
from pwa.database import MOST_TRIES, db, is_sqlite, writing
from tests.audit.breaking import entries_of, run
from tests.clinic.asking import read, send_emergency
from tests.conftest import NOON, Cast, Person, send_batch
from tests.making import event

MEETINGS = "CREATE SEQUENCE meetings"
MEET = """
CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('meetings') <= {count} THEN
    RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '{code}';
  END IF;
  RETURN NEW;
END $$
"""
MEET_FIRST = """
CREATE TRIGGER meet BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION meet()
"""


def test_clinicians_who_open_pages_at_once_see_them_and_each_is_written_down(
    started: Cast, app: Flask
) -> None:
    worst = send_emergency(started)
    paths = ("/clinic", f"/clinic/patients/{started.ana.account_id}", "/clinic/patients")
    assert started.dr_cole.get("/clinic/account").status_code == 200
    cookie = cookie_of(started.dr_cole)
    before = len(entries_of(started.dr_cole.clinic_id))
    go = threading.Barrier(8)

    def look(number: int) -> list[int]:
        client = app.test_client(use_cookies=False)
        go.wait(30)
        return [
            client.get(paths[(number + turn) % 3], headers={"Cookie": cookie}).status_code
            for turn in range(4)
        ]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for found in pool.map(look, range(8)) for status in found]
    assert statuses == [200] * 32
    chain = entries_of(started.dr_cole.clinic_id)
    assert [entry.chain_no for entry in chain] == list(range(1, before + 33))
    assert read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen").status_code == 303
    db.session.rollback()
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def cookie_of(person: Person) -> str:
    cookie = person.client.get_cookie("session")
    assert cookie is not None
    return f"session={cookie.value}"


def test_the_first_entries_of_a_clinic_written_at_once_are_one_chain(app: Flask) -> None:
    clinic_id = "33333333-3333-4333-8333-333333333333"
    go = threading.Barrier(6)

    def add(_: int) -> None:
        with app.app_context():
            go.wait(30)
            with writing():
                audit_log.record(
                    at=NOON, clinic_id=clinic_id, actor_id=None, actor_name="Mo", action="a.b"
                )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))
    assert [entry.chain_no for entry in entries_of(clinic_id)] == [1, 2, 3, 4, 5, 6]


@pytest.fixture
def meetings(app: Flask) -> Iterator[str]:
    """A trigger may be put here that says what PostgreSQL says when two meet."""
    if is_sqlite(db.engine):
        pytest.skip("SQLite lets one writer in at a time")
    yield app.name
    run(
        "DROP TRIGGER IF EXISTS meet ON audit_entries",
        "DROP FUNCTION IF EXISTS meet()",
        "DROP SEQUENCE IF EXISTS meetings",
    )


@pytest.mark.fault(36)
@pytest.mark.usefixtures("meetings")
@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_request_that_met_another_is_done_again(started: Cast, code: str) -> None:
    worst = send_emergency(started)
    started.dr_cole.get("/clinic/account")
    run(MEETINGS, MEET.format(count=MOST_TRIES - 1, code=code), MEET_FIRST)
    assert started.dr_cole.get("/clinic").status_code == 200
    assert len(entries_with("worklist.seen", started)) == 1
    run("ALTER SEQUENCE meetings RESTART")
    answer = read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen")
    assert answer.status_code == 303
    assert len(entries_with("check_in.read", started)) == 1


@pytest.mark.fault(36)
@pytest.mark.usefixtures("meetings")
def test_a_request_that_keeps_meeting_others_is_told_to_come_back(started: Cast) -> None:
    worst = send_emergency(started)
    started.dr_cole.get("/clinic/account")
    run(MEETINGS, MEET.format(count=1000, code="40001"), MEET_FIRST)
    answer = read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    with writing():
        assert db.session.scalar(text("SELECT last_value FROM meetings")) == MOST_TRIES
    assert entries_with("check_in.read", started) == []


def entries_with(action: str, cast: Cast) -> list[str]:
    return [one.action for one in entries_of(cast.dr_cole.clinic_id) if one.action == action]


@pytest.mark.fault(36)
def test_a_body_is_read_again_when_a_request_is_done_again(started: Cast) -> None:
    if is_sqlite(db.engine):
        pytest.skip("SQLite lets one writer in at a time")
    run(MEETINGS, MEET.format(count=1, code="40001"))
    run("CREATE TRIGGER meet BEFORE INSERT ON check_in_events FOR EACH ROW EXECUTE FUNCTION meet()")
    try:
        answer = send_batch(started.ana, event(started.ana))
        assert [one["status"] for one in answer.get_json()["results"]] == ["stored"]
    finally:
        run(
            "DROP TRIGGER meet ON check_in_events",
            "DROP FUNCTION meet()",
            "DROP SEQUENCE meetings",
        )


@pytest.mark.fault(36)
def test_a_deadlock_with_somebody_else_ends_well(started: Cast, app: Flask) -> None:
    if is_sqlite(db.engine):
        pytest.skip("SQLite lets one writer in at a time")
    worst = send_emergency(started)
    assert started.dr_cole.get("/clinic/account").status_code == 200
    patient_id, clinic_id = started.ana.account_id, started.dr_cole.clinic_id
    statuses: list[int] = []

    def mark() -> None:
        with app.app_context():
            answer = read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen")
            statuses.append(answer.status_code)

    with writing():
        db.session.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        db.session.query(AuditHead).filter_by(clinic_id=clinic_id).with_for_update().one()
        request = threading.Thread(target=mark)
        request.start()
        wait_until_somebody_waits(app)
        people.lock_patient(clinic_id=clinic_id, account_id=patient_id)
        db.session.rollback()
    request.join()
    assert statuses == [303]
    assert entries_with("check_in.read", started) == ["check_in.read"]


def wait_until_somebody_waits(app: Flask) -> None:
    """Until a connection of this database waits for a lock; PostgreSQL knows."""
    with app.app_context(), db.engine.connect() as watcher:
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        for _ in range(100_000):
            if watcher.execute(waits).scalar():
                return
    raise AssertionError("nobody came to wait")
