"""Which clinic somebody is at, of the several where they work. Opens its own transaction.

Another clinic means another token: what a page of the clinic before has still on its way is
refused, and no page can act at a clinic that is not the one it shows.
"""

from __future__ import annotations

from datetime import datetime

from pwa.accounts import memberships, second_factor, sessions
from pwa.accounts.memberships import CHOOSE
from pwa.accounts.models import Account
from pwa.accounts.second_factor import ENROL
from pwa.accounts.sessions import Principal
from pwa.database import writing
from pwa.problems import SignInRequired


def choose(*, principal: Principal, clinic_id: str, at: datetime) -> Principal:
    """Sit down at this clinic. Returns the session to go on with.

    It is half a session where that clinic asks for a second factor and there is none yet.

    Raises:
        NotFound: they do not work there, or no longer.
        SignInRequired: the session is over, or the second step is still to come.
    """
    with writing():
        account = second_factor.locked(principal, at=at)
        if not principal.is_whole and principal.stage != CHOOSE:
            raise SignInRequired
        further = memberships.open_place(account, clinic_id)
        if principal.is_whole and principal.clinic_id == clinic_id:
            return principal
        factors = second_factor.of_account(account)
        if factors.is_required and not factors.has_any:
            return _enrol_first(principal, account, at=at)
        _record_the_way(principal, account, clinic_id, at=at)
        return sessions.go_on_at(principal, clinic_id=further, at=at)


def _enrol_first(principal: Principal, account: Account, *, at: datetime) -> Principal:
    label = sessions.label_of(principal)
    sessions.end(principal.token, at=at)
    seat = memberships.seat_of(account)
    return sessions.start(account, at=at, stage=ENROL, label=label, clinic_id=seat.clinic_id)


def _record_the_way(
    principal: Principal, account: Account, clinic_id: str, *, at: datetime
) -> None:
    """Each clinic's log says when somebody came and went, and neither where from nor where to.
    The account's own clinic has the sign-in itself already."""
    if principal.is_whole:
        second_factor.record_at(principal.clinic_id, account, "session.ended", at=at)
    if principal.is_whole or clinic_id != account.clinic_id:
        second_factor.record_at(clinic_id, account, "session.started", at=at)
