"""Erasing one patient: nothing of them is left, their phones hear of it, nobody is brought back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from pwa.accounts.models import Account
from pwa.audit.models import AuditEntry
from pwa.check_ins.models import CheckInEvent, ErasedEvent
from pwa.config import ConfigError
from pwa.database import db, is_sqlite, writing
from pwa.exchange import erasure, scrubbing
from pwa.exchange.tombstones import Tombstone, Tombstones
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from tests.conftest import NOON, ORIGIN, Cast, Clock, send, send_batch
from tests.exchange.planting import (
    IDENTIFIER,
    NAME,
    NOTE,
    PLANTED,
    everything_in_the_database,
    plant,
)
from tests.making import batch, event, start_event

STAYS = {"accounts", "sessions", "audit_entries"}
"""Tables that keep rows with an erased patient's id: a shell, the phones' way back, the log."""


def page_of(cast: Cast, part: str = "") -> str:
    return f"/clinic/patients/{cast.ana.account_id}{part}"


def erase(cast: Cast, identifier: str = IDENTIFIER) -> int:
    answer = cast.dr_cole.post(page_of(cast, "/erase"), data={"second_identifier": identifier})
    return answer.status_code


def test_every_table_that_can_name_a_patient_is_emptied_or_said_to_stay() -> None:
    ways = (erasure.BY_TREATMENT, erasure.BY_PATIENT, erasure.BY_ACCOUNT)
    emptied = {model.__tablename__ for way in ways for model in way}
    naming = {
        table.name
        for table in db.metadata.sorted_tables
        if {"patient_id", "account_id"} & set(table.columns.keys())
    }
    naming -= {"sign_offs", "memberships"}  # of members of staff
    assert naming - emptied - STAYS == set()
    below = {
        table.name
        for table in db.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {"check_in_events", "treatments"}
    }
    assert below - emptied == set()


def test_nothing_of_an_erased_patient_is_left_but_a_shell(
    started: Cast, stones: Tombstones
) -> None:
    plant(started)
    before = everything_in_the_database()
    assert [word for word in PLANTED if word not in before] == []
    assert erase(started) == 303
    after = everything_in_the_database()
    assert [word for word in PLANTED if word in after] == []
    holding = {line.split(":")[0] for line in after.splitlines() if started.ana.account_id in line}
    assert holding == STAYS
    account = db.session.get_one(Account, started.ana.account_id)
    assert (account.erased_at, account.display_name, account.username) == (NOON, "", None)
    assert account.password_hash is None
    assert [stone.account_id for stone in stones.read()] == [started.ana.account_id]
    assert NAME not in stones.path.read_text()
    assert stones.path.stat().st_mode & 0o777 == 0o600


def test_an_erased_patient_is_nowhere_on_the_clinics_pages(
    started: Cast, stones: Tombstones
) -> None:
    assert not stones.read()
    plant(started)
    assert erase(started) == 303
    cole = started.dr_cole
    for path in ("", "/details", "/export", "/erase", f"/treatments/{started.ana.treatment_id}"):
        assert cole.get(page_of(started, path)).status_code == 404, path
    for path in ("/clinic", "/clinic/patients"):
        assert NAME not in cole.get(path).get_data(as_text=True)
    found = cole.post("/clinic/patients", data={"q": IDENTIFIER}).get_data(as_text=True)
    assert started.ana.account_id not in found
    assert "erased a patient" in started.mo.get("/clinic/settings/audit").get_data(as_text=True)
    assert NAME not in started.mo.get("/clinic/settings/audit").get_data(as_text=True)


@pytest.mark.fault(109)
def test_an_erased_patients_phone_hears_that_every_copy_must_go(
    started: Cast, stones: Tombstones
) -> None:
    assert not stones.read()
    ana = started.ana
    sent, unsent = event(ana), event(ana)
    assert send(ana, sent)[0]["status"] == "stored"
    before = ana.get("/api/v1/session").get_json()
    seq = ana.get("/api/v1/changes").get_json()["next"]
    assert erase(started, "R-ana") == 303

    session = ana.get("/api/v1/session").get_json()
    assert session["display_name"] == ""
    assert session["epoch"] not in (before["epoch"], clinics.epoch())
    reply = send_batch(ana, sent, unsent, start_event(ana)).get_json()
    assert reply["epoch"] == session["epoch"]
    assert [(one["status"], one["problem"]["kind"]) for one in reply["results"]] == [
        ("rejected", "erased")
    ] * 3
    old = ana.get(f"/api/v1/changes?after={seq}&epoch={before['epoch']}")
    assert (old.status_code, old.get_json()["kind"]) == (409, "epoch-changed")
    fresh = ana.get(f"/api/v1/changes?after=0&epoch={session['epoch']}").get_json()
    assert (fresh["changes"], fresh["more"]) == ([], False)
    assert db.session.scalar(select(func.count()).select_from(CheckInEvent)) == 1  # ben's start
    erased = db.session.scalars(select(ErasedEvent.event_id)).all()
    assert sent["event_id"] in erased
    assert ana.sign_in().status_code == 401


def test_an_id_that_was_erased_is_not_taken_from_another_account_either(
    started: Cast, stones: Tombstones
) -> None:
    assert not stones.read()
    sent = event(started.ana)
    send(started.ana, sent)
    assert erase(started, "R-ana") == 303
    mine = event(started.ben, event_id=sent["event_id"], answers={"pain_now": 2})
    good = event(started.ben, answers={"pain_now": 2})
    results = send(started.ben, mine, good)
    assert [one["status"] for one in results] == ["rejected", "stored"]
    assert results[0]["problem"]["kind"] == "erased"


def test_only_her_clinician_erases_ana_and_proves_who_it_is_and_whom(
    started: Cast, stones: Tombstones, clock: Clock
) -> None:
    for person in (started.dr_dunn, started.mo, started.ben, started.ana):
        answer = person.post(page_of(started, "/erase"), data={"second_identifier": "R-ana"})
        assert answer.status_code == 404, person.name
    assert erase(started, "R-ben") == 422
    assert started.dr_cole.get(page_of(started, "/erase")).status_code == 200
    clock.move(minutes=6)
    started.ana.get("/api/v1/session")
    assert erase(started, "R-ana") == 403
    shown = started.dr_cole.get(page_of(started, "/erase"))
    assert shown.status_code == 302
    assert shown.headers["Location"].startswith("/clinic/account/confirm?next=")
    assert stones.read() == []
    assert db.session.get_one(Account, started.ana.account_id).erased_at is None


def test_an_erasure_that_a_crash_cut_off_is_finished_at_the_next_start(
    started: Cast, stones: Tombstones, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(started)

    def power_cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erasure, "_carry_out", power_cut)
    with pytest.raises(KeyboardInterrupt), writing():
        erasure.erase(
            actor=started.dr_cole.actor,
            patient_id=started.ana.account_id,
            stones=stones,
            at=NOON,
        )
    monkeypatch.undo()
    assert NOTE in everything_in_the_database()
    prepare_database()
    after = everything_in_the_database()
    assert [word for word in PLANTED if word in after] == []
    entries = select(func.count()).where(AuditEntry.action == "patient.erased")
    assert db.session.scalar(entries) == 1
    db.session.rollback()
    prepare_database()
    assert db.session.scalar(entries) == 1


def test_a_tombstone_that_was_cut_in_the_middle_says_nothing(tmp_path: Path) -> None:
    stones = Tombstones(tmp_path)
    stone = Tombstone("c", "a", ("e",), NOON, None, "Operator", erasure.ASKED)
    stones.add(stone)
    with stones.path.open("ab") as file:
        file.write(stone.for_line().encode()[:40])
    assert stones.read() == [stone]
    stones.add(stone)
    assert stones.read() == [stone, stone]


def test_a_tombstone_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    stones = Tombstones(tmp_path)
    stones.path.write_text('{"v": 1}\n')
    with pytest.raises(ConfigError, match="line 1"):
        stones.read()


def test_an_erasure_and_check_ins_at_the_same_time_leave_nothing(
    started: Cast, stones: Tombstones, app: Flask
) -> None:
    ana = started.ana
    made = [[event(ana) for _ in range(4)] for _ in range(8)]
    started.dr_cole.get("/clinic")
    cookie = ana.sign_in().headers["Set-Cookie"].split(";")[0]
    db.session.rollback()
    said: list[str] = []
    go = threading.Barrier(3)

    def post(batches: list[list[dict]]) -> None:
        client = app.test_client(use_cookies=False)
        go.wait()
        for events in batches:
            reply = client.post(
                "/api/v1/sync",
                json=batch(ana, *events),
                headers={"Origin": ORIGIN, "Cookie": cookie},
            )
            assert reply.status_code == 200, reply.get_data(as_text=True)
            results = reply.get_json()["results"]
            said.extend((one["problem"] or {}).get("kind", one["status"]) for one in results)

    threads = [threading.Thread(target=post, args=(made[n::2],)) for n in range(2)]
    for thread in threads:
        thread.start()
    go.wait()
    assert erase(started, "R-ana") == 303
    for thread in threads:
        thread.join()
    assert set(said) <= {"stored", "erased"}
    assert len(said) == 32
    left = select(func.count()).where(CheckInEvent.patient_id == ana.account_id)
    assert db.session.scalar(left) == 0
    assert len(stones.read()) == 1


def test_the_erased_words_are_gone_from_the_bytes_of_the_file(
    started: Cast, stones: Tombstones
) -> None:
    if not is_sqlite(db.engine):
        pytest.skip("PostgreSQL cleans its own pages")
    plant(started)
    for _ in range(3):
        send(started.ana, *[event(started.ana, answers={"note": NOTE * 90}) for _ in range(30)])
    assert any(NOTE.encode() in data for data in bytes_of_the_database())
    assert erase(started) == 303
    assert not scrubbing.is_due(stones)
    db.session.rollback()
    for data in bytes_of_the_database():
        for word in PLANTED:
            assert word.encode() not in data, word


def bytes_of_the_database() -> list[bytes]:
    path = Path(str(db.engine.url.database))
    files = [path, path.with_name(f"{path.name}-wal")]
    return [file.read_bytes() for file in files if file.exists()]
