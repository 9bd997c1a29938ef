"""How many faults a run injected, and what became of the check-ins under them.

Each process counts for itself; the one that started the run adds them up, prints one line, and
fails the run where anything was lost or doubled, even if no test said so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest


class Tally:
    """Counts of faults injected, and of check-ins acknowledged, lost and doubled."""

    NAMES = ("faults", "acknowledged", "lost", "doubled")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def fault(self, n: int = 1) -> None:
        """So many faults were injected."""
        self.counts["faults"] += n

    def acknowledged(self, n: int = 1) -> None:
        """The server said of so many check-ins that it has them."""
        self.counts["acknowledged"] += n

    def lost(self, n: int = 1) -> None:
        """So many acknowledged check-ins are not there."""
        self.counts["lost"] += n

    def doubled(self, n: int = 1) -> None:
        """So many check-ins are there more than once."""
        self.counts["doubled"] += n

    def compare(self, acknowledged: Iterable[str], stored: Iterable[str]) -> None:
        """Count by ids: what was acknowledged, against what lies in the database. Then judge."""
        said = set(acknowledged)
        rows = Counter(stored)
        lost = said - rows.keys()
        doubled = [one for one, times in rows.items() if times > 1]
        self.acknowledged(len(said))
        self.lost(len(lost))
        self.doubled(len(doubled))
        assert not lost, f"acknowledged, and not there: {sorted(lost)}"
        assert not doubled, f"there more than once: {sorted(doubled)}"

    def add(self, counts: dict[str, int]) -> None:
        """Add what another process counted."""
        self.counts.update({name: int(counts.get(name, 0)) for name in self.NAMES})

    def as_dict(self) -> dict[str, int]:
        """Plain numbers, to hand to another process."""
        return {name: self.counts[name] for name in self.NAMES}

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())

    @property
    def is_clean(self) -> bool:
        return not self.counts["lost"] and not self.counts["doubled"]

    def __str__(self) -> str:
        return (
            f"faults injected {self.counts['faults']:,},"
            f" check-ins acknowledged {self.counts['acknowledged']:,},"
            f" lost {self.counts['lost']:,}, doubled {self.counts['doubled']:,}"
        )


OF_THIS_PROCESS = Tally()
"""What this process counted, and in the process that started the run what all of them did."""


@pytest.fixture(scope="session")
def tally() -> Tally:
    """Counts faults and check-ins over the whole run."""
    return OF_THIS_PROCESS


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Adds what a process of the run counted (a hook of pytest-xdist)."""
    OF_THIS_PROCESS.add(getattr(node, "workeroutput", {}).get("tally", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hands the counts to the process that started this one, or fails the run by them."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = OF_THIS_PROCESS.as_dict()
    elif not OF_THIS_PROCESS.is_clean:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says at the end what the faults did."""
    if not OF_THIS_PROCESS.is_empty:
        terminalreporter.section("faults")
        terminalreporter.line(str(OF_THIS_PROCESS))
