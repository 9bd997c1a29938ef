"""A made-up clinic to take pictures of: the demo, filled by `script/seed`, with a release that
changes the rules. It is served while the pictures are taken and thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, update

from pwa import create_app
from pwa.accounts import passwords
from pwa.accounts.models import Account, Membership
from pwa.accounts.people import Actor
from pwa.check_ins.levels import SAME_DAY_RANK
from pwa.check_ins.models import Attention, CheckInEvent
from pwa.clock import now
from pwa.database import db, writing
from pwa.operations import demo
from pwa.operations.seeding.__main__ import seed
from pwa.practice import clinics
from pwa.practice.words import Message
from tests.browser.real_server import RealServer, make_demo
from tests.new_release import make_content

PATIENTS, CHECK_INS = 300, 9_000
PASSWORD = "thirteen calm herons over water"
SIGNS_IN = {"en": "ana", "es": "ana_es"}
"""A patient for each language."""
MESSAGES = (
    ("Ice", "You can use ice for 10 minutes, three times a day."),
    ("Please call", "Please call us today. We are here until 17:30."),
)


@dataclass(frozen=True)
class World:
    """A server, and whom the pictures show."""

    server: RealServer
    patient_id: str
    """Somebody with an urgent answer and a long course."""


@contextmanager
def served(*, has_new_rules: bool = True) -> Iterator[World]:
    """The clinic, as long as the block lasts.

    Args:
        has_new_rules: with a release that changes the rules; it is in English alone.
    """
    with TemporaryDirectory() as folder:
        settings = {"CONTENT_PATH": str(make_content(Path(folder)))} if has_new_rules else {}
        instance = make_demo(Path(folder) / "instance")
        patient_id = _fill(instance)
        server = RealServer(instance, settings=settings).start()
        try:
            yield World(server, patient_id)
        finally:
            server.stop()


def _fill(instance: Path) -> str:
    app = create_app({"INSTANCE_PATH": str(instance), "DEMO": "1", "EMERGENCY_NUMBER": "999"})
    with app.app_context():
        seed(patients=PATIENTS, check_ins=CHECK_INS, number=1, at=now())
        with writing():
            cole = _account("dr_cole")
            _patient_who_reads_spanish(cole)
            hashed = passwords.hash_password(PASSWORD)
            joined = Account.username.in_(("dr_cole", "dr_okafor")) | (Account.role == "patient")
            db.session.execute(update(Account).where(joined).values(password_hash=hashed))
            _approve_messages(Actor(cole.account_id, cole.display_name, cole.clinic_id))
            _work_at_hillside(cole)
            patient_id = _busiest(cole.clinic_id)
        db.session.remove()
        db.engine.dispose()
    return patient_id


def _patient_who_reads_spanish(cole: Account) -> None:
    """Like Ana: what was pictured of her in English stands in nobody's way."""
    actor = Actor(cole.account_id, cole.display_name, cole.clinic_id)
    known = demo._patient  # noqa: SLF001
    known(actor, "Ana R.", "R-2299", "knee", "right", 3, at=now(), username=SIGNS_IN["es"])


def _account(username: str) -> Account:
    return db.session.scalars(select(Account).where(Account.username == username)).one()


def _approve_messages(actor: Actor) -> None:
    known = clinics.snapshot(actor.clinic_id)
    messages = [Message(title=title, text=text) for title, text in MESSAGES]
    clinics.save_words(
        clinic_id=actor.clinic_id,
        words=known.words.model_copy(update={"messages": messages}),
        seen_version=known.version,
        at=now(),
        actor_id=actor.account_id or "",
        actor_name=actor.name,
    )


def _work_at_hillside(cole: Account) -> None:
    """Dr Cole works at a second clinic, too."""
    hillside = _account("dr_dunn").clinic_id
    db.session.add(
        Membership(
            clinic_id=hillside,
            account_id=cole.account_id,
            role="clinician",
            is_active=True,
            created_at=now(),
        )
    )


def _busiest(clinic_id: str) -> str:
    """Of those who need somebody urgently, the one who has checked in most often."""
    count = func.count(CheckInEvent.event_id)
    query = (
        select(Attention.patient_id)
        .join(
            CheckInEvent,
            (CheckInEvent.clinic_id == Attention.clinic_id)
            & (CheckInEvent.patient_id == Attention.patient_id),
        )
        .where(Attention.clinic_id == clinic_id, Attention.rank >= SAME_DAY_RANK)
        .group_by(Attention.patient_id)
        .order_by(count.desc())
    )
    return str(db.session.scalars(query).first())
