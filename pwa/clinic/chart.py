"""Pain by day at one joint: where the points of the drawing lie. The table beneath is the truth.

No database and no HTML here; the template draws what this computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pwa.check_ins.levels import RANK_OF
from pwa.clinic.told import CheckInView
from pwa.treatments.records import TreatmentRecord

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 34, 14, 26, 30
LEAST_DAYS = 7
STEPS = (1, 2, 7, 14, 28, 84, 182, 364)
MOST_TICKS = 9
FLAGGED = ("emergency", "same_day", "clinic_hours")
NOT_TOO_LONG = 800
"""Days: what a wrong clock dates further away stays in the table and out of the drawing."""


@dataclass(frozen=True)
class Line:
    """One check-in in the table, oldest first."""

    day: date | None
    days_since: int | None
    pain: int
    level: str | None


@dataclass(frozen=True)
class Point:
    """One day's highest pain and most urgent level, in the drawing's units."""

    x: float
    y: float
    level: str | None


@dataclass(frozen=True)
class Mark:
    """A treatment, or a day beneath the axis."""

    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    """The drawing of one joint and side, with its table."""

    site: str
    side: str | None
    lines: tuple[Line, ...]
    points: tuple[Point, ...]
    treatments: tuple[Mark, ...]
    ticks: tuple[Mark, ...]
    grid: tuple[tuple[int, float], ...]
    levels: tuple[str, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def path(self) -> str:
        """The line through the points."""
        return "".join(
            f"{'L' if index else 'M'}{point.x} {point.y}" for index, point in enumerate(self.points)
        )


def charts_of(
    treatments: Sequence[TreatmentRecord], current: Sequence[CheckInView]
) -> tuple[Chart, ...]:
    """One chart a joint and side with a pain score, the newest treatment's first.

    `current` are the versions that count now, oldest first, without withdrawn ones.
    """
    joints = list(dict.fromkeys((one.site, one.side) for one in treatments))
    found = []
    for site, side in joints:
        there = [
            view
            for view in current
            if (view.treatment.site, view.treatment.side) == (site, side)
            and view.pain_now is not None
        ]
        if there:
            here = [one for one in treatments if (one.site, one.side) == (site, side)]
            found.append(_chart(site, side, here, there))
    return tuple(found)


def _chart(
    site: str, side: str | None, treatments: Sequence[TreatmentRecord], views: list[CheckInView]
) -> Chart:
    lines = tuple(
        Line(
            day=_date(view),
            days_since=view.day,
            pain=view.pain_now if view.pain_now is not None else 0,
            level=view.level,
        )
        for view in views
    )
    first = min(one.performed_on for one in treatments)
    by_day = _by_day(lines, first)
    last = max([first.toordinal() + LEAST_DAYS, *by_day, *_marked(treatments)])
    span = last - first.toordinal()

    def x_of(ordinal: int) -> float:
        return round(LEFT + (ordinal - first.toordinal()) / span * (WIDTH - LEFT - RIGHT), 1)

    def y_of(pain: int) -> float:
        return round(TOP + (1 - pain / 10) * (HEIGHT - TOP - BOTTOM), 1)

    step = next((size for size in STEPS if span / size < MOST_TICKS), STEPS[-1])
    return Chart(
        site=site,
        side=side,
        lines=lines,
        points=tuple(
            Point(x_of(day), y_of(pain), level) for day, (pain, level) in sorted(by_day.items())
        ),
        treatments=tuple(
            Mark(x_of(one.performed_on.toordinal()), str(one.number)) for one in treatments
        ),
        ticks=tuple(
            Mark(x_of(first.toordinal() + day), str(day)) for day in range(0, span + 1, step)
        ),
        grid=tuple((pain, y_of(pain)) for pain in (0, 5, 10)),
        levels=tuple(one for one in FLAGGED if any(line.level == one for line in lines)),
        summary=_summary(lines),
    )


def _by_day(lines: Sequence[Line], first: date) -> dict[int, tuple[int, str | None]]:
    found: dict[int, tuple[int, str | None]] = {}
    for line in lines:
        if line.day is None or line.days_since is None:
            continue
        ordinal = line.day.toordinal()
        if not 0 <= ordinal - first.toordinal() <= NOT_TOO_LONG:
            continue
        pain, level = found.get(ordinal, (line.pain, line.level))
        worse = line.level if RANK_OF[line.level] > RANK_OF[level] else level
        found[ordinal] = (max(pain, line.pain), worse)
    return found


def _marked(treatments: Sequence[TreatmentRecord]) -> list[int]:
    return [one.performed_on.toordinal() for one in treatments]


def _date(view: CheckInView) -> date | None:
    try:
        return date.fromisoformat(view.local_date)
    except ValueError:
        return None


def _summary(lines: Sequence[Line]) -> str:
    highest = max(line.pain for line in lines)
    latest = lines[-1]
    day = "on an unknown day" if latest.days_since is None else f"on day {latest.days_since}"
    return f"{len(lines)} scores; highest {highest}, latest {latest.pain} {day}"
