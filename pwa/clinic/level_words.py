"""How soon somebody is needed, in the one or two words of a clinician's page."""

from __future__ import annotations

LEVEL_NAMES: dict[str | None, str] = {
    "emergency": "Emergency",
    "same_day": "Today",
    "clinic_hours": "Clinic hours",
    "expected": "Nothing matched",
    None: "Diary",
}
