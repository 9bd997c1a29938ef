"""Refusals in the audit log: each one at first, then how many more, so that nobody can fill it.

What is refused, and to whom, is told by `pwa/refusals.py`. Addresses and what was typed are not
kept: an entry can never be taken back.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pwa.audit import log as audit_log
from pwa.database import writing

SPAN = timedelta(minutes=1)
MOST_ONE_BY_ONE = 10
"""Entries in one span about one kind of refusal to one person, or to one address."""
MOST_THROTTLED = 1
MOST_IN_ALL = 300
"""Entries in one span, whoever was refused; beyond it everything is only counted."""
NOBODY = "Somebody not signed in"


@dataclass(frozen=True)
class Denial:
    """One refusal: who was refused, what it was about (if that has an id), and at which door."""

    kind: str
    clinic_id: str
    actor_id: str | None = None
    actor_name: str = NOBODY
    subject_id: str | None = None
    door: str = ""


class Ledger:
    """How many refusals were written in this span and how many more were only counted.

    The counts are of one process and in memory: what was counted when it dies is not told.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget_all()

    def forget_all(self) -> None:
        """Start anew."""
        self._since: datetime | None = None
        self._written: Counter[tuple[str, str]] = Counter()
        self._written_in_all = 0
        self._more: Counter[Denial] = Counter()

    def takes(self, denial: Denial, *, source: str, at: datetime) -> bool:
        """Whether this one is to be written by itself; else it is counted."""
        with self._lock:
            if self._since is None:
                self._since = at
            most = MOST_THROTTLED if denial.kind == "throttled" else MOST_ONE_BY_ONE
            key = (denial.kind, source)
            if self._written[key] >= most or self._written_in_all >= MOST_IN_ALL:
                self._more[_without_place(denial)] += 1
                return False
            self._written[key] += 1
            self._written_in_all += 1
            return True

    def is_over(self, *, at: datetime) -> bool:
        """Whether the span is over. A clock that jumped back ends it too."""
        return self._since is not None and not timedelta(0) <= at - self._since < SPAN

    def close(self) -> list[tuple[Denial, int]]:
        """End the span; what was only counted, with the counts."""
        with self._lock:
            more = list(self._more.items())
            self.forget_all()
        return more


def _without_place(denial: Denial) -> Denial:
    """A person who tries a thousand records is one line, not a thousand."""
    is_of_account = denial.subject_id is not None and denial.kind not in ("door", "record")
    return replace(denial, subject_id=denial.subject_id if is_of_account else None, door="")


def write_down(denials: Iterable[tuple[Denial, int]], *, at: datetime) -> None:
    """Write these into their chains, in a transaction of its own."""
    with writing():
        for denial, count in denials:
            place = {"door": denial.door} if denial.door else {}
            audit_log.record(
                at=at,
                clinic_id=denial.clinic_id,
                actor_id=denial.actor_id,
                actor_name=denial.actor_name,
                action=f"denied.{denial.kind}",
                subject_id=denial.subject_id,
                detail={**place, **({"count": count} if count > 1 else {})},
            )
