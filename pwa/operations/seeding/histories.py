"""One made-up patient from the first visit until now, as the services would have written it.

The order of things is theirs too: what arrives is stored, numbered, judged by the real rules with
what was known then, and waits for a reading; a reading is told when the phone asks next.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from pwa.accounts import terms
from pwa.accounts.models import Account, LogEntry, Patient, PatientTerm
from pwa.check_ins import attention
from pwa.check_ins.levels import RANK_OF, SAME_DAY_RANK
from pwa.check_ins.models import (
    Attention,
    CheckInEvent,
    Device,
    HandOver,
    Note,
    Review,
    Unread,
)
from pwa.check_ins.models import Verdict as VerdictRow
from pwa.check_ins.reviews import DONE, READ, UNDO_TIME
from pwa.guidance.history import INCOMPLETE, derive_facts
from pwa.guidance.library import Library
from pwa.guidance.triage import Verdict
from pwa.operations.seeding import names, readings
from pwa.operations.seeding.answers import (
    EMERGENCIES,
    Answering,
    Answers,
    Recovery,
    draw_flags,
    draw_recovery,
)
from pwa.operations.seeding.judging import Judge
from pwa.operations.seeding.plans import Contact, Plan, Session, make_plan
from pwa.operations.seeding.rows import Story, canonical
from pwa.treatments.models import Treatment, TreatmentVersion

RECENT = timedelta(hours=73)
"""Pain of up to 72 hours ago counts for the rules; an hour more does no harm."""
SECOND_PHONE_SHARE = 0.08
GAP_SHARE = 0.006
WRONG_CLOCK_SHARE = 0.01
OFFLINE_SHARE = 0.03
AMENDED_SHARE = 0.02
WITHDRAWN_SHARE = 0.004
CALLED_SHARE = 0.6
STALE_PHONE_SHARE = 0.004
CORRECTED_SHARE = 0.04
UNTOLD_SHARE = 0.3
INJECTED = ("Dextrose 15 % with lidocaine", "Dextrose 25 % with lidocaine", "Dextrose 20 %")


@dataclass(frozen=True)
class Colleague:
    """A clinician who treats and reads."""

    account_id: str
    name: str


@dataclass(frozen=True)
class World:
    """What all patients of one seeding share. Small enough to be sent to a process."""

    seed: int
    clinic_id: str
    time_zone: str
    joints: tuple[str, ...]
    colleagues: tuple[Colleague, ...]
    form_version: int
    rules_version: int
    now: datetime
    unread_since: datetime
    """What is not urgent and arrived later than this nobody has read."""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    def dice(self, index: int) -> Random:
        """The dice of one patient, so that the order of work does not matter."""
        return Random(f"{self.seed}/{index}")  # noqa: S311 - nothing secret is drawn

    def plan(self, rng: Random, count: int) -> Plan:
        """When a patient with so many check-ins is treated and checks in."""
        return make_plan(rng, count=count, joints=self.joints, now=self.now, zone=self.zone)


def identity(rng: Random) -> str:
    """A UUID of version 4 from these dice."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def account_id_of(world: World, index: int) -> str:
    """The id that this patient has or will have."""
    return identity(world.dice(index))


@dataclass
class _Entry:
    """A check-in as later ones look back on it."""

    treatment_id: str
    recorded_at: str
    at: datetime
    event_id: str
    pain: int | None
    level: str | None
    reasons: list[str]
    is_reviewed: bool = False
    is_withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it counts as something that was told to call and is not settled."""
        return (
            self.level == "clinic_hours"
            and not self.is_withdrawn
            and not self.is_reviewed
            and any(reason != INCOMPLETE for reason in self.reasons)
        )


@dataclass
class _Joint:
    """The check-ins at one joint and side, oldest first."""

    entries: list[_Entry] = field(default_factory=list)
    settled: int = 0
    """So many from the start have nothing open any more."""

    def looking_back(self, treatment_id: str, since: datetime) -> list[dict[str, Any]]:
        """What the rules can still feel: the last three days, and all since the first open one."""
        while self.settled < len(self.entries) and not self.entries[self.settled].is_open:
            self.settled += 1
        first = len(self.entries)
        while first > 0 and self.entries[first - 1].at >= since:
            first -= 1
        return [
            {
                "recorded_at": one.recorded_at,
                "pain_now": one.pain,
                "level": one.level,
                "reasons": one.reasons,
                "is_reviewed": one.is_reviewed,
                "is_same_treatment": one.treatment_id == treatment_id,
            }
            for one in self.entries[min(first, self.settled) :]
            if not one.is_withdrawn
        ]

    def pains_before(self, entry: _Entry) -> list[int]:
        """The scores of this treatment before this check-in."""
        before = self.entries[: self.entries.index(entry)]
        return [
            one.pain
            for one in before
            if one.treatment_id == entry.treatment_id
            and not one.is_withdrawn
            and one.pain is not None
        ]


@dataclass
class _Course:
    """One session with what is drawn for it."""

    session: Session
    treatment_id: str
    recovery: Recovery
    flags: Answers
    injected: str
    has_started: bool = False


@dataclass
class _Phone:
    device_id: str
    row: dict[str, Any]
    has_gap: bool = False


@dataclass
class _Waiting:
    """Something unread: since when, how urgent, and when somebody will read it."""

    rank: int
    received_at: datetime
    due: datetime
    course: _Course
    entry: _Entry
    pain: int | None
    """As this event says it; a later correction may say another."""


class History:
    """Tells one patient's story, event by event."""

    def __init__(self, world: World, library: Library, judging: Judge) -> None:
        self.world = world
        self.judging = judging
        self.form = library.forms[world.form_version]

    def tell(self, index: int, count: int) -> Story:
        """The story of the patient with this number, who makes so many check-ins."""
        return _Telling(self, index, count).tell()


class _Telling:
    def __init__(self, history: History, index: int, count: int) -> None:
        self.world = history.world
        self.judging = history.judging
        self.rng = self.world.dice(index)
        self.patient_id = identity(self.rng)
        self.plan = self.world.plan(self.rng, count)
        self.story = Story(self.patient_id)
        self.answering = Answering(history.form, self.rng)
        self.doctor = self.rng.choice(self.world.colleagues)
        self.skew = self._draw_skew()
        self.joints: dict[tuple[str, str | None], _Joint] = {}
        self.entries: dict[str, _Entry] = {}
        self.current: dict[str, _Entry] = {}
        self.waiting: dict[str, _Waiting] = {}
        self.untold: list[dict[str, Any]] = []
        self.next_pull = readings.NEVER
        self.courses = self._draw_courses()
        self.phones: list[_Phone] = []
        self.patient = self._add_patient(index, is_joined=bool(self.plan.contacts))

    # --- who it is ----------------------------------------------------------------------

    def _draw_skew(self) -> timedelta:
        if self.rng.random() >= WRONG_CLOCK_SHARE:
            return timedelta(seconds=self.rng.randint(-2, 2))
        return timedelta(minutes=self.rng.choice((-90, 61, 120, 181)))

    def _draw_courses(self) -> list[_Course]:
        rng, flags = self.rng, draw_flags(self.rng)
        baseline = max(2, min(8, round(rng.gauss(4.9, 1.3))))
        found = []
        for session in self.plan.sessions:
            recovery = draw_recovery(rng, session.site, baseline)
            own = {**flags, "pain_baseline": baseline}
            injected = rng.choice(INJECTED)
            found.append(_Course(session, identity(rng), recovery, own, injected))
            baseline = max(2, min(8, baseline + rng.choice((-1, -1, 0, 0, 0, 1))))
        return found

    def _add_patient(self, index: int, *, is_joined: bool) -> dict[str, Any]:
        world, rng = self.world, self.rng
        name = names.full_name(rng)
        second = names.second_identifier(rng, index)
        phone = names.phone_number(rng)
        added_at = self.plan.sessions[0].recorded_at - timedelta(minutes=rng.randint(3, 20))
        self.story.add(
            Account,
            account_id=self.patient_id,
            clinic_id=world.clinic_id,
            role="patient",
            username=names.username(index, world.seed) if is_joined else None,
            display_name=name,
            created_at=added_at,
        )
        found = terms.terms_of(display_name=name, second_identifier=second, phone_number=phone)
        for row in terms.rows_of(world.clinic_id, self.patient_id, found):
            self.story.add(PatientTerm, **row)
        self._act(added_at, "patient.added", {})
        return self.story.add(
            Patient,
            clinic_id=world.clinic_id,
            account_id=self.patient_id,
            sort_name=terms.sort_name_of(name),
            second_identifier=second,
            phone_number=phone,
            assigned_id=None,
            log_seq=0,
        )

    # --- what happens -------------------------------------------------------------------

    def tell(self) -> Story:
        happenings: list[tuple[datetime, int, Any]] = []
        for number, course in enumerate(self.courses):
            happenings.append((course.session.recorded_at, number, course))
            if self.rng.random() < CORRECTED_SHARE:
                corrected_at = course.session.recorded_at + timedelta(hours=self.rng.randint(1, 40))
                happenings.append((corrected_at, number, course.treatment_id))
        arrives = self.plan.sessions[0].recorded_at
        for number, contact in enumerate(self.plan.contacts):
            arrives = max(arrives, contact.at + self._way())
            happenings.append((min(arrives, self._latest(contact)), 1000 + number, contact))
        for at, _, what in sorted(happenings, key=lambda one: one[:2]):
            if at > self.world.now:
                break
            self._clinic_and_phone_until(at)
            self._happen(at, what)
        self._clinic_and_phone_until(self.world.now)
        self._write_unread()
        return self.story

    def _latest(self, contact: Contact) -> datetime:
        return max(contact.at + timedelta(seconds=2), self.world.now - timedelta(minutes=5))

    def _way(self) -> timedelta:
        """How long a check-in takes to arrive: seconds, or as long as there is no signal."""
        if self.rng.random() < OFFLINE_SHARE:
            return timedelta(minutes=self.rng.randint(20, 1800))
        return timedelta(microseconds=self.rng.randint(400_000, 5_000_000))

    def _happen(self, at: datetime, what: Any) -> None:
        if isinstance(what, Contact):
            self._check_in(what, at)
            self.next_pull = min(self.next_pull, at + timedelta(seconds=2))
        elif isinstance(what, _Course):
            self._write_down(what, at)
        else:
            self._correct(what, at)

    def _write_down(self, course: _Course, at: datetime) -> None:
        self.story.add(
            Treatment,
            clinic_id=self.world.clinic_id,
            treatment_id=course.treatment_id,
            patient_id=self.patient_id,
            version=1,
            created_at=at,
        )
        self._add_version(course, 1, course.session.next_on, at)
        self._log("treatment", course.treatment_id, at)
        self._act(at, "treatment.added", {"treatment_id": course.treatment_id})

    def _correct(self, treatment_id: str, at: datetime) -> None:
        """The next appointment is moved by a day or two."""
        course = next(one for one in self.courses if one.treatment_id == treatment_id)
        treatment = next(
            row
            for row in self.story.rows[Treatment.__tablename__]
            if row["treatment_id"] == treatment_id
        )
        treatment["version"] += 1  # type: ignore[index]
        day = course.session.next_on or course.session.performed_on + timedelta(days=84)
        moved = day + timedelta(days=self.rng.randint(1, 3))
        self._add_version(course, treatment["version"], moved, at)
        self._log("treatment", treatment_id, at)
        self._act(at, "treatment.corrected", {"treatment_id": treatment_id})

    def _add_version(
        self, course: _Course, version: int, next_on: date | None, at: datetime
    ) -> None:
        session, world = course.session, self.world
        appointment = None
        if next_on is not None:
            half_past_ten = datetime.combine(next_on, time(10, 30), world.zone)
            appointment = half_past_ten.astimezone(UTC)
        self.story.add(
            TreatmentVersion,
            clinic_id=world.clinic_id,
            treatment_id=course.treatment_id,
            version=version,
            site=session.site,
            side=session.side,
            performed_on=session.performed_on,
            number=session.number,
            injected=course.injected,
            clinician_name=self.doctor.name,
            next_appointment_at=appointment,
            recorded_by=self.doctor.name,
            recorded_at=at,
        )

    # --- what the phone sends -----------------------------------------------------------

    def _check_in(self, contact: Contact, received_at: datetime) -> None:
        rng = self.rng
        systemic = self.answering.systemic()
        for number in contact.sessions:
            course = self.courses[number]
            if not course.has_started:
                course.has_started = True
                began = contact.at - timedelta(seconds=rng.randint(40, 200))
                self._send("start", course, course.flags, None, began, received_at)
                self._log("treatment", course.treatment_id, received_at)
            self._one_joint(course, contact.at, received_at, systemic)

    def _one_joint(
        self, course: _Course, at: datetime, received_at: datetime, systemic: Answers
    ) -> None:
        rng = self.rng
        self.story.check_in_count += 1
        day = (at.astimezone(self.world.zone).date() - course.session.performed_on).days
        answers = self.answering.local(course.recovery, day, systemic)
        facts = self._facts(course, answers, at)
        if facts["pain_prev"] is None:
            trend = rng.choice(("better", "better", "same", "same", "same"))
            answers["pain_trend_self"] = facts["pain_trend_self"] = trend
        first = {key: True for key in EMERGENCIES if answers.get(key) is True}
        if first:
            known = self._facts(course, first, at)
            create, level = self._judged("create", course, first, known, at, received_at)
        else:
            create, level = self._judged("create", course, answers, facts, at, received_at)
        later = at + timedelta(seconds=rng.randint(60, 240))
        if first or rng.random() < AMENDED_SHARE:
            pain = max(0, min(10, answers["pain_now"] + (0 if first else rng.choice((-1, 1)))))
            changed, facts = {**answers, "pain_now": pain}, {**facts, "pain_now": pain}
            self._judged("amend", course, changed, facts, later, received_at, supersedes=create)
        elif rng.random() < WITHDRAWN_SHARE:
            self._send("retract", course, {}, None, later, received_at, supersedes=create)
            self.entries[create].is_withdrawn = True
        if RANK_OF[level] >= SAME_DAY_RANK and rng.random() < CALLED_SHARE:
            called_at = later + timedelta(minutes=rng.randint(1, 9))
            self._send("called", course, {}, None, called_at, received_at, supersedes=create)

    def _facts(self, course: _Course, answers: Answers, at: datetime) -> Answers:
        """What the rules may read of answers that are given now."""
        told = self._told(at)
        return derive_facts(
            answers=answers,
            site=course.session.site,
            local_date=told.date(),
            performed_on=course.session.performed_on,
            clock_behind=False,
            recorded_at=told.isoformat(timespec="seconds"),
            start=course.flags,
            earlier=self._joint(course).looking_back(course.treatment_id, at - RECENT),
        )

    def _judged(
        self,
        kind: str,
        course: _Course,
        answers: Answers,
        facts: Answers,
        at: datetime,
        received_at: datetime,
        *,
        supersedes: str | None = None,
    ) -> tuple[str, str]:
        """Send answers that the phone has judged and the server judges too."""
        ours = self.judging.of(facts)
        theirs = ours
        if self.rng.random() < STALE_PHONE_SHARE:
            theirs = self.judging.of({**facts, "pain_prev": None, "open_clinic_flags": 0})
        told = {"level": theirs.level, "reasons": list(theirs.reasons)}
        event_id = self._send(kind, course, answers, told, at, received_at, supersedes=supersedes)
        self._add_verdict(event_id, facts, ours, received_at)
        counts = theirs if RANK_OF[theirs.level] > RANK_OF[ours.level] else ours
        entry = self._entry(course, supersedes or event_id, at)
        self.current.pop(entry.event_id, None)
        self.current[event_id] = entry
        entry.event_id, entry.is_reviewed = event_id, False
        entry.pain, entry.level = answers.get("pain_now"), counts.level
        entry.reasons = list(counts.reasons)
        due = readings.due(
            self.rng,
            level=counts.level,
            received_at=received_at,
            zone=self.world.zone,
            is_left=received_at > self.world.unread_since,
        )
        self.waiting[event_id] = _Waiting(
            RANK_OF[counts.level], received_at, due, course, entry, entry.pain
        )
        return event_id, counts.level

    def _entry(self, course: _Course, thread_id: str, at: datetime) -> _Entry:
        if thread_id not in self.entries:
            told = self._told(at).isoformat(timespec="seconds")
            entry = _Entry(course.treatment_id, told, at, thread_id, None, None, [])
            self.entries[thread_id] = entry
            self._joint(course).entries.append(entry)
        return self.entries[thread_id]

    def _joint(self, course: _Course) -> _Joint:
        key = (course.session.site, course.session.side)
        return self.joints.setdefault(key, _Joint())

    def _told(self, at: datetime) -> datetime:
        """The moment as the patient's own clock shows it."""
        return (at + self.skew).replace(microsecond=0).astimezone(self.world.zone)

    def _send(
        self,
        kind: str,
        course: _Course,
        answers: Answers,
        verdict: dict[str, Any] | None,
        at: datetime,
        received_at: datetime,
        *,
        supersedes: str | None = None,
    ) -> str:
        """Store an event under the next number of its phone; returns its id."""
        told = self._told(at)
        phone = self._phone()
        event_id, dseq = identity(self.rng), self._next_number(phone)
        event = {
            "event_id": event_id,
            "owner": self.patient_id,
            "device_id": phone.device_id,
            "dseq": dseq,
            "kind": kind,
            "supersedes": supersedes,
            "treatment_id": course.treatment_id,
            "form_version": self.world.form_version,
            "rules_version": self.world.rules_version,
            "recorded_at": told.isoformat(timespec="seconds"),
            "time_zone": self.world.time_zone,
            "local_date": told.date().isoformat(),
            "clock_behind": False,
            "answers": answers,
            "verdict": verdict,
        }
        text = canonical(event)
        self.story.add(
            CheckInEvent,
            clinic_id=self.world.clinic_id,
            event_id=event_id,
            patient_id=self.patient_id,
            seq=self._log("check_in", event_id, received_at),
            device_id=phone.device_id,
            dseq=dseq,
            kind=kind,
            supersedes=supersedes,
            treatment_id=course.treatment_id,
            event=text,
            content_sha256=hashlib.sha256(text.encode()).hexdigest(),
            received_at=received_at,
            clock_offset_s=-round(self.skew.total_seconds()),
        )
        return event_id

    def _phone(self) -> _Phone:
        """The phone in use; a few patients get another one on the way."""
        is_new = not self.phones or (
            len(self.phones) == 1
            and self.story.check_in_count > 4
            and self.rng.random() < SECOND_PHONE_SHARE / 40
        )
        if is_new:
            row = self.story.add(
                Device,
                clinic_id=self.world.clinic_id,
                patient_id=self.patient_id,
                device_id=identity(self.rng),
                contiguous=0,
                highest=0,
            )
            has_gap = self.rng.random() < GAP_SHARE
            self.phones.append(_Phone(row["device_id"], row, has_gap))
        return self.phones[-1]

    def _next_number(self, phone: _Phone) -> int:
        """The phone's next number. One that never arrived leaves a gap below all that follow."""
        row = phone.row
        is_lost = phone.has_gap and row["contiguous"] == row["highest"] and row["highest"] > 5
        row["highest"] += 2 if is_lost else 1
        if row["contiguous"] == row["highest"] - 1:
            row["contiguous"] += 1
        return int(row["highest"])

    def _add_verdict(
        self, event_id: str, facts: Answers, verdict: Verdict, made_at: datetime
    ) -> None:
        self.story.add(
            VerdictRow,
            clinic_id=self.world.clinic_id,
            event_id=event_id,
            number=1,
            patient_id=self.patient_id,
            level=verdict.level,
            reasons=canonical(list(verdict.reasons)),
            also=canonical(list(verdict.also)),
            missing=canonical(list(verdict.missing)),
            facts=canonical(facts),
            rules_version=self.world.rules_version,
            cause="received",
            made_at=made_at,
        )

    # --- what the clinic does, and what the phone hears of it -----------------------------

    def _clinic_and_phone_until(self, limit: datetime) -> None:
        """Readings and the phone's asking, in their order, up to and with this moment."""
        while True:
            due = min((one.due for one in self.waiting.values()), default=readings.NEVER)
            if min(due, self.next_pull) > limit:
                return
            if due <= self.next_pull:
                self._read(due)
            else:
                self._pull(self.next_pull)

    def _read(self, at: datetime) -> None:
        """A clinician reads everything of this patient that is there."""
        rng = self.rng
        reader = self.doctor if rng.random() < 0.7 else rng.choice(self.world.colleagues)
        rank = max(one.rank for one in self.waiting.values())
        outcome = readings.outcome(rng, rank)
        event_ids = list(self.waiting)
        review_id = identity(rng)
        review = self.story.add(
            Review,
            clinic_id=self.world.clinic_id,
            review_id=review_id,
            patient_id=self.patient_id,
            event_ids=canonical(event_ids),
            reviewer_id=reader.account_id,
            reviewer_name=reader.name,
            reviewer_role="clinician",
            at=at,
            kind="read",
            outcome=outcome,
            note=readings.note(rng, rank),
            message=readings.message(rng, rank),
            is_settled=False,
        )
        self.waiting.clear()
        for event_id in event_ids if outcome else ():
            if event_id in self.current:
                self.current[event_id].is_reviewed = True
        self.untold.append({"row": review, "event_ids": event_ids})
        self._act(at, DONE[READ], {"review_id": review_id}, by=reader)
        self._write_for_colleagues(reader, at + timedelta(seconds=rng.randint(15, 90)))
        if rng.random() >= UNTOLD_SHARE:
            self.next_pull = min(self.next_pull, at + timedelta(seconds=rng.randint(60, 30_000)))

    def _write_for_colleagues(self, reader: Colleague, at: datetime) -> None:
        """Now and then a note, and now and then the patient is handed on."""
        if at > self.world.now or self.rng.random() > readings.WRITTEN_SHARE:
            return
        ours = {"clinic_id": self.world.clinic_id, "patient_id": self.patient_id, "at": at}
        if self.rng.random() < readings.NOTED_SHARE:
            note_id = identity(self.rng)
            text = self.rng.choice(readings.NOTES)
            writer = {"author_id": reader.account_id, "author_name": reader.name}
            self.story.add(Note, **ours, **writer, note_id=note_id, event_id=None, text=text)
            self._act(at, "note.written", {"note_id": note_id}, by=reader)
            return
        other = self.rng.choice(self.world.colleagues)
        before_id = self.patient["assigned_id"]
        if other.account_id == before_id:
            return
        hand_over_id = identity(self.rng)
        self.patient["assigned_id"] = other.account_id
        self.story.add(
            HandOver,
            **ours,
            hand_over_id=hand_over_id,
            from_id=reader.account_id,
            from_name=reader.name,
            to_id=other.account_id,
            to_name=other.name,
            before_id=before_id,
            remark=self.rng.choice(readings.REMARKS),
        )
        self._act(at, "patient.handed_over", {"hand_over_id": hand_over_id}, by=reader)

    def _pull(self, at: datetime) -> None:
        """The phone asks what is new, and hears of readings that can no longer be undone."""
        self.next_pull = readings.NEVER
        still = []
        for told in self.untold:
            if told["row"]["at"] < at - UNDO_TIME:
                told["row"]["is_settled"] = True
                for event_id in told["event_ids"]:
                    self._log("review", f"{told['row']['review_id']}:{event_id}", at)
            else:
                still.append(told)
        self.untold = still

    def _write_unread(self) -> None:
        for event_id, one in self.waiting.items():
            self.story.add(
                Unread,
                clinic_id=self.world.clinic_id,
                event_id=event_id,
                patient_id=self.patient_id,
                rank=one.rank,
                received_at=one.received_at,
            )
        if self.waiting:
            self._write_attention()

    def _write_attention(self) -> None:
        """The patient's one row on the worklist, as `attention.refresh` makes it."""
        event_id, top = min(
            self.waiting.items(), key=lambda one: (-one[1].rank, one[1].received_at, one[0])
        )
        before = self._joint(top.course).pains_before(top.entry)
        own = [] if top.pain is None else [top.pain]
        self.story.add(
            Attention,
            clinic_id=self.world.clinic_id,
            patient_id=self.patient_id,
            rank=top.rank,
            event_id=event_id,
            since=top.received_at,
            unread_count=len(self.waiting),
            newest_at=max(one.received_at for one in self.waiting.values()),
            mark=self.rng.randrange(attention.MARKS),
            treatment_id=top.course.treatment_id,
            site=top.course.session.site,
            treated_by=self.doctor.name,
            pains=canonical([*before, *own][-attention.PAINS_KEPT :]),
            pain_before=before[-1] if before else None,
        )

    # --- the patient's log, and the clinic's ----------------------------------------------

    def _log(self, type: str, subject_id: str, at: datetime) -> int:
        self.patient["log_seq"] += 1
        self.story.add(
            LogEntry,
            clinic_id=self.world.clinic_id,
            account_id=self.patient_id,
            seq=self.patient["log_seq"],
            type=type,
            subject_id=subject_id,
            at=at,
        )
        return int(self.patient["log_seq"])

    def _act(
        self, at: datetime, action: str, detail: dict[str, str], *, by: Colleague | None = None
    ) -> None:
        actor = by or self.doctor
        self.story.acts.append(
            {
                "at": at,
                "actor_id": actor.account_id,
                "actor_name": actor.name,
                "action": action,
                "subject_id": self.patient_id,
                "detail": detail,
            }
        )
