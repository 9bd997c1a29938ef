"""What the commands in this folder share: the right Python, `.venv/` and what stands in it.

Only the standard library may be imported here, and the syntax has to be old enough for the
sentence about the Python version to be reached. How the server or the tests run is elsewhere.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
SERVER = "requirements.txt"
TESTS = "requirements-dev.txt"


class SetUpError(Exception):
    """The environment cannot be made; the message tells the person what to do."""


def enter_root() -> None:
    """Work from the project's folder; a relative INSTANCE_PATH keeps its meaning."""
    if os.environ.get("INSTANCE_PATH"):
        os.environ["INSTANCE_PATH"] = str(Path(os.environ["INSTANCE_PATH"]).resolve())
    os.chdir(ROOT)


def require_python() -> None:
    """Go on with Python 3.11 or newer: this one, else a newer one on PATH.

    Raises:
        SetUpError: there is none.
    """
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    have = ".".join(str(part) for part in sys.version_info[:3])
    raise SetUpError(f"Python 3.11 or newer is needed; this is {have}.")


def prepare(requirements: str) -> None:
    """Make `.venv/` hold what this file of requirements names. Quick when it already does.

    Of several that start at once, one installs and the others wait for it.

    Raises:
        SetUpError: the environment cannot be made, or a package cannot be had.
    """
    if _is_ready(requirements):
        return
    with _alone():
        if _is_ready(requirements):
            return
        started = time.monotonic()
        _say(f"Setting up .venv from {requirements} (the first time takes a minute) …")
        if not _works():
            _make()
        _install(requirements)
        for name in _files(requirements):
            if name.startswith("requirements"):
                _stamp(name).write_text(_digest(name), encoding="ascii")
        _say(f"Done in {time.monotonic() - started:.0f} s.")


def _is_ready(requirements: str) -> bool:
    try:
        written = _stamp(requirements).read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return PYTHON.exists() and written == _digest(requirements)


def _stamp(requirements: str) -> Path:
    return VENV / f"installed-{requirements}"


def _digest(requirements: str) -> str:
    digest = hashlib.sha256()
    for name in _files(requirements):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _files(requirements: str) -> list[str]:
    """This file and those that it names with -r and -c."""
    names = [requirements]
    for line in (ROOT / requirements).read_text(encoding="utf-8").splitlines():
        if line.startswith(("-r ", "-c ")):
            names += _files(line[3:].strip())
    return names


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold this folder: the lock needs no file of its own and ends with the process."""
    folder = os.open(Path(__file__).resolve().parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another start, which is setting up .venv …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _works() -> bool:
    """Whether there is a virtual environment whose Python and pip start."""
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return _run([str(PYTHON), "-I", "-c", check]).returncode == 0
    except OSError:
        return False


def _make() -> None:
    made = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if made.returncode:
        raise SetUpError(
            f"{made.stdout}\nPython could not make .venv. On Debian and Ubuntu: "
            "apt-get install python3-venv"
        )


def _install(requirements: str) -> None:
    pip = [str(PYTHON), "-I", "-m", "pip", "install", "--quiet", "--no-input"]
    done = _run([*pip, "--disable-pip-version-check", "-r", requirements])
    if done.returncode:
        raise SetUpError(f"{done.stdout}\npip could not install {requirements}.")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
