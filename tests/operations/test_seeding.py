"""`script/seed`: its rows are what the services would have written, and every page bears them."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from pwa.accounts import people
from pwa.accounts.models import Account, LogEntry, Patient
from pwa.accounts.people import Actor
from pwa.audit import verify
from pwa.audit.models import AuditEntry
from pwa.check_ins import expected, feed, hand_overs, intake, notes, reviews, verdicts
from pwa.check_ins.models import CheckInEvent, HandOver, Note, Review
from pwa.check_ins.wire import Batch, content_hash
from pwa.database import db, reading, writing
from pwa.exchange import erasure, export
from pwa.exchange.tombstones import Tombstones
from pwa.guidance.library import load_library
from pwa.guidance.triage import Fact, judge
from pwa.operations.demo import PEOPLE, ensure_demo
from pwa.operations.seeding import names, readings, rows
from pwa.operations.seeding.__main__ import seed
from pwa.operations.seeding.histories import Colleague, History, World
from pwa.operations.seeding.judging import Judge
from pwa.operations.seeding.plans import share_out
from pwa.operations.seeding.published import SHARE_OF_SITE
from pwa.treatments import records
from pwa.treatments.models import Treatment
from pwa.treatments.records import TreatmentForm
from tests.conftest import NOON, ORIGIN

PATIENTS, CHECK_INS, SEED = 6, 80, 287
"""A seed with a bit of everything in it."""
MADE_ANEW = {"attention": ("mark",)}
"""Columns that differ each time, however a row came about."""
COMPARED = (*(model.__tablename__ for model in rows.TABLES), "expectations")
LIBRARY = load_library()


@pytest.fixture
def demo(app: Flask) -> Iterator[str]:
    """The id of the demo clinic that is filled."""
    settings = app.extensions["settings"]
    (settings.instance_path / "demo.json").unlink(missing_ok=True)
    ensure_demo(settings=settings, at=NOON - timedelta(days=720))
    username, _ = PEOPLE["clinician"]
    with reading():
        clinic_id = db.session.scalars(
            select(Account.clinic_id).where(Account.username == username)
        ).one()
    yield clinic_id
    (settings.instance_path / "demo.json").unlink(missing_ok=True)


def fill(*, patients: int = PATIENTS, check_ins: int = CHECK_INS, number: int = SEED) -> None:
    """Fill the demo clinic; the staff who join have joined before, so that only patients differ."""
    seed(patients=patients, check_ins=check_ins, number=number, at=NOON)


def seeded_ids() -> list[str]:
    found = db.session.scalars(
        select(Account.account_id)
        .where(Account.role == "patient", Account.created_at < NOON)
        .where(Account.display_name.notin_(("Ana R.", "Ben T.")))
        .order_by(Account.account_id)
    )
    return list(found)


def world(**changed: Any) -> World:
    return World(
        **{
            "seed": 3,
            "clinic_id": "clinic",
            "time_zone": "Europe/London",
            "joints": tuple(SHARE_OF_SITE),
            "colleagues": (Colleague("a", "Dr A"), Colleague("b", "Dr B")),
            "form_version": max(LIBRARY.forms),
            "rules_version": max(LIBRARY.rules),
            "now": NOON,
            "unread_since": NOON - timedelta(days=4),
            **changed,
        }
    )


def historian(**changed: Any) -> History:
    here = world(**changed)
    return History(here, LIBRARY, Judge(LIBRARY.rules[here.rules_version]))


# --- what it writes ---------------------------------------------------------------------------


def test_every_row_is_what_the_services_would_have_written(
    demo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, start = everything(), last_entry()
    monkeypatch.setattr(readings, "WRITTEN_SHARE", 0.2)
    monkeypatch.setattr(readings, "NOTED_SHARE", 0.5)
    fill()
    made, acts = new_rows(before), acts_after(start)
    stories = read_stories(demo)
    take_out(demo, before)
    start = last_entry()
    replay(stories, demo, monkeypatch)
    with writing():
        expected.refresh_clinic(clinic_id=demo, at=NOON)
    replayed = new_rows(before)
    for table in COMPARED:
        assert replayed[table] == made[table], table
    assert acts_after(start) == acts
    assert len(made["check_in_events"]) > CHECK_INS
    kinds = {row["kind"] for row in made["check_in_events"]}
    assert kinds == {"start", "create", "amend", "retract", "called"}
    assert {row["version"] for row in made["treatments"]} == {1, 2}
    assert all(made[table] for table in COMPARED)


def last_entry() -> int:
    with reading():
        return db.session.scalar(select(func.max(AuditEntry.entry_id))) or 0


def acts_after(entry_id: int) -> list[tuple[Any, ...]]:
    """What was done since then, in the order of its time."""
    query = select(
        AuditEntry.at,
        AuditEntry.subject_id,
        AuditEntry.action,
        AuditEntry.actor_id,
        AuditEntry.actor_name,
        AuditEntry.detail,
    ).where(AuditEntry.entry_id > entry_id, AuditEntry.action != "staff.added")
    with reading():
        found = [tuple(row) for row in db.session.execute(query)]
    return sorted(found, key=lambda act: act[:3])


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row as it lies in the database, in the order of its own text."""
    found = {}
    with reading():
        for table in COMPARED:
            kept = [
                {
                    name: value
                    for name, value in row._mapping.items()
                    if name not in MADE_ANEW.get(table, ())
                }
                for row in db.session.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608
            ]
            found[table] = sorted(
                kept, key=lambda row: json.dumps(row, default=str, sort_keys=True)
            )
    return found


def new_rows(before: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Without those of before and of the colleagues, which both ways add alike."""
    now = everything()
    staff = {name for _, name in names.COLLEAGUES}
    return {
        table: [
            row
            for row in found
            if row not in before[table] and row.get("display_name") not in staff
        ]
        for table, found in now.items()
    }


def take_out(clinic_id: str, before: dict[str, list[dict[str, Any]]]) -> None:
    """Take the seeded patients out again; the colleagues stay."""
    patients = [row["account_id"] for row in before["patients"]]
    with writing():
        for table in reversed(COMPARED):
            model = db.metadata.tables[table]
            if table == "accounts":
                gone = (model.c.role == "patient") & model.c.account_id.notin_(patients)
            elif "patient_id" in model.c:
                gone = model.c.patient_id.notin_(patients)
            elif "account_id" in model.c:
                gone = model.c.account_id.notin_(patients)
            else:
                kept = [row["event_id"] for row in before["check_in_events"]]
                kept += [row["treatment_id"] for row in before["treatments"]]
                gone = (model.c.event_id if table == "verdicts" else model.c.treatment_id).notin_(
                    kept
                )
            db.session.execute(model.delete().where(model.c.clinic_id == clinic_id, gone))


class Happened:
    """What was done to one patient, in the order of time, with what each act was told."""

    def __init__(self, account: Account, patient: Patient) -> None:
        self.who = {
            "account_id": account.account_id,
            "display_name": account.display_name,
            "second_identifier": patient.second_identifier,
            "phone_number": patient.phone_number,
            "at": account.created_at,
        }
        self.username = account.username
        self.acts: list[tuple[datetime, int, str, Any]] = []


def read_stories(clinic_id: str) -> list[Happened]:
    stories = []
    with reading():
        actors = {
            account.display_name: Actor(account.account_id, account.display_name, clinic_id)
            for account in people.staff_of(clinic_id)
        }
        for patient_id in seeded_ids():
            account, patient = people.find_patient(clinic_id=clinic_id, account_id=patient_id)
            if account.display_name in {name for name, *_ in demo_others()}:
                continue
            told = Happened(account, patient)
            mine = {"clinic_id": clinic_id, "patient_id": patient_id}
            _add_treatments(told, mine, actors)
            _add_batches(told, mine)
            _add_readings(told, mine, actors)
            told.who["actor"] = told.acts[0][3][0]
            told.acts.sort(key=lambda act: act[:2])
            stories.append(told)
    return stories


def demo_others() -> list[tuple[str, ...]]:
    return [("Ana R.",), ("Ben T.",), ("Mira K.",), ("Tom O.",), ("Sana L.",), ("Ivo P.",)]


def _add_treatments(told: Happened, mine: dict[str, str], actors: dict[str, Actor]) -> None:
    for treatment in db.session.scalars(select(Treatment).filter_by(**mine)):
        for one in reversed(
            records.versions_of(clinic_id=mine["clinic_id"], treatment_id=treatment.treatment_id)
        ):
            form = TreatmentForm(
                one.site,
                one.side,
                one.performed_on,
                one.number,
                one.injected,
                one.clinician_name,
                one.next_appointment_at,
            )
            what = (actors[one.recorded_by], treatment.treatment_id, one.version, form)
            told.acts.append((one.recorded_at, 1, "treatment", what))


def _add_batches(told: Happened, mine: dict[str, str]) -> None:
    batches: dict[datetime, list[CheckInEvent]] = {}
    query = select(CheckInEvent).filter_by(**mine).order_by(CheckInEvent.seq)
    for event in db.session.scalars(query):
        batches.setdefault(event.received_at, []).append(event)
    for at, events in batches.items():
        sent_at = at - timedelta(seconds=events[0].clock_offset_s)
        told.acts.append((at, 2, "batch", (sent_at, tuple(one.event for one in events))))


def _add_readings(told: Happened, mine: dict[str, str], actors: dict[str, Actor]) -> None:
    for review in db.session.scalars(select(Review).filter_by(**mine)):
        what = (actors[review.reviewer_name], review.review_id, review.event_ids)
        told.acts.append(
            (review.at, 0, "read", (*what, review.outcome, review.note, review.message))
        )
    for note in db.session.scalars(select(Note).filter_by(**mine)):
        told.acts.append((note.at, 0, "note", (actors[note.author_name], note.note_id, note.text)))
    for one in db.session.scalars(select(HandOver).filter_by(**mine)):
        what = (actors[one.from_name], one.hand_over_id, one.to_id, one.to_name, one.remark)
        told.acts.append((one.at, 0, "hand-over", what))
    heard = db.session.scalars(
        select(LogEntry.at)
        .where(LogEntry.account_id == mine["patient_id"], LogEntry.type == "review")
        .distinct()
    )
    told.acts += [(at, 3, "pull", None) for at in heard]


def replay(stories: list[Happened], clinic_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do it all again through the services."""
    ids: list[str] = []
    feeder = SimpleNamespace(uuid4=ids.pop)
    monkeypatch.setattr(records, "uuid", feeder)
    for module in (reviews, notes, hand_overs):
        monkeypatch.setattr(module, "uuid", feeder)
    for told in stories:
        with writing():
            people.add_patient(**told.who)
            if told.username:
                account = db.session.get_one(Account, told.who["account_id"])
                people.claim_username(account, told.username)
            mine = {"clinic_id": clinic_id, "patient_id": told.who["account_id"]}
            for at, _, kind, what in told.acts:
                _do(kind, what, mine, ids, at)
                db.session.flush()
                db.session.expire_all()


def _do(kind: str, what: Any, mine: dict[str, str], ids: list[str], at: datetime) -> None:
    if kind == "batch":
        _send_again(what, mine, at)
    elif kind == "read":
        actor, review_id, event_ids, outcome, note, message = what
        ids.append(review_id)
        reviews.mark_read(
            actor=actor,
            role="clinician",
            patient_id=mine["patient_id"],
            event_ids=event_ids,
            outcome=outcome,
            note=note,
            message=message or "",
            at=at,
        )
    elif kind == "note":
        actor, note_id, words = what
        ids.append(note_id)
        notes.add(actor=actor, patient_id=mine["patient_id"], event_id=None, text=words, at=at)
    elif kind == "hand-over":
        actor, hand_over_id, to_id, to_name, remark = what
        ids.append(hand_over_id)
        hand_overs.hand_over(
            actor=actor,
            patient_id=mine["patient_id"],
            to_id=to_id,
            to_name=to_name,
            remark=remark,
            at=at,
        )
    elif kind == "pull":
        reviews.settle(**mine, at=at)
    else:
        _treat_again(what, mine, ids, at)


def _send_again(what: Any, mine: dict[str, str], at: datetime) -> None:
    sent_at, events = what
    receipt = intake.take_in(
        Batch(mine["patient_id"], events[0]["device_id"], sent_at, events, ()),
        **mine,
        library=LIBRARY,
        limits=intake.Limits(1000, 10),
        at=at,
    )
    assert [result.status for result in receipt.results] == ["stored"] * len(events)


def _treat_again(what: Any, mine: dict[str, str], ids: list[str], at: datetime) -> None:
    actor, treatment_id, version, form = what
    today = at.astimezone(ZoneInfo("Europe/London")).date()
    told = {"actor": actor, "patient_id": mine["patient_id"], "form": form, "today": today}
    if version == 1:
        ids.append(treatment_id)
        records.add(**told, joints=tuple(SHARE_OF_SITE), at=at)
        return
    records.correct(**told, treatment_id=treatment_id, joints=tuple(SHARE_OF_SITE), at=at)
    verdicts.take_again_for_patient(**mine, library=LIBRARY, at=at, cause="treatment_corrected")


# --- what it is worth -------------------------------------------------------------------------


def test_every_page_bears_it_and_the_audit_chain_is_whole(demo: str, app: Flask) -> None:
    fill(patients=25, check_ins=600)
    settings = app.extensions["settings"]
    heaviest, count = heaviest_patient(demo)
    assert count > 40
    browser = app.test_client()
    told = json.loads((settings.instance_path / "demo.json").read_text("utf-8"))["clinician"]
    signed_in = browser.post("/api/v1/sign-in", json=told, headers={"Origin": ORIGIN})
    assert signed_in.status_code == 200
    for address in ("/clinic", "/clinic/patients", f"/clinic/patients/{heaviest}"):
        assert browser.get(address).status_code == 200, address
    with reading():
        record = export.read_record(clinic_id=demo, patient_id=heaviest, at=NOON)
        page = feed.read(clinic_id=demo, patient_id=heaviest, after=0, limit=1000)
        assert all(finding.is_whole for finding in verify.walk_all(kept={}))
    assert len([one for one in record["check_ins"] if one["kind"] == "create"]) == count
    assert [change["seq"] for change in page.changes] == list(range(1, len(page.changes) + 1))
    with writing():
        erasure.erase(
            actor=Actor(None, "Operator", demo),
            patient_id=heaviest,
            stones=Tombstones(settings.instance_path),
            at=NOON,
        )
    with reading():
        left = select(func.count()).where(CheckInEvent.patient_id == heaviest)
        assert db.session.scalar(left) == 0


def heaviest_patient(clinic_id: str) -> tuple[str, int]:
    count = func.count()
    with reading():
        row = db.session.execute(
            select(CheckInEvent.patient_id, count)
            .where(CheckInEvent.clinic_id == clinic_id, CheckInEvent.kind == "create")
            .group_by(CheckInEvent.patient_id)
            .order_by(count.desc())
        ).first()
    assert row is not None
    return row[0], row[1]


def test_a_phone_goes_on_where_the_seeded_one_was(demo: str) -> None:
    fill()
    with reading():
        newest = db.session.scalars(
            select(CheckInEvent)
            .where(CheckInEvent.clinic_id == demo, CheckInEvent.kind == "create")
            .order_by(CheckInEvent.received_at.desc())
        ).first()
        assert newest is not None
        known, patient_id, dseq = dict(newest.event), newest.patient_id, newest.dseq
    following = {**known, "event_id": str(uuid.uuid4()), "dseq": dseq + 1_000}
    batch = Batch(patient_id, known["device_id"], NOON, (known, following), ())
    with writing():
        receipt = intake.take_in(
            batch,
            clinic_id=demo,
            patient_id=patient_id,
            library=LIBRARY,
            limits=intake.Limits(1000, 10),
            at=NOON,
        )
    assert [result.status for result in receipt.results] == ["duplicate", "stored"]
    assert receipt.missing


@pytest.mark.usefixtures("demo")
def test_a_seed_is_put_in_whole_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pwa.operations.seeding.__main__._Ticker.__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            fill(patients=2, check_ins=5)
    assert everything() == before
    fill(patients=2, check_ins=5)
    with pytest.raises(click.ClickException, match="already"):
        fill(patients=2, check_ins=5)
    fill(patients=2, check_ins=5, number=8)


@pytest.mark.usefixtures("cast")
def test_made_up_patients_are_put_into_no_real_clinic() -> None:
    with pytest.raises(click.ClickException, match="no demo clinic"):
        fill(patients=2, check_ins=5)


# --- how it is made ---------------------------------------------------------------------------


def test_the_same_seed_tells_the_same_story_whatever_was_told_before() -> None:
    one, other = historian(), historian()
    other.tell(4, 30)
    assert one.tell(5, 40) == other.tell(5, 40)
    assert one.tell(5, 40).rows != one.tell(6, 40).rows


def test_exactly_as_many_check_ins_as_were_asked_for() -> None:
    counts = share_out(Random("x"), patients=90, check_ins=4_321)  # noqa: S311
    assert sum(counts) == 4_321
    told = [historian().tell(index, count).check_in_count for index, count in enumerate(counts[:9])]
    assert told == counts[:9]
    assert max(counts) < 6 * 4_321 / 90


def test_all_of_it_lies_in_the_past_and_hangs_together() -> None:
    told = [historian().tell(index, 25) for index in range(40)]
    for story in told:
        events = story.rows["check_in_events"]
        assert all(event["received_at"] < NOON for event in events)
        assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
        for event in events:
            assert event["content_sha256"] == content_hash(json.loads(event["event"]))
    levels = Counter(row["level"] for story in told for row in story.rows["verdicts"])
    assert levels["expected"] > 0.75 * levels.total()
    assert set(levels) >= {"expected", "clinic_hours", "same_day"}


@pytest.mark.parametrize("version", sorted(LIBRARY.rules))
def test_a_verdict_that_is_remembered_is_the_one_that_the_rules_give(version: int) -> None:
    rules, dice = LIBRARY.rules[version], Random(11)  # noqa: S311
    judging = Judge(rules)
    for _ in range(1_500):
        facts = {name: any_value(dice, fact) for name, fact in rules.facts.items()}
        assert judging.of(facts) == judge(rules, facts)


def any_value(dice: Random, fact: Fact) -> Any:
    if dice.random() < 0.1:
        return None
    if fact.type == "boolean":
        return dice.random() < 0.1
    if fact.type == "enum":
        return dice.choice(fact.options)
    if fact.type == "decimal":
        return dice.choice((33.9, 34.0, 35.0, 35.1, 36.6, 37.5, 37.7, 37.8, 38, 39.9, 40.0, 43.1))
    return dice.choice((-1, 0, 1, 2, 3, 4, 6, 7, 8, 10, 11, 40))
