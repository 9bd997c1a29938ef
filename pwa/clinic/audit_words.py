"""The audit log in words: who saw or did what, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select

from pwa.accounts.models import Account, Membership, Patient
from pwa.audit import log as audit_log
from pwa.audit.models import AuditEntry
from pwa.database import db
from pwa.problems import NotFound

PAGE_SIZE = 100
ERASED = "Erased patient"
WORDS = {
    "account.join": "joined",
    "account.password_changed": "chose another password",
    "account.reset": "chose a new password that the clinic let them choose",
    "account.seen": "opened their own account page",
    "archive_form.seen": "opened the page that archives a patient",
    "audit.seen": "opened the audit log",
    "audit_patient.seen": "looked up who saw a patient",
    "audit_search.seen": "searched for a patient in the audit log",
    "calendar.closed": "stopped their calendar link",
    "calendar.opened": "made a calendar link",
    "check_in.read": "marked check-ins as read",
    "check_in.read_undone": "took a reading back",
    "check_in.answered": "wrote a message to a patient",
    "check_in.answered_undone": "took a message to a patient back",
    "check_in.called_about": "noted a call that reached nobody",
    "check_in.called_about_undone": "took the note of a call back",
    "check_in.raised": "raised the level of a check-in",
    "check_in.raised_undone": "took a raised level back",
    "clinic.opened": "opened the clinic",
    "clinic.second_factor_off": "stopped asking staff for a second factor",
    "clinic.second_factor_on": "asked all staff for a second factor",
    "clinic.settings": "saved the settings",
    "clinic.signed": "signed the form and the rules",
    "clinic.tested": "noted that a number works",
    "colleague.seen": "opened a colleague's page",
    "confirm.seen": "was asked to prove who they are",
    "denied.code": "tried a code that does not work",
    "denied.door": "was refused: not for this role",
    "denied.inactive": "was refused: the account is closed",
    "denied.origin": "was refused: the request came from another site",
    "denied.password": "typed a wrong password",
    "denied.record": "was refused: no such record here",
    "denied.second_factor": "failed the second step",
    "denied.session": "was refused: the session had ended",
    "denied.throttled": "was refused: too many tries",
    "erase_form.seen": "opened the page that erases a record",
    "export_form.seen": "opened the page that gives out a record",
    "hand_in_form.seen": "opened the page that takes in a file of unsent check-ins",
    "membership.begun": "joined with an account that they have",
    "membership.ended": "ended a colleague's work here",
    "membership.opened": "let a colleague work here again",
    "membership.paused": "closed a colleague's work here, since their account was reset",
    "own_day.seen": "opened what they did on a day",
    "patient_looked.seen": "looked up who looks at a patient",
    "server.clinic_code": "made a code that opens a clinic",
    "import_form.seen": "opened the form that takes in a list of patients",
    "import_list.seen": "looked at a list of patients that is taken in",
    "invite.join": "made a code to join",
    "invite.reset": "made a code for a new password",
    "note.taken_back": "took a note back",
    "note.written": "wrote a note for colleagues",
    "passkey.added": "added a passkey",
    "passkey.removed": "removed a passkey",
    "passkey.went_back": "was refused: the passkey counts backwards, so there may be a copy",
    "patient.added": "added a patient",
    "patient.changed": "corrected a patient's details",
    "patient.closed": "archived a patient",
    "patient.erased": "erased a patient's record",
    "patient.file_taken": "took in a file of a patient's unsent check-ins",
    "patient.exported": "gave out a patient's record",
    "patient.hand_over_undone": "took a hand-over back",
    "patient.handed_over": "handed a patient over",
    "patient.imported": "added a patient from a list",
    "patient.opened": "took a patient out of the archive",
    "patient.seen": "opened a patient's page",
    "patient.session_ended": "signed a patient out of one browser",
    "patient.sessions_ended": "signed a patient out everywhere",
    "patient_details.seen": "opened a patient's details",
    "patient_form.seen": "opened the form for a new patient",
    "patients.imported": "took in a list of patients",
    "patients.seen": "opened or searched the list of patients",
    "recovery_codes.made": "made new recovery codes",
    "second_factor.seen": "opened their own second factor",
    "second_factor_rule.seen": "opened the rule of the second factor",
    "server.backed_up": "made a backup",
    "server.restored": "gave a backup back",
    "reminders.off": "turned reminders off on a phone",
    "reminders.on": "turned reminders on on a phone",
    "reset.approved": "let somebody choose a new password",
    "reset.asked": "asked for a new password",
    "review.seen": "opened what is unread of a patient",
    "session.ended": "signed out",
    "session.ended_elsewhere": "ended a session of their own elsewhere",
    "session.started": "signed in",
    "rules_replay.seen": "tried the newest rules on the clinic's own check-ins",
    "settings.seen": "opened the settings",
    "settings_messages.seen": "opened the messages to patients",
    "sign_off.seen": "opened the sign-off page",
    "staff.added": "added a colleague",
    "staff.closed": "closed a colleague's account",
    "staff.role_changed": "changed a colleague's role",
    "staff.second_factor_reset": "reset a colleague's second factor",
    "staff.opened": "opened a colleague's account again",
    "totp.added": "set up an authenticator app",
    "totp.removed": "removed an authenticator app",
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
    patient_id: str | None
    """Where it was about a patient: whose page it leads to."""


@dataclass(frozen=True)
class Page:
    """One page of the log; `next_before` leads to older ones."""

    lines: tuple[Line, ...]
    next_before: int | None


@dataclass(frozen=True)
class Subject:
    """The patient whom entries are about. Erased ones have no name."""

    patient_id: str
    name: str
    second_identifier: str


@dataclass(frozen=True)
class Filters:
    """Which entries are asked for. None means all."""

    actor_id: str | None = None
    subject_id: str | None = None
    kind: str | None = None


NO_FILTERS = Filters()


def read_page(
    *,
    clinic_id: str,
    filters: Filters = NO_FILTERS,
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> Page:
    """The newest entries, or those before an entry."""
    entries = audit_log.latest(
        clinic_id=clinic_id,
        limit=limit + 1,
        before=before,
        actor_id=filters.actor_id,
        subject_id=filters.subject_id,
        kind=filters.kind,
    )
    return page_of(clinic_id, entries, limit=limit)


def page_of(clinic_id: str, entries: Sequence[AuditEntry], *, limit: int) -> Page:
    """Entries as a page: one more than the limit says that there are older ones."""
    shown = entries[:limit]
    known = _accounts(clinic_id, shown)
    return Page(
        lines=tuple(_line(entry, known) for entry in shown),
        next_before=shown[-1].entry_id if len(entries) > limit else None,
    )


def kind_of(action: str) -> str:
    """One of `audit_log.KINDS`: what was looked at, what was refused, or what was done."""
    if action.endswith(".seen"):
        return "seen"
    return "denied" if action.startswith("denied.") else "changed"


def find_subject(*, clinic_id: str, patient_id: str) -> Subject:
    """The patient of this id, as far as an administrator may know them.

    Raises:
        NotFound: no patient of this clinic, and no entry about an erased one.
    """
    row = db.session.execute(
        select(Account, Patient.second_identifier)
        .outerjoin(Patient, Patient.account_id == Account.account_id)
        .where(
            Account.clinic_id == clinic_id,
            Account.account_id == patient_id,
            Account.role == "patient",
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    account, second_identifier = row
    if account.erased_at is not None:
        return Subject(patient_id, ERASED, "")
    return Subject(patient_id, account.display_name, second_identifier or "")


def _line(entry: AuditEntry, known: Mapping[str, Account]) -> Line:
    subject = known.get(entry.subject_id or "")
    return Line(
        entry_id=entry.entry_id,
        at=entry.at,
        actor=_actor(entry, known),
        words=_words(entry),
        subject="" if subject is None else _name(subject),
        patient_id=entry.subject_id if subject is not None and subject.role == "patient" else None,
    )


def _actor(entry: AuditEntry, known: Mapping[str, Account]) -> str:
    """A patient's name is not in the log, so it is looked up as long as there is one."""
    account = known.get(entry.actor_id or "")
    if account is not None and account.role == "patient":
        return _name(account)
    return entry.actor_name


def _name(account: Account) -> str:
    return ERASED if account.erased_at is not None else account.display_name


def _words(entry: AuditEntry) -> str:
    words = WORDS.get(entry.action, entry.action)
    what, count = entry.detail.get("what", ""), entry.detail.get("count")
    if entry.action == "clinic.tested" and isinstance(what, str):
        return f"{words}: {what.removeprefix('tested ').replace('_', ' ')}"
    return f"{words}, {count} more times" if isinstance(count, int) else words


def _accounts(clinic_id: str, entries: Sequence[AuditEntry]) -> dict[str, Account]:
    ids = {one for entry in entries for one in (entry.subject_id, entry.actor_id) if one}
    works_here = exists().where(
        Membership.clinic_id == clinic_id, Membership.account_id == Account.account_id
    )
    accounts = db.session.scalars(
        select(Account).where(
            Account.account_id.in_(ids), or_(Account.clinic_id == clinic_id, works_here)
        )
    )
    return {account.account_id: account for account in accounts}
