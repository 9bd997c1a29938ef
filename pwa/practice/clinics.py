"""Opening a clinic, reading it, changing its words, and signing its rules.

Callers open the transaction (`pwa.database.writing`) around everything that writes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, cast, func, select

from pwa.audit import log as audit_log
from pwa.database import db
from pwa.guidance.library import Library
from pwa.plain_text import one_line
from pwa.practice.models import Clinic, ClinicWords, Installation, SignOff
from pwa.practice.words import (
    NUMBERS,
    REMINDER_AT,
    WORDS_OF_PATIENTS,
    Signed,
    Snapshot,
    Words,
    keep_tests,
    replace_tested,
)
from pwa.problems import Conflict, Invalid, NotFound

VERSIONS_LOOKED_AT = 100
"""How far back a phone is told when a setting was changed."""
WORDS_KEPT = 64
"""So many clinics' words are read once for all requests."""


@dataclass(frozen=True)
class Schedule:
    """On which days after an injection a check-in is expected, and on whose clock.

    `reminder_at` is the time of such a day at which a reminder comes, on the patient's clock.
    """

    days: tuple[int, ...]
    zone: str
    reminder_at: str = REMINDER_AT


def epoch() -> str:
    """The id of this history of the database."""
    return db.session.scalars(select(Installation.epoch)).one()


def ensure_installation() -> None:
    """Give a fresh database its epoch. Call inside a transaction."""
    if db.session.get(Installation, 1) is None:
        db.session.add(Installation(installation_id=1, epoch=str(uuid.uuid4())))


def clinic_ids() -> Sequence[str]:
    """Every clinic on this server, oldest first."""
    return db.session.scalars(
        select(Clinic.clinic_id).order_by(Clinic.created_at, Clinic.clinic_id)
    ).all()


def opened_at(clinic_id: str) -> datetime:
    """When this clinic was opened."""
    return db.session.get_one(Clinic, clinic_id).created_at


def clinic_count() -> int:
    """How many clinics this server serves."""
    return len(clinic_ids())


def open_clinic(
    *,
    words: Words,
    at: datetime,
    by: str,
    is_demo: bool = False,
    is_second_factor_required: bool | None = None,
) -> str:
    """Make a clinic and return its id. Unless told, its people need a second factor, but for a
    demo's."""
    if is_second_factor_required is None:
        is_second_factor_required = not is_demo
    clinic_id = str(uuid.uuid4())
    db.session.add(
        Clinic(
            clinic_id=clinic_id,
            created_at=at,
            is_demo=is_demo,
            is_second_factor_required=is_second_factor_required,
            words_version=1,
        )
    )
    db.session.flush()
    _add_version(clinic_id=clinic_id, version=1, words=words, at=at, by=by)
    return clinic_id


def snapshot(clinic_id: str) -> Snapshot:
    """The clinic as it is now. Raises NotFound."""
    row = db.session.execute(_as_it_is(), {"clinic_id": clinic_id}).one_or_none()
    if row is None:
        raise NotFound
    version, is_demo, is_second_factor_required, words, *signature = row
    return Snapshot(
        clinic_id=clinic_id,
        version=version,
        is_demo=is_demo,
        words=_read(words),
        signed=None if signature[0] is None else Signed(*signature),
        is_second_factor_required=is_second_factor_required,
    )


@cache
def _as_it_is() -> Select[*tuple[Any, ...]]:
    """A clinic, its words as they are written, and its newest signature: in one question, since
    every page of the clinic asks it."""
    newest = (
        select(func.max(SignOff.words_version))
        .where(SignOff.clinic_id == Clinic.clinic_id)
        .correlate(Clinic)
        .scalar_subquery()
    )
    is_signed = and_(SignOff.clinic_id == Clinic.clinic_id, SignOff.words_version == newest)
    return (
        select(
            Clinic.words_version,
            Clinic.is_demo,
            Clinic.is_second_factor_required,
            cast(ClinicWords.words, Text),
            SignOff.form_version,
            SignOff.rules_version,
            SignOff.typed_name,
            SignOff.signed_at,
        )
        .join(
            ClinicWords,
            (ClinicWords.clinic_id == Clinic.clinic_id)
            & (ClinicWords.version == Clinic.words_version),
        )
        .outerjoin(SignOff, is_signed)
        .where(Clinic.clinic_id == bindparam("clinic_id"))
    )


@lru_cache(WORDS_KEPT)
def _read(written: str) -> Words:
    """The words that are written so. What is kept can never be old: another text is read anew."""
    return Words.model_validate(json.loads(written))


def schedule(clinic_id: str) -> Schedule:
    """The clinic's schedule. Raises NotFound."""
    return schedule_of(snapshot(clinic_id).words)


def schedule_of(words: Words) -> Schedule:
    """The schedule that these words set."""
    return Schedule(tuple(words.check_in_days), words.time_zone, words.reminder_at)


def for_phone(clinic_id: str) -> dict[str, Any]:
    """The `clinic` object of `/api/v1/changes`, with when each of its words was changed last."""
    return {**snapshot(clinic_id).for_phone(), "changed_at": _changed_at(clinic_id)}


def _changed_at(clinic_id: str) -> dict[str, str]:
    """By word; what never changed within the versions that are looked at is not in it."""
    versions = db.session.execute(
        select(ClinicWords.words, ClinicWords.saved_at)
        .where(ClinicWords.clinic_id == clinic_id)
        .order_by(ClinicWords.version.desc())
        .limit(VERSIONS_LOOKED_AT)
    ).all()
    signed = _signed(clinic_id)
    found = {} if signed is None else {"signed": signed.at.isoformat()}
    for (newer, saved_at), (older, _) in pairwise(versions):
        for name in WORDS_OF_PATIENTS:
            if name in older and name not in found and newer.get(name) != older[name]:
                found[name] = saved_at.isoformat()
    return found


def is_second_factor_required(clinic_id: str) -> bool:
    """Whether this clinic's people need a second factor."""
    return db.session.scalars(
        select(Clinic.is_second_factor_required).where(Clinic.clinic_id == clinic_id)
    ).one()


def set_second_factor_required(clinic_id: str, *, is_required: bool) -> bool:
    """Ask the clinic's people for a second factor, or no longer. False: it was so already."""
    clinic = db.session.scalars(
        select(Clinic).where(Clinic.clinic_id == clinic_id).with_for_update()
    ).one()
    if clinic.is_second_factor_required == is_required:
        return False
    clinic.is_second_factor_required = is_required
    db.session.flush()
    return True


def running_versions(clinic: Snapshot, library: Library) -> tuple[int, int | None]:
    """The form and rules that this clinic's phones run: what it signed.

    An unsigned clinic runs the newest form in diary mode, without rules.
    """
    if clinic.signed is None:
        return max(library.forms), None
    return clinic.signed.form_version, clinic.signed.rules_version


def rules_state(signed: Signed | None, library: Library) -> str:
    """ "not signed", "signed", or "new version": a newer one waits to be read and signed."""
    if signed is None:
        return "not signed"
    newest = (max(library.forms), max(library.rules))
    return "signed" if (signed.form_version, signed.rules_version) == newest else "new version"


def words_version(clinic_id: str) -> int:
    """The version that a phone compares with its own."""
    version = db.session.scalars(
        select(Clinic.words_version).where(Clinic.clinic_id == clinic_id)
    ).one_or_none()
    if version is None:
        raise NotFound
    return version


def save_words(
    *,
    clinic_id: str,
    words: Words,
    seen_version: int,
    at: datetime,
    actor_id: str,
    actor_name: str,
) -> int:
    """Save changed words as a new version and return its number.

    Raises:
        Conflict: somebody saved after this person opened the page.
    """
    current = _locked(clinic_id, seen_version=seen_version)
    kept = keep_tests(words, old=current.words)
    return _save(current, kept, at=at, actor_id=actor_id, actor_name=actor_name, act="settings")


def mark_tested(
    *,
    clinic_id: str,
    name: str,
    seen_version: int,
    at: datetime,
    actor_id: str,
    actor_name: str,
) -> int:
    """Note that somebody called this number and it was right."""
    if name not in NUMBERS:
        raise Invalid("there is no such number", field="number")
    current = _locked(clinic_id, seen_version=seen_version)
    number = getattr(current.words, name)
    if not number.number:
        raise Invalid("save the number first, then call it", field=name)
    tested = current.words.model_copy(update={name: replace_tested(number, is_tested=True)})
    return _save(
        current, tested, at=at, actor_id=actor_id, actor_name=actor_name, act=f"tested {name}"
    )


def sign(
    *,
    clinic_id: str,
    form_version: int,
    rules_version: int,
    typed_name: str,
    seen_version: int,
    at: datetime,
    actor_id: str,
    actor_name: str,
) -> None:
    """Put a clinician's name under a form and a rule table; phones run them from then on.

    Raises:
        Invalid: no name, or numbers that nobody has called: a level that says "call" without
            a working number would be worse than none.
        Conflict: somebody saved after this person opened the page.
    """
    current = _locked(clinic_id, seen_version=seen_version)
    if len(one_line(typed_name)) < 3:
        raise Invalid("Type your full name to sign.", field="typed_name")
    if len(typed_name) > 200:
        raise Invalid("That name is too long.", field="typed_name")
    if current.words.untested_numbers:
        raise Invalid("Call the clinic's numbers first, and note that they work.")
    version = _save(
        current, current.words, at=at, actor_id=actor_id, actor_name=actor_name, act="signed"
    )
    db.session.flush()
    db.session.add(
        SignOff(
            clinic_id=clinic_id,
            words_version=version,
            form_version=form_version,
            rules_version=rules_version,
            typed_name=one_line(typed_name),
            account_id=actor_id,
            signed_at=at,
        )
    )


def sign_offs(clinic_id: str) -> Sequence[SignOff]:
    """Every signature of this clinic, newest first."""
    return db.session.scalars(
        select(SignOff).where(SignOff.clinic_id == clinic_id).order_by(SignOff.words_version.desc())
    ).all()


def _signed(clinic_id: str) -> Signed | None:
    rows = sign_offs(clinic_id)
    if not rows:
        return None
    newest = rows[0]
    return Signed(
        form_version=newest.form_version,
        rules_version=newest.rules_version,
        by=newest.typed_name,
        at=newest.signed_at,
    )


def _locked(clinic_id: str, *, seen_version: int) -> Snapshot:
    clinic = db.session.scalars(
        select(Clinic).where(Clinic.clinic_id == clinic_id).with_for_update()
    ).one_or_none()
    if clinic is None:
        raise NotFound
    if clinic.words_version != seen_version:
        raise Conflict("Somebody saved these settings while you were here. Look again, then save.")
    return snapshot(clinic_id)


def _save(
    current: Snapshot, words: Words, *, at: datetime, actor_id: str, actor_name: str, act: str
) -> int:
    version = current.version + 1
    _add_version(clinic_id=current.clinic_id, version=version, words=words, at=at, by=actor_name)
    db.session.flush()
    clinic = db.session.get_one(Clinic, current.clinic_id)
    clinic.words_version = version
    audit_log.record(
        at=at,
        clinic_id=current.clinic_id,
        actor_id=actor_id,
        actor_name=actor_name,
        action=f"clinic.{act.split(maxsplit=1)[0]}",
        detail={"version": version, "what": act},
    )
    return version


def _add_version(*, clinic_id: str, version: int, words: Words, at: datetime, by: str) -> None:
    db.session.add(
        ClinicWords(
            clinic_id=clinic_id,
            version=version,
            words=words.model_dump(mode="json"),
            saved_at=at,
            saved_by=by,
        )
    )
