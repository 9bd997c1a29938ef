"""Who sits at the desk, what every page of theirs is given, and that it was opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.accounts.people import Actor
from pwa.accounts.sessions import IDLE
from pwa.audit import log as audit_log
from pwa.clinic import one_clinic
from pwa.clinic.times import Moment
from pwa.database import reading, writing
from pwa.guidance.library import Library
from pwa.practice import clinics
from pwa.practice.words import Snapshot
from pwa.problems import Problem


@dataclass(frozen=True)
class Desk:
    """A member of staff at their clinic, now."""

    account_id: str
    name: str
    username: str
    role: str
    token: str
    snapshot: Snapshot
    when: Moment
    has_several_clinics: bool = False
    """Whether this person works elsewhere too. For their own eyes alone."""

    @property
    def clinic_id(self) -> str:
        """The clinic whose records this person may see; there is no other."""
        return self.snapshot.clinic_id

    @property
    def idle_minutes(self) -> int:
        """After how long without an act the session ends, so that the page can warn in time."""
        return int(IDLE[self.role].total_seconds() // 60)

    @property
    def actor(self) -> Actor:
        """This person as the audit log names them."""
        return Actor(self.account_id, self.name, self.clinic_id)

    @property
    def is_clinician(self) -> bool:
        """Whether this person may see what patients sent."""
        return self.role == "clinician"

    @property
    def is_administrator(self) -> bool:
        """Whether this person looks after accounts and the audit log."""
        return self.role == "administrator"


def sit_down() -> Desk:
    """The desk of whoever is signed in. Call inside the transaction that reads for the page."""
    snapshot = clinics.snapshot(current_user.clinic_id)
    return Desk(
        account_id=current_user.account_id,
        name=current_user.display_name,
        username=current_user.username,
        role=current_user.role,
        token=current_user.token,
        snapshot=snapshot,
        when=Moment(now=clock.now(), zone=snapshot.words.time_zone),
        has_several_clinics=current_user.has_several_clinics,
    )


@contextlib.contextmanager
def looking(page: str, *, subject_id: str | None = None) -> Iterator[Desk]:
    """Read for a page, all from one moment; then write down who looks, and only then go on.

    The entry has a short transaction of its own, so that many who look at once neither wait for
    each other's reading nor meet each other. Where it cannot be written nothing is shown.
    """
    with reading():
        desk = sit_down()
        yield desk
    with writing():
        opened(desk, page, subject_id=subject_id)


def opened(desk: Desk, page: str, *, subject_id: str | None = None) -> None:
    """Write down that this person saw this page. Call inside a write transaction."""
    audit_log.record_act(desk, f"{page}.seen", at=desk.when.now, subject_id=subject_id)


def draw(template: str, desk: Desk, *, page: str, **shown: Any) -> str:
    """Draw a page of the clinic. Every form on it says which clinic that was (`one_clinic.py`)."""
    drawn = render_template(
        f"clinic/{template}", page=f"clinic_{page}", desk=desk, when=desk.when, **shown
    )
    return one_clinic.mark_forms(drawn, clinic_id=desk.clinic_id)


def refuse(page: str, problem: Problem) -> ResponseReturnValue:
    """A page once more, with what was wrong on it and how long to wait."""
    wait = problem.retry_after_s
    return page, problem.status, {} if wait is None else {"Retry-After": str(wait)}


def library() -> Library:
    """The clinic's words and rules."""
    found: Library = current_app.extensions["library"]
    return found
