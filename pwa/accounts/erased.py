"""What an erased account hears: enough for the person's own phones to let go of every copy.

Such an account gets an epoch of its own. To a phone that is a server which was set back to
nothing: it offers again what it keeps, hears `erased` for each, and reads an empty log.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from pwa.accounts.models import Account
from pwa.accounts.sessions import Principal
from pwa.database import db
from pwa.practice import clinics


def epoch_for(principal: Principal) -> str:
    """The epoch that this account is told: the installation's, unless the record was erased."""
    return epoch_of(principal.account_id) if principal.is_erased else clinics.epoch()


def epoch_of(account_id: str) -> str:
    """The epoch of an account that is erased: made from the installation's, and never the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"erased|{clinics.epoch()}|{account_id}"))


def is_erased(account_id: str) -> bool:
    """Whether the record is erased as of this very moment, not of when the session was read."""
    erased_at = db.session.scalar(select(Account.erased_at).where(Account.account_id == account_id))
    return erased_at is not None
