"""Servers that start quickly: a process that has read every module, and forks on request.

Most of what a start costs is Python reading modules, and it is the same each time. A server that
comes out of the nest runs `pwa.operations.serve` as `script/server` does, in a session of its own,
so that it can be stopped, killed and paused as any other. No test lives here.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from pwa.operations import front, serve

ROOT = Path(__file__).resolve().parents[2]
IS_POSSIBLE = hasattr(os, "pidfd_open")
"""Linux alone tells who is no parent of a process when it ends."""
PRELOADED = (front, serve)
LARGEST = 1 << 20


class Hatched:
    """A running server, with what of `subprocess.Popen` its owner asks for."""

    def __init__(self, pid: int, stdout: IO[str]) -> None:
        self.pid = pid
        self.stdout = stdout
        self._ended = os.pidfd_open(pid)

    def wait(self, timeout: float) -> None:
        """Until it has ended."""
        if not select.select([self._ended], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("a server", timeout)
        os.close(self._ended)


class Nest:
    """The test's end. It lives as long as the process of the tests."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.nest", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def hatch(self, arguments: list[str], environment: dict[str, str]) -> Hatched:
        """Start a server with this command line."""
        ours, theirs = os.pipe()
        wanted = json.dumps({"arguments": arguments, "environment": environment}).encode()
        socket.send_fds(self._line, [wanted], [theirs])
        os.close(theirs)
        return Hatched(int(self._line.recv(64)), os.fdopen(ours, encoding="utf-8"))

    def close(self) -> None:
        self._line.close()
        self._process.wait(timeout=20)


@functools.cache
def nest() -> Nest:
    """The nest of this process."""
    made = Nest()
    atexit.register(made.close)
    return made


def main() -> None:
    """Fork until the test hangs up."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for them
    with socket.socket(fileno=int(sys.argv[1])) as line:
        while True:
            wanted, outputs, _, _ = socket.recv_fds(line, LARGEST, 1)
            if not wanted:
                return
            pid = os.fork()
            if pid == 0:
                line.close()
                be_server(outputs[0], **json.loads(wanted))
                return
            os.close(outputs[0])
            line.send(str(pid).encode())


def be_server(output: int, *, arguments: list[str], environment: dict[str, Any]) -> None:
    """Become what `python -m pwa.operations.serve` would be."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    os.environ.clear()
    os.environ.update(environment)
    serve.main(arguments)


if __name__ == "__main__":
    main()
