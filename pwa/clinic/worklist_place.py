"""Where a row stands in the order of a worklist: the key of the page that follows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN = re.compile(r"([0-9]{1,2})\.([0-9]{1,17})\.([0-9a-zA-Z-]{1,36})")


@dataclass(frozen=True)
class Place:
    """The last row that was shown. `rank` and `since` are what the list is ordered by."""

    rank: int
    since: datetime
    patient_id: str

    def __str__(self) -> str:
        micros = (self.since - EPOCH) // timedelta(microseconds=1)
        return f"{self.rank}.{micros}.{self.patient_id}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that `str` wrote; None for anything else."""
        found = WRITTEN.fullmatch(text)
        if found is None or not text.isascii():
            return None
        since = EPOCH + timedelta(microseconds=int(found[2]))
        return cls(int(found[1]), since, found[3])
