"""Everything that a clinic keeps of one patient, as data: `prolo-aftercare-record/1`.

Rows are given column by column from the models, so that a new column is in the file unless
LEFT_OUT says why it is not. Times are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, inspect, or_, select

from pwa.accounts import people
from pwa.accounts.models import (
    Account,
    Invite,
    KnownAddress,
    LogEntry,
    Passkey,
    Patient,
    PatientVersion,
    RecoveryCode,
    ResetRequest,
    Session,
)
from pwa.audit.models import AuditEntry
from pwa.check_ins.models import (
    Attention,
    CheckInEvent,
    Claim,
    Device,
    DiscardedNumber,
    Expectation,
    HandOver,
    Note,
    Review,
    Unread,
    Verdict,
)
from pwa.database import db
from pwa.practice import clinics
from pwa.reminders.models import CalendarLink, PushSubscription, ReminderSetting
from pwa.treatments.models import Treatment, TreatmentVersion

FORMAT = "prolo-aftercare-record/1"
OPENS = "opens something, or would help to guess what does"
IS_THE_CLINIC = "named once, at the top"
LEFT_OUT: dict[str, str] = {
    "*.clinic_id": IS_THE_CLINIC,
    "*.patient_id": "the account's id, at the top",
    "accounts.password_hash": OPENS,
    "accounts.totp_secret": OPENS,
    "accounts.totp_step": OPENS,
    "sessions.token_hash": OPENS,
    "invites.code_hash": OPENS,
    "passkeys.public_key": OPENS,
    "passkeys.credential_id": OPENS,
    "passkeys.sign_count": OPENS,
    "recovery_codes.code_hash": OPENS,
    "reset_requests.secret_hash": OPENS,
    "reset_requests.number_hash": OPENS,
    "known_addresses.address_hash": OPENS,
    "push_subscriptions.endpoint": OPENS,
    "push_subscriptions.endpoint_hash": OPENS,
    "push_subscriptions.p256dh": OPENS,
    "push_subscriptions.auth": OPENS,
    "calendar_links.token_hash": OPENS,
    "challenges": "lives for minutes while somebody signs in",
    "failed_tries": "counts tries under hashed keys and names nobody",
    "erased_events": "exists only where a record was erased",
    "patient_terms": "the words of the name, the second identifier and the number, to search by",
    "memberships": "only members of staff have any",
}
"""Tables and columns that name somebody or something and are not in the file, with the reason."""


def read_record(*, clinic_id: str, patient_id: str, at: datetime) -> dict[str, Any]:
    """The whole record of a patient of this clinic. Raises NotFound."""
    account, patient = people.find_patient(clinic_id=clinic_id, account_id=patient_id)
    verdicts = _by(Verdict, Verdict.patient_id == patient_id, clinic_id)
    unread = _by(Unread, Unread.patient_id == patient_id, clinic_id)
    versions = _by(
        TreatmentVersion,
        TreatmentVersion.treatment_id.in_(_treatment_ids(clinic_id, patient_id)),
        clinic_id,
    )
    return {
        "format": FORMAT,
        "made_at": at.isoformat(),
        "clinic": {"clinic_id": clinic_id, "name": clinics.snapshot(clinic_id).words.name},
        "identity": {**row_of(account), **row_of(patient)},
        "earlier_details": _rows(
            _by(PatientVersion, PatientVersion.patient_id == patient_id, clinic_id)
        ),
        "treatments": [
            {
                **row_of(one),
                "versions": [row_of(v) for v in versions if v.treatment_id == one.treatment_id],
            }
            for one in _by(Treatment, Treatment.patient_id == patient_id, clinic_id)
        ],
        "check_ins": [
            {
                **row_of(one),
                "verdicts": [row_of(v) for v in verdicts if v.event_id == one.event_id],
                "unread": next((row_of(u) for u in unread if u.event_id == one.event_id), None),
            }
            for one in _by(CheckInEvent, CheckInEvent.patient_id == patient_id, clinic_id)
        ],
        "reviews": _rows(_by(Review, Review.patient_id == patient_id, clinic_id)),
        "notes": _rows(_by(Note, Note.patient_id == patient_id, clinic_id)),
        "hand_overs": _rows(_by(HandOver, HandOver.patient_id == patient_id, clinic_id)),
        "claims": _rows(_by(Claim, Claim.patient_id == patient_id, clinic_id)),
        "expectations": _rows(_by(Expectation, Expectation.patient_id == patient_id, clinic_id)),
        "attention": _rows(_by(Attention, Attention.patient_id == patient_id, clinic_id)),
        "log": _rows(_by(LogEntry, LogEntry.account_id == patient_id, clinic_id)),
        "devices": _rows(_by(Device, Device.patient_id == patient_id, clinic_id)),
        "discarded_numbers": _rows(
            _by(DiscardedNumber, DiscardedNumber.patient_id == patient_id, clinic_id)
        ),
        "sessions": _rows(_all(Session, Session.account_id == patient_id)),
        "invites": _rows(_all(Invite, Invite.account_id == patient_id)),
        "passkeys": _rows(_all(Passkey, Passkey.account_id == patient_id)),
        "recovery_codes": _rows(_all(RecoveryCode, RecoveryCode.account_id == patient_id)),
        "reset_requests": _rows(_all(ResetRequest, ResetRequest.account_id == patient_id)),
        "known_addresses": _rows(_all(KnownAddress, KnownAddress.account_id == patient_id)),
        "reminders": _rows(
            _by(ReminderSetting, ReminderSetting.patient_id == patient_id, clinic_id)
        ),
        "reminded_phones": _rows(
            _by(PushSubscription, PushSubscription.patient_id == patient_id, clinic_id)
        ),
        "calendar_links": _rows(
            _by(CalendarLink, CalendarLink.patient_id == patient_id, clinic_id)
        ),
        "audit": _rows(
            _by(
                AuditEntry,
                or_(AuditEntry.subject_id == patient_id, AuditEntry.actor_id == patient_id),
                clinic_id,
            )
        ),
    }


GIVEN_OUT = (
    Account,
    Patient,
    PatientVersion,
    Treatment,
    TreatmentVersion,
    CheckInEvent,
    Verdict,
    Unread,
    Review,
    Note,
    HandOver,
    Claim,
    Expectation,
    Attention,
    LogEntry,
    Device,
    DiscardedNumber,
    Session,
    Invite,
    Passkey,
    RecoveryCode,
    ResetRequest,
    KnownAddress,
    ReminderSetting,
    PushSubscription,
    CalendarLink,
    AuditEntry,
)
"""The tables whose rows about a patient are in the file."""


def row_of(row: Any) -> dict[str, Any]:
    """A row as data, without what LEFT_OUT names."""
    mapper = inspect(type(row))
    return {
        column.name: _plain(getattr(row, column.key))
        for column in mapper.columns
        if f"{mapper.local_table.name}.{column.name}" not in LEFT_OUT
        and f"*.{column.name}" not in LEFT_OUT
    }


def _rows(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [row_of(row) for row in found]


def _by(model: Any, condition: ColumnElement[bool], clinic_id: str) -> list[Any]:
    return _all(model, condition, model.clinic_id == clinic_id)


def _all(model: Any, *conditions: ColumnElement[bool]) -> list[Any]:
    """In the order of what tells time: numbers of the log first, else the primary key."""
    names = ("seq", "entry_id", "recorded_at", "at", "created_at")
    first = [getattr(model, name) for name in names if name in inspect(model).columns]
    query = select(model).where(*conditions)
    return list(db.session.scalars(query.order_by(*first[:1], *inspect(model).primary_key)))


def _treatment_ids(clinic_id: str, patient_id: str) -> Select[Any]:
    return select(Treatment.treatment_id).where(
        Treatment.clinic_id == clinic_id, Treatment.patient_id == patient_id
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
