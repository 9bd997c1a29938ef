"""At which moments a reminder may come: once a day, outside the quiet hours. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUIET_FROM, QUIET_UNTIL = "21:00", "08:00"
"""Until somebody chooses others. The same twice: no quiet hours."""


@dataclass(frozen=True)
class Rhythm:
    """The clinic's time of day and a person's quiet hours, as on the clock on the wall."""

    at: str
    quiet_from: str
    quiet_until: str
    zone: str

    def local(self, at: datetime) -> datetime:
        """This instant on the person's own clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def is_quiet(self, *, at: datetime) -> bool:
        """Whether nothing may come now."""
        shown = f"{self.local(at):%H:%M}"
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= shown < self.quiet_until
        return shown >= self.quiet_from or shown < self.quiet_until

    def next_look(self, *, after: datetime) -> datetime:
        """The next moment of the day; where that is quiet, the end of the quiet hours."""
        today = self.local(after).date()
        for days in (-1, 0, 1):
            moment = self._instant(today + timedelta(days=days), self.at)
            if self.is_quiet(at=moment):
                moment = self.end_of_quiet(after=moment)
            if moment > after:
                return moment
        raise ValueError("a day has no tomorrow")

    def end_of_quiet(self, *, after: datetime) -> datetime:
        """When the quiet hours end next."""
        return self._next(self.quiet_until, after=after)

    def start_of_quiet(self, *, after: datetime) -> datetime | None:
        """When the quiet hours begin next; None where there are none."""
        if self.quiet_from == self.quiet_until:
            return None
        return self._next(self.quiet_from, after=after)

    def _next(self, shown: str, *, after: datetime) -> datetime:
        today = self.local(after).date()
        moments = (self._instant(today + timedelta(days=days), shown) for days in (0, 1, 2))
        return next(moment for moment in moments if moment > after)

    def _instant(self, day: date, shown: str) -> datetime:
        """Compared in UTC: two clocks of one zone are compared without their change of hour."""
        local = datetime.combine(day, time.fromisoformat(shown), ZoneInfo(self.zone))
        return local.astimezone(UTC)
