"""People who work at several clinics. No test lives here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.accounts import invites, people
from pwa.accounts.models import Membership
from pwa.accounts.people import Actor
from pwa.audit.models import AuditEntry
from pwa.database import db, writing
from tests.conftest import NOON, PASSWORD, PASSWORD_HASH, Cast, Person, add_patient

CHOOSE = "/clinic/choose"


@dataclass
class TwoClinics:
    """Riverside, where dr_cole's account is kept, and Hillside, where she works too.

    maya administers Hillside; eve is a patient there. dr_cole has not signed in yet.
    """

    cast: Cast
    maya: Person
    eve: Person

    @property
    def riverside(self) -> str:
        return self.cast.mo.clinic_id

    @property
    def hillside(self) -> str:
        return self.cast.dr_dunn.clinic_id

    def sign_in_at(self, clinic_id: str) -> Person:
        """dr_cole, signed in and sitting at this clinic."""
        cole = self.cast.dr_cole
        assert cole.sign_in().get_json()["kind"] == "clinic-choice-required"
        assert choose(cole, clinic_id).headers["Location"] == "/clinic"
        return cole


def make_staff(app: Flask, clinic_id: str, username: str, name: str, role: str) -> Person:
    """Somebody with an account at this clinic."""
    with writing():
        account = people.add_account(clinic_id=clinic_id, role=role, display_name=name, at=NOON)
        people.claim_username(account, username)
        account.password_hash = PASSWORD_HASH
        account_id = account.account_id
    return Person(account_id, clinic_id, username, name, role, app.test_client())


def invite(actor: Actor, name: str = "Dr C.", role: str = "clinician") -> str:
    """A code for a colleague whom an administrator added."""
    with writing():
        account_id = people.add_staff(actor=actor, role=role, display_name=name, at=NOON)
        account = people.find_own_staff(clinic_id=actor.clinic_id, account_id=account_id)
        return invites.issue(actor=actor, account=account, at=NOON)


def take_up(person: Person, code: str, *, password: str = PASSWORD) -> TestResponse:
    """Take a code up with the name and password that one has."""
    person.has_tried_to_sign_in = True
    body = {"code": code, "username": person.username, "password": password}
    return person.post("/api/v1/join/with-name", json=body)


def choose(person: Person, clinic_id: str) -> TestResponse:
    """Say which clinic."""
    return person.post(CHOOSE, data={"clinic_id": clinic_id})


def membership_of(person: Person, clinic_id: str) -> Membership | None:
    db.session.rollback()
    return db.session.get(Membership, (clinic_id, person.account_id))


def log_of(clinic_id: str, person: Person) -> list[str]:
    """What this person did, as this clinic's log has it, oldest first."""
    db.session.rollback()
    query = select(AuditEntry.action).where(
        AuditEntry.clinic_id == clinic_id, AuditEntry.actor_id == person.account_id
    )
    return list(db.session.scalars(query.order_by(AuditEntry.entry_id)))


@pytest.fixture
def two(cast: Cast, app: Flask) -> TwoClinics:
    """dr_cole works at Hillside too, as a clinician."""
    maya = make_staff(app, cast.dr_dunn.clinic_id, "maya", "Maya", "administrator")
    with writing():
        eve = add_patient(app, cast.dr_dunn, "eve", "Eve S.", "knee", "left", 2, NOON)
    answer = take_up(cast.dr_cole, invite(maya.actor))
    assert answer.get_json()["kind"] == "clinic-choice-required"
    cast.dr_cole.client.delete_cookie(app.config["SESSION_COOKIE_NAME"])
    return TwoClinics(cast, maya, eve)
