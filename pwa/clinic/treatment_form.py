"""Reading what a clinician typed about a treatment, and showing it again. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pwa.clinic.times import Moment
from pwa.problems import Invalid
from pwa.treatments.records import TreatmentForm, TreatmentRecord

FIELDS = (
    "site",
    "side",
    "performed_on",
    "number",
    "injected",
    "clinician_name",
    "next_on",
    "next_time",
)
SIDES = {"": "Choose (not for back, neck)", "right": "Right", "left": "Left"}
DEFAULT_TIME = time(9, 0)


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field; empty where a field was not sent."""
    return {name: form.get(name, "") for name in FIELDS}


def first_time(*, today: date, clinician_name: str) -> dict[str, str]:
    """What stands in the form of a new treatment."""
    return {
        **dict.fromkeys(FIELDS, ""),
        "performed_on": today.isoformat(),
        "number": "1",
        "clinician_name": clinician_name,
    }


def shown(record: TreatmentRecord, when: Moment) -> dict[str, str]:
    """A treatment as it stands in the form that corrects it."""
    following = record.next_appointment_at and when.local(record.next_appointment_at)
    return {
        "site": record.site,
        "side": record.side or "",
        "performed_on": record.performed_on.isoformat(),
        "number": str(record.number),
        "injected": record.injected,
        "clinician_name": record.clinician_name,
        "next_on": following.date().isoformat() if following else "",
        "next_time": f"{following:%H:%M}" if following else "",
    }


def read(fields: Mapping[str, str], *, zone: str) -> TreatmentForm:
    """The treatment that was typed. Raises Invalid, naming the field."""
    return TreatmentForm(
        site=fields["site"],
        side=fields["side"] or None,
        performed_on=_day(fields["performed_on"], field="performed_on"),
        number=_number(fields["number"]),
        injected=" ".join(fields["injected"].split()),
        clinician_name=" ".join(fields["clinician_name"].split()),
        next_appointment_at=_appointment(fields["next_on"], fields["next_time"], zone=zone),
    )


def _day(text: str, *, field: str) -> date:
    if not text.strip():
        raise Invalid("Choose the day.", field=field)
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("Write a day such as 2026-11-23.", field=field) from None


def _number(text: str) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 3:
        raise Invalid("Write a number from 1 to 50.", field="number")
    return int(digits)


def _appointment(day: str, clock: str, *, zone: str) -> datetime | None:
    if not day.strip():
        if clock.strip():
            raise Invalid("Write the day of the appointment too.", field="next_on")
        return None
    on = _day(day, field="next_on")
    if not 2000 <= on.year <= 2200:
        raise Invalid("Write a day in the coming two years.", field="next_on")
    try:
        at = time.fromisoformat(clock.strip()) if clock.strip() else DEFAULT_TIME
    except ValueError:
        raise Invalid("Write a time such as 09:30.", field="next_time") from None
    return datetime.combine(on, at.replace(tzinfo=None), tzinfo=ZoneInfo(zone))
