"""Instants and days as a clinician reads them, in the clinic's time zone. No database here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STEPS = ((86400, "day"), (3600, "hour"), (60, "minute"))
SAME_TIME = timedelta(minutes=2)


@dataclass(frozen=True)
class Moment:
    """The present instant at the clinic; every time on a page is told from here."""

    now: datetime
    zone: str

    @cached_property
    def today(self) -> date:
        """The calendar day at the clinic."""
        return self.local(self.now).date()

    def local(self, at: datetime) -> datetime:
        """The instant on the clinic's clock; unchanged where the calendar ends."""
        try:
            return at.astimezone(ZoneInfo(self.zone))
        except OverflowError:
            return at

    def clock(self, at: datetime) -> str:
        """ "10:31" today, "yesterday 22:10", "Mon 23 Nov 22:10", else with the year."""
        local = self.local(at)
        time = f"{local:%H:%M}"
        if local.date() == self.today:
            return time
        if local.date().toordinal() == self.today.toordinal() - 1:
            return f"yesterday {time}"
        return f"{self.day(local.date())} {time}"

    def span(self, start: datetime, end: datetime) -> str:
        """ "yesterday 22:10 → 10:44"; what both ends share is said once."""
        first, last = self.clock(start), self.clock(end)
        if first == last:
            return last
        is_same_day = self.local(start).date() == self.local(end).date()
        return f"{first} → {last[-5:] if is_same_day else last}"

    def day(self, day: date) -> str:
        """ "Mon 23 Nov", with the year when it is another."""
        words = f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
        return words if day.year == self.today.year else f"{words} {day.year}"

    def month(self, day: date) -> str:
        """ "Nov"."""
        return MONTHS[day.month - 1]

    def age(self, at: datetime) -> str:
        """ "now", "12 minutes ago", "3 days ago"; in the future only by a wrong clock."""
        seconds = (self.now - at).total_seconds()
        if seconds < -SAME_TIME.total_seconds():
            return f"{duration(-seconds)} from now"
        if seconds < 60:
            return "now"
        return f"{duration(seconds)} ago"


def duration(seconds: float) -> str:
    """The largest unit that fits, rounded down: "3 days", "1 hour", "40 seconds"."""
    for size, name in STEPS:
        if seconds >= size:
            return counted(int(seconds // size), name)
    return counted(int(seconds), "second")


def counted(count: int, noun: str) -> str:
    """ "1 day", "2 days"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
