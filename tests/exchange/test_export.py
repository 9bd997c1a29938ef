"""Giving out one patient's record: all of it, to whom it belongs, in files that do no harm."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.accounts.models import Account
from pwa.audit.models import AuditEntry
from pwa.check_ins.models import CheckInEvent
from pwa.database import db
from pwa.exchange import record
from tests.conftest import NOON, Cast, Clock
from tests.exchange.planting import (
    CORRECTED,
    ENDPOINT,
    IDENTIFIER,
    INJECTED,
    INNER_NOTE,
    KEY_NAME,
    LABEL,
    MESSAGE,
    NAME,
    NOTE,
    PHONE,
    READ_NOTE,
    REMARK,
    ZONE,
    plant,
)

NOT_ABOUT_PATIENTS = {
    "alembic_version",
    "audit_heads",
    "clinics",
    "clinic_words",
    "installation",
    "master_keys",
    "sign_offs",
}


def ask(cast: Cast, part: str = "") -> TestResponse:
    return cast.dr_cole.post(f"/clinic/patients/{cast.ana.account_id}/export{part}")


def test_every_table_and_column_is_given_out_or_has_a_reason_why_not() -> None:
    given = {model.__tablename__: set(row_names(model)) for model in record.GIVEN_OUT}
    reasons = record.LEFT_OUT
    for table in db.metadata.sorted_tables:
        if table.name in NOT_ABOUT_PATIENTS or table.name in reasons:
            continue
        assert table.name in given, f"{table.name} is not in the record"
        for column in [one.name for one in table.columns]:
            is_said = f"{table.name}.{column}" in reasons or f"*.{column}" in reasons
            assert column in given[table.name] or is_said, f"{table.name}.{column}"
    known = {
        f"{table.name}.{one.name}" for table in db.metadata.sorted_tables for one in table.columns
    }
    known |= {table.name for table in db.metadata.sorted_tables}
    assert [name for name in reasons if not name.startswith("*.") and name not in known] == []


def row_names(model: Any) -> list[str]:
    return list(record.row_of(model()))


def test_the_data_holds_everything_as_it_was_sent(started: Cast) -> None:
    plant(started)
    answer = ask(started)
    assert answer.status_code == 200
    data = json.loads(answer.get_data(as_text=True))
    assert data["format"] == "prolo-aftercare-record/1"
    assert data["identity"]["display_name"] == NAME
    assert (data["identity"]["second_identifier"], data["identity"]["phone_number"]) == (
        IDENTIFIER,
        PHONE,
    )
    rows = db.session.scalars(
        select(CheckInEvent)
        .where(CheckInEvent.patient_id == started.ana.account_id)
        .order_by(CheckInEvent.seq)
    ).all()
    assert [one["event"] for one in data["check_ins"]] == [row.event for row in rows]
    for one, row in zip(data["check_ins"], rows, strict=True):
        assert (one["seq"], one["clock_offset_s"]) == (row.seq, row.clock_offset_s)
        assert one["received_at"] == row.received_at.isoformat()
    assert all(one["verdicts"] for one in data["check_ins"] if one["kind"] == "create")
    assert [v["injected"] for v in data["treatments"][0]["versions"]][-1] == INJECTED
    assert len(data["treatments"][0]["versions"]) == 2
    assert {one["note"] for one in data["reviews"]} == {READ_NOTE, ""}
    assert [one["message"] for one in data["reviews"] if one["message"]] == [MESSAGE]
    assert [one["text"] for one in data["notes"]] == [INNER_NOTE]
    assert [one["remark"] for one in data["hand_overs"]] == [REMARK]
    assert [one["name"] for one in data["claims"]] == ["Dr Cole"]
    assert [one["display_name"] for one in data["earlier_details"]] == ["Ana R."]
    assert {one["label"] for one in data["sessions"]} == {LABEL}
    assert [one["time_zone"] for one in data["reminders"]] == [ZONE]
    assert [one["created_at"] for one in data["reminded_phones"]] == [NOON.isoformat()]
    assert [one["language"] for one in data["calendar_links"]] == ["en"]
    assert [one["name"] for one in data["passkeys"]] == [KEY_NAME]
    assert {"patient.seen", "check_in.read", "session.started"} & {
        one["action"] for one in data["audit"]
    }
    assert all(
        started.ana.account_id in (one["actor_id"], one["subject_id"]) for one in data["audit"]
    )
    text = answer.get_data(as_text=True)
    hashed = db.session.get_one(Account, started.ana.account_id).password_hash
    assert hashed is not None and hashed not in text
    assert started.ben.account_id not in text
    assert ENDPOINT not in text
    assert "Ben T." not in text


def test_the_page_can_be_read_and_runs_and_loads_nothing(started: Cast) -> None:
    plant(started)
    page = ask(started, "/page").get_data(as_text=True)
    written = (NAME, IDENTIFIER, PHONE, NOTE, READ_NOTE, INJECTED, INNER_NOTE, MESSAGE, REMARK)
    for words in (*written, "Read by Dr Cole", "What stood there before", "Ana R."):
        assert words in page, words
    assert CORRECTED not in page
    assert "marmalade &lt;b&gt;anvil&lt;/b&gt;" in page
    assert not re.search(r"<(script|link|img|iframe|object|form|svg|base)\b", page)
    assert not re.search(r"\b(src|href|action|on\w+|style)\s*=", page)
    assert "url(" not in page and "@import" not in page and "://" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "Nothing matched" in page
    assert "How bad is the pain now?" in page


def test_the_files_names_say_nothing_of_whom_they_are_about(started: Cast) -> None:
    for part, ending in (("", "json"), ("/page", "html")):
        header = ask(started, part).headers
        name = f"patient-record-2026-11-26.{ending}"
        assert header["Content-Disposition"] == f'attachment; filename="{name}"'
        assert header["Cache-Control"] == "no-store"
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == "patient.exported")
        .order_by(AuditEntry.entry_id)
    ).all()
    assert [entry.detail for entry in entries] == [{"as": "data"}, {"as": "page"}]
    assert {entry.actor_id for entry in entries} == {started.dr_cole.account_id}


def test_anas_record_is_given_out_to_her_clinician_alone_who_proves_it(
    started: Cast, clock: Clock
) -> None:
    path = f"/clinic/patients/{started.ana.account_id}/export"
    for person in (started.dr_dunn, started.mo, started.ben, started.ana):
        for part in ("", "/page"):
            assert person.post(path + part).status_code == 404, person.name
    assert started.dr_cole.get(path).status_code == 200
    clock.move(minutes=6)
    assert [ask(started, part).status_code for part in ("", "/page")] == [403, 403]
    assert started.dr_cole.get(path).headers["Location"].startswith("/clinic/account/confirm")


def test_the_operator_gives_out_and_erases_by_command(
    started: Cast, app: Flask, tmp_path: Path, stones: Any
) -> None:
    plant(started)
    run = app.test_cli_runner().invoke
    done = run(args=["export", started.ana.account_id, str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    files = sorted((tmp_path / "out").iterdir())
    assert [path.suffix for path in files] == [".html", ".json"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert NOTE in files[0].read_text() and NOTE in files[1].read_text()
    assert NAME not in done.output
    wrong = run(args=["erase", started.ana.account_id], input="R-ben\n")
    assert wrong.exit_code == 1
    assert stones.read() == []
    right = run(args=["erase", started.ana.account_id], input=f"{IDENTIFIER}\n")
    assert right.exit_code == 0, right.output
    assert [stone.actor_name for stone in stones.read()] == ["Operator"]
    for command in (["erase"], ["export"]):
        where = [str(tmp_path)] if command == ["export"] else []
        again = run(args=[*command, started.ana.account_id, *where])
        assert again.exit_code == 1
        assert "no patient" in again.output
