"""The disk is full, and writes and flushes to it fail for real, under the real server.

Failing writes are the kernel's own refusals: a file-size limit put on the running processes. A
failing flush is put under SQLite by a library that is loaded before the system's, where a C
compiler is at hand to make it.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.real_server import RealServer
from tests.faults.sending import NO_ANSWER, NO_LIMITS, Sender, is_sound, stored_ids
from tests.tally import Tally

SIZE_MB = 8
NOTE = "x" * 1900
FLUSH_FAILS = """
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static int fails(void) {
  const char *flag = getenv("FLUSH_FAILS");
  if (!flag || access(flag, F_OK)) return 0;
  errno = EIO;
  return 1;
}
int fsync(int fd) { return fails() ? -1 : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return fails() ? -1 : syscall(SYS_fdatasync, fd); }
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill_up(place: Path, *, but: int) -> Path:
    """Take the room of this disk, but for so many bytes."""
    filler = place / "filler"
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    filler.write_bytes(b"\0" * (free - but))
    return filler


@pytest.mark.fault(24)
def test_a_full_disk_refuses_by_name_keeps_what_it_said_and_recovers(
    made_demo: Path, small_disk: Path, tally: Tally
) -> None:
    server = RealServer(
        Path(shutil.copytree(made_demo, small_disk / "instance")), settings=NO_LIMITS
    ).start()
    try:
        phone = Sender(server).sign_in()
        acknowledged: set[str] = set()
        filler = fill_up(small_disk, but=300_000)
        tally.fault()
        for _ in range(40):
            refused = [phone.check_in(note=NOTE) for _ in range(10)]
            answer = phone.send(*refused)
            if answer.status != 200:
                break
            acknowledged |= answer.settled
        assert (answer.status, answer.body["kind"]) == (507, "storage-full")
        assert int(answer.headers["retry-after"]) >= 1
        assert acknowledged, "there was room for a few"
        assert phone.ask("GET", "/api/v1/session").status == 200
        assert phone.ask("GET", "/api/v1/changes").status == 200
        filler.unlink()
        answer = phone.send(*refused)
        assert set(answer.results.values()) == {"stored"}
        tally.compare(acknowledged | answer.settled, stored_ids(server.instance))
        assert is_sound(server.instance)
    finally:
        server.kill()


@pytest.mark.fault(25)
def test_a_write_that_fails_is_never_acknowledged(fresh: RealServer, tally: Tally) -> None:
    phone = Sender(fresh.start()).sign_in()
    kept = phone.check_in()
    assert phone.send(kept).settled
    limit(fresh, resource.RLIMIT_FSIZE, 0)
    tally.fault()
    event = phone.check_in()
    assert not said_to_be_kept(phone, event)
    again = phone.ask("GET", "/api/v1/session")
    assert again.status in (200, 500, 503), "it may read, or say that it cannot"
    limit(fresh, resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
    answer = phone.send(event)
    assert answer.settled == {event["event_id"]}
    tally.compare({kept["event_id"]} | answer.settled, stored_ids(fresh.instance))
    assert is_sound(fresh.instance)


@pytest.mark.fault(25)
def test_a_flush_that_fails_is_never_acknowledged(
    fresh: RealServer, tmp_path: Path, tally: Tally
) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to make the failing flush with")
    source, library, flag = (tmp_path / name for name in ("flush.c", "flush.so", "flush.fails"))
    source.write_text(FLUSH_FAILS)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    fresh.settings |= {"LD_PRELOAD": str(library), "FLUSH_FAILS": str(flag)}
    phone = Sender(fresh.start()).sign_in()
    kept = phone.check_in()
    assert phone.send(kept).settled
    flag.touch()
    tally.fault()
    event = phone.check_in()
    assert not said_to_be_kept(phone, event)
    flag.unlink()
    answer = phone.send(event)
    assert answer.settled == {event["event_id"]}
    tally.compare({kept["event_id"]} | answer.settled, stored_ids(fresh.instance))
    assert is_sound(fresh.instance)


@pytest.mark.long
@pytest.mark.fault(33)
def test_a_worker_without_memory_loses_nothing_that_it_acknowledged(
    fresh: RealServer, tally: Tally
) -> None:
    phone = Sender(fresh.start()).sign_in()
    kept = phone.check_in()
    assert phone.send(kept).settled
    for pid in fresh.pids():
        used = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
        resource.prlimit(pid, resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
    tally.fault()
    acknowledged = {kept["event_id"]}
    unknown = []
    for _ in range(3):
        big = [phone.check_in(note=NOTE) for _ in range(80)]
        try:
            acknowledged |= phone.send(*big).settled
        except NO_ANSWER:
            unknown.append(big)
            break  # the process went, as one does that the system kills for its memory
        unknown.append(big)
    fresh.kill()
    assert acknowledged <= set(stored_ids(fresh.instance))
    assert is_sound(fresh.instance)
    fresh.start()
    for big in unknown:
        answer = phone.send(*big)
        assert len(answer.settled) == len(big)
        acknowledged |= answer.settled
    tally.compare(acknowledged, stored_ids(fresh.instance))


def said_to_be_kept(phone: Sender, *events: dict) -> bool:
    """Whether the server claims to have any of these; an answer may fail to come at all."""
    try:
        answer = phone.send(*events)
    except NO_ANSWER:
        return False
    return bool(answer.settled) or answer.status == 200


def limit(server: RealServer, what: int, to: int) -> None:
    """Put a limit of the system on the running processes of a server."""
    for pid in server.pids():
        resource.prlimit(pid, what, (to, resource.RLIM_INFINITY))
