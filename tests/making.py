"""Making events and batches as a phone would."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Person

NO_FLAGS = {
    "pregnant": False,
    "pain_baseline": 5,
    "immune_suppressed": False,
    "diabetes": False,
    "joint_replacement": False,
    "recent_joint_infection": False,
    "anticoagulant": False,
}
SYSTEMIC = {
    "breathless": False,
    "chest_pain": False,
    "face_swelling": False,
    "very_unwell": False,
    "neuro_severe": False,
    "limb_cold_pale": False,
    "feverish": False,
    "temp_c": None,
    "fever_medicine_6h": False,
}
LOCAL = {
    "pain_now": 4,
    "pain_trend_self": "same",
    "swelling": "mild",
    "cannot_use": "no",
    "warmth": False,
    "redness": "none",
    "drainage": "none",
    "rash": "none",
    "numbness": False,
    "weakness": False,
}
EXPECTED = {"level": "expected", "reasons": ["N2_ON_TRACK"]}
DEVICES: dict[str, str] = {}


def device_of(person: Person) -> str:
    """The one phone of a person, unless a test names another."""
    return DEVICES.setdefault(person.account_id, str(uuid.uuid4()))


def event(person: Person, **changed: Any) -> dict[str, Any]:
    """A check-in of today on which nothing is wrong, with what a test changes."""
    device_id = changed.get("device_id") or device_of(person)
    made: dict[str, Any] = {
        "event_id": str(uuid.uuid4()),
        "owner": person.account_id,
        "device_id": device_id,
        "kind": "create",
        "supersedes": None,
        "treatment_id": person.treatment_id,
        "form_version": 1,
        "rules_version": 1,
        "recorded_at": "2026-11-26T11:55:00+00:00",
        "time_zone": "Europe/London",
        "local_date": "2026-11-26",
        "clock_behind": False,
        "answers": answers(),
        "verdict": EXPECTED,
    }
    made.update(changed)
    if "dseq" not in made:
        made["dseq"] = person.next_dseq(device_id)
    return made


def answers(**changed: Any) -> dict[str, Any]:
    """Answers for a knee; `calf=...` and the like as a test needs. None values are sent."""
    return {**SYSTEMIC, **LOCAL, "calf": False, **changed}


def shoulder_answers(**changed: Any) -> dict[str, Any]:
    """Answers for a shoulder, which has no calf."""
    return {**SYSTEMIC, **LOCAL, **changed}


def start_event(person: Person, **changed: Any) -> dict[str, Any]:
    """The start questions, answered with no risk flags."""
    return event(
        person,
        kind="start",
        answers={**NO_FLAGS, **changed.pop("flags", {})},
        verdict=None,
        **changed,
    )


def amend(person: Person, original: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A correction of an earlier event."""
    return event(person, kind="amend", supersedes=original["event_id"], **changed)


def about(person: Person, original: dict[str, Any], kind: str) -> dict[str, Any]:
    """A `retract` or `called` event."""
    return event(person, kind=kind, supersedes=original["event_id"], answers={}, verdict=None)


def batch(person: Person, *events: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A batch as the wire wants it."""
    return {
        "protocol": 1,
        "account": person.account_id,
        "device_id": events[0]["device_id"] if events else device_of(person),
        "sent_at": "2026-11-26T12:00:00+00:00",
        "events": list(events),
        **changed,
    }
