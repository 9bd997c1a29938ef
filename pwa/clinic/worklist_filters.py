"""What a worklist is narrowed to, how that reads in an address, and how many each choice leaves.

An address that somebody typed by hand is answered in words: what is not known is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from pwa.check_ins.levels import LEVEL_OF
from pwa.plain_text import one_line

LEVELS = ("emergency", "same_day", "clinic_hours", "expected", "diary")
NEEDING = LEVELS[:3]
YES_OR_NO = ("0", "1")
LONGEST_NAME = 120
LONGEST_SHOWN = 40
PATH = "/clinic"


@dataclass(frozen=True)
class Filters:
    """A view of the worklist. Nothing set: everything that is unread."""

    is_mine: bool = False
    level: str | None = None
    joint: str | None = None
    by: str | None = None
    is_overdue: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything is left out."""
        return self != Filters()

    @property
    def address(self) -> str:
        """The one address of this view, for a bookmark or a colleague."""
        query = urlencode(self.query)
        return f"{PATH}?{query}" if query else PATH

    @property
    def query(self) -> dict[str, str]:
        """What stands after the question mark, always in the same order."""
        given = {
            "mine": "1" if self.is_mine else None,
            "level": None if self.is_overdue else self.level,
            "joint": self.joint,
            "by": self.by,
            "overdue": "1" if self.is_overdue else None,
        }
        return {name: value for name, value in given.items() if value is not None}

    def but(self, **changed: Any) -> Filters:
        """The same view with one thing different."""
        return replace(self, **changed)

    def page(self, after: object) -> str:
        """The address of the page that follows this place."""
        return f"{PATH}?{urlencode({**self.query, 'after': str(after)})}"


@dataclass(frozen=True)
class Read:
    """A view as an address asked for it, and in words what was not understood."""

    filters: Filters
    unknown: tuple[str, ...]


def read(query: Mapping[str, str], *, joints: Iterable[str]) -> Read:
    """The view that this address asks for; what it does not know it leaves out and says so."""
    unknown: list[str] = []

    def choice(name: str, words: str, known: Iterable[str]) -> str | None:
        value = query.get(name, "")
        if not value or value in known:
            return value or None
        unknown.append(f"There is no {words} “{_short(value)}”.")
        return None

    by = one_line(query.get("by", ""))
    if len(by) > LONGEST_NAME:
        unknown.append(f"There is no clinician “{_short(by)}”.")
        by = ""
    is_overdue = choice("overdue", "list “overdue” named", YES_OR_NO) == "1"
    level = choice("level", "level", LEVELS)
    filters = Filters(
        is_mine=choice("mine", "list “mine” named", YES_OR_NO) == "1",
        level=None if is_overdue else level,
        joint=choice("joint", "joint", tuple(joints)),
        by=by or None,
        is_overdue=is_overdue,
    )
    return Read(filters, tuple(unknown))


def _short(text: str) -> str:
    plain = one_line(text)
    return plain if len(plain) <= LONGEST_SHOWN else f"{plain[:LONGEST_SHOWN]}…"


@dataclass(frozen=True)
class Cell:
    """How many patients are alike in all that a view can ask for. `rank` is a level's, or for the
    overdue 1 where somebody is silent after an urgent answer, else 0."""

    is_overdue: bool
    rank: int
    joint: str | None
    by: str | None
    is_mine: bool
    count: int

    def fits(self, view: Filters) -> bool:
        """Whether this view shows them."""
        return (
            self.is_overdue == view.is_overdue
            and (view.level is None or self.level == view.level)
            and (not view.is_mine or self.is_mine)
            and (view.joint is None or self.joint == view.joint)
            and (view.by is None or self.by == view.by)
        )

    @property
    def level(self) -> str:
        """The level as an address names it."""
        return LEVEL_OF[self.rank] or "diary"


@dataclass(frozen=True)
class Counts:
    """How many patients each view would show."""

    cells: tuple[Cell, ...]
    _known: dict[Filters, int] = field(default_factory=dict, repr=False, compare=False)
    """What was asked before: a page says the same number in several places."""

    def of(self, view: Filters) -> int:
        """How many this view shows."""
        if view not in self._known:
            self._known[view] = sum(cell.count for cell in self._near(view) if cell.fits(view))
        return self._known[view]

    def _near(self, view: Filters) -> Sequence[Cell]:
        """Those of the level that a view asks for, so that not every one is looked at."""
        return self._by_level.get((view.is_overdue, view.level), ())

    @cached_property
    def _by_level(self) -> dict[tuple[bool, str | None], list[Cell]]:
        found: dict[tuple[bool, str | None], list[Cell]] = defaultdict(list)
        for cell in self.cells:
            found[cell.is_overdue, None].append(cell)
            found[cell.is_overdue, cell.level].append(cell)
        return found

    def by_rank(self, view: Filters) -> dict[int, int]:
        """The same by rank, the most urgent first."""
        found: dict[int, int] = {}
        for cell in sorted(self._near(view), key=lambda cell: -cell.rank):
            if cell.fits(view):
                found[cell.rank] = found.get(cell.rank, 0) + cell.count
        return found

    def joints(self, view: Filters) -> dict[str, int]:
        """How many each joint would leave of this view, whichever it names now."""
        return self._each("joint", view)

    def names(self, view: Filters) -> dict[str, int]:
        """The same for those who gave the injections, by name."""
        return dict(sorted(self._each("by", view).items()))

    def _each(self, field: str, view: Filters) -> dict[str, int]:
        wide = view.but(**{field: None})
        found: dict[str, int] = {}
        chosen = getattr(view, field)
        if chosen is not None:
            found[chosen] = 0
        for cell in self._near(wide):
            value = getattr(cell, field)
            if value and cell.fits(wide):
                found[value] = found.get(value, 0) + cell.count
        return found
