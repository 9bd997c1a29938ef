"""Days as an .ics file (RFC 5545). Loaded with the first calendar that somebody asks for.

icalendar takes a quarter of a second to load, and most processes draw none.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

MADE_BY = "-//Prolo Aftercare//Reminders 1//EN"
LASTS = timedelta(minutes=15)
LOOK_AGAIN = timedelta(hours=12)


def draw(days: Mapping[date, str], *, patient_id: str, title: str, at: datetime) -> bytes:
    """The file.

    Args:
        days: the hour of each, "18:00".
        title: what each entry says.
    """
    calendar = _calendar(title)
    for day, shown in days.items():
        begins = datetime.combine(day, time.fromisoformat(shown))
        calendar.add_component(_event(patient_id, begins, title=title, at=at))
    return calendar.to_ical()


def _calendar(title: str) -> Calendar:
    made = Calendar()
    made.add("prodid", MADE_BY)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", title)
    made.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", f"PT{LOOK_AGAIN // timedelta(hours=1)}H")
    return made


def _event(patient_id: str, begins: datetime, *, title: str, at: datetime) -> Event:
    """The same day has the same name each time, so that a calendar knows it again."""
    made = Event()
    made.add("uid", str(uuid.uuid5(uuid.NAMESPACE_OID, f"{patient_id}|{begins.date()}")))
    made.add("dtstamp", at)
    made.add("dtstart", begins)
    made.add("duration", LASTS)
    made.add("summary", title)
    made.add("class", "PRIVATE")
    made.add("transp", "TRANSPARENT")
    bell = Alarm()
    bell.add("action", "DISPLAY")
    bell.add("description", title)
    bell.add("trigger", timedelta(0))
    made.add_component(bell)
    return made
