"""One release: every byte that a phone is given, and the name that follows from them.

Here: making it, naming it, the list of what a phone keeps, and older releases on disk. Not here:
which release is served now (`current.py`), and HTTP.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment

from pwa.config import PROJECT_ROOT, Settings
from pwa.languages import words_for_templates
from pwa.qr_codes import draw_qr
from pwa.shell.assets import (
    WORKER,
    Assets,
    File,
    ReleaseError,
    as_file,
    build_assets,
    link,
)
from pwa.shell.drawings import each_joint, set_in
from pwa.shell.manifest import draw_manifest
from pwa.shell.pages import PAGES, draw_pages
from pwa.shell.whole import WHOLE, as_kept, pack

STATIC = PROJECT_ROOT / "static"
MANIFEST = "/manifest.webmanifest"
STAND_IN = "release-to-be-named"
RELEASE_ID = re.compile(r"[0-9a-f]{16}")
KEPT_RELEASES = 40
UNFINISHED_S = 3600
ASSET_ADDRESS = re.compile(rf"/assets/{STAND_IN}/([\w./-]+)")


@dataclass(frozen=True)
class PrintedWords:
    """What the pages print of the clinics on this server.

    Attributes:
        snapshot: the clinic's own words where the server has exactly one clinic, else None.
        sites: the joints that are on at any clinic; None where there is no clinic yet.
        languages_off: what every clinic here leaves out.
    """

    snapshot: Mapping[str, Any] | None = None
    sites: frozenset[str] | None = None
    languages_off: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Release:
    """A finished release, in one language.

    Attributes:
        id: 16 hexadecimal digits over everything below.
        pages: by address, "/aftercare/knee".
        assets: by path below `/assets/<id>/`, "js/main.js".
        kept: the addresses that the worker keeps on the phone.
        preloads: by the name of a page the addresses of the modules that it runs.
    """

    id: str
    pages: Mapping[str, File]
    assets: Mapping[str, File]
    worker: File
    manifest: File
    kept: tuple[str, ...]
    preloads: Mapping[str, tuple[str, ...]]

    def asset(self, path: str) -> str:
        """The address of an asset.

        Raises:
            ReleaseError: the release holds no such file.
        """
        if path not in self.assets:
            raise ReleaseError(f"{path} is not in the release")
        return f"/assets/{self.id}/{path}"

    def file(self, address: str) -> File:
        """What is served at an address that the phone keeps."""
        if address == MANIFEST:
            return self.manifest
        path = address.removeprefix(f"/assets/{self.id}/")
        return self.pages[address] if path == address else self.assets[path]


def build_release(
    *,
    settings: Settings,
    library: Any,
    clinic_words: PrintedWords,
    template_env: Environment,
    out_dir: Path,
    static: Path = STATIC,
    catalog: NullTranslations | None = None,
    languages: Mapping[str, str] | None = None,
) -> Release:
    """Make the release of these inputs and keep its assets in `out_dir`.

    Each language is a release of its own: the library says which, `catalog` has the words of its
    screens, and `languages` has all that there are, by code, each in its own name.

    It is made anew at every start: that takes a fraction of a second, and a kept one could be
    stale. The same inputs give the same id in every process.

    Raises:
        ReleaseError: something is missing; the message says which file.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=out_dir, prefix=".making-"))
    try:
        built = build_assets(static=static, out=making)
        worker = built.pop(WORKER, None)
        if worker is None:
            raise ReleaseError(f"static/{WORKER} is missing")
        worker = _notice(library) + worker
        built |= each_joint(built)
        guidance = guidance_path(library.language)
        words = library.for_phone()
        built[guidance] = _in_lines(words)
        built[phrases_path(library.language)] = _as_json(words["phrases"])
        assets = link(built)
        drawn = _draw(
            settings=settings,
            library=library,
            clinic_words=clinic_words,
            env=template_env,
            assets=assets,
            catalog=catalog or NullTranslations(),
            languages=languages or {library.language: library.language_name},
        )
        release = _name(assets, drawn, worker)
        _keep(release, making, out_dir)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return release


def guidance_path(language: str) -> str:
    """Where a release has its words and rules."""
    return f"guidance/{language}.json"


def phrases_path(language: str) -> str:
    """Where what screens say stands once more, for pages that need nothing else of it."""
    return f"guidance/{language}.phrases.json"


def sites_that_are_on(library: Any, clinic_words: PrintedWords) -> tuple[str, ...]:
    """The joints that have a page here, in the library's order."""
    if clinic_words.sites is None:
        return tuple(site for site, joint in library.joints.items() if joint.is_on_by_default)
    return tuple(site for site in library.joints if site in clinic_words.sites)


def read_older_asset(out_dir: Path, release_id: str, path: str) -> File | None:
    """A file of a release that another process made or an earlier start served."""
    if not RELEASE_ID.fullmatch(release_id) or not (out_dir / release_id).is_dir():
        return None
    if path not in _older_names(out_dir, release_id):
        return None
    return _read_older(out_dir, release_id, path)


@dataclass(frozen=True)
class _Drawn:
    pages: Mapping[str, bytes]
    manifest: bytes


@dataclass(frozen=True)
class _Unnamed:
    """Stands for the release while its pages are drawn and its id is not known."""

    id: str = STAND_IN


def _draw(
    *,
    settings: Settings,
    library: Any,
    clinic_words: PrintedWords,
    env: Environment,
    assets: Assets,
    catalog: NullTranslations,
    languages: Mapping[str, str],
) -> _Drawn:
    def asset(path: str) -> str:
        if path not in assets.files:
            raise ReleaseError(f"a template asks for {path}, which is not in the release")
        return f"/assets/{STAND_IN}/{path}"

    def module_preloads(page: str) -> list[str]:
        return [asset(name) for name in assets.modules_for_page(page)]

    snapshot = clinic_words.snapshot
    pages = draw_pages(
        env,
        library=library,
        sites=sites_that_are_on(library, clinic_words),
        context={
            "library": library,
            "settings": settings,
            "release": _Unnamed(),
            "release_id": STAND_IN,
            "is_demo": settings.is_demo,
            "clinic": snapshot,
            "languages": languages,
        },
        helpers={
            "asset": asset,
            "module_preloads": module_preloads,
            "qr_of": lambda address: draw_qr(settings.public_url + address),
            **words_for_templates(catalog, library.language),
        },
    )
    manifest = draw_manifest(
        clinic_name=snapshot["name"] if snapshot else None,
        files=assets.files,
        asset=asset,
        language=library.language,
        direction=library.direction,
        _=catalog.gettext,
    )
    folder = f"/assets/{STAND_IN}/"
    held = {one: set_in(page, files=assets.files, folder=folder) for one, page in pages.items()}
    return _Drawn({address: html.encode() for address, html in held.items()}, manifest)


def _name(assets: Assets, drawn: _Drawn, worker: bytes) -> Release:
    kept_paths = _kept_paths(assets, drawn)
    digest = hashlib.sha256()
    copies = {
        f"copy of {one}": as_kept(page.decode()).encode() for one, page in drawn.pages.items()
    }
    parts = {**assets.files, **drawn.pages, **copies, MANIFEST: drawn.manifest, "/sw.js": worker}
    for name, body in sorted(parts.items()):
        digest.update(_as_json([name, hashlib.sha256(body).hexdigest()]))
    release_id = digest.hexdigest()[:16]

    def named(body: bytes) -> bytes:
        return body.replace(STAND_IN.encode(), release_id.encode())

    def addresses(paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(f"/assets/{release_id}/{path}" for path in paths)

    pages = {page.name for page in PAGES} | assets.pages_with_modules()
    kept = (*drawn.pages, MANIFEST, *addresses(kept_paths))
    head = f"const RELEASE={json.dumps(release_id)};const FILES={json.dumps(kept)};\n"
    release = Release(
        id=release_id,
        pages={address: as_file("page.html", named(body)) for address, body in drawn.pages.items()},
        assets={name: as_file(name, body) for name, body in assets.files.items()},
        worker=as_file("sw.js", head.encode() + worker),
        manifest=as_file(MANIFEST, named(drawn.manifest)),
        kept=kept,
        preloads={page: addresses(assets.modules_for_page(page)) for page in pages},
    )
    whole = pack(release_id, {address: release.file(address) for address in kept})
    return replace(release, assets={**release.assets, WHOLE: whole})


def _kept_paths(assets: Assets, drawn: _Drawn) -> list[str]:
    """What the pages name, what that in turn names, and the guidance, which modules fetch."""
    named = {path for html in drawn.pages.values() for path in ASSET_ADDRESS.findall(html.decode())}
    words = {name for name in assets.files if name.startswith("guidance/")}
    needed = assets.reachable(named | words)
    modules = b"".join(assets.files[name] for name in needed if name.endswith(".js"))
    images = {name for name in assets.files if name.startswith("img/")}
    return sorted(needed | {image for image in images if image.encode() in modules})


def _notice(library: Any) -> bytes:
    """What the worker shows when a reminder comes, in the language of this release."""
    said = {part: library.phrases[f"notice_{part}"] for part in ("title", "words")}
    return b"const NOTICE=" + _as_json(said) + b";\n"


def _in_lines(value: Mapping[str, Any]) -> bytes:
    """Each part on a line of its own, which the whole release holds once (`whole.py`)."""
    parts = (_as_json(name) + b":\n" + _as_json(part) for name, part in value.items())
    return b"{" + b"\n,".join(parts) + b"\n}"


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _keep(release: Release, making: Path, out_dir: Path) -> None:
    """Put the assets where other processes and later releases find them, all or nothing."""
    target = out_dir / release.id
    if target.is_dir():
        os.utime(target)
    else:
        shutil.rmtree(making / "js" / "sw", ignore_errors=True)
        for name, file in release.assets.items():
            path = making / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.body)
        making.chmod(0o755)
        try:
            making.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    _forget_oldest(out_dir)


def _forget_oldest(out_dir: Path) -> None:
    kept: list[tuple[float, Path]] = []
    for path in out_dir.iterdir():
        try:
            changed = path.stat().st_mtime
        except FileNotFoundError:
            continue
        if RELEASE_ID.fullmatch(path.name):
            kept.append((changed, path))
        elif path.name.startswith(".making-") and changed < time.time() - UNFINISHED_S:
            shutil.rmtree(path, ignore_errors=True)
    for _, path in sorted(kept, reverse=True)[KEPT_RELEASES:]:
        shutil.rmtree(path, ignore_errors=True)


@lru_cache(maxsize=KEPT_RELEASES)
def _older_names(out_dir: Path, release_id: str) -> frozenset[str]:
    root = out_dir / release_id
    return frozenset(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()
    )


@lru_cache(maxsize=256)
def _read_older(out_dir: Path, release_id: str, path: str) -> File | None:
    try:
        return as_file(path, (out_dir / release_id / path).read_bytes())
    except FileNotFoundError:
        return None
