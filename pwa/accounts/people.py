"""Adding people, and finding them within their clinic.

Callers open the transaction around everything that writes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    bindparam,
    false,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.exc import IntegrityError

from pwa.accounts import sessions, terms
from pwa.accounts.models import Account, LogEntry, Membership, Patient, PatientVersion
from pwa.audit import log as audit_log
from pwa.database import db
from pwa.languages import to_translate
from pwa.plain_text import one_line
from pwa.problems import Conflict, Invalid, NotFound, UsernameTaken

USERNAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
PHONE_PATTERN = re.compile(r"\+?[0-9][0-9 ()\-]{4,23}")
STAFF_ROLES = ("clinician", "administrator")
TAKEN_UP = "taken_up"
"""The role of a row that was made for a colleague who then came with an account that they have.
It stays, closed, so that the log can name it."""


@dataclass(frozen=True)
class Actor:
    """Who does something, as the audit log names them."""

    account_id: str | None
    name: str
    clinic_id: str


@dataclass(frozen=True)
class Colleague:
    """A member of staff as one clinic sees them: nothing of where else they work."""

    account_id: str
    display_name: str
    role: str
    is_active: bool
    has_joined: bool
    is_own: bool
    """Whether this clinic keeps the account. Only then are its name, password and factors ours."""
    username: str


def clean_username(text: str) -> str:
    """The form in which a sign-in name is kept. Raises Invalid."""
    username = text.strip().casefold()
    if not USERNAME_PATTERN.fullmatch(username):
        raise Invalid(
            to_translate(
                "Use 2 to 40 letters, digits, dots or dashes, starting with a letter or digit."
            ),
            field="username",
        )
    return username


def claim_username(account: Account, username: str) -> None:
    """Give the account this name. Raises UsernameTaken; the unique key settles a race."""
    holder = db.session.scalars(
        select(Account.account_id).where(Account.username == username)
    ).one_or_none()
    if holder is not None and holder != account.account_id:
        raise UsernameTaken(field="username")
    account.username = username
    try:
        db.session.flush()
    except IntegrityError:
        raise UsernameTaken(field="username") from None


def clean_name(text: str, *, field: str = "display_name") -> str:
    """A name or initials of a person. Raises Invalid."""
    name = one_line(text)
    if not name:
        raise Invalid("Write a name or initials.", field=field)
    if len(name) > 120:
        raise Invalid("That name is too long.", field=field)
    return name


def add_account(
    *, clinic_id: str, role: str, display_name: str, at: datetime, account_id: str | None = None
) -> Account:
    """Make an account that nobody can use until its invite is taken up."""
    account = Account(
        account_id=account_id or str(uuid.uuid4()),
        clinic_id=clinic_id,
        role=role,
        display_name=clean_name(display_name),
        is_active=True,
        created_at=at,
    )
    db.session.add(account)
    db.session.flush()
    return account


def add_staff(
    *,
    actor: Actor,
    role: str,
    display_name: str,
    at: datetime,
    account_id: str | None = None,
) -> str:
    """Add a clinician or an administrator; returns the account's id.

    As with patients, a form that was opened once may hand in the id.

    Raises:
        Conflict: this id is taken: the form was sent before.
    """
    check_role(role)
    name = clean_name(display_name)
    if account_id is not None and db.session.get(Account, account_id) is not None:
        raise Conflict("This colleague was added already.")
    try:
        account = add_account(
            clinic_id=actor.clinic_id, role=role, display_name=name, at=at, account_id=account_id
        )
    except IntegrityError:
        raise Conflict("This colleague was added already.") from None
    audit_log.record_act(
        actor, "staff.added", at=at, subject_id=account.account_id, detail={"role": role}
    )
    return account.account_id


def add_patient(
    *,
    actor: Actor,
    display_name: str,
    second_identifier: str,
    phone_number: str,
    at: datetime,
    account_id: str | None = None,
) -> str:
    """Add a patient; returns the account's id.

    A name alone mixes people up, so a second identifier (the clinic's own number, or a year of
    birth) is asked for as well. A form that was opened once may hand in the id, so that sending
    it twice adds one patient.

    Raises:
        Conflict: this id is taken: the form was sent before.
    """
    name = clean_name(display_name)
    second, phone = clean_details(second_identifier, phone_number)
    if account_id is not None and db.session.get(Account, account_id) is not None:
        raise Conflict("This patient was added already.")
    try:
        account = add_account(
            clinic_id=actor.clinic_id,
            role="patient",
            display_name=name,
            at=at,
            account_id=account_id,
        )
    except IntegrityError:
        raise Conflict("This patient was added already.") from None
    patient = Patient(
        clinic_id=actor.clinic_id,
        account_id=account.account_id,
        second_identifier=second,
        phone_number=phone,
        log_seq=0,
    )
    db.session.add(patient)
    db.session.flush()
    terms.index(patient, name)
    audit_log.record_act(actor, "patient.added", at=at, subject_id=account.account_id)
    return account.account_id


def change_patient(
    *,
    actor: Actor,
    account_id: str,
    display_name: str,
    second_identifier: str,
    phone_number: str,
    at: datetime,
) -> None:
    """Correct a patient's name, second identifier or phone number. What stood there is kept."""
    patient = lock_patient(clinic_id=actor.clinic_id, account_id=account_id)
    account, _ = find_patient(clinic_id=actor.clinic_id, account_id=account_id)
    second, phone = clean_details(second_identifier, phone_number)
    name = clean_name(display_name)
    fields = {
        "display_name": account.display_name != name,
        "second_identifier": patient.second_identifier != second,
        "phone_number": patient.phone_number != phone,
    }
    changed = [field for field, is_changed in fields.items() if is_changed]
    if changed:
        _keep_version(actor, account, patient, at=at)
    account.display_name = name
    patient.second_identifier, patient.phone_number = second, phone
    terms.index(patient, name)
    audit_log.record_act(
        actor, "patient.changed", at=at, subject_id=account_id, detail={"fields": changed}
    )


def versions_of(*, clinic_id: str, account_id: str) -> Sequence[PatientVersion]:
    """What stood in a patient's details before, newest first."""
    return db.session.scalars(
        select(PatientVersion)
        .where(PatientVersion.clinic_id == clinic_id, PatientVersion.patient_id == account_id)
        .order_by(PatientVersion.version.desc())
    ).all()


def _keep_version(actor: Actor, account: Account, patient: Patient, *, at: datetime) -> None:
    earlier = versions_of(clinic_id=patient.clinic_id, account_id=patient.account_id)
    db.session.add(
        PatientVersion(
            clinic_id=patient.clinic_id,
            patient_id=patient.account_id,
            version=1 + len(earlier),
            display_name=account.display_name,
            second_identifier=patient.second_identifier,
            phone_number=patient.phone_number,
            replaced_at=at,
            replaced_by=actor.name,
        )
    )


def clean_details(second_identifier: str, phone_number: str) -> tuple[str, str]:
    """The second identifier and the phone number as they are kept. Raises Invalid by field."""
    return clean_identifier(second_identifier), clean_phone_number(phone_number)


def clean_identifier(second_identifier: str) -> str:
    """The clinic's own number of a patient, or a year of birth. Raises Invalid."""
    second = one_line(second_identifier)
    if not second or len(second) > 60:
        raise Invalid(
            "Write your clinic's own number, or a year of birth.", field="second_identifier"
        )
    return second


def clean_phone_number(phone_number: str) -> str:
    """A phone number, or none. Raises Invalid."""
    phone = one_line(phone_number)
    if phone and not PHONE_PATTERN.fullmatch(phone):
        raise Invalid("Use digits, spaces and a leading + only.", field="phone_number")
    return phone


def find_patient(*, clinic_id: str, account_id: str) -> tuple[Account, Patient]:
    """A patient of this clinic. Another clinic's patient does not exist here: NotFound."""
    row = db.session.execute(
        _patient_of(), {"clinic_id": clinic_id, "account_id": account_id}
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


@cache
def _patient_of() -> Select[*tuple[Any, ...]]:
    return (
        select(Account, Patient)
        .join(Patient, Patient.account_id == Account.account_id)
        .where(
            Account.clinic_id == bindparam("clinic_id"),
            Patient.clinic_id == bindparam("clinic_id"),
            Account.account_id == bindparam("account_id"),
        )
    )


def find_staff(*, clinic_id: str, account_id: str) -> Colleague:
    """A clinician or administrator who works, or worked, at this clinic. Raises NotFound."""
    found = [one for one in staff_of(clinic_id) if one.account_id == account_id]
    if not found:
        raise NotFound
    return found[0]


def find_own_staff(*, clinic_id: str, account_id: str) -> Account:
    """The account of a member of staff, which this clinic keeps. Another clinic's account does
    not exist here, also where its owner works here. Raises NotFound."""
    account = db.session.scalars(
        select(Account).where(
            Account.clinic_id == clinic_id,
            Account.account_id == account_id,
            Account.role.in_(STAFF_ROLES),
        )
    ).one_or_none()
    if account is None:
        raise NotFound
    return account


def staff_of(clinic_id: str) -> Sequence[Colleague]:
    """Everybody who works, or worked, at this clinic, by name."""
    found = [Colleague(*row) for row in db.session.execute(_all_staff(), {"clinic_id": clinic_id})]
    return sorted(found, key=lambda one: (one.display_name, one.account_id))


@cache
def _all_staff() -> CompoundSelect[*tuple[Any, ...]]:
    """Those whose account is this clinic's, and those of other clinics who work here, too."""
    here: BindParameter[str] = bindparam("clinic_id")
    has_joined = Account.password_hash.is_not(None)
    own = select(
        Account.account_id,
        Account.display_name,
        Account.role,
        Account.is_active,
        has_joined,
        true(),
        func.coalesce(Account.username, ""),
    ).where(Account.clinic_id == here, Account.role.in_(STAFF_ROLES))
    further = (
        select(
            Account.account_id,
            Account.display_name,
            Membership.role,
            Membership.is_active,
            has_joined,
            false(),
            literal(""),
        )
        .join(Membership, Membership.account_id == Account.account_id)
        .where(Membership.clinic_id == here)
    )
    return union_all(own, further)


def set_active(*, actor: Actor, account: Account, is_active: bool, at: datetime) -> None:
    """Close an account and end its sessions, or open it again. What it holds stays.

    A member of staff is closed here: where else they work is not ours to end (`memberships.py`).

    Raises:
        Invalid: their own account, or the last administrator's: nobody could open it again.
    """
    if account.is_active == is_active:
        return
    if not is_active and account.account_id == actor.account_id:
        raise Invalid("You cannot close your own account. Ask a colleague.")
    if not is_active and account.role == "administrator":
        keep_an_administrator(clinic_id=account.clinic_id, without=account.account_id)
    account.is_active = is_active
    if not is_active:
        sessions.end_at(account.account_id, clinic_id=None, at=at)
    kind = "patient" if account.role == "patient" else "staff"
    audit_log.record_act(
        actor, f"{kind}.{'opened' if is_active else 'closed'}", at=at, subject_id=account.account_id
    )


def change_role(*, actor: Actor, account: Account, role: str, at: datetime) -> None:
    """Make a colleague a clinician or an administrator. Their sessions end: they sign in anew.

    Raises:
        Invalid: their own role, or the last administrator's.
    """
    check_role(role)
    if account.role == role:
        return
    if account.account_id == actor.account_id:
        raise Invalid("You cannot change your own role. Ask a colleague.")
    if account.role == "administrator":
        keep_an_administrator(clinic_id=account.clinic_id, without=account.account_id)
    before, account.role = account.role, role
    sessions.end_at(account.account_id, clinic_id=None, at=at)
    audit_log.record_act(
        actor,
        "staff.role_changed",
        at=at,
        subject_id=account.account_id,
        detail={"from": before, "to": role},
    )


def check_role(role: str) -> None:
    """Raises Invalid where it is none that staff can have."""
    if role not in STAFF_ROLES:
        raise Invalid("Choose clinician or administrator.", field="role")


def keep_an_administrator(*, clinic_id: str, without: str) -> None:
    """Locks the administrators first: of two who close each other's work here one must stay.

    Raises:
        Invalid: this one is the last who looks after the clinic.
    """
    found: list[Account | Membership] = []
    for model in (Account, Membership):
        query = (
            select(model)
            .where(model.clinic_id == clinic_id, model.role == "administrator")
            .order_by(model.account_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found += db.session.scalars(query)
    if not any(one.is_active and one.account_id != without for one in found):
        raise Invalid("This is the clinic's last administrator. Add another one first.")


def lock_patient(*, clinic_id: str, account_id: str) -> Patient:
    """The patient's row, locked until the transaction ends: one writer a patient at a time."""
    patient = db.session.scalars(
        select(Patient)
        .where(Patient.clinic_id == clinic_id, Patient.account_id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if patient is None:
        raise NotFound
    return patient


def append_to_log(patient: Patient, *, type: str, subject_id: str, at: datetime) -> int:
    """Add a line to a locked patient's log and return its `seq`."""
    patient.log_seq += 1
    db.session.add(
        LogEntry(
            clinic_id=patient.clinic_id,
            account_id=patient.account_id,
            seq=patient.log_seq,
            type=type,
            subject_id=subject_id,
            at=at,
        )
    )
    return patient.log_seq
