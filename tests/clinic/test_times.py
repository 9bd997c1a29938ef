"""Times in the words of the desk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pwa.clinic.times import Moment

MOMENT = Moment(now=datetime(2026, 11, 26, 12, 0, tzinfo=UTC), zone="Europe/London")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((26, 10, 31), (26, 10, 31), "10:31"),
        ((26, 10, 31), (26, 10, 44), "10:31 → 10:44"),
        ((25, 22, 10), (25, 23, 5), "yesterday 22:10 → 23:05"),
        ((25, 22, 10), (26, 10, 44), "yesterday 22:10 → 10:44"),
        ((23, 22, 10), (25, 9, 0), "Mon 23 Nov 22:10 → yesterday 09:00"),
    ],
)
def test_what_two_times_share_is_said_once(
    start: tuple[int, int, int], end: tuple[int, int, int], words: str
) -> None:
    first, last = (
        datetime(2026, 11, day, hour, minute, tzinfo=UTC) for day, hour, minute in (start, end)
    )
    assert MOMENT.span(first, last) == words
