"""When a clinic reads what arrived, and what came of it. Our choice throughout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from pwa.check_ins.levels import LEVEL_OF

NEVER = datetime.max.replace(tzinfo=UTC)
LEFT_SHARE = 0.3
"""Of the urgent ones among the newest, so many are still on the worklist."""
OPENS, CLOSES = 9, 17
MINUTES = {
    "emergency": (3, 45),
    "same_day": (10, 150),
    "clinic_hours": (60, 1440),
    "expected": (600, 5000),
}
OUTCOMES: dict[str, tuple[str | None, ...]] = {
    "emergency": (
        "sent_to_emergency_care",
        "sent_to_emergency_care",
        "spoke_with_patient",
        "already_in_care",
    ),
    "same_day": ("spoke_with_patient", "spoke_with_patient", "booked_to_be_seen"),
    "clinic_hours": ("spoke_with_patient", "no_action_needed", "no_action_needed", None),
    "expected": (None, None, "no_action_needed"),
}
WRITTEN_SHARE = 0.03
NOTED_SHARE = 0.97
"""After so many readings something is written for colleagues: a note, else a hand-over."""
MESSAGES = (
    "Thank you. This is what we expect at this stage. Tell us if it gets worse.",
    "Please call us to book a time this week.",
    "Good to hear. Go on with the plan that we gave you.",
)
REMARKS = ("Knows this patient.", "Away next week.", "")
NOTES = (
    "Advised as on the sheet.",
    "Flare after injection, settling.",
    "Discussed with Dr Cole.",
    "To be seen at the next session.",
    "Sounds well on the phone.",
)


def due(
    rng: Random, *, level: str, received_at: datetime, zone: ZoneInfo, is_left: bool
) -> datetime:
    """When somebody will read it: in opening hours, the urgent ones first.

    Args:
        is_left: it belongs to the newest, of which only urgent ones have been read.
    """
    is_urgent = level in ("emergency", "same_day")
    if is_left and (not is_urgent or rng.random() < LEFT_SHARE):
        return NEVER
    wanted = received_at + timedelta(
        minutes=rng.randint(*MINUTES[level]), microseconds=rng.randrange(10**6)
    )
    return _in_opening_hours(rng, wanted, zone)


def outcome(rng: Random, rank: int) -> str | None:
    """What came of it; urgent ones close only with an outcome."""
    return rng.choice(OUTCOMES[LEVEL_OF[rank] or "expected"])


def message(rng: Random, rank: int) -> str | None:
    """What the patient is told, now and then."""
    return rng.choice(MESSAGES) if rng.random() < 0.05 * rank else None


def note(rng: Random, rank: int) -> str:
    """A remark for colleagues, more often where there was more to do."""
    return rng.choice(NOTES) if rng.random() < 0.03 * rank**2 else ""


def _in_opening_hours(rng: Random, at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    if local.weekday() < 5 and OPENS <= local.hour < CLOSES:
        return at
    if local.hour >= CLOSES or local.weekday() >= 5:
        local += timedelta(days=1)
    while local.weekday() >= 5:
        local += timedelta(days=1)
    opened = local.replace(hour=OPENS, minute=rng.randrange(45), second=rng.randrange(60))
    return opened.astimezone(UTC)
