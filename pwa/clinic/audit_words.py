"""The audit log in words: who saw or did what, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pwa.accounts.models import Account
from pwa.audit import log as audit_log
from pwa.audit.models import AuditEntry
from pwa.database import db

PAGE_SIZE = 100
WORDS = {
    "account.join": "joined",
    "account.password_changed": "chose another password",
    "account.reset": "chose a new password with a code",
    "account.seen": "opened their own account page",
    "audit.seen": "opened the audit log",
    "check_in.read": "marked check-ins as read",
    "check_in.read_undone": "took a reading back",
    "clinic.opened": "opened the clinic",
    "clinic.settings": "saved the settings",
    "clinic.signed": "signed the form and the rules",
    "clinic.tested": "noted that a number works",
    "invite.join": "made a code to join",
    "invite.reset": "made a code for a new password",
    "patient.added": "added a patient",
    "patient.changed": "corrected a patient's details",
    "patient.closed": "closed a patient's account",
    "patient.opened": "opened a patient's account again",
    "patient.seen": "opened a patient's page",
    "patient_details.seen": "opened a patient's details",
    "patient_form.seen": "opened the form for a new patient",
    "patients.seen": "opened or searched the list of patients",
    "session.ended": "signed out",
    "session.started": "signed in",
    "settings.seen": "opened the settings",
    "sign_off.seen": "opened the sign-off page",
    "staff.added": "added a colleague",
    "staff.closed": "closed a colleague's account",
    "staff.opened": "opened a colleague's account again",
    "treatment.added": "wrote down a treatment",
    "treatment.corrected": "corrected a treatment",
    "treatment_form.seen": "opened the form of a treatment",
    "worklist.seen": "opened the worklist",
}


@dataclass(frozen=True)
class Line:
    """One act. `subject` is the name of whom it was about, if anybody."""

    entry_id: int
    at: datetime
    actor: str
    words: str
    subject: str


@dataclass(frozen=True)
class Page:
    """One page of the log; `next_before` leads to older ones."""

    lines: tuple[Line, ...]
    next_before: int | None


def read_page(*, clinic_id: str, before: int | None = None, limit: int = PAGE_SIZE) -> Page:
    """The newest entries, or those before an entry."""
    entries = audit_log.latest(clinic_id=clinic_id, limit=limit + 1, before=before)
    shown = entries[:limit]
    names = _names(clinic_id, shown)
    return Page(
        lines=tuple(
            Line(
                entry_id=entry.entry_id,
                at=entry.at,
                actor=entry.actor_name,
                words=_words(entry),
                subject=names.get(entry.subject_id or "", ""),
            )
            for entry in shown
        ),
        next_before=shown[-1].entry_id if len(entries) > limit else None,
    )


def _words(entry: AuditEntry) -> str:
    words = WORDS.get(entry.action, entry.action)
    what = entry.detail.get("what", "")
    if entry.action == "clinic.tested" and isinstance(what, str):
        return f"{words}: {what.removeprefix('tested ').replace('_', ' ')}"
    return words


def _names(clinic_id: str, entries: Sequence[AuditEntry]) -> dict[str, str]:
    ids = {entry.subject_id for entry in entries if entry.subject_id}
    accounts = db.session.scalars(
        select(Account).where(Account.clinic_id == clinic_id, Account.account_id.in_(ids))
    )
    return {account.account_id: account.display_name for account in accounts}
