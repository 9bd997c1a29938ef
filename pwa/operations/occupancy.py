"""Who uses this installation now: many may serve it, and then nobody may put another database
in its place.

A lock on a file of the instance folder. It ends with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

from flask import Flask

from pwa.config import ConfigError, Settings
from pwa.problems import Busy

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "serving.lock"


class Occupied(ConfigError):
    """Somebody else uses the installation in a way that does not go together with this."""


class Occupancy:
    """This process's hold on one instance folder. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._descriptor: int | None = None
        self._guard = threading.Lock()

    def serve(self) -> None:
        """Serve from now on, until the process ends. Raises Occupied during a restore."""
        self._hold(fcntl.LOCK_SH, "A restore is running. Start the server when it is done.")

    def take_over(self) -> None:
        """Be the only one. Raises Occupied while anybody serves or restores."""
        self._hold(fcntl.LOCK_EX, "A server is running on this installation. Stop it first.")

    def let_go(self) -> None:
        """Give the hold back."""
        with self._guard:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _hold(self, kind: int, refusal: str) -> None:
        with self._guard:
            if self._descriptor is not None:
                return
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                raise Occupied(refusal) from None
            self._descriptor = descriptor


def install(app: Flask, settings: Settings) -> None:
    """Whatever server runs this app: from its first request on, the process serves."""
    occupancy = Occupancy(settings.instance_path)
    app.extensions["occupancy"] = occupancy

    @app.before_request
    def serve() -> None:
        try:
            occupancy.serve()
        except Occupied:
            raise Busy(retry_after_s=10) from None
