"""Adding many patients at once: in batches, since one by one a long list would take minutes.

What one patient is made of stands in `people.py`. Callers open the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from pwa.accounts import terms
from pwa.accounts.models import Account, LogEntry, Patient, PatientTerm
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.database import db
from pwa.problems import Conflict


@dataclass(frozen=True)
class NewPatient:
    """Somebody to be added, in the words that `clean_name` and its like give back."""

    account_id: str
    display_name: str
    second_identifier: str
    phone_number: str


def add(
    *,
    actor: Actor,
    patients: Sequence[NewPatient],
    details: Sequence[dict[str, object]],
    at: datetime,
) -> None:
    """Add many patients at once, none of whom is here yet.

    Args:
        details: what the log says of each, in the same order: where in the list they stood.
    Raises:
        Conflict: somebody else adds the same list now.
    """
    ours = {"clinic_id": actor.clinic_id}
    accounts = [
        {
            **ours,
            "account_id": one.account_id,
            "role": "patient",
            "display_name": one.display_name,
            "is_active": True,
            "created_at": at,
        }
        for one in patients
    ]
    rows = [
        {
            **ours,
            "account_id": one.account_id,
            "sort_name": terms.sort_name_of(one.display_name),
            "second_identifier": one.second_identifier,
            "phone_number": one.phone_number,
            "log_seq": 0,
        }
        for one in patients
    ]
    words = [
        row
        for one in patients
        for row in terms.rows_of(
            actor.clinic_id,
            one.account_id,
            terms.terms_of(
                display_name=one.display_name,
                second_identifier=one.second_identifier,
                phone_number=one.phone_number,
            ),
        )
    ]
    try:
        db.session.execute(insert(Account), accounts)
    except IntegrityError:
        raise Conflict("This list is being taken in already.") from None
    db.session.execute(insert(Patient), rows)
    db.session.execute(insert(PatientTerm), words)
    audit_log.record_each(
        at=at,
        clinic_id=actor.clinic_id,
        actor_id=actor.account_id,
        actor_name=actor.name,
        action="patient.imported",
        subjects=[
            (one.account_id, dict(said)) for one, said in zip(patients, details, strict=True)
        ],
    )


def begin_logs(*, clinic_id: str, lines: Sequence[tuple[str, str, str]], at: datetime) -> None:
    """The first line of the logs of patients who were added in this transaction.

    Args:
        lines: for each the patient's id, the type and what it is about.
    """
    db.session.execute(
        insert(LogEntry),
        [
            {
                "clinic_id": clinic_id,
                "account_id": patient_id,
                "seq": 1,
                "type": kind,
                "subject_id": subject_id,
                "at": at,
            }
            for patient_id, kind, subject_id in lines
        ],
    )
    db.session.execute(
        update(Patient)
        .where(
            Patient.clinic_id == clinic_id,
            Patient.account_id.in_([patient_id for patient_id, _, _ in lines]),
        )
        .values(log_seq=1)
        .execution_options(synchronize_session=False)
    )
