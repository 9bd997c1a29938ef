"""The shapes of check-in-sync/1, read strictly. What the answers may be is the form's business."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from pwa.api_description import BOOLEAN, COUNT, INSTANT, TEXT, Schema, listed, nullable, shape
from pwa.problems import BadRequest, BatchTooLarge, ClientTooOld

PROTOCOL = 1
UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ZONE_PATTERN = re.compile(r"[A-Za-z0-9_+\-]{1,32}(/[A-Za-z0-9_+\-]{1,32}){0,2}")
DAY_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT_PATTERN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""RFC 3339, the profile of ISO 8601 that every language reads alike."""
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
    if not DAY_PATTERN.fullmatch(value):
        raise ValueError("must be a day such as 2026-11-22")
    date.fromisoformat(value)
    return value


def _zone(value: str) -> str:
    if not ZONE_PATTERN.fullmatch(value):
        raise ValueError("must be the name of a time zone")
    return value


def parse_instant(value: str) -> datetime:
    """An RFC 3339 instant with its offset, as an aware datetime in UTC. Raises ValueError."""
    if not INSTANT_PATTERN.fullmatch(value):
        raise ValueError("must be a date and time with an offset")
    instant = datetime.fromisoformat(value)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


def _told(pattern: re.Pattern[str], **more: str) -> WithJsonSchema:
    """How the API's description says what a check of ours accepts."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern.pattern}$", **more})


Uuid = Annotated[str, AfterValidator(_uuid), _told(UUID_PATTERN)]
Instant = Annotated[str, AfterValidator(_instant), _told(INSTANT_PATTERN, format="date-time")]
Day = Annotated[str, AfterValidator(_day), _told(DAY_PATTERN, format="date")]
Zone = Annotated[str, AfterValidator(_zone), _told(ZONE_PATTERN)]
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


_MODEST: Schema = {"type": "integer", "minimum": 1 - 10**15, "maximum": 10**15 - 1}
_ANY_EVENT: Schema = {
    "type": "object",
    "required": ["event_id"],
    "properties": {"event_id": {"type": "string", "pattern": f"^{UUID_PATTERN.pattern}$"}},
    "additionalProperties": {"anyOf": [TEXT, BOOLEAN, {"type": "null"}, _MODEST]},
}
"""An event that is not well formed is answered by itself, `rejected`; it blocks no other."""


def sync_body() -> Schema:
    """The envelope and its events, for the API's description."""
    envelope = _Envelope.model_json_schema()
    event = Event.model_json_schema()
    event["properties"]["answers"]["additionalProperties"] = _ANY_EVENT["additionalProperties"]
    definitions = {**envelope.pop("$defs", {}), **event.pop("$defs", {})}
    events = envelope["properties"]["events"]
    events["items"] = {"anyOf": [_inline(event, definitions), _ANY_EVENT]}
    envelope["properties"]["protocol"] = {"const": PROTOCOL}
    return _inline(envelope, definitions)


def _inline(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema without references, so that it can stand anywhere."""
    if isinstance(schema, list):
        return [_inline(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    return {key: _inline(value, definitions) for key, value in schema.items()}


_LEVEL: Schema = {"enum": [*get_args(Level), None]}
SYNC_REPLY = shape(
    protocol={"const": PROTOCOL},
    epoch=TEXT,
    received_at=INSTANT,
    results=listed(
        shape(
            event_id=TEXT,
            status={"enum": ["stored", "duplicate", "rejected", "deferred"]},
            seq=nullable(COUNT),
            received_at=nullable(INSTANT),
            level=_LEVEL,
            reasons=listed(TEXT),
            problem=nullable(
                shape(kind=TEXT, field=nullable(TEXT), detail=TEXT),
            ),
        )
    ),
    device=shape(contiguous=COUNT, missing=listed(COUNT)),
)
_ID: Schema = {"type": "string", "maxLength": 36}
_JUDGED: Schema = {"enum": list(get_args(Level))}
CHECK_IN_CHANGE = shape(
    event={"type": "object"},
    received_at=INSTANT,
    clock_offset_s={"type": "integer"},
    verdict=nullable(
        shape(
            level=_JUDGED,
            reasons=listed(TEXT),
            also=listed(TEXT),
            missing=listed(TEXT),
            rules_version=COUNT,
        )
    ),
)
VERDICT_CHANGE = shape(
    event_id=_ID,
    level=_JUDGED,
    reasons=listed(TEXT),
    also=listed(TEXT),
    missing=listed(TEXT),
    rules_version=nullable(COUNT),
    cause={"enum": ["received", "late_event", "treatment_corrected", "clinician"]},
    by=nullable(TEXT),
)
"""`by` names the clinician who raised the level; null where the rules did. `rules_version` is null
where no rules judged it: a person raised a diary entry."""
REVIEW_CHANGE = shape(
    event_id=_ID,
    kind={"enum": ["read", "answer"]},
    by=TEXT,
    role=TEXT,
    at=INSTANT,
    outcome=nullable(TEXT),
    message=nullable(TEXT),
)
"""`read`: somebody has read it, perhaps with a message. `answer`: a message and nothing else."""
TREATMENT_CHANGE = shape(
    treatment_id=_ID,
    site=TEXT,
    side=nullable(TEXT),
    performed_on={"type": "string", "format": "date"},
    number=COUNT,
    injected=TEXT,
    clinician_name=TEXT,
    next_appointment_at=nullable(INSTANT),
    start=nullable({"type": "object"}),
)
CHANGES_REPLY = shape(
    {"clinic": {"type": "object"}},
    protocol={"const": PROTOCOL},
    account=TEXT,
    epoch=TEXT,
    server_time=INSTANT,
    changes=listed(
        shape(
            seq=COUNT,
            at=INSTANT,
            type={"enum": ["check_in", "verdict", "review", "treatment"]},
            data={
                "anyOf": [CHECK_IN_CHANGE, VERDICT_CHANGE, REVIEW_CHANGE, TREATMENT_CHANGE],
            },
        )
    ),
    next=COUNT,
    more=BOOLEAN,
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
