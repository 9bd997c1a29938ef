"""The server under measurement: started as people start it, on a port and data of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
PAUSE_S = 0.01


class ServerError(Exception):
    """The server did not start or stop; its own words are in the message."""


class Server:
    """`script/server` over one instance folder, which can be started again and again."""

    def __init__(self, instance: Path, *, database_url: str | None = None) -> None:
        self.instance = instance
        self.port = _free_port()
        self.environ = _environ(instance, self.port)
        if database_url is not None:
            self.environ["DATABASE_URL"] = database_url
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return self.environ["PUBLIC_URL"]

    @contextlib.contextmanager
    def running(self) -> Iterator[float]:
        """Start it, hand out the seconds until it answered, and stop it in the end."""
        took = self.start()
        try:
            yield took
        finally:
            self.stop()

    def start(self) -> float:
        """Start it; returns the seconds until its first answer."""
        command = [str(ROOT / "script" / "server"), "--port", str(self.port)]
        started = time.monotonic()
        with (self.instance / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )
        while time.monotonic() - started < PATIENCE_S:
            if self._process.poll() is not None:
                break
            if self._answers():
                return time.monotonic() - started
            time.sleep(PAUSE_S)
        self.stop()
        raise ServerError((self.instance / "server.log").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        """Stop it and the processes that it started."""
        if self._process is None:
            return
        started = self._family()
        self._process.terminate()
        _, alive = psutil.wait_procs(started, timeout=PATIENCE_S)
        for process in alive:
            process.kill()
        self._process.wait()
        self._process = None

    def memory(self) -> int:
        """Bytes that the serving processes hold (resident), without the one that watches them."""
        workers = self._family()[1:] or self._family()
        return sum(process.memory_info().rss for process in workers)

    def processor_s(self) -> float:
        """Seconds of processor that the serving processes have used."""
        return sum(
            process.cpu_times().user + process.cpu_times().system for process in self._family()
        )

    def _family(self) -> list[psutil.Process]:
        if self._process is None or self._process.poll() is not None:
            return []
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _environ(instance: Path, port: int) -> dict[str, str]:
    """This environment, with limits that are not what is measured here."""
    kept: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEMO")
    }
    return {
        **kept,
        "INSTANCE_PATH": str(instance),
        "PUBLIC_URL": f"http://localhost:{port}",
        "DAILY_CHECK_INS": "1000000",
        "SYNC_CALLS_PER_MINUTE": "1000000",
    }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
