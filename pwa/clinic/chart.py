"""Pain, swelling and temperature by day at one joint: where the points of the drawing lie.

Places across are percentages of the drawing's width, so that it fits a phone and a sheet of paper
without its letters changing size; places down are pixels. The table beneath is the truth. No
database and no HTML here; the template draws what this computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from pwa.check_ins.levels import RANK_OF
from pwa.treatments.records import TreatmentRecord

LEAST_DAYS = 7
LATELY_DAYS = 14
STEPS = (1, 2, 3, 7, 14, 28, 56, 84, 182, 364)
MOST_TICKS = 4
FIRST_TICK_WIDTH = 33.0
"""In percent at 360 px: the first date starts at its day, the others have theirs in the middle."""
FLAGGED = ("emergency", "same_day", "clinic_hours")
SWELLINGS = {"none": 0.0, "mild": 1.0, "moderate": 2.0, "severe": 3.0}
SWELLING_WORDS = {"none": "none", "mild": "a little", "moderate": "clear", "severe": "severe"}
FEVER = 38.0
"""Degrees C: where the rules begin to ask ([rules_1])."""
NOT_TOO_LONG = 800
"""Days: what a wrong clock dates further away stays in the table and out of the drawing."""
ACROSS = 2000
"""How wide the box is in which the lines are drawn; it is stretched to the drawing's width."""
GAP = 36
"""Pixels above each part, for its name."""
MANY = 4
"""Sessions from this count on are marked by their number alone."""


class Entry(NamedTuple):
    """What a check-in says for the chart, in the version that counts. There are hundreds."""

    thread_id: str
    place: int
    """How many check-ins are newer."""
    site: str
    side: str | None
    day: date | None
    days_since: int | None
    pain: int | None
    swelling: str | None
    temp_c: float | None
    level: str | None

    @property
    def is_flagged(self) -> bool:
        """Whether somebody was to be spoken to."""
        return self.level in FLAGGED

    @property
    def cells(self) -> tuple[date | None, str, str, str, str]:
        """Day, days since the treatment, pain, swelling and temperature as a table says them."""
        return (
            self.day,
            "not known" if self.days_since is None else str(self.days_since),
            _or_dash(self.pain),
            _or_dash(SWELLING_WORDS.get(self.swelling or "")),
            "–" if self.temp_c is None else f"{self.temp_c} °C",
        )


@dataclass(frozen=True)
class Mark:
    """A treatment, a flagged day, or a day beneath the axis."""

    x: float
    label: str
    is_late: bool = False
    """So far to the end that the words go before it."""


@dataclass(frozen=True)
class Point:
    """The value of one day."""

    x: float
    y: float


@dataclass(frozen=True)
class Part:
    """One of the drawings above each other: its lines, and its scale at the edge."""

    name: str
    kind: str
    top: float
    bottom: float
    grid: tuple[tuple[str, float], ...]
    points: tuple[Point, ...]
    limit: float | None = None

    @property
    def line(self) -> str:
        """Through the points, in the box that is stretched."""
        return "M" + "L".join(f"{_across(point)} {point.y}" for point in self.points)

    @property
    def dots(self) -> str:
        """A line of no length at each point, whose round ends are the dot."""
        return "".join(f"M{_across(point)} {point.y}h0" for point in self.points)

    @property
    def bars(self) -> str:
        """From the foot of the part up to each point."""
        return "".join(f"M{_across(point)} {self.bottom}V{point.y}" for point in self.points)


@dataclass(frozen=True)
class Chart:
    """The drawing of one joint and side, with its table."""

    site: str
    side: str | None
    is_lately: bool
    lines: tuple[Entry, ...]
    parts: tuple[Part, ...]
    flags: tuple[Mark, ...]
    flags_y: float
    treatments: tuple[Mark, ...]
    ticks: tuple[tuple[float, date], ...]
    levels: tuple[str, ...]
    summary: str
    height: float
    width: int = ACROSS


@dataclass(frozen=True)
class Span:
    """The days that are drawn, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """From the first to the last."""
        return (self.last - self.first).days

    def holds(self, day: date | None) -> bool:
        """Whether that day is drawn."""
        return day is not None and self.first <= day <= self.last

    def x_of(self, day: date) -> float:
        """How far across, in percent."""
        return round((day - self.first).days / self.days * 100, 2)


def charts_of(
    treatments: Sequence[TreatmentRecord],
    entries: Sequence[Entry],
    *,
    today: date,
    is_lately: bool = False,
) -> tuple[Chart, ...]:
    """One chart a joint and side that anything was sent for, the newest treatment's first.

    Args:
        entries: the versions that count now, oldest first, without withdrawn ones.
        is_lately: only the last 14 days, up to today.
    """
    found = []
    for site, side in dict.fromkeys((one.site, one.side) for one in treatments):
        there = [one for one in entries if (one.site, one.side) == (site, side)]
        here = [one for one in treatments if (one.site, one.side) == (site, side)]
        if there:
            found.append(_chart(site, side, here, there, today=today, is_lately=is_lately))
    return tuple(found)


def is_of_lately(entry: Entry, *, today: date) -> bool:
    """Whether it is of the last 14 days."""
    return _lately(today).holds(entry.day)


def _chart(
    site: str,
    side: str | None,
    treatments: Sequence[TreatmentRecord],
    entries: Sequence[Entry],
    *,
    today: date,
    is_lately: bool,
) -> Chart:
    span = _lately(today) if is_lately else _whole(treatments, entries)
    lines = [one for one in entries if not is_lately or span.holds(one.day)]
    drawn = [one for one in lines if _can_be_drawn(one, span)]
    levels = tuple(one for one in FLAGGED if any(line.level == one for line in drawn))
    top = 22.0 + (24 if levels else 0)
    parts = _parts(drawn, span, top=top)
    return Chart(
        site=site,
        side=side,
        is_lately=is_lately,
        lines=tuple(lines),
        parts=parts,
        flags=tuple(_flags(drawn, span)),
        flags_y=34.0,
        treatments=tuple(_sessions(treatments, span)),
        ticks=tuple(_ticks(span)),
        levels=levels,
        summary=_summary(lines),
        height=(parts[-1].bottom if parts else top) + 26,
    )


def _lately(today: date) -> Span:
    return Span(today - timedelta(days=LATELY_DAYS - 1), today)


def _whole(treatments: Sequence[TreatmentRecord], entries: Sequence[Entry]) -> Span:
    first = min(one.performed_on for one in treatments)
    latest = first + timedelta(days=NOT_TOO_LONG)
    days = [one.day for one in entries if one.day is not None and first <= one.day <= latest]
    marked = [one.performed_on for one in treatments]
    return Span(first, max([first + timedelta(days=LEAST_DAYS), *days, *marked]))


def _can_be_drawn(entry: Entry, span: Span) -> bool:
    return entry.days_since is not None and span.holds(entry.day)


def _parts(entries: Sequence[Entry], span: Span, *, top: float) -> tuple[Part, ...]:
    """Pain, and beneath it swelling and temperature where they were ever told."""
    placed = [(span.x_of(one.day), one) for one in entries if one.day is not None]
    pains = _highest((x, one.pain) for x, one in placed)
    swellings = _highest((x, SWELLINGS.get(one.swelling or "")) for x, one in placed)
    heats = _highest((x, one.temp_c) for x, one in placed)
    found = []
    if pains:
        found.append(_part("Pain, 0 to 10", "pain", pains, {"0": 0, "5": 5, "10": 10}, top, 120))
        top = found[-1].bottom
    if swellings:
        scale = {"none": 0.0, "severe": 3.0}
        found.append(_part("Swelling", "swelling", swellings, scale, top, 42))
        top = found[-1].bottom
    if heats:
        low, high = min(36, *heats.values()), max(39, *heats.values())
        scale = {f"{one:g}": one for one in (low, FEVER, high)}
        found.append(_part("Temperature, °C", "temp", heats, scale, top, 60, limit=FEVER))
    return tuple(found)


def _part(
    name: str,
    kind: str,
    values: dict[float, float],
    scale: dict[str, float],
    top: float,
    height: float,
    *,
    limit: float | None = None,
) -> Part:
    low, high = min(scale.values()), max(scale.values())
    start = top + GAP

    def y_of(value: float) -> float:
        return round(start + (1 - (value - low) / (high - low)) * height, 1)

    return Part(
        name=name,
        kind=kind,
        top=start,
        bottom=start + height,
        grid=tuple((label, y_of(value)) for label, value in scale.items()),
        points=tuple(Point(x, y_of(value)) for x, value in sorted(values.items())),
        limit=None if limit is None else y_of(limit),
    )


def _or_dash(value: int | str | None) -> str:
    return "–" if value is None else str(value)


def _across(point: Point) -> int:
    return round(point.x * ACROSS / 100)


def _highest(values: Iterable[tuple[float, float | None]]) -> dict[float, float]:
    """The highest value of each day, by where the day lies."""
    found: dict[float, float] = {}
    for x, value in values:
        if value is not None and value >= found.get(x, value):
            found[x] = value
    return found


def _flags(entries: Iterable[Entry], span: Span) -> list[Mark]:
    """The most urgent level of each flagged day, in the order in which they are drawn."""
    worst: dict[float, str] = {}
    for one in entries:
        if one.level in FLAGGED and one.day is not None:
            x = span.x_of(one.day)
            worst[x] = max(worst.get(x, one.level), one.level, key=RANK_OF.__getitem__)
    drawn = sorted(worst.items(), key=lambda one: (RANK_OF[one[1]], one[0]))
    return [Mark(x, level) for x, level in drawn]


def _sessions(treatments: Sequence[TreatmentRecord], span: Span) -> list[Mark]:
    seen = [one for one in treatments if span.holds(one.performed_on)]
    words = "Session " if len(seen) < MANY else ""
    found = []
    for one in seen:
        x = span.x_of(one.performed_on)
        found.append(Mark(x, f"{words}{one.number}", is_late=x > 75))
    return found


def _ticks(span: Span) -> list[tuple[float, date]]:
    step = next((size for size in STEPS if span.days / size < MOST_TICKS), STEPS[-1])
    days = [span.first + timedelta(days=day) for day in range(0, span.days + 1, step)]
    first, *others = [(span.x_of(day), day) for day in days]
    return [first, *(one for one in others if one[0] > FIRST_TICK_WIDTH)]


def _summary(entries: Sequence[Entry]) -> str:
    """What somebody is told who cannot see the drawing."""
    said = [f"{len(entries)} check-ins"]
    pains = [one for one in entries if one.pain is not None]
    if pains:
        highest = max(one.pain or 0 for one in pains)
        latest = pains[-1]
        day = "on an unknown day" if latest.days_since is None else f"on day {latest.days_since}"
        said.append(f"pain at most {highest}, latest {latest.pain} {day}")
    heats = [one.temp_c for one in entries if one.temp_c is not None]
    if heats:
        said.append(f"temperature at most {max(heats)} °C")
    flagged = sum(one.is_flagged for one in entries)
    said.append(f"{flagged} flagged" if flagged else "none flagged")
    return "; ".join(said)
