"""A copy of the real pages and assets that a test may change, and the shell that serves it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask_login import LoginManager

from pwa import doors, languages, problems
from pwa.config import PROJECT_ROOT, Settings, read_settings
from pwa.guidance.library import load_libraries, load_library
from pwa.shell import routes
from pwa.shell.current import Shell
from pwa.shell.release import PrintedWords, Release, build_release

LIBRARY = load_library()
SNAPSHOT: dict[str, Any] = {
    "version": 3,
    "name": "Riverside Joint Clinic",
    "is_demo": True,
    "time_zone": "Europe/London",
    "phone": {"number": "020 7946 0102", "is_tested": True},
    "out_of_hours": {"number": "020 7946 0199", "is_tested": True},
    "emergency": {"number": "999", "is_tested": True},
    "hours": [{"weekday": 0, "opens": "09:00", "closes": "17:30"}],
    "ice_policy": "avoid",
    "heat_policy": "ask",
    "nsaid_avoid_before_days": 7,
    "nsaid_avoid_after_days": 14,
    "pain_relief": "Paracetamol, as the packet says.",
    "no_swim_hours": 24,
    "joints": ["knee", "shoulder"],
    "signed": {"form_version": 1, "rules_version": 1, "by": "Dr Cole", "at": "2026-11-01"},
}
ONE_CLINIC = PrintedWords(snapshot=SNAPSHOT, sites=frozenset(SNAPSHOT["joints"]))


class Library:
    """The real library, with guidance that a test may change."""

    def __init__(self, **changed: Any) -> None:
        self._changed = changed

    def __getattr__(self, name: str) -> Any:
        return getattr(LIBRARY, name)

    def for_phone(self) -> dict[str, Any]:
        """The guidance, as changed."""
        return {**LIBRARY.for_phone(), **self._changed}


@dataclass
class House:
    """Everything a release is made of."""

    root: Path
    settings: Settings
    library: Any = field(default_factory=lambda: LIBRARY)
    words: PrintedWords = field(default_factory=PrintedWords)
    is_database_busy: bool = False

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def out(self) -> Path:
        return self.settings.instance_path / "assets"

    def release(self) -> Release:
        """Make the release of what is here now."""
        return build_release(
            settings=self.settings,
            library=self.library,
            clinic_words=self.words,
            template_env=self._bare_app().jinja_env,
            out_dir=self.out,
            static=self.static,
        )

    def change(self, name: str, edit: Callable[[str], str]) -> None:
        """Edit one of the files."""
        path = self.root / name
        path.write_text(edit(path.read_text()))

    def set(self, **settings: Any) -> None:
        """Change settings."""
        self.settings = replace(self.settings, **settings)

    def read_words(self) -> PrintedWords:
        """What the clinics' settings say now."""
        if self.is_database_busy:
            raise TimeoutError("the database is busy")
        return self.words

    def both_languages(self) -> Flask:
        """The shell in English and Spanish."""
        return self.app(libraries=load_libraries())

    def app(
        self,
        *,
        monotonic: Callable[[], float] | None = None,
        libraries: dict[str, Any] | None = None,
    ) -> Flask:
        """The shell on its own, behind the real doors."""
        app = self._bare_app()
        shell = Shell(
            settings=self.settings,
            libraries=libraries or {"en": self.library},
            template_env=app.jinja_env,
            read_words=self.read_words,
            static=self.static,
            **({} if monotonic is None else {"monotonic": monotonic}),
        )
        app.secret_key = self.settings.secret_key
        LoginManager(app).user_loader(lambda _: None)
        problems.install(app)
        doors.install(app, self.settings, note_act=lambda: None, hold=lambda: None)
        routes.install(app, shell)
        return app

    def _bare_app(self) -> Flask:
        app = Flask("pwa", static_folder=None, template_folder=str(self.templates))
        languages.install(app)
        return app


def copy_house(root: Path) -> House:
    """Copy the real thing into `root`."""
    for name in ("static", "templates"):
        shutil.copytree(PROJECT_ROOT / name, root / name)
    settings = read_settings({"INSTANCE_PATH": str(root / "instance")})
    return House(root=root, settings=settings)
