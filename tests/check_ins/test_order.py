"""What came before a check-in: one answer on the server and on the phone, whatever arrived when."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pwa.check_ins.course import Course
from pwa.check_ins.levels import RANK_OF, effective
from pwa.check_ins.models import CheckInEvent, Review, Verdict
from pwa.treatments.records import TreatmentRecord
from tests.conftest import Cast, Person, send
from tests.making import EXPECTED, answers, event
from tests.node import NodeTwin

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LEVELS = ("expected", "clinic_hours", "same_day", "emergency")
JOINTS = (("knee", "right"), ("knee", "right"), ("knee", "left"), ("hip", "right"))
TREATMENTS = [
    TreatmentRecord(
        treatment_id=f"00000000-0000-4000-8000-00000000000{number}",
        patient_id="ana",
        version=1,
        site=site,
        side=side,
        performed_on=date(2026, 11, 20),
        number=number + 1,
        injected="",
        clinician_name="Dr Cole",
        next_appointment_at=None,
    )
    for number, (site, side) in enumerate(JOINTS)
]


@pytest.fixture(scope="module")
def node() -> Iterator[NodeTwin]:
    with NodeTwin() as twin:
        yield twin


def some_id(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def made_up_log(seed: int) -> list[dict[str, Any]]:
    """A log as `changes` tells it: two phones, any order of arrival, rises and readings last."""
    chance = random.Random(seed)  # noqa: S311
    devices = [some_id(chance), some_id(chance)]
    events: list[dict[str, Any]] = []
    creates: list[dict[str, Any]] = []
    dseq = [0, 0]
    for _ in range(chance.randint(2, 9)):
        device = chance.randrange(2)
        dseq[device] += 1
        kind = chance.choice(("create", "create", "create", "amend", "retract", "start"))
        if kind in ("amend", "retract") and not creates:
            kind = "create"
        original = chance.choice(creates) if kind in ("amend", "retract") else None
        treatment = chance.choice(TREATMENTS).treatment_id
        one = {
            "event_id": some_id(chance),
            "device_id": devices[device],
            "dseq": dseq[device],
            "kind": kind,
            "supersedes": original and original["event_id"],
            "treatment_id": original["treatment_id"] if original else treatment,
            "form_version": 1,
            "rules_version": 1,
            "recorded_at": f"2026-11-2{chance.randint(1, 6)}T09:00:00+00:00",
            "local_date": "2026-11-26",
            "clock_behind": False,
            "answers": {"pain_now": chance.choice((None, 0, 3, 7))},
            "verdict": None,
        }
        if kind in ("create", "amend"):
            one["verdict"] = {"level": chance.choice(LEVELS), "reasons": ["C9_LOCAL_RASH"]}
        if kind == "create":
            creates.append(one)
        events.append(one)
    chance.shuffle(events)
    lines = [{"type": "check_in", "event": one} for one in events]
    judged = [one for one in events if one["kind"] in ("create", "amend")]
    tail = [{"type": chance.choice(("verdict", "review")), "event": one} for one in judged * 2]
    chance.shuffle(tail)
    return [{**line, "seq": seq} for seq, line in enumerate([*lines, *tail], start=10)]


def on_the_server(log: list[dict[str, Any]]) -> Course:
    rows, verdicts, reviews, unread = [], [], [], set()
    for line in log:
        one = line["event"]
        mine = [verdict for verdict in verdicts if verdict.event_id == one["event_id"]]
        if line["type"] == "check_in":
            names = ("event_id", "device_id", "dseq", "kind", "supersedes", "treatment_id")
            columns = {name: one[name] for name in names}
            rows.append(CheckInEvent(**columns, seq=line["seq"], event=one))
            if one["verdict"]:
                unread.add(one["event_id"])
                verdicts.append(first_verdict(one))
        elif line["type"] == "verdict":
            row = next(row for row in rows if row.event_id == one["event_id"])
            before, _ = effective(row, mine)
            verdicts.append(raised_verdict(one, number=len(mine) + 1))
            after, _ = effective(row, [*mine, verdicts[-1]])
            if RANK_OF[after] > RANK_OF[before]:
                unread.add(one["event_id"])
        else:
            unread.discard(one["event_id"])
            review = Review(
                kind="read", event_ids=[one["event_id"]], outcome="left_message", undone_at=None
            )
            reviews.append(review)
    return Course(
        treatments=TREATMENTS, rows=rows, verdicts=verdicts, reviews=reviews, unread_ids=unread
    )


def first_verdict(one: dict[str, Any]) -> Verdict:
    return Verdict(event_id=one["event_id"], number=1, level="clinic_hours", reasons=["C8_FLUID"])


def raised_verdict(one: dict[str, Any], *, number: int) -> Verdict:
    return Verdict(event_id=one["event_id"], number=number, level="same_day", reasons=["S3_PUS"])


def on_the_phone(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    record: list[dict[str, Any]] = [
        {
            "seq": number,
            "type": "treatment",
            "body": {
                "treatment_id": one.treatment_id,
                "site": one.site,
                "side": one.side,
                "performed_on": one.performed_on.isoformat(),
                "number": one.number,
                "start": None,
            },
        }
        for number, one in enumerate(TREATMENTS, start=1)
    ]
    for line in log:
        one = line["event"]
        at = AT.isoformat()
        body: dict[str, Any] = {"event_id": one["event_id"], "also": [], "missing": []}
        if line["type"] == "check_in":
            told = {"level": "clinic_hours", "reasons": ["C8_FLUID"]} if one["verdict"] else None
            body = {"event": one, "received_at": at, "verdict": told}
        elif line["type"] == "verdict":
            body |= {"level": "same_day", "reasons": ["S3_PUS"]}
        else:
            body |= {"by": "Dr Cole", "role": "clinician", "at": at, "outcome": "left_message"}
        record.append({"seq": line["seq"], "type": line["type"], "body": body, "at": at})
    return record


def crossed_arrival() -> int:
    """A seed in which a phone's early number arrives after another phone's check-in."""
    for seed in range(10_000):
        arrived = [line["event"] for line in made_up_log(seed) if line["type"] == "check_in"]
        creates = [one for one in arrived if one["kind"] == "create"]
        knees = [one for one in creates if one["treatment_id"] == TREATMENTS[0].treatment_id]
        if len(knees) < 3:
            continue
        later, other, early = knees[:3]
        is_crossed = later["device_id"] == early["device_id"] != other["device_id"]
        if is_crossed and early["dseq"] < later["dseq"]:
            return seed
    raise AssertionError("no such log was made up")


@settings(deadline=None)
@example(seed=crossed_arrival())
@example(seed=307)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_server_and_phone_agree_on_what_came_before(node: NodeTwin, seed: int) -> None:
    log = made_up_log(seed)
    course = on_the_server(log)
    folded = node.call(
        "store/check_ins.js", "foldCheckIns", [[{"events": [], "record": on_the_phone(log)}]]
    )[0]
    judged = course.judged()
    asked = [
        [folded, {"treatmentId": row.treatment_id, "beforeEventId": row.event_id}]
        for row in judged
        if course.thread_of(row).create is not None
    ]
    theirs = node.call("store/check_ins.js", "earlierFor", asked)
    ours = [course.earlier(row) for row in judged if course.thread_of(row).create is not None]
    assert ours == theirs


def warm(person: Person, device_id: str, dseq: int, **changed: Any) -> dict[str, Any]:
    given_answers = answers(pain_trend_self="same", **changed)
    return event(person, device_id=device_id, dseq=dseq, answers=given_answers)


@pytest.mark.fault(12)
def test_a_late_low_pain_counts_for_what_another_phone_sent_meanwhile(started: Cast) -> None:
    """Phone A sends its second, phone B sends one, then A's first arrives with a lower pain."""
    first_phone, other_phone = str(uuid.uuid4()), str(uuid.uuid4())
    late = warm(started.ana, first_phone, 1, pain_now=3)
    send(started.ana, warm(started.ana, first_phone, 2, pain_now=6))
    meanwhile = warm(started.ana, other_phone, 1, pain_now=6)
    assert send(started.ana, meanwhile)[0]["level"] == "expected"
    send(started.ana, late)
    assert send(started.ana, meanwhile)[0]["level"] == "clinic_hours"


@pytest.mark.parametrize("is_read_last", [True, False])
def test_on_the_phone_a_reading_counts_only_for_the_level_that_was_read(
    node: NodeTwin, is_read_last: bool
) -> None:
    log = next(log for log in map(made_up_log, range(1000)) if log[0]["event"]["kind"] == "create")
    first = {**log[0], "event": {**log[0]["event"], "verdict": EXPECTED}}
    kinds = ("verdict", "review") if is_read_last else ("review", "verdict")
    tail = [{"seq": 11 + n, "type": kind, "event": first["event"]} for n, kind in enumerate(kinds)]
    [folded] = node.call(
        "store/check_ins.js",
        "foldCheckIns",
        [[{"events": [], "record": on_the_phone([first, *tail])}]],
    )
    [thread] = folded["threads"]
    assert thread["level"] == "same_day"
    assert (thread["review"] is not None) is is_read_last
    assert thread["has_unreviewed_urgent"] is not is_read_last
