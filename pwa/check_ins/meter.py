"""Counts a session's calls, so that one runaway phone cannot crowd out the others."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from pwa.problems import TooManyRequests

MINUTE = timedelta(minutes=1)


class CallMeter:
    """At most `limit` calls a minute for each key, counted in this process."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._calls: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def count(self, key: str, *, at: datetime) -> None:
        """Count one call. Raises TooManyRequests with the seconds to wait."""
        with self._lock:
            calls = self._calls.setdefault(key, deque())
            while calls and calls[0] <= at - MINUTE:
                calls.popleft()
            if len(calls) >= self.limit:
                wait = (calls[0] + MINUTE - at).total_seconds()
                raise TooManyRequests(retry_after_s=max(1, round(wait)))
            calls.append(at)
            if len(self._calls) > 10_000:
                self._forget_idle(at)

    def forget_all(self) -> None:
        """Start counting afresh."""
        with self._lock:
            self._calls.clear()

    def _forget_idle(self, at: datetime) -> None:
        idle = [key for key, calls in self._calls.items() if not calls or calls[-1] <= at - MINUTE]
        for key in idle:
            del self._calls[key]
