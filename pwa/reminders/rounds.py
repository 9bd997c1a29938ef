"""One round: who is to be reminded now, and sending it. The server does one every half minute.

Both steps are written down before they are done, so of several servers one does each, and what a
crash cuts off is tried again or let go; nobody is reminded twice of one day.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, select, update

from pwa.accounts.models import Account, Session
from pwa.check_ins import expected
from pwa.database import db, reading, writing
from pwa.practice import clinics
from pwa.practice.clinics import Schedule
from pwa.reminders import slots
from pwa.reminders.hours import Rhythm
from pwa.reminders.models import PushSubscription, ReminderSetting
from pwa.reminders.phones import rhythm_of
from pwa.reminders.post_office import Letter, Outcome, PostOffice

MOST_AT_ONCE = 100
LINES = 8
"""How many push services are spoken to at the same time."""
TRY_AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""When a reminder that was taken up and not heard of again is taken up once more. After the last
try it is let go."""
WORTH_IT = timedelta(hours=6)
"""After this a reminder of today would only surprise."""


@dataclass(frozen=True)
class Round:
    """What a round came to."""

    looked_at: int = 0
    sent: int = 0
    gone: int = 0
    failed: int = 0


def do_round(office: PostOffice, *, at: datetime) -> Round:
    """Look at everybody whose time has come, and send what is due. Call outside a transaction."""
    looked_at = 0
    while count := _look(at=at):
        looked_at += count
    outcomes: list[Outcome] = []
    while some := _send_some(office, at=at):
        outcomes += some
    sent, gone = outcomes.count("sent"), outcomes.count("gone")
    return Round(looked_at, sent, gone, len(outcomes) - sent - gone)


def _look(*, at: datetime) -> int:
    """Decide about some of those whose time has come; how many there were."""
    if not _is_any(ReminderSetting.next_at <= at):
        return 0
    with writing():
        settings = db.session.scalars(
            select(ReminderSetting)
            .where(ReminderSetting.next_at <= at)
            .order_by(ReminderSetting.next_at)
            .limit(MOST_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        schedules: dict[str, Schedule] = {}
        for one in settings:
            if one.clinic_id not in schedules:
                schedules[one.clinic_id] = clinics.schedule(one.clinic_id)
            _look_at(one, schedules[one.clinic_id], at=at)
    return len(settings)


def _look_at(setting: ReminderSetting, schedule: Schedule, *, at: datetime) -> None:
    rhythm = rhythm_of(setting, schedule)
    if rhythm.is_quiet(at=at):  # the server was away, or the hours have changed
        setting.next_at = rhythm.end_of_quiet(after=at)
        return
    mine = and_(
        PushSubscription.clinic_id == setting.clinic_id,
        PushSubscription.patient_id == setting.patient_id,
    )
    has_phone = bool(db.session.scalar(select(exists().where(mine))))
    setting.next_at = rhythm.next_look(after=at) if has_phone else None
    if has_phone and _is_due(setting, schedule, rhythm, at=at):
        wanted = {"due_at": at, "give_up_at": _give_up_at(rhythm, at=at), "try_count": 0}
        db.session.execute(update(PushSubscription).where(mine).values(wanted))


def _is_due(setting: ReminderSetting, schedule: Schedule, rhythm: Rhythm, *, at: datetime) -> bool:
    watched = expected.watched(clinic_id=setting.clinic_id, patient_id=setting.patient_id, at=at)
    return slots.is_due(watched, days=schedule.days, now=rhythm.local(at))


def _give_up_at(rhythm: Rhythm, *, at: datetime) -> datetime:
    quiet_at = rhythm.start_of_quiet(after=at)
    return at + WORTH_IT if quiet_at is None else min(quiet_at, at + WORTH_IT)


def _send_some(office: PostOffice, *, at: datetime) -> list[Outcome]:
    """Send some of what is due, and write down what became of each."""
    if not _is_any(PushSubscription.due_at <= at):
        return []
    letters = _take_some(at=at)
    with ThreadPoolExecutor(LINES, thread_name_prefix="push") as lines:
        outcomes = list(lines.map(office.send, letters))
    with writing():
        for letter, outcome in zip(letters, outcomes, strict=True):
            _settle(letter, outcome, at=at)
    return outcomes


def _take_some(*, at: datetime) -> list[Letter]:
    """Take up some, and put each off to its next try before it is tried."""
    with writing():
        rows = db.session.execute(
            select(PushSubscription, Session.ended_at, Account.is_active)
            .outerjoin(Session, Session.session_id == PushSubscription.session_id)
            .outerjoin(Account, Account.account_id == PushSubscription.patient_id)
            .where(PushSubscription.due_at <= at)
            .order_by(PushSubscription.due_at, PushSubscription.endpoint_hash)
            .limit(MOST_AT_ONCE)
            .with_for_update(skip_locked=True, of=PushSubscription)
        ).all()
        letters = []
        for row, ended_at, is_active in rows:
            if ended_at is not None or not is_active:
                db.session.delete(row)
            elif row.give_up_at is None or row.give_up_at <= at:
                row.due_at = None
            else:
                letters.append(_letter(row, ttl=row.give_up_at - at))
                row.due_at = at + TRY_AGAIN[min(row.try_count, len(TRY_AGAIN) - 1)]
                row.try_count += 1
    return letters


def _letter(row: PushSubscription, *, ttl: timedelta) -> Letter:
    return Letter(
        clinic_id=row.clinic_id,
        endpoint_hash=row.endpoint_hash,
        endpoint=row.endpoint,
        p256dh=row.p256dh,
        auth=row.auth,
        ttl_s=max(1, int(ttl.total_seconds())),
    )


def _settle(letter: Letter, outcome: Outcome, *, at: datetime) -> None:
    this = and_(
        PushSubscription.clinic_id == letter.clinic_id,
        PushSubscription.endpoint_hash == letter.endpoint_hash,
    )
    if outcome == "gone":
        db.session.execute(delete(PushSubscription).where(this))
    elif outcome == "sent":
        done = {"due_at": None, "sent_at": at}
        db.session.execute(update(PushSubscription).where(this).values(done))
    elif outcome == "refused":
        db.session.execute(update(PushSubscription).where(this).values(due_at=None))
    else:
        is_last = PushSubscription.try_count >= len(TRY_AGAIN)
        db.session.execute(update(PushSubscription).where(this, is_last).values(due_at=None))


def _is_any(condition: ColumnElement[bool]) -> bool:
    """Asked before any write transaction: most rounds find nothing and disturb nobody."""
    with reading():
        return bool(db.session.scalar(select(exists().where(condition))))
