"""Which browsers of a patient want reminders, and the hours in which none may come.

Callers open the transaction around everything that writes. A browser goes with the session it was
signed in with: where that is ended, nothing is sent to it any more (`rounds.py`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, exists, select, update

from pwa.accounts import people
from pwa.accounts.models import Session
from pwa.accounts.sessions import Principal
from pwa.database import db
from pwa.practice import clinics
from pwa.practice.clinics import Schedule
from pwa.practice.words import CLOCK_PATTERN, TIME_ZONES
from pwa.problems import Invalid
from pwa.reminders import acts
from pwa.reminders.endpoints import Gate
from pwa.reminders.hours import QUIET_FROM, QUIET_UNTIL, Rhythm
from pwa.reminders.models import PushSubscription, ReminderSetting

MOST_PHONES = 10
POINT = re.compile(r"[A-Za-z0-9_-]{87}")
SECRET = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Browser:
    """What a browser tells of itself when it agrees to be reminded."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Wishes:
    """What a patient wants, as their own page shows it. `phones` are hashes of addresses."""

    at: str
    quiet_from: str
    quiet_until: str
    phones: tuple[str, ...]


def read_browser(*, endpoint: str, p256dh: str, auth: str, gate: Gate) -> Browser:
    """Check what a browser told. Raises Invalid by field."""
    if not gate.lets_through(endpoint):
        raise Invalid("This is no address of a push service that we know.", field="endpoint")
    if not POINT.fullmatch(p256dh) or not _is_on_the_curve(p256dh):
        raise Invalid("This is no key of a browser.", field="p256dh")
    if not SECRET.fullmatch(auth):
        raise Invalid("This is no secret of a browser.", field="auth")
    return Browser(endpoint, p256dh, auth)


def keep(who: Principal, browser: Browser, *, time_zone: str, at: datetime) -> None:
    """Remind this browser from now on. Whoever had it before is reminded there no more."""
    people.lock_patient(clinic_id=who.clinic_id, account_id=who.account_id)
    schedule = clinics.schedule(who.clinic_id)
    setting = _setting(who, schedule)
    setting.time_zone = _known_zone(time_zone, schedule)
    setting.next_at = rhythm_of(setting, schedule).next_look(after=at)
    db.session.flush()
    name = hash_of(browser.endpoint)
    db.session.execute(delete(PushSubscription).where(PushSubscription.endpoint_hash == name))
    _make_room(who)
    db.session.add(
        PushSubscription(
            clinic_id=who.clinic_id,
            endpoint_hash=name,
            patient_id=who.account_id,
            session_id=who.session_id,
            endpoint=browser.endpoint,
            p256dh=browser.p256dh,
            auth=browser.auth,
            created_at=at,
            try_count=0,
        )
    )
    acts.record(who, "reminders.on", at=at)


def is_here(who: Principal, *, endpoint: str, time_zone: str) -> bool:
    """Whether this browser is one of theirs. If so, it goes with this session and time zone."""
    if not db.session.scalar(select(exists().where(*_mine(who, endpoint)))):
        return False
    schedule = clinics.schedule(who.clinic_id)
    _setting(who, schedule).time_zone = _known_zone(time_zone, schedule)
    db.session.flush()
    db.session.execute(
        update(PushSubscription).where(*_mine(who, endpoint)).values(session_id=who.session_id)
    )
    return True


def forget(who: Principal, *, endpoint: str, at: datetime) -> None:
    """Remind this browser no more."""
    done = db.session.execute(delete(PushSubscription).where(*_mine(who, endpoint)))
    if done.rowcount:  # type: ignore[attr-defined]
        acts.record(who, "reminders.off", at=at)


def set_quiet(
    who: Principal, *, quiet_from: str, quiet_until: str, time_zone: str, at: datetime
) -> None:
    """Choose other quiet hours. Raises Invalid by field."""
    for field, shown in (("quiet_from", quiet_from), ("quiet_until", quiet_until)):
        if not CLOCK_PATTERN.fullmatch(shown):
            raise Invalid("Choose a time such as 21:00.", field=field)
    schedule = clinics.schedule(who.clinic_id)
    setting = _setting(who, schedule)
    setting.quiet_from, setting.quiet_until = quiet_from, quiet_until
    setting.time_zone = _known_zone(time_zone, schedule)
    if setting.next_at is not None:
        setting.next_at = rhythm_of(setting, schedule).next_look(after=at)


def read(who: Principal) -> Wishes:
    """What this patient wants now."""
    setting = db.session.get(ReminderSetting, (who.clinic_id, who.account_id))
    phones = db.session.scalars(
        select(PushSubscription.endpoint_hash)
        .join(Session, Session.session_id == PushSubscription.session_id)
        .where(
            PushSubscription.clinic_id == who.clinic_id,
            PushSubscription.patient_id == who.account_id,
            Session.ended_at.is_(None),
        )
        .order_by(PushSubscription.created_at)
    ).all()
    return Wishes(
        at=clinics.schedule(who.clinic_id).reminder_at,
        quiet_from=QUIET_FROM if setting is None else setting.quiet_from,
        quiet_until=QUIET_UNTIL if setting is None else setting.quiet_until,
        phones=tuple(phones),
    )


def rhythm_of(setting: ReminderSetting, schedule: Schedule) -> Rhythm:
    """When this patient may be reminded."""
    return Rhythm(
        at=schedule.reminder_at,
        quiet_from=setting.quiet_from,
        quiet_until=setting.quiet_until,
        zone=setting.time_zone,
    )


def hash_of(secret: str) -> str:
    """How an address of a browser, or a token, is named in the database."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _setting(who: Principal, schedule: Schedule) -> ReminderSetting:
    """The row of this patient, locked; made where there is none. Raises NotFound."""
    people.lock_patient(clinic_id=who.clinic_id, account_id=who.account_id)
    found = db.session.scalars(
        select(ReminderSetting)
        .where(
            ReminderSetting.clinic_id == who.clinic_id,
            ReminderSetting.patient_id == who.account_id,
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        found = ReminderSetting(
            clinic_id=who.clinic_id,
            patient_id=who.account_id,
            quiet_from=QUIET_FROM,
            quiet_until=QUIET_UNTIL,
            time_zone=schedule.zone,
        )
        db.session.add(found)
    return found


def _known_zone(name: str, schedule: Schedule) -> str:
    """The phone's own zone. A name that this server has not heard of is no reason to refuse."""
    return name if name in TIME_ZONES else schedule.zone


def _make_room(who: Principal) -> None:
    """The oldest browsers go where there would be too many: nobody reads ten phones."""
    mine = select(PushSubscription.endpoint_hash).where(
        PushSubscription.clinic_id == who.clinic_id,
        PushSubscription.patient_id == who.account_id,
    )
    newest_first = mine.order_by(PushSubscription.created_at.desc()).offset(MOST_PHONES - 1)
    old = db.session.scalars(newest_first).all()
    db.session.execute(
        delete(PushSubscription).where(
            PushSubscription.clinic_id == who.clinic_id, PushSubscription.endpoint_hash.in_(old)
        )
    )


def _mine(who: Principal, endpoint: str) -> list[Any]:
    return [
        PushSubscription.clinic_id == who.clinic_id,
        PushSubscription.patient_id == who.account_id,
        PushSubscription.endpoint_hash == hash_of(endpoint),
    ]


def _is_on_the_curve(p256dh: str) -> bool:
    try:
        point = base64.urlsafe_b64decode(f"{p256dh}=")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return False
    return True
