"""The clinic's own words: what may be set, what must be true of it, and the phone's snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pwa.guidance.questions import SITES
from pwa.problems import Invalid

SITES_ON_AT_FIRST = tuple(site for site in SITES if site != "neck")
"""The neck ships switched off: no controlled evidence was found and rare serious harm is
reported ([neckcs], [cordcase], [dagenais2006])."""

IcePolicy = Literal["avoid", "allowed_day0_1", "allowed", "ask"]
HeatPolicy = Literal["none", "warm_after_day3", "ask"]
NUMBERS = ("phone", "out_of_hours", "emergency")
ACTIVITIES = ("load", "work", "sport")
WORDS_OF_PATIENTS = (
    *NUMBERS,
    "hours",
    "holidays",
    "ice_policy",
    "heat_policy",
    "nsaid_avoid_before_days",
    "nsaid_avoid_after_days",
    "pain_relief",
    "no_swim_hours",
    "activity_days",
    "check_in_days",
)
"""What a patient is told of when it changes (`watchedWords` of `today_view.js`)."""
LAST_ACTIVITY_DAY = 84
CHECK_IN_DAYS = (0, 1, 2, 3, 5, 7, 10, 14, 28, 42, 84)
REMINDER_AT = "18:00"
MOST_CHECK_IN_DAYS = 30
LAST_CHECK_IN_DAY = 365
MOST_HOLIDAYS = 60
MOST_MESSAGES = 40
LONGEST_MESSAGE = 1000
TIME_ZONES = available_timezones()
"""Read once: the list is a walk through the system's files."""
PHONE_PATTERN = re.compile(r"\+?[0-9][0-9 ()\-]{1,23}")
LANGUAGE_PATTERN = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})?")
CLOCK_PATTERN = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Number(BaseModel):
    """A phone number and whether somebody at the clinic called it and it was right."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    number: str = Field(default="", max_length=25)
    is_tested: bool = False

    @field_validator("number")
    @classmethod
    def _is_a_number(cls, value: str) -> str:
        value = value.strip()
        if value and not PHONE_PATTERN.fullmatch(value):
            raise ValueError("use digits, spaces and a leading + only")
        return value


class Hours(BaseModel):
    """One opening on one weekday (Monday is 0), in the clinic's own time zone."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    weekday: int = Field(ge=0, le=6)
    opens: str
    closes: str

    @field_validator("opens", "closes")
    @classmethod
    def _is_a_time(cls, value: str) -> str:
        if not CLOCK_PATTERN.fullmatch(value):
            raise ValueError("write a time such as 09:00")
        return value

    @field_validator("closes")
    @classmethod
    def _closes_later(cls, value: str, info: Any) -> str:
        if "opens" in info.data and value <= info.data["opens"]:
            raise ValueError("closing must be later than opening")
        return value


class Holiday(BaseModel):
    """A day on which the clinic stays shut, in its own time zone."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    day: str
    name: str = Field(default="", max_length=60)

    @field_validator("day")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise ValueError("write a day such as 2026-12-25") from None


class Message(BaseModel):
    """Words that the clinic has approved for answering patients."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    title: str = Field(min_length=1, max_length=60)
    text: str = Field(min_length=1, max_length=LONGEST_MESSAGE)


class Words(BaseModel):
    """Everything that a clinic sets. `days` are whole days from the injection."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    name: str = Field(min_length=1, max_length=120)
    time_zone: str
    phone: Number = Number()
    out_of_hours: Number = Number()
    emergency: Number = Number()
    hours: list[Hours] = Field(default_factory=list, max_length=21)
    ice_policy: IcePolicy = "ask"
    heat_policy: HeatPolicy = "ask"
    nsaid_avoid_before_days: int | None = Field(default=None, ge=0, le=14)
    nsaid_avoid_after_days: int | None = Field(default=None, ge=0, le=84)
    pain_relief: str = Field(default="", max_length=500)
    no_swim_hours: int = Field(default=24, ge=0, le=336)
    joints: list[str] = Field(default_factory=lambda: list(SITES_ON_AT_FIRST))
    keep_days: int = Field(default=30, ge=0, le=90)
    """How long phones keep a sealed copy of what was sent (check-in-sync/1, section 5)."""
    holidays: list[Holiday] = Field(default_factory=list, max_length=MOST_HOLIDAYS)
    activity_days: dict[str, dict[str, int]] = Field(default_factory=dict)
    """By joint and topic (load, work, sport): the day from which it is allowed again. What is not
    in here the patient asks about."""
    check_in_days: list[int] = Field(default_factory=lambda: list(CHECK_IN_DAYS))
    """On which days after an injection a check-in is expected."""
    reminder_at: str = REMINDER_AT
    """When on such a day a reminder comes, on the patient's own clock."""
    messages: list[Message] = Field(default_factory=list, max_length=MOST_MESSAGES)
    """For the clinic's own eyes until one is sent: not in the phones' snapshot."""
    retention_months: int | None = Field(default=None, ge=12, le=600)
    """How long after a patient's last treatment or check-in the record is kept; None: for ever."""
    languages_off: list[str] = Field(default_factory=list, max_length=20)
    """Languages besides English in which this clinic's patients may not read the app."""

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        if value not in TIME_ZONES:
            raise ValueError("choose a time zone from the list, such as Europe/London")
        return value

    @field_validator("joints")
    @classmethod
    def _are_sites(cls, value: list[str]) -> list[str]:
        unknown = [site for site in value if site not in SITES]
        if unknown:
            raise ValueError(f"there is no joint called {unknown[0]}")
        return [site for site in SITES if site in value]

    @field_validator("languages_off")
    @classmethod
    def _are_languages(cls, value: list[str]) -> list[str]:
        if any(not LANGUAGE_PATTERN.fullmatch(one) or one == "en" for one in value):
            raise ValueError("name languages other than English by their codes")
        return sorted(set(value))

    @field_validator("activity_days")
    @classmethod
    def _are_days_of_topics(cls, value: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        for site, topics in value.items():
            if site not in SITES:
                raise ValueError(f"there is no joint called {site}")
            for topic, day in topics.items():
                if topic not in ACTIVITIES:
                    raise ValueError(f"there is no activity called {topic}")
                if not 0 <= day <= LAST_ACTIVITY_DAY:
                    raise ValueError(f"write a day from 0 to {LAST_ACTIVITY_DAY}")
        return value

    @field_validator("check_in_days")
    @classmethod
    def _are_days_in_order(cls, value: list[int]) -> list[int]:
        if not 1 <= len(value) <= MOST_CHECK_IN_DAYS:
            raise ValueError(f"write 1 to {MOST_CHECK_IN_DAYS} days")
        if any(not 0 <= day <= LAST_CHECK_IN_DAY for day in value):
            raise ValueError(f"write days from 0 to {LAST_CHECK_IN_DAY}")
        return sorted(set(value))

    @field_validator("reminder_at")
    @classmethod
    def _is_a_time_of_day(cls, value: str) -> str:
        if not CLOCK_PATTERN.fullmatch(value):
            raise ValueError("write a time such as 18:00")
        return value

    @property
    def untested_numbers(self) -> tuple[str, ...]:
        """Names of the numbers that nobody has called yet, or that are empty."""
        return tuple(
            name
            for name in NUMBERS
            if not getattr(self, name).number or not getattr(self, name).is_tested
        )


@dataclass(frozen=True)
class Signed:
    """Which versions this clinic runs, by whose signature."""

    form_version: int
    rules_version: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Snapshot:
    """A clinic as its patients' phones know it."""

    clinic_id: str
    version: int
    is_demo: bool
    words: Words
    signed: Signed | None = None
    is_second_factor_required: bool = True

    def for_phone(self) -> dict[str, Any]:
        """The `clinic` object of `/api/v1/changes`."""
        signed = None
        if self.signed is not None:
            signed = {
                "form_version": self.signed.form_version,
                "rules_version": self.signed.rules_version,
                "by": self.signed.by,
                "at": self.signed.at.isoformat(),
            }
        return {
            "version": self.version,
            "is_demo": self.is_demo,
            **self.words.model_dump(mode="json", exclude={"messages"}),
            "signed": signed,
        }


def read_words(data: Mapping[str, Any]) -> Words:
    """Check what somebody wants to set. Raises Invalid, naming the field."""
    try:
        return Words.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{where}: {_words_of(first)}", field=where) from None


def keep_tests(new: Words, *, old: Words) -> Words:
    """A number that changed has not been called yet, whatever the form says."""
    kept: dict[str, Number] = {}
    for name in NUMBERS:
        ours, theirs = getattr(new, name), getattr(old, name)
        is_same = ours.number == theirs.number
        kept[name] = replace_tested(ours, is_tested=is_same and theirs.is_tested)
    return new.model_copy(update=kept)


def replace_tested(number: Number, *, is_tested: bool) -> Number:
    """The same number, called or not."""
    return number.model_copy(update={"is_tested": is_tested})


def _words_of(error: Any) -> str:
    message = str(error["msg"])
    return message.removeprefix("Value error, ")
