"""The release that this process serves now, and when it has to be made again.

Here: the first making, and a new one when a clinic's words changed, also from another process.
Not here: how a release is made (`release.py`), and HTTP.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment

from pwa.config import Settings
from pwa.shell.assets import File
from pwa.shell.release import (
    STATIC,
    PrintedWords,
    Release,
    build_release,
    read_older_asset,
)

log = logging.getLogger(__name__)
LOOK_AGAIN_S = 2.0


class Shell:
    """Holds the current release; safe to use from several threads."""

    def __init__(
        self,
        *,
        settings: Settings,
        library: Any,
        template_env: Environment,
        read_words: Callable[[], PrintedWords],
        static: Path = STATIC,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args:
        read_words: reads what the clinics' settings say now; it is called at most every
            two seconds, so it may ask the database.
        monotonic: seconds that never go back.
        """
        self.settings = settings
        self.library = library
        self._template_env = template_env
        self._read_words = read_words
        self._static = static
        self._monotonic = monotonic
        self._out_dir = settings.instance_path / "assets"
        self._lock = Lock()
        self._words: PrintedWords | None = None
        self._release: Release | None = None
        self._looked_at = 0.0

    @property
    def clinic(self) -> Any:
        """The clinic's own words where the server has exactly one, else None."""
        self.release()
        return self._words.snapshot if self._words else None

    def release(self) -> Release:
        """The release to serve, made at the first call.

        Raises:
            ReleaseError: a file is missing; the message says which.
        """
        release = self._release
        if release is None:
            return self.refresh_if_changed()
        if self._monotonic() - self._looked_at < LOOK_AGAIN_S:
            return release
        if self._lock.acquire(blocking=False):
            try:
                release = self._refresh()
            except Exception as error:  # noqa: BLE001 - a public page outlives a busy database
                log.warning("kept the old release: %s", type(error).__name__)
                self._looked_at = self._monotonic()
            finally:
                self._lock.release()
        return release

    def refresh_if_changed(self) -> Release:
        """Make a new release if a clinic's words changed; call it after saving settings."""
        with self._lock:
            return self._refresh()

    def _refresh(self) -> Release:
        words = self._read_words()
        if self._release is None or words != self._words:
            self._release = build_release(
                settings=self.settings,
                library=self.library,
                clinic_words=words,
                template_env=self._template_env,
                out_dir=self._out_dir,
                static=self._static,
            )
            self._words = words
        self._looked_at = self._monotonic()
        return self._release

    def asset(self, release_id: str, path: str) -> File | None:
        """A file of the current release or of one still on disk."""
        release = self._release
        if release is not None and release_id == release.id:
            return release.assets.get(path)
        return read_older_asset(self._out_dir, release_id, path)
