"""Writing and reading the audit log.

Each clinic's entries form a chain: every entry carries the hash of itself and of the one before,
so that a changed, removed or inserted one shows (`verify.py`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NoReturn, Protocol

from sqlalchemy import ColumnElement, bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from pwa.audit.chain import START, hash_of
from pwa.audit.models import AuditEntry, AuditHead
from pwa.database import at_the_end, db
from pwa.problems import AuditUnavailable, named_cause

SERVER = "server"
"""The chain of what belongs to no clinic: a sign-in of nobody known, a restore."""
KINDS = ("seen", "denied", "changed")
MAKE_HEAD = text(
    "INSERT INTO audit_heads (clinic_id, chain_no, chain_hash) "
    "VALUES (:clinic_id, 0, :chain_hash) ON CONFLICT DO NOTHING"
)
_HEADS = AuditHead.__table__
_END = (
    select(_HEADS.c.chain_no, _HEADS.c.chain_hash)
    .where(_HEADS.c.clinic_id == bindparam("clinic_id"))
    .with_for_update()
)
_ADD = insert(AuditEntry.__table__)
_MOVE_END = (
    update(_HEADS)
    .where(_HEADS.c.clinic_id == bindparam("of_clinic"))
    .values(chain_no=bindparam("end_no"), chain_hash=bindparam("end_hash"))
)
"""Every page adds an entry, so what it takes is put together once."""
log = logging.getLogger(__name__)


class Actor(Protocol):
    """Who does something, and at which clinic."""

    @property
    def account_id(self) -> str | None: ...
    @property
    def clinic_id(self) -> str: ...
    @property
    def name(self) -> str: ...


def record(
    *,
    at: datetime,
    clinic_id: str,
    actor_id: str | None,
    actor_name: str,
    action: str,
    subject_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write down one act. Call it inside the write transaction of the act itself.

    It is added right before the commit, since the end of the chain stays locked from then on.
    Where it cannot be written the transaction ends in AuditUnavailable: the act is undone.
    """
    record_each(
        at=at,
        clinic_id=clinic_id,
        actor_id=actor_id,
        actor_name=actor_name,
        action=action,
        subjects=[(subject_id, detail or {})],
    )


def record_act(
    actor: Actor,
    action: str,
    *,
    at: datetime,
    subject_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write down what this person of a clinic did, as `record` does."""
    record(
        at=at,
        clinic_id=actor.clinic_id,
        actor_id=actor.account_id,
        actor_name=actor.name,
        action=action,
        subject_id=subject_id,
        detail=detail,
    )


def record_each(
    *,
    at: datetime,
    clinic_id: str,
    actor_id: str | None,
    actor_name: str,
    action: str,
    subjects: Sequence[tuple[str | None, dict[str, Any]]],
) -> None:
    """Write down the same act about many, an entry for each, as `record` does it for one.

    Args:
        subjects: whom each entry is about, with its detail.
    """
    said = [
        {
            "at": at,
            "clinic_id": clinic_id,
            "actor_id": actor_id,
            "actor_name": actor_name,
            "action": action,
            "subject_id": subject_id,
            "detail": _as_kept(detail),
        }
        for subject_id, detail in subjects
    ]
    if said:
        at_the_end(partial(_write_down, said), order=clinic_id)


def _as_kept(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as every database gives it back; a hash over anything else would not fit."""
    kept: dict[str, Any] = json.loads(json.dumps(detail), parse_float=_refuse_fraction)
    return kept


def _refuse_fraction(_: str) -> NoReturn:
    raise ValueError("PostgreSQL and SQLite do not write fractions alike; use whole numbers")


def _write_down(said: list[dict[str, Any]]) -> None:
    db.session.flush()  # what fails here is not the log's fault
    try:
        _add_to_chain(said)
    except DBAPIError as error:
        if named_cause(error) is not None:
            raise  # busy, full, away: that has words of its own
        log.critical("the audit log cannot be written: %s", type(error.orig).__name__)
        raise AuditUnavailable from error


def _add_to_chain(said: list[dict[str, Any]]) -> None:
    clinic_id = said[0]["clinic_id"]
    number, before = _locked_end(clinic_id)
    entries = []
    for one in said:
        number += 1
        entry = {**one, "chain_no": number}
        before = entry["chain_hash"] = hash_of(AuditEntry(**entry), before=before)
        entries.append(entry)
    db.session.execute(_ADD, entries)
    db.session.execute(_MOVE_END, {"of_clinic": clinic_id, "end_no": number, "end_hash": before})


def _locked_end(clinic_id: str) -> tuple[int, str]:
    end = db.session.execute(_END, {"clinic_id": clinic_id}).one_or_none()
    if end is None:
        db.session.execute(MAKE_HEAD, {"clinic_id": clinic_id, "chain_hash": START})
        end = db.session.execute(_END, {"clinic_id": clinic_id}).one()
    return end.chain_no, end.chain_hash


def latest(
    *,
    clinic_id: str,
    limit: int = 200,
    before: int | None = None,
    actor_id: str | None = None,
    subject_id: str | None = None,
    kind: str | None = None,
) -> Sequence[AuditEntry]:
    """The newest entries of one clinic (older than the entry `before`), newest first.

    Args:
        actor_id: only what this person did.
        subject_id: only what was about this person.
        kind: one of KINDS: what was looked at, what was refused, or what was done.
    """
    query = (
        select(AuditEntry)
        .where(AuditEntry.clinic_id == clinic_id)
        .order_by(AuditEntry.entry_id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(AuditEntry.entry_id < before)
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
    if kind is not None:
        query = query.where(_is_of(kind))
    return db.session.scalars(query).all()


def _is_of(kind: str) -> ColumnElement[bool]:
    is_seen = AuditEntry.action.endswith(".seen", autoescape=True)
    is_denied = AuditEntry.action.startswith("denied.", autoescape=True)
    return {"seen": is_seen, "denied": is_denied, "changed": ~(is_seen | is_denied)}[kind]
