"""The releases that this process serves now, one a language, and when they are made again.

Here: the first making, and new ones when a clinic's words changed, also from another process.
Not here: how a release is made (`release.py`), and HTTP.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment

from pwa.config import Settings
from pwa.languages import ENGLISH
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
    """Holds the current releases; safe to use from several threads."""

    def __init__(
        self,
        *,
        settings: Settings,
        libraries: Mapping[str, Any],
        template_env: Environment,
        read_words: Callable[[], PrintedWords],
        catalogs: Mapping[str, NullTranslations] | None = None,
        static: Path = STATIC,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args:
        libraries: the words and rules of every language that can be served, English among them.
        catalogs: the words of their screens.
        read_words: reads what the clinics' settings say now; it is called at most every
            two seconds, so it may ask the database.
        monotonic: seconds that never go back.
        """
        self.settings = settings
        self.libraries = libraries
        self._catalogs = catalogs or {}
        self._template_env = template_env
        self._read_words = read_words
        self._static = static
        self._monotonic = monotonic
        self._out_dir = settings.instance_path / "assets"
        self._lock = Lock()
        self._words: PrintedWords | None = None
        self._releases: Mapping[str, Release] = {}
        self._offered: Mapping[str, str] = {}
        self._looked_at = 0.0

    @property
    def clinic(self) -> Any:
        """The clinic's own words where the server has exactly one, else None."""
        self._look_again()
        return self._words.snapshot if self._words else None

    def release(self, language: str = ENGLISH) -> Release:
        """The release to serve in this language, made at the first call; English for any other.

        Raises:
            ReleaseError: a file is missing; the message says which.
        """
        self._look_again()
        offered = self._offered
        wanted = language if language in offered else ENGLISH
        found = self._releases.get(wanted)
        if found is None:
            with self._lock:
                found = self._made(wanted)
        return found

    def library(self, language: str = ENGLISH) -> Any:
        """The words and rules of this language; English for any other."""
        return self.libraries.get(language) or self.libraries[ENGLISH]

    def languages(self) -> Mapping[str, str]:
        """What may be chosen now, each by its code in its own name, English first.

        Before a page was asked for, every language that is here: no release is made for this, since
        the words of a problem have to be there on a full disk too.
        """
        if self._words is None:
            return {one: library.language_name for one, library in self.libraries.items()}
        self._look_again()
        return self._offered

    def refresh_if_changed(self) -> None:
        """Make new releases if a clinic's words changed; call it after saving settings."""
        with self._lock:
            self._refresh()

    def _look_again(self) -> None:
        """Whether the words changed, every two seconds, by one thread; the others go on."""
        if self._words is None:
            self.refresh_if_changed()
            return
        if self._monotonic() - self._looked_at < LOOK_AGAIN_S:
            return
        if self._lock.acquire(blocking=False):
            try:
                self._refresh()
            except Exception as error:  # noqa: BLE001 - a public page outlives a busy database
                log.warning("kept the old release: %s", type(error).__name__)
                self._looked_at = self._monotonic()
            finally:
                self._lock.release()

    def _refresh(self) -> None:
        words = self._read_words()
        if self._words is None or words != self._words:
            offered = {
                one: library.language_name
                for one, library in self.libraries.items()
                if one == ENGLISH or one not in words.languages_off
            }
            # English at once, since a fault in it is to be seen now; others when somebody asks.
            self._releases = {ENGLISH: self._build(ENGLISH, words, offered)}
            self._offered = offered
            self._words = words
        self._looked_at = self._monotonic()

    def _made(self, language: str) -> Release:
        """The release, made where no other thread was quicker. Holding the lock."""
        wanted = language if language in self._offered else ENGLISH
        if wanted not in self._releases and self._words is not None:
            made = self._build(wanted, self._words, self._offered)
            self._releases = {**self._releases, wanted: made}
        return self._releases[wanted]

    def _build(self, language: str, words: PrintedWords, offered: Mapping[str, str]) -> Release:
        return build_release(
            settings=self.settings,
            library=self.libraries[language],
            clinic_words=words,
            template_env=self._template_env,
            out_dir=self._out_dir,
            static=self._static,
            catalog=self._catalogs.get(language),
            languages=offered,
        )

    def asset(self, release_id: str, path: str) -> File | None:
        """A file of the current releases or of one still on disk."""
        for release in self._releases.values():
            if release_id == release.id:
                return release.assets.get(path)
        return read_older_asset(self._out_dir, release_id, path)
