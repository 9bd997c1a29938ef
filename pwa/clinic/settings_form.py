"""Reading the clinic's settings as they were typed, and showing them again. No database here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from pwa.guidance.library import Joint
from pwa.guidance.questions import SITES
from pwa.plain_text import one_line
from pwa.practice.words import (
    ACTIVITIES,
    CHECK_IN_DAYS,
    CLOCK_PATTERN,
    LAST_ACTIVITY_DAY,
    LAST_CHECK_IN_DAY,
    MOST_CHECK_IN_DAYS,
    MOST_HOLIDAYS,
    NUMBERS,
    REMINDER_AT,
    Words,
    read_words,
)
from pwa.problems import Invalid

WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
SPANS = ("a", "b")
"""A day may open twice, with a break between."""
ICE = {
    "ask": "Ask us (no advice on the phone)",
    "avoid": "No ice",
    "allowed_day0_1": "Ice on the day and the day after only",
    "allowed": "Ice is allowed",
}
HEAT = {
    "ask": "Ask us (no advice on the phone)",
    "none": "No heat",
    "warm_after_day3": "Warmth from day 3",
}
TOPICS = {"load": "Load", "work": "Work", "sport": "Sport"}
FREE_ROWS = 3
"""How many empty rows stand ready for further holidays."""
COUNTS = {
    "nsaid_avoid_before_days": "Days before the injection without anti-inflammatories",
    "nsaid_avoid_after_days": "Days after the injection without anti-inflammatories",
    "no_swim_hours": "Hours without swimming or a bath",
    "keep_days": "Days that phones keep what they sent",
    "retention_months": "Months until a record is due to be erased",
}
LABELS = {
    "name": "Name",
    "time_zone": "Time zone",
    "phone": "Phone",
    "out_of_hours": "Out-of-hours line",
    "emergency": "Emergency number",
    "ice_policy": "Ice",
    "heat_policy": "Heat",
    "pain_relief": "Pain relief",
    "joints": "Joints",
    "holidays": "Holidays",
    "check_in_days": "Days of the check-ins",
    "languages_off": "Languages left out",
    "reminder_at": "Time of the reminders",
    **COUNTS,
}
TEXTS = (
    "name",
    "time_zone",
    *NUMBERS,
    "ice_policy",
    "heat_policy",
    *COUNTS,
    "pain_relief",
)
USUAL_DAYS = ", ".join(map(str, CHECK_IN_DAYS))


def hour_field(weekday: int, span: str, end: str) -> str:
    """The name of one time in the form: "hours_0_a_opens"."""
    return f"hours_{weekday}_{span}_{end}"


def activity_field(site: str, topic: str) -> str:
    """The name of one day in the form: "activity_knee_sport"."""
    return f"activity_{site}_{topic}"


def holiday_field(index: int, part: str) -> str:
    """The name of one part of a holiday in the form: "holiday_0_day"."""
    return f"holiday_{index}_{part}"


def activity_drafts(joints: Mapping[str, Joint]) -> dict[str, dict[str, str]]:
    """By joint and topic our own draft of the day that a clinic may set, where a text has one."""
    return {
        site: {
            line.topic: line.draft_days
            for line in (*joint.do, *joint.avoid)
            if line.topic and line.draft_days
        }
        for site, joint in joints.items()
    }


def shown(words: Words) -> dict[str, Any]:
    """The settings as they stand in the form."""
    typed: dict[str, Any] = {
        "name": words.name,
        "time_zone": words.time_zone,
        **{name: getattr(words, name).number for name in NUMBERS},
        "ice_policy": words.ice_policy,
        "heat_policy": words.heat_policy,
        **{name: _text(getattr(words, name)) for name in COUNTS},
        "pain_relief": words.pain_relief,
        "joints": list(words.joints),
        "languages_off": list(words.languages_off),
        "check_in_days": ", ".join(map(str, words.check_in_days)),
        "reminder_at": words.reminder_at,
        "holidays": [{"day": one.day, "name": one.name} for one in words.holidays],
    }
    for site in SITES:
        for topic in ACTIVITIES:
            day = words.activity_days.get(site, {}).get(topic)
            typed[activity_field(site, topic)] = _text(day)
    for weekday in range(7):
        openings = [hours for hours in words.hours if hours.weekday == weekday]
        openings.sort(key=lambda hours: hours.opens)
        for index, span in enumerate(SPANS):
            hours = openings[index] if index < len(openings) else None
            typed[hour_field(weekday, span, "opens")] = hours.opens if hours else ""
            typed[hour_field(weekday, span, "closes")] = hours.closes if hours else ""
    return typed


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, by field."""
    fields: dict[str, Any] = {name: form.get(name, "") for name in TEXTS}
    fields["check_in_days"] = form.get("check_in_days", USUAL_DAYS)
    fields["reminder_at"] = form.get("reminder_at", REMINDER_AT)
    fields["joints"] = [site for site in SITES if site in form.getlist("joints")]
    fields["languages_off"] = _languages_off(form)
    fields["holidays"] = _holiday_rows(form)
    for site in SITES:
        for topic in ACTIVITIES:
            name = activity_field(site, topic)
            fields[name] = form.get(name, "")
    for weekday in range(7):
        for span in SPANS:
            for end in ("opens", "closes"):
                name = hour_field(weekday, span, end)
                fields[name] = form.get(name, "")
    return fields


def read(fields: Mapping[str, Any], *, kept: Words) -> Words:
    """The settings that were typed; `kept` has what is set elsewhere. Raises Invalid by field."""
    data = {
        "messages": [one.model_dump() for one in kept.messages],
        "holidays": _holidays(fields),
        "activity_days": _activity_days(fields),
        "check_in_days": _check_in_days(fields["check_in_days"]),
        "reminder_at": fields["reminder_at"].strip(),
        "name": one_line(fields["name"]),
        "time_zone": fields["time_zone"],
        **{name: {"number": fields[name]} for name in NUMBERS},
        "hours": _hours(fields),
        "ice_policy": fields["ice_policy"],
        "heat_policy": fields["heat_policy"],
        "nsaid_avoid_before_days": _count(fields, "nsaid_avoid_before_days"),
        "nsaid_avoid_after_days": _count(fields, "nsaid_avoid_after_days"),
        "no_swim_hours": _count(fields, "no_swim_hours", is_needed=True),
        "keep_days": _count(fields, "keep_days", is_needed=True),
        "retention_months": _count(fields, "retention_months"),
        "pain_relief": fields["pain_relief"].replace("\r\n", "\n").strip(),
        "joints": fields["joints"],
        "languages_off": fields["languages_off"],
    }
    try:
        return read_words(data)
    except Invalid as problem:
        where, _, words = problem.detail.partition(": ")
        raise Invalid(_sentence(words or problem.detail), field=where.split(".")[0]) from None


def differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What one typed beside what another saved: (label, typed, saved)."""
    found = [
        (LABELS[name], _told(mine[name]), _told(theirs[name]))
        for name in LABELS
        if _told(mine[name]) != _told(theirs[name])
    ]
    for weekday, day in enumerate(WEEKDAYS):
        ours, saved = _day(mine, weekday), _day(theirs, weekday)
        if ours != saved:
            found.append((day, ours, saved))
    for site in SITES:
        for topic in ACTIVITIES:
            name = activity_field(site, topic)
            if _told(mine[name]) != _told(theirs[name]):
                label = f"{TOPICS[topic]}, {site.replace('_', ' ')}: allowed from day"
                found.append((label, _told(mine[name]), _told(theirs[name])))
    return found


def _languages_off(form: MultiDict[str, str]) -> list[str]:
    """What stood there and was not ticked."""
    ticked = form.getlist("languages")
    return sorted({one for one in form.getlist("languages_shown") if one not in ticked})


def _holiday_rows(form: MultiDict[str, str]) -> list[dict[str, str]]:
    rows = []
    for index in range(MOST_HOLIDAYS + FREE_ROWS):
        row = {part: form.get(holiday_field(index, part), "").strip() for part in ("day", "name")}
        if any(row.values()):
            rows.append(row)
    return rows


def _holidays(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    rows = [{"day": row["day"], "name": one_line(row["name"])} for row in fields["holidays"]]
    if any(not row["day"] for row in rows):
        raise Invalid("Write the day of each holiday.", field="holidays")
    if len({row["day"] for row in rows}) < len(rows):
        raise Invalid("A day stands there twice.", field="holidays")
    return sorted(rows, key=lambda row: row["day"])


def _activity_days(fields: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for site in SITES:
        for topic in ACTIVITIES:
            name = activity_field(site, topic)
            day = _count(fields, name)
            if day is None:
                continue
            if day > LAST_ACTIVITY_DAY:
                raise Invalid(f"Write a day from 0 to {LAST_ACTIVITY_DAY}.", field=name)
            found.setdefault(site, {})[topic] = day
    return found


def _check_in_days(text: str) -> list[int]:
    parts = re.split(r"[,;\s]+", text.strip(" ,;\r\n\t"))
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        raise Invalid("Write days such as 0, 1, 3, 7.", field="check_in_days")
    days = sorted({int(part) for part in parts})
    if days[-1] > LAST_CHECK_IN_DAY or len(days) > MOST_CHECK_IN_DAYS:
        raise Invalid(
            f"Write at most {MOST_CHECK_IN_DAYS} days, none after day {LAST_CHECK_IN_DAY}.",
            field="check_in_days",
        )
    return days


def _hours(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for weekday, day in enumerate(WEEKDAYS):
        last = ""
        for span in SPANS:
            opens = fields[hour_field(weekday, span, "opens")].strip()
            closes = fields[hour_field(weekday, span, "closes")].strip()
            if not opens and not closes:
                continue
            where = f"hours_{weekday}"
            if not (CLOCK_PATTERN.fullmatch(opens) and CLOCK_PATTERN.fullmatch(closes)):
                raise Invalid(f"{day}: write both times, such as 09:00 and 17:30.", field=where)
            if closes <= opens:
                raise Invalid(f"{day}: closing must be later than opening.", field=where)
            if opens < last:
                raise Invalid(f"{day}: it opens again before it has closed.", field=where)
            last = closes
            found.append({"weekday": weekday, "opens": opens, "closes": closes})
    return found


def _count(fields: Mapping[str, Any], name: str, *, is_needed: bool = False) -> int | None:
    text = fields[name].strip()
    if not text and not is_needed:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Invalid("Write a whole number.", field=name)
    return int(text)


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _told(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(
            f"{one['day']} {one['name']}".strip()
            if isinstance(one, dict)
            else one.replace("_", " ")
            for one in value
        )
    return str(value).strip() or "nothing"


def _day(fields: Mapping[str, Any], weekday: int) -> str:
    spans = []
    for span in SPANS:
        opens = fields[hour_field(weekday, span, "opens")]
        closes = fields[hour_field(weekday, span, "closes")]
        if opens or closes:
            spans.append(f"{opens}–{closes}")
    return ", ".join(spans) or "closed"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
