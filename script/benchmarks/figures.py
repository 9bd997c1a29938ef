"""Figures: their runs, their medians, the table that people read and the JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One thing that was measured.

    Attributes:
        runs: one value a repetition, in `unit`; their median is the figure.
        beside: what it is compared with, in words, with a share of this run: "0.41 of the floor".
    """

    name: str
    unit: str
    runs: tuple[float, ...]
    beside: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def for_json(self) -> dict[str, Any]:
        """The figure as machines read it."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": round(self.median, 3),
            "runs": [round(run, 3) for run in self.runs],
            "beside": self.beside,
        }


def share(runs: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the ratios of runs that were made next to each other."""
    return statistics.median(mine / theirs for mine, theirs in zip(runs, floor, strict=True))


def percentile(values: Sequence[float], per_cent: int) -> float:
    """The smallest value that this many per cent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * per_cent // 100)]


def yardstick() -> float:
    """How many seconds this processor takes for the same small work, so that figures of another
    machine, or of another hour of this one, can be held against each other."""
    began = time.perf_counter()
    found = 0
    for number in range(10_000_000):
        found += number
    return time.perf_counter() - began


def machine() -> dict[str, Any]:
    """What the figures depend on beside the code."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of a table in Markdown."""
    lines = ["| What | Median | Lowest to highest | Beside |", "|---|---:|---:|---|"]
    for one in figures:
        spread = f"{_number(min(one.runs))} to {_number(max(one.runs))}"
        median = f"{_number(one.median)} {one.unit}"
        lines.append(
            f"| {one.name} | {median} | {spread if len(one.runs) > 1 else ''} | {one.beside} |"
        )
    return "\n".join(lines)


def write_json(path: Path, *, about: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Write everything that was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {"about": about, "figures": [one.for_json() for one in figures]}
    path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")


def progress(line: str) -> None:
    """Tell the person who waits."""
    print(f"  {line}", file=sys.stderr, flush=True)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
