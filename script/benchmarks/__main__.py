"""The order of a measurement, and its options."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from script.benchmarks import clinic, offline, phone, sending
from script.benchmarks.figures import Figure, machine, progress, share, table, write_json, yardstick
from script.benchmarks.floor import Floor
from script.benchmarks.patients import Patient, count_check_ins, make_patients, sign_in
from script.benchmarks.server import ROOT, Server
from tests.browser.chromium import Chromium, NoChromium, find_chromium

CLIENTS = (1, 8, 32)
BATCH = 100
BATCHES = 10
DATABASES = ("sqlite", "postgresql")
ONLY = ("arriving", "phone", "clinic")
SENT_BY_PHONE = 1000
STARTS = 5
PAINTS = 5
YARDSTICK = "before and after: how fast this machine's processor was"
MIB = 1024 * 1024


def main() -> None:
    """Measure, and print what was found."""
    options = _parse()
    about = {**machine(), "singles": options.singles, "repeat": options.repeat}
    figures: list[Figure] = []
    speeds = [yardstick()]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if options.only == "phone":
            figures += _measure_phone(Path(folder))
        elif options.only != "clinic":
            figures += _measure(Path(folder), options)
        print(table(figures))
        if options.only in (None, "clinic"):
            figures += _measure_clinic(options.keep or Path(folder), options)
    speeds.append(yardstick())
    figures.append(Figure("A loop of ten million additions", "s", tuple(speeds), YARDSTICK))
    print(table(figures[-1:]))
    write_json(options.json, about=about, figures=figures)
    progress(f"The same stands in {options.json}")


def _measure_clinic(folder: Path, options: argparse.Namespace) -> list[Figure]:
    found = clinic.measure(
        folder.resolve(),
        patients=options.patients,
        check_ins=options.check_ins,
        requests=options.requests,
        databases=options.databases,
    )
    print(clinic.table(found))
    return clinic.figures(found)


def _measure(folder: Path, options: argparse.Namespace) -> list[Figure]:
    instance = folder / "instance"
    instance.mkdir()
    server = Server(instance)
    batch_patients = BATCHES * options.repeat
    progress(f"making {options.senders + batch_patients} patients")
    made = make_patients(options.senders + batch_patients, environ=server.environ)
    figures = _start_up(server)
    with server.running():
        idle = server.memory()
        progress("signing everybody in")
        sign_in(made, port=server.port)
        figures += _arriving(server, made, folder=folder, options=options)
        figures.append(_memory(server, idle=idle))
        figures += _phone(server, made[0], folder=folder)
    return figures


def _phone(server: Server, patient: Patient, *, folder: Path) -> list[Figure]:
    chromium = _find_chromium()
    figures = list(_first_visit(server, chromium))
    if chromium is not None:
        figures += _on_a_phone(server, patient, folder=folder, chromium=chromium)
    return figures


def _measure_phone(folder: Path) -> list[Figure]:
    instance = folder / "instance"
    instance.mkdir()
    server = Server(instance)
    made = make_patients(1, environ=server.environ)
    with server.running():
        sign_in(made, port=server.port)
        return _phone(server, made[0], folder=folder)


def _start_up(server: Server) -> list[Figure]:
    with server.running():
        progress("first start done")
    took = []
    for number in range(STARTS):
        with server.running() as seconds:
            took.append(seconds)
            progress(f"start {number + 1} of {STARTS}: {seconds:.2f} s until the first answer")
    return [Figure("Second start until the first answer", "s", tuple(took), "wanted: under 3 s")]


@dataclass
class _Arrivals:
    """What each turn gave, side by side: the floors, and the server at its different loads."""

    commits: list[float] = field(default_factory=list)
    hundreds: list[float] = field(default_factory=list)
    singles: dict[int, list[sending.Rate]] = field(default_factory=dict)
    batches: list[sending.Rate] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        runs = (*self.singles.values(), self.batches)
        return sum(rate.stored for rates in runs for rate in rates)


def _arriving(
    server: Server, made: Sequence[Patient], *, folder: Path, options: argparse.Namespace
) -> list[Figure]:
    found = _Arrivals()
    floor = Floor(folder, event_bytes=sending.size_of(made[0]))
    for turn in range(options.repeat):
        found.commits.append(floor.rows_a_second(commits=options.singles, rows_a_commit=1))
        found.hundreds.append(floor.rows_a_second(commits=BATCHES, rows_a_commit=BATCH))
        for clients in CLIENTS:
            rate = sending.singles(
                made[: options.senders],
                port=server.port,
                clients=clients,
                count=options.singles,
            )
            found.singles.setdefault(clients, []).append(rate)
            _tell(turn, options, f"{clients} at once", rate)
        fresh = made[options.senders + turn * BATCHES :][:BATCHES]
        found.batches.append(sending.batches(fresh, port=server.port, size=BATCH))
        _tell(turn, options, "in batches", found.batches[-1])
    floor.close()
    _compare_with_the_database(server, acknowledged=found.acknowledged)
    return [*_of_singles(found), *_of_batches(found)]


def _tell(turn: int, options: argparse.Namespace, what: str, rate: sending.Rate) -> None:
    progress(
        f"turn {turn + 1} of {options.repeat}, {what}: {rate.a_second:,.0f} check-ins/s, "
        f"p99 {rate.p99_ms:.1f} ms"
    )


def _compare_with_the_database(server: Server, *, acknowledged: int) -> None:
    stored = count_check_ins(server.environ)
    progress(f"{acknowledged:,} check-ins acknowledged, {stored:,} stored")
    if stored != acknowledged:
        raise SystemExit("what was acknowledged and what is stored differ: no figure counts")


def _of_singles(found: _Arrivals) -> Iterator[Figure]:
    floor = tuple(found.commits)
    yield Figure("Raw SQLite, a durable commit for each row", "rows/s", floor, "the floor")
    for clients, rates in found.singles.items():
        runs = tuple(rate.a_second for rate in rates)
        who = "1 client" if clients == 1 else f"{clients} clients"
        beside = f"{share(runs, floor):.2f} of the floor"
        yield Figure(f"Single check-ins, {who}", "/s", runs, beside)
        yield Figure(f"… p50 wait, {who}", "ms", tuple(rate.p50_ms for rate in rates))
        yield Figure(f"… p99 wait, {who}", "ms", tuple(rate.p99_ms for rate in rates))
        busy = sum(rate.busy for rate in rates)
        if busy:
            yield Figure(f"… told to come back (503), {who}", "answers", (busy,))


def _of_batches(found: _Arrivals) -> Iterator[Figure]:
    floor = tuple(found.hundreds)
    runs = tuple(rate.a_second for rate in found.batches)
    yield Figure("Raw SQLite, a hundred rows a commit", "rows/s", floor, "the floor")
    yield Figure(
        "Batches of 100, one client", "rows/s", runs, f"{share(runs, floor):.2f} of the floor"
    )


def _memory(server: Server, *, idle: int) -> Figure:
    held = server.memory()
    return Figure(
        "Memory of the serving process, after all that",
        "MiB",
        (held / MIB,),
        f"{held / idle:.2f} of what it held before ({idle / MIB:.0f} MiB)",
    )


def _first_visit(server: Server, chromium: Chromium | None) -> Iterator[Figure]:
    kept = phone.kept(server.port)
    beside = f"{kept.count} files in one answer, brotli; {kept.gzip_bytes:,} with gzip; bar 250,000"
    yield Figure("Everything kept for offline", "bytes", (kept.brotli_bytes,), beside)
    if chromium is None:
        return
    visits = phone.first_visits(chromium, origin=server.origin)
    for visit in visits:
        progress(f"{visit.address}: {visit.body_bytes:,} bytes, {visit.requests} requests")
    heaviest = max(visits, key=lambda visit: visit.body_bytes)
    beside = f"brotli; {visits[0].requests} requests, {visits[0].all_bytes:,} with headers"
    yield Figure("First visit of Today", "bytes", (visits[0].body_bytes,), f"{beside}; bar 60,000")
    yield Figure("… of the heaviest page", "bytes", (heaviest.body_bytes,), heaviest.address)
    shift = max(visits, key=lambda visit: visit.shift)
    yield Figure("Layout shift of a first visit, the worst page", "", (shift.shift,), shift.address)


def _on_a_phone(
    server: Server, patient: Patient, *, folder: Path, chromium: Chromium
) -> Iterator[Figure]:
    kind = "packed Chromium" if chromium.is_packed else "Chromium"
    with offline.signed_in(
        chromium, origin=server.origin, patient=patient, profile=folder / "profile"
    ) as context:
        progress(f"saving {SENT_BY_PHONE:,} check-ins on a phone, then sending them")
        sent = offline.sending(context, origin=server.origin, count=SENT_BY_PHONE)
        yield Figure(f"Sending {sent.count:,} check-ins from a phone", "s", (sent.took_s,), kind)
        yield Figure(
            "… the longest task meanwhile",
            "ms",
            (max(sent.tasks_ms, default=0.0),),
            f"{len(sent.tasks_ms)} of more than 50 ms; wanted: none",
        )
        progress("opening Today without a server")
        painted = offline.first_paint(
            context, origin=server.origin, stop_server=server.stop, repeat=PAINTS
        )
    beside = f"{kind}; {share(painted.plain_ms, painted.empty_ms):.1f} of an empty page's; bar 100"
    yield Figure("First paint of an empty page, offline", "ms", painted.empty_ms, "the floor")
    yield Figure("Offline first paint of Today", "ms", painted.plain_ms, beside)
    yield Figure("… with the processor slowed to a quarter", "ms", painted.slowed_ms, "bar 350")
    yield Figure("… layout shift, the worst", "", (painted.shift,), "wanted: 0")


def _find_chromium() -> Chromium | None:
    try:
        return find_chromium()
    except NoChromium as error:
        progress(f"what a phone feels is not measured: {error}")
        return None


def _parse() -> argparse.Namespace:
    instance = Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance")
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--json", type=Path, default=instance / "bench.json", help="where to write")
    parser.add_argument("--only", choices=ONLY, help="a part of it")
    arriving = parser.add_argument_group("check-ins that arrive, and a phone")
    arriving.add_argument("--repeat", type=int, default=3, help="turns; the median counts")
    arriving.add_argument("--singles", type=int, default=600, help="single check-ins a turn")
    arriving.add_argument("--senders", type=int, default=160, help="patients who send them")
    pages = parser.add_argument_group("the clinic's pages")
    pages.add_argument("--patients", type=int, help="of the clinic (10000, or a hundredth)")
    pages.add_argument("--check-ins", type=int, default=1_000_000, help="that they have sent")
    pages.add_argument("--requests", type=int, default=200, help="for each page")
    pages.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    pages.add_argument("--keep", type=Path, help="a folder for the filled clinics, to use again")
    options = parser.parse_args()
    if options.patients is None:
        options.patients = max(1, options.check_ins // 100)
    if min(options.senders, options.singles) < max(CLIENTS) or options.repeat < 1:
        parser.error(f"at least {max(CLIENTS)} senders and singles, and one turn")
    if min(options.check_ins, options.patients, options.requests) < 1:
        parser.error("at least one patient, check-in and request")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
