"""The clinic's pages at several sizes, on SQLite and PostgreSQL, side by side in one run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from script.benchmarks import desk
from script.benchmarks.desk import Waits
from script.benchmarks.figures import Figure
from script.benchmarks.filled import Size, fill, postgresql

BAR_MS = 50.0
BAR_RATIO = 1.5
BAR_KB = 60.0
BASE = 100
"""What a hundredth of the check-ins is compared with: of a hundredth of the patients, who have as
many each, and of all the patients, who have a hundredth each."""
Results = dict[str, dict[Size, list[Waits]]]


def sizes(*, patients: int, check_ins: int) -> tuple[Size, ...]:
    """The full size, and the two that it is compared with."""
    few = Size(max(1, patients // BASE), max(1, check_ins // BASE))
    thin = Size(patients, max(1, check_ins // BASE))
    return (few, thin, Size(patients, check_ins))


def measure(
    folder: Path, *, patients: int, check_ins: int, requests: int, databases: Sequence[str]
) -> Results:
    """Fill and ask, one database after the other."""
    found: Results = {}
    wanted = sizes(patients=patients, check_ins=check_ins)
    for database in databases:
        is_sqlite = database == "sqlite"
        with nullcontext() if is_sqlite else postgresql(folder / "postgresql-server") as url:
            if is_sqlite or url is not None:
                clinics = [fill(size, folder, database=database, url=url) for size in wanted]
                found[database] = desk.measure(clinics, requests=requests)
    return found


def figures(results: Results) -> list[Figure]:
    """The same for machines: every wait, and how much longer the full size takes."""
    found = []
    for database, by_size in results.items():
        for size, waits in by_size.items():
            for one in waits:
                beside = (
                    f"p50 {one.p50_ms:.1f}, longest {one.most_ms:.1f} ms; "
                    f"{one.kilobytes:.1f} kB; processor {one.processor_ms:.1f} ms"
                )
                name = f"{one.name}, {database}, {size}: p95"
                found.append(Figure(name, "ms", (one.p95_ms,), beside))
    return found


def table(results: Results) -> str:
    """What people read: a line a page and database, and what has not come up to its bar."""
    lines: list[str] = []
    missed: list[str] = []
    for database, by_size in results.items():
        *bases, full = by_size
        lines += [
            "",
            f"**{database}**: p50 / p95 / longest, in ms",
            "",
            "| page | "
            + " | ".join(str(size) for size in by_size)
            + " | p95 against each | processor ms, against each | kB |",
            "|---|" + "---:|" * (len(by_size) + 3),
        ]
        for name in [one.name for one in by_size[full]]:
            row = {
                size: next((one for one in waits if one.name == name), None)
                for size, waits in by_size.items()
            }
            whole = row[full]
            if whole is None:
                continue
            ratios = [
                None if (base := row[size]) is None else whole.p95_ms / base.p95_ms
                for size in bases
            ]
            work = [None if (base := row[size]) is None else _share(whole, base) for size in bases]
            cells = " | ".join(_cell(row[size]) for size in by_size)
            lines.append(
                f"| {name} | {cells} | {_times(ratios)} | {whole.processor_ms:.1f}, "
                f"{_times(work)} | {whole.kilobytes:.0f} |"
            )
            known = [base for size in bases if (base := row[size]) is not None]
            alike = max(known, key=lambda base: base.kilobytes, default=None)
            missed += _missed(f"{name}, {database}", whole, alike)
    bars = f"p95 under {BAR_MS:.0f} ms, at most {BAR_RATIO} times, under {BAR_KB:.0f} kB gzip"
    verdict = [f"Over a bar: {line}" for line in missed] or ["Nothing is over a bar."]
    return "\n".join([*lines, "", f"Bars: {bars}.", *verdict])


def _share(whole: Waits, base: Waits) -> float:
    return whole.processor_ms / max(0.1, base.processor_ms)


def _times(ratios: Sequence[float | None]) -> str:
    return ", ".join("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios)


def _cell(one: Waits | None) -> str:
    if one is None:
        return ""
    return f"{one.p50_ms:.1f} / {one.p95_ms:.1f} / {one.most_ms:.0f}"


def _missed(name: str, whole: Waits, alike: Waits | None) -> list[str]:
    """Over which bars a page is. It is held against the smaller clinic in which it shows more: a
    course of one check-in, or a view of two patients, is another page."""
    found = []
    if whole.p95_ms >= BAR_MS:
        found.append(f"{name}: p95 {whole.p95_ms:.1f} ms")
    if alike is not None and whole.p95_ms > BAR_RATIO * alike.p95_ms:
        found.append(f"{name}: {whole.p95_ms / alike.p95_ms:.2f} times as long")
    if whole.kilobytes >= BAR_KB:
        found.append(f"{name}: {whole.kilobytes:.1f} kB")
    return found
