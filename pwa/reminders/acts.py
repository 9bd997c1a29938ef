"""What a patient does with reminders, for the audit log: no name of theirs stands in it."""

from __future__ import annotations

from datetime import datetime

from pwa.accounts.sessions import Principal
from pwa.audit import log as audit_log


def record(who: Principal, action: str, *, at: datetime) -> None:
    """Write down one act of a patient. Call it inside the write transaction of the act."""
    audit_log.record(
        at=at,
        clinic_id=who.clinic_id,
        actor_id=who.account_id,
        actor_name="Patient",
        action=action,
    )
