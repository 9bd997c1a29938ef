"""The shapes of check-in-sync/1, read strictly. What the answers may be is the form's business."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pwa.problems import BadRequest, BatchTooLarge, ClientTooOld

PROTOCOL = 1
UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ZONE_PATTERN = re.compile(r"[A-Za-z0-9_+\-]{1,32}(/[A-Za-z0-9_+\-]{1,32}){0,2}")
LARGEST = 2**53 - 1
Kind = Literal["start", "create", "amend", "retract", "called"]
Level = Literal["emergency", "same_day", "clinic_hours", "expected"]


def _uuid(value: str) -> str:
    if not UUID_PATTERN.fullmatch(value):
        raise ValueError("must be a lower-case canonical UUID of version 4")
    return value


def _instant(value: str) -> str:
    parse_instant(value)
    return value


def _day(value: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a day such as 2026-11-22")
    date.fromisoformat(value)
    return value


def _zone(value: str) -> str:
    if not ZONE_PATTERN.fullmatch(value):
        raise ValueError("must be the name of a time zone")
    return value


def parse_instant(value: str) -> datetime:
    """An ISO 8601 instant with its offset, as an aware datetime in UTC. Raises ValueError."""
    if len(value) > 40 or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", value):
        raise ValueError("must be a date and time with an offset")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("must carry its offset from UTC")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


Uuid = Annotated[str, AfterValidator(_uuid)]
Instant = Annotated[str, AfterValidator(_instant)]
Day = Annotated[str, AfterValidator(_day)]
Zone = Annotated[str, AfterValidator(_zone)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Z0-9_]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PhoneVerdict(_Strict):
    """What the phone told its owner."""

    level: Level
    reasons: list[Code] = Field(min_length=1, max_length=60)


class Event(_Strict):
    """One event (section 1). An unknown key is refused, so nobody slips in a server's field."""

    event_id: Uuid
    owner: Annotated[str, Field(min_length=1, max_length=36)]
    device_id: Uuid
    dseq: Annotated[int, Field(ge=1, le=LARGEST)]
    kind: Kind
    supersedes: Uuid | None
    treatment_id: Uuid
    form_version: Annotated[int, Field(ge=1, le=LARGEST)]
    rules_version: Annotated[int, Field(ge=1, le=LARGEST)] | None
    recorded_at: Instant
    time_zone: Zone
    local_date: Day
    clock_behind: bool
    answers: dict[str, Any]
    verdict: PhoneVerdict | None


@dataclass(frozen=True)
class Batch:
    """One `sync` request. `events` are still raw: each is judged by itself."""

    account: str
    device_id: str
    sent_at: datetime
    events: tuple[dict[str, Any], ...]
    discarded: tuple[int, ...]


class _Envelope(_Strict):
    protocol: int
    account: Annotated[str, Field(min_length=1, max_length=36)]
    device_id: Uuid
    sent_at: Instant
    events: list[dict[str, Any]]
    discarded: list[Annotated[int, Field(ge=1, le=LARGEST)]] = Field(
        default_factory=list, max_length=1000
    )


def read_batch(body: dict[str, Any], *, max_events: int) -> Batch:
    """Read the envelope of a batch.

    Raises:
        BadRequest: naming the field; an event without a usable id is one too, since there is
            no id to answer under.
        BatchTooLarge, ClientTooOld
    """
    protocol = body.get("protocol")
    if type(protocol) is int and protocol < PROTOCOL:
        raise ClientTooOld
    try:
        envelope = _Envelope.model_validate(body)
    except ValidationError as error:
        where, what = first_problem(error)
        raise BadRequest(what, field=where) from None
    if envelope.protocol != PROTOCOL:
        raise BadRequest("this server speaks protocol 1", field="protocol")
    if len(envelope.events) > max_events:
        raise BatchTooLarge(f"at most {max_events} events")
    for index, event in enumerate(envelope.events):
        event_id = event.get("event_id")
        if not isinstance(event_id, str) or not UUID_PATTERN.fullmatch(event_id):
            raise BadRequest(
                "must be a lower-case canonical UUID of version 4",
                field=f"events[{index}].event_id",
            )
    return Batch(
        account=envelope.account,
        device_id=envelope.device_id,
        sent_at=parse_instant(envelope.sent_at),
        events=tuple(envelope.events),
        discarded=tuple(envelope.discarded),
    )


def first_problem(error: ValidationError) -> tuple[str, str]:
    """The first thing wrong: (field, words)."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "event"
    return where, str(first["msg"]).removeprefix("Value error, ")


def content_hash(event: dict[str, Any]) -> str:
    """SHA-256 of the canonical event: how "the same again" is told from "another of that name"."""
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
