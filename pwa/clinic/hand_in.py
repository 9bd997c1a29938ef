"""A patient's file of unsent check-ins, brought to the clinic: reading it and taking it in.

The phone writes it (`docs/unsent-check-ins-file.md`). What is in it goes the way of everything
that phones send; only the hands that carry it are others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from pwa.check_ins import intake
from pwa.check_ins.wire import UUID_PATTERN, Batch, parse_instant
from pwa.guidance.library import Library
from pwa.problems import BadRequest, Invalid
from pwa.strict_json import parse_object

FORMAT = "prolo-aftercare-unsent/1"
MOST_BYTES = 8 * 1024 * 1024
MOST_EVENTS = 10_000
AT_ONCE = 100
FIELDS = frozenset({"format", "made_at", "account", "display_name", "events", "sealed"})
OF_THE_PHONE = frozenset({"state", "problem"})
"""What the phone notes beside an event. It never travels, and the hash is without it."""
KINDS = {
    "start": "Start questions",
    "create": "Check-in",
    "amend": "Correction",
    "retract": "Withdrawal",
    "called": "Note of a call",
}


@dataclass(frozen=True)
class HandIn:
    """What a file holds."""

    account: str
    made_at: datetime
    events: tuple[dict[str, Any], ...]
    sealed_count: int
    """Entries that the phone itself could not open. Nobody can take these in."""


@dataclass(frozen=True)
class Line:
    """What became of one entry. `day` is as the phone wrote it."""

    what: str
    day: str
    outcome: str
    """stored · duplicate · deferred · rejected"""
    why: str = ""


def read_file(content: bytes) -> HandIn:
    """Read a file strictly.

    Raises:
        Invalid: saying what is wrong with it, for the person who chose it.
    """
    if not content:
        raise Invalid("Choose the file first.", field="file")
    if len(content) > MOST_BYTES:
        raise Invalid("This file is too large to be one of unsent check-ins.", field="file")
    try:
        body = parse_object(content)
    except BadRequest:
        raise _not_such_a_file() from None
    if body.get("format") != FORMAT or set(body) - FIELDS:
        raise _not_such_a_file()
    events, sealed = body.get("events"), body.get("sealed", [])
    if not isinstance(events, list) or not isinstance(sealed, list):
        raise _not_such_a_file()
    if len(events) > MOST_EVENTS or not all(isinstance(one, dict) for one in events):
        raise _not_such_a_file()
    account, made_at = body.get("account"), body.get("made_at")
    if not isinstance(account, str) or not isinstance(made_at, str):
        raise _not_such_a_file()
    try:
        instant = parse_instant(made_at)
    except ValueError:
        raise _not_such_a_file() from None
    return HandIn(account, instant, tuple(events), len(sealed))


def check_owner(file: HandIn, *, patient_id: str) -> None:
    """A file is taken in for the person who made it. Raises Invalid."""
    if file.account != patient_id:
        raise Invalid(
            "This file belongs to somebody else. Nothing was taken in. Check that you chose the "
            "right file, on the right patient's page.",
            field="file",
        )


def batches(file: HandIn) -> Iterator[Batch]:
    """The events as `sync` would bring them: a hundred at once, of one phone, in their order."""
    events = [_as_sent(one) for one in file.events if _has_id(one)]
    for device_id, mine in groupby(sorted(events, key=_device_of), key=_device_of):
        of_this_phone = tuple(mine)
        for start in range(0, len(of_this_phone), AT_ONCE):
            yield Batch(
                account=file.account,
                device_id=device_id,
                sent_at=file.made_at,
                events=of_this_phone[start : start + AT_ONCE],
                discarded=(),
            )


def without_id(file: HandIn) -> list[Line]:
    """The entries that nobody can answer for, since they have no name."""
    return [
        Line(_kind_of(one), _day_of(one), "rejected", "this entry has no id that can be used")
        for one in file.events
        if not _has_id(one)
    ]


def take_in(
    batch: Batch,
    *,
    clinic_id: str,
    patient_id: str,
    library: Library,
    limits: intake.Limits,
    at: datetime,
) -> list[Line]:
    """Take one batch in, as if the phone had sent it now. Call inside a write transaction."""
    receipt = intake.take_in(
        batch, clinic_id=clinic_id, patient_id=patient_id, library=library, limits=limits, at=at
    )
    return [
        Line(
            what=_kind_of(raw),
            day=_day_of(raw),
            outcome=result.status,
            why=(result.problem or {}).get("detail") or "",
        )
        for raw, result in zip(batch.events, receipt.results, strict=True)
    ]


def _as_sent(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in OF_THE_PHONE}


def _has_id(event: dict[str, Any]) -> bool:
    event_id = event.get("event_id")
    return isinstance(event_id, str) and UUID_PATTERN.fullmatch(event_id) is not None


def _device_of(event: dict[str, Any]) -> str:
    device_id = event.get("device_id")
    is_one = isinstance(device_id, str) and UUID_PATTERN.fullmatch(device_id) is not None
    return str(device_id) if is_one else ""


def _kind_of(event: dict[str, Any]) -> str:
    kind = event.get("kind")
    return KINDS.get(kind, "Entry") if isinstance(kind, str) else "Entry"


def _day_of(event: dict[str, Any]) -> str:
    day = event.get("local_date")
    return day[:10] if isinstance(day, str) else ""


def _not_such_a_file() -> Invalid:
    return Invalid(
        "This is not a file of unsent check-ins, or it was changed. The patient makes it on the "
        "page “Check-ins”, with “Save unsent check-ins as a file”.",
        field="file",
    )
