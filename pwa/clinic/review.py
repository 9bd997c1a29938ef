"""Reviewing in place: all that is unread of one patient, what was done so far, and who has it open.

Read for a fragment of the worklist and for the patient's page alike. Deciding anything is the
business of `check_ins`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pwa.accounts import people
from pwa.check_ins import claims, gaps, raising, reviews
from pwa.check_ins.claims import Holder
from pwa.check_ins.levels import RANK_OF, SAME_DAY_RANK
from pwa.clinic import timeline
from pwa.clinic.level_words import LEVEL_NAMES
from pwa.clinic.patient import Identity, read_identity
from pwa.clinic.timeline import Act, Acts
from pwa.clinic.told import (
    UNREAD_AT_ONCE,
    CheckInView,
    PatientCourse,
    Reading,
    read_patient_course,
    view_of,
)
from pwa.guidance.library import Library

MOST_ACTS = 6


@dataclass(frozen=True)
class Choice:
    """A colleague to hand over to, or a level to raise to."""

    value: str
    words: str


@dataclass(frozen=True)
class Panel:
    """What a clinician needs to deal with a patient now."""

    patient_id: str
    display_name: str
    phone_number: str
    unread: tuple[CheckInView, ...]
    """Worst first, then oldest: the first is why the patient is on the worklist. Seven at most, so
    that nobody marks as read what was not before their eyes; the rest follow when these are read.
    """
    unread_count: int
    about: tuple[CheckInView, ...]
    """What an act is about: what is unread; with nothing unread the newest check-in."""
    so_far: tuple[Act, ...]
    """What was done lately, newest first."""
    holder: Holder | None
    """A colleague who has it open."""
    assigned_id: str | None
    assigned_to: str
    """To whom the patient was handed over, by name."""
    is_mine: bool
    colleagues: tuple[Choice, ...]
    gap_count: int

    @property
    def needs_outcome(self) -> bool:
        """Whether it closes only with an outcome."""
        return any(RANK_OF[view.level] >= SAME_DAY_RANK for view in self.unread)

    @property
    def outcomes(self) -> dict[str, str]:
        """What can have come of it."""
        return reviews.outcomes(is_urgent=self.needs_outcome)

    @property
    def level(self) -> str | None:
        """The level of what an act is about."""
        return self.about[0].level if self.about else None

    @property
    def levels_above(self) -> tuple[Choice, ...]:
        """To what it can be raised."""
        return tuple(
            Choice(level, LEVEL_NAMES[level])
            for level in raising.LEVELS
            if self.about and RANK_OF[level] > RANK_OF[self.level]
        )


def read_panel(
    *, clinic_id: str, patient_id: str, reader_id: str, library: Library, at: datetime
) -> Panel:
    """Read the panel of one patient of this clinic. Raises NotFound."""
    who = read_identity(clinic_id=clinic_id, patient_id=patient_id)
    course = read_patient_course(clinic_id=clinic_id, patient_id=patient_id)
    return panel_of(
        course,
        who,
        clinic_id=clinic_id,
        reader_id=reader_id,
        library=library,
        at=at,
    )


def panel_of(
    course: PatientCourse,
    who: Identity,
    *,
    clinic_id: str,
    reader_id: str,
    library: Library,
    at: datetime,
    known: Acts | None = None,
) -> Panel:
    """The panel for somebody who has read the course already, and perhaps what was done too."""
    patient_id = who.patient_id
    unread = _unread(course, library)
    staff = people.staff_of(clinic_id)
    names = {one.account_id: one.display_name for one in staff}
    holder = claims.holders(clinic_id=clinic_id, patient_ids=[patient_id], at=at).get(patient_id)
    return Panel(
        patient_id=patient_id,
        display_name=who.display_name,
        phone_number=who.phone_number,
        unread=unread,
        unread_count=len(course.unread_ids),
        about=unread or _newest(course, library),
        so_far=_so_far(
            course,
            known or timeline.read_acts(clinic_id=clinic_id, patient_id=patient_id, patient=course),
        ),
        holder=None if holder is None or holder.account_id == reader_id else holder,
        assigned_id=who.assigned_id,
        assigned_to=names.get(who.assigned_id or "", ""),
        is_mine=who.assigned_id == reader_id,
        colleagues=tuple(
            Choice(one.account_id, one.display_name)
            for one in staff
            if one.role == "clinician" and one.is_active and one.account_id != reader_id
        ),
        gap_count=gaps.missing_counts(clinic_id=clinic_id, patient_ids=[patient_id]).get(
            patient_id, 0
        ),
    )


def _unread(course: PatientCourse, library: Library) -> tuple[CheckInView, ...]:
    rows = [course.rows[event_id] for event_id in course.unread_ids[:UNREAD_AT_ONCE]]
    return tuple(view_of(course, row, library=library) for row in rows)


def _newest(course: PatientCourse, library: Library) -> tuple[CheckInView, ...]:
    rows = [thread.current for thread in course.course.in_order()[-1:]]
    return tuple(view_of(course, row, library=library) for row in rows if row is not None)


def _so_far(course: PatientCourse, known: Acts) -> tuple[Act, ...]:
    """What was done since the oldest unread check-in came; with nothing unread, lately."""
    unread = course.unread_ids
    acts = [*known.alone, *(act for some in known.about.values() for act in some)]
    acts += [_as_act(one) for one in _readings(course) if unread and one.kind != reviews.READ]
    since = min((course.rows[event_id].received_at for event_id in unread), default=None)
    kept = [act for act in acts if act.undone_at is None and (since is None or act.at >= since)]
    return tuple(sorted(kept, key=lambda act: act.at, reverse=True)[:MOST_ACTS])


def _readings(course: PatientCourse) -> list[Reading]:
    found = {one.review_id: one for some in course.readings.values() for one in some}
    return list(found.values())


def _as_act(one: Reading) -> Act:
    return Act(
        act_id=one.review_id,
        kind=one.kind,
        title=one.title,
        at=one.at,
        outcome=one.outcome,
        note=one.note,
        message=one.message,
        undone_at=one.undone_at,
    )
