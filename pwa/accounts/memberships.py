"""Working at several clinics: where somebody may sit, and a further clinic that begins or ends.

An account belongs to the clinic that made it: its name, password and factors are that clinic's
to mend, and signing in is written into that clinic's log. At a further clinic it has a membership
with a role of its own. Neither clinic learns of the other here. Not here: which clinic a session
is at (`choosing.py`), and the codes (`invites.py`).

Callers open the transaction around everything that writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from pwa.accounts import people, sessions
from pwa.accounts.models import Account, Membership, Patient
from pwa.accounts.people import STAFF_ROLES, TAKEN_UP, Actor
from pwa.audit import log as audit_log
from pwa.database import db
from pwa.practice import clinics
from pwa.problems import AccountInactive, Conflict, Invalid, NotFound

FULL, CHOOSE = "full", "choose"
SERVER = "The server"


@dataclass(frozen=True)
class Place:
    """One clinic where somebody works or worked, as they see it themselves."""

    clinic_id: str
    clinic_name: str
    role: str
    is_home: bool
    is_open: bool


@dataclass(frozen=True)
class Seat:
    """Where a sign-in ends: at the only clinic, or at the choice between several."""

    stage: str
    clinic_id: str | None
    """A further clinic; None: the account's own."""


def places_of(account: Account) -> tuple[Place, ...]:
    """Every clinic of this person, open and closed, the one that keeps the account first."""
    own = Place(
        account.clinic_id,
        _name_of(account.clinic_id),
        account.role,
        is_home=True,
        is_open=account.is_active,
    )
    further = [
        Place(
            one.clinic_id, _name_of(one.clinic_id), one.role, is_home=False, is_open=one.is_active
        )
        for one in _memberships(account)
    ]
    return (own, *sorted(further, key=lambda place: (place.clinic_name, place.clinic_id)))


def open_clinics(account: Account) -> list[str]:
    """The ids of the clinics where this person may work now, their own first."""
    own = [account.clinic_id] if account.is_active else []
    if account.role not in STAFF_ROLES:
        return own
    return own + [one.clinic_id for one in _memberships(account) if one.is_active]


def is_open_somewhere(account: Account) -> bool:
    """Whether this account may sign in at all."""
    return account.is_active or bool(open_clinics(account))


def seat_of(account: Account) -> Seat:
    """Where this person sits when they have proved who they are. Raises AccountInactive."""
    found = open_clinics(account)
    if not found:
        raise AccountInactive
    first = None if found[0] == account.clinic_id else found[0]
    return Seat(FULL if len(found) == 1 else CHOOSE, first)


def open_place(account: Account, clinic_id: str) -> str | None:
    """A clinic that this person may sit down at, held open until the transaction ends.

    Returns:
        The further clinic's id, or None where it is the account's own.
    Raises:
        NotFound: they do not work there, or no longer.
    """
    if clinic_id == account.clinic_id and account.is_active:
        return None
    membership = _locked(clinic_id, account.account_id)
    if not membership.is_active:
        raise NotFound
    return membership.clinic_id


def log_of(account: Account) -> str:
    """The chain for what somebody does with the account itself. A clinic that closed it is not
    told that it is used elsewhere."""
    return account.clinic_id if account.is_active else audit_log.SERVER


def begin(*, account: Account, invited: Account, at: datetime) -> None:
    """An account that somebody has takes the place of the one that a clinic made for them.

    Raises:
        Invalid: a patient's account, or a patient's code.
        Conflict: they work at this clinic already.
        AccountInactive: it is closed wherever it was.
    """
    if account.role not in STAFF_ROLES or invited.role not in STAFF_ROLES:
        raise Invalid("Only accounts of staff can work at several clinics.", field="username")
    if not is_open_somewhere(account):
        raise AccountInactive
    _add(account, clinic_id=invited.clinic_id, role=invited.role, at=at)
    db.session.execute(
        update(Patient)
        .where(Patient.clinic_id == invited.clinic_id, Patient.assigned_id == invited.account_id)
        .values(assigned_id=account.account_id)
    )
    audit_log.record(
        at=at,
        clinic_id=invited.clinic_id,
        actor_id=account.account_id,
        actor_name=account.audit_name,
        action="membership.begun",
        subject_id=invited.account_id,
        detail={"role": invited.role},
    )
    invited.role, invited.is_active = TAKEN_UP, False


def _add(account: Account, *, clinic_id: str, role: str, at: datetime) -> None:
    known = db.session.get(Membership, (clinic_id, account.account_id), with_for_update=True)
    if account.clinic_id == clinic_id or (known is not None and known.is_active):
        raise Conflict("You work at this clinic already.")
    if known is not None:
        known.role, known.is_active = role, True
        return
    db.session.add(
        Membership(
            clinic_id=clinic_id,
            account_id=account.account_id,
            role=role,
            is_active=True,
            created_at=at,
        )
    )
    db.session.flush()


def set_active(*, actor: Actor, account_id: str, is_active: bool, at: datetime) -> None:
    """End a colleague's work at the actor's clinic, or let them work there again.

    Raises:
        NotFound: nobody of this clinic's staff.
        Invalid: oneself, or the last administrator: nobody could open it again.
    """
    if people.find_staff(clinic_id=actor.clinic_id, account_id=account_id).is_own:
        account = people.find_own_staff(clinic_id=actor.clinic_id, account_id=account_id)
        people.set_active(actor=actor, account=account, is_active=is_active, at=at)
        return
    membership = _locked(actor.clinic_id, account_id)
    if membership.is_active == is_active:
        return
    if not is_active and account_id == actor.account_id:
        raise Invalid("You cannot end your own work here. Ask a colleague.")
    if not is_active and membership.role == "administrator":
        people.keep_an_administrator(clinic_id=actor.clinic_id, without=account_id)
    membership.is_active = is_active
    sessions.end_at(account_id, clinic_id=actor.clinic_id, at=at)
    audit_log.record_act(
        actor, f"membership.{'opened' if is_active else 'ended'}", at=at, subject_id=account_id
    )


def change_role(*, actor: Actor, account_id: str, role: str, at: datetime) -> None:
    """Make a colleague a clinician or an administrator at the actor's clinic, and only there.

    Raises:
        NotFound: nobody of this clinic's staff.
        Invalid: no such role, oneself, or the last administrator.
    """
    people.check_role(role)
    if people.find_staff(clinic_id=actor.clinic_id, account_id=account_id).is_own:
        account = people.find_own_staff(clinic_id=actor.clinic_id, account_id=account_id)
        people.change_role(actor=actor, account=account, role=role, at=at)
        return
    membership = _locked(actor.clinic_id, account_id)
    if membership.role == role:
        return
    if account_id == actor.account_id:
        raise Invalid("You cannot change your own role. Ask a colleague.")
    if membership.role == "administrator":
        people.keep_an_administrator(clinic_id=actor.clinic_id, without=account_id)
    before, membership.role = membership.role, role
    sessions.end_at(account_id, clinic_id=actor.clinic_id, at=at)
    detail: dict[str, object] = {"from": before, "to": role}
    audit_log.record_act(actor, "staff.role_changed", at=at, subject_id=account_id, detail=detail)


def pause(account: Account, *, at: datetime) -> None:
    """Its own clinic has let somebody choose another password or factor: no further clinic opens
    on that clinic's word alone. An administrator of each lets them work there again."""
    memberships = db.session.scalars(
        select(Membership)
        .where(Membership.account_id == account.account_id, Membership.is_active.is_(True))
        .order_by(Membership.clinic_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for membership in memberships:
        membership.is_active = False
        sessions.end_at(account.account_id, clinic_id=membership.clinic_id, at=at)
        server = Actor(None, SERVER, membership.clinic_id)
        audit_log.record_act(server, "membership.paused", at=at, subject_id=account.account_id)


def _memberships(account: Account) -> list[Membership]:
    query = select(Membership).where(Membership.account_id == account.account_id)
    return list(db.session.scalars(query.order_by(Membership.created_at, Membership.clinic_id)))


def _locked(clinic_id: str, account_id: str) -> Membership:
    membership = db.session.scalars(
        select(Membership)
        .where(Membership.clinic_id == clinic_id, Membership.account_id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if membership is None:
        raise NotFound
    return membership


def _name_of(clinic_id: str) -> str:
    return clinics.snapshot(clinic_id).words.name
