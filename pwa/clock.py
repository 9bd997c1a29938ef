"""The one clock of the server. Services are handed the time; routes ask for it here."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app


def now() -> datetime:
    """The present instant, aware and in UTC. `CLOCK` in the app's config stands in for it."""
    clock = current_app.config.get("CLOCK")
    return datetime.now(UTC) if clock is None else clock()
