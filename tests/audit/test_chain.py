"""The chain of entries: only added to, and what was tampered with is found and told by number."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pwa.audit import log as audit_log
from pwa.audit.models import AuditHead
from pwa.database import db, writing
from tests.audit.breaking import entries_of, run, thief
from tests.conftest import NOON, Cast

REPLACE = """
INSERT OR REPLACE INTO audit_entries
SELECT entry_id, clinic_id, at, actor_id, 'Nobody', action, subject_id, detail, chain_no, chain_hash
FROM audit_entries WHERE chain_no = 2
"""
INSERT = """
INSERT INTO audit_entries (clinic_id, at, actor_name, action, detail, chain_no, chain_hash)
SELECT clinic_id, at, 'Mo', action, detail, 0, chain_hash FROM audit_entries WHERE chain_no = 1
"""
CLINIC = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


def add(count: int, *, clinic_id: str = CLINIC) -> None:
    for number in range(count):
        with writing():
            audit_log.record(
                at=NOON,
                clinic_id=clinic_id,
                actor_id=None,
                actor_name="Zoë 🙂",
                action="settings.seen",
                detail={"nested": {"b": [1, None, True], "a": "é"}, "number": number},
            )


def verify(app: Flask, *expected: str) -> Result:
    db.session.rollback()
    options = [part for line in expected for part in ("--expect", line)]
    return app.test_cli_runner().invoke(args=["audit", "verify", *options])


def end_of(clinic_id: str) -> str:
    db.session.rollback()
    head = db.session.get_one(AuditHead, clinic_id)
    return f"{clinic_id}:{head.chain_no}:{head.chain_hash}"


def test_an_untouched_log_is_whole_and_its_ends_are_told(cast: Cast, app: Flask) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    add(3)
    answer = verify(app)
    assert answer.exit_code == 0, answer.output
    assert f"{CLINIC}: 3 entries, nothing changed and nothing missing" in answer.output
    for clinic_id in (CLINIC, cast.dr_cole.clinic_id, cast.dr_dunn.clinic_id):
        assert end_of(clinic_id) in answer.output.splitlines()
    assert verify(app, end_of(CLINIC)).exit_code == 0


def test_the_entries_of_two_clinics_are_two_chains(app: Flask) -> None:
    add(2)
    add(1, clinic_id=OTHER)
    add(1)
    assert [entry.chain_no for entry in entries_of(CLINIC)] == [1, 2, 3]
    assert [entry.chain_no for entry in entries_of(OTHER)] == [1]
    assert verify(app).exit_code == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'Somebody else'",
        "DELETE FROM audit_entries WHERE chain_no = 2",
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET chain_no = 1",
        REPLACE,
        "TRUNCATE audit_entries",
        "TRUNCATE audit_heads",
    ],
)
def test_the_database_itself_changes_and_removes_nothing(app: Flask, statement: str) -> None:
    add(3)
    before = [entry.chain_hash for entry in entries_of(CLINIC)]
    with pytest.raises(DBAPIError):
        run(statement)
    assert [entry.chain_hash for entry in entries_of(CLINIC)] == before
    assert verify(app).exit_code == 0


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE audit_entries SET actor_name = 'Dr Dunn' WHERE chain_no = 3",
            "BROKEN at entry 3: it was changed",
        ),
        ("UPDATE audit_entries SET detail = '{}' WHERE chain_no = 1", "entry 1: it was changed"),
        ("DELETE FROM audit_entries WHERE chain_no = 2", "at entry 2: entry 2 is missing"),
        ("DELETE FROM audit_entries WHERE chain_no < 3", "entries 1 to 2 are missing"),
        ("DELETE FROM audit_entries WHERE chain_no > 4", "entry 5: the end is cut off: entry 5"),
        ("DELETE FROM audit_entries", "entry 1: the end is cut off: entry 5 was written"),
        ("DELETE FROM audit_heads", "the note of where this chain ends is missing"),
        (
            "UPDATE audit_heads SET chain_no = 3",
            "entry 6: 2 inserted behind the end of the chain, which is entry 3",
        ),
        (
            "UPDATE audit_heads SET chain_hash = 'abc'",
            "the note of where this chain ends tells of another entry",
        ),
        (INSERT, "an entry was inserted as number 0"),
    ],
)
def test_what_a_thief_did_is_told_by_number(app: Flask, statement: str, told: str) -> None:
    add(5)
    add(1, clinic_id=OTHER)
    joined = "AND" if "WHERE" in statement else "WHERE"
    thief(f"{statement} {joined} clinic_id = '{CLINIC}'")
    answer = verify(app)
    assert answer.exit_code == 1
    assert told in answer.output
    assert f"{OTHER}: 1 entry, nothing changed" in answer.output
    assert end_of(OTHER) in answer.output.splitlines()


def test_a_chain_cut_off_with_its_note_shows_only_against_a_kept_end(app: Flask) -> None:
    add(5)
    kept = end_of(CLINIC)
    fourth = entries_of(CLINIC)[3].chain_hash
    thief("DELETE FROM audit_entries WHERE chain_no = 5")
    thief(f"UPDATE audit_heads SET chain_no = 4, chain_hash = '{fourth}'")  # noqa: S608
    assert verify(app).exit_code == 0
    answer = verify(app, kept)
    assert answer.exit_code == 1
    assert "entry 5: the end is cut off: the kept end is entry 5" in answer.output


def test_a_chain_written_anew_shows_against_a_kept_end(app: Flask) -> None:
    add(3)
    kept = end_of(CLINIC)
    thief("DELETE FROM audit_entries")
    thief("DELETE FROM audit_heads")
    assert verify(app, kept).exit_code == 1
    with writing():
        for action in ("a.a", "b.b", "c.c", "d.d"):
            audit_log.record(
                at=NOON, clinic_id=CLINIC, actor_id=None, actor_name="Mo", action=action
            )
    assert verify(app).exit_code == 0
    answer = verify(app, kept)
    assert "entry 3: it is another one than the kept end tells" in answer.output


def test_a_kept_end_that_is_none_is_refused(app: Flask) -> None:
    for line in ("", "x", f"{CLINIC}:0:{'0' * 64}", f"{CLINIC}:1:abc"):
        answer = verify(app, line)
        assert (answer.exit_code, "CLINIC:NUMBER:HASH" in answer.output) == (2, True)


@pytest.mark.usefixtures("app")
def test_an_act_outside_a_transaction_is_a_bug_and_said_at_once() -> None:
    with pytest.raises(RuntimeError, match="write transaction"):
        audit_log.record(at=NOON, clinic_id=CLINIC, actor_id=None, actor_name="Mo", action="a.b")


@pytest.mark.usefixtures("app")
def test_a_fraction_in_a_detail_is_a_bug_and_said_at_once() -> None:
    with pytest.raises(ValueError, match="fractions"), writing():
        audit_log.record(
            at=NOON,
            clinic_id=CLINIC,
            actor_id=None,
            actor_name="Mo",
            action="a.b",
            detail={"share": 0.5},
        )


@pytest.mark.usefixtures("app")
def test_what_is_undone_leaves_no_entry_and_no_hole() -> None:
    add(1)
    with pytest.raises(ZeroDivisionError):
        do_and_fail()
    add(1)
    assert [(one.chain_no, one.action) for one in entries_of(CLINIC)] == [
        (1, "settings.seen"),
        (2, "settings.seen"),
    ]


def do_and_fail() -> None:
    with writing():
        audit_log.record(at=NOON, clinic_id=CLINIC, actor_id=None, actor_name="Mo", action="a.b")
        raise ZeroDivisionError


def test_a_long_chain_is_walked_in_pieces(app: Flask) -> None:
    with writing():
        for number in range(450):
            audit_log.record(
                at=NOON,
                clinic_id=CLINIC,
                actor_id=None,
                actor_name="Mo",
                action="a.b",
                detail={"number": number},
            )
    assert f"{CLINIC}: 450 entries, nothing changed" in verify(app).output
    thief("UPDATE audit_entries SET action = 'c.d' WHERE chain_no = 333")
    assert "BROKEN at entry 333" in verify(app).output


@pytest.mark.usefixtures("app")
def test_the_guards_are_back_after_a_test() -> None:
    add(1)
    db.session.rollback()
    with pytest.raises(DBAPIError), writing():
        db.session.execute(text("DELETE FROM audit_entries"))
