"""What the phone loads beside the pages: one CSS bundle, each JS module, images.

Here: minifying, content types, and who refers to whom. Not here: the release's id, its file list,
and HTTP.
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from webassets import Bundle, Environment

STYLES = "css/app.css"
FIRST_STYLES = ("css/tokens.css", "css/base.css")
WORKER = "js/sw/worker.js"
MAIN_MODULE = "js/main.js"
PAGE_MODULES = "js/pages/"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
TEXT = ("text/", "application/", "image/svg+xml")

STATIC_IMPORT = re.compile(
    r"""(?:^|[;}\n])[^\S\n]*(?:import|export)\b(?:[\w\s{},*$]*?\bfrom\b)?\s*["']([^"'\n]+)["']"""
)
DYNAMIC_IMPORT = re.compile(r"""\bimport\(\s*(?:["']([^"'\n]+)["']\s*\))?""")
STYLE_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


class ReleaseError(Exception):
    """A file from which no whole release can be made; the message names it and says why."""


@dataclass(frozen=True)
class File:
    """One answer to a phone, ready to go out, plain and gzipped."""

    body: bytes
    gzipped: bytes | None
    content_type: str
    etag: str


def as_file(name: str, body: bytes) -> File:
    """Make an answer of these bytes; the name's ending decides the content type.

    Raises:
        ReleaseError: an ending that has no content type here.
    """
    content_type = CONTENT_TYPES.get(posixpath.splitext(name)[1])
    if content_type is None:
        raise ReleaseError(f"{name}: no content type is known for this ending")
    gzipped = None
    if content_type.startswith(TEXT):
        smaller = gzip.compress(body, compresslevel=9, mtime=0)
        gzipped = smaller if len(smaller) < len(body) else None
    return File(body, gzipped, content_type, hashlib.sha256(body).hexdigest()[:20])


def build_assets(*, static: Path, out: Path) -> dict[str, bytes]:
    """Minify everything under `static` into `out`, folders kept; the worker too.

    Returns:
        The bytes by path ("js/main.js"), in the order of their names.
    """
    # webassets' own cache goes stale when an imported file changes, so it stays off.
    env = Environment(directory=str(out), url="/", cache=False, manifest=False)
    env.append_path(str(static))
    styles = _names(static, "css", ".css")
    first = [name for name in FIRST_STYLES if name in styles]
    rest = [name for name in styles if name not in FIRST_STYLES]
    _build(env, [*first, *rest], "rcssmin", STYLES)
    for name in _names(static, "js", ".js"):
        _build(env, [name], "rjsmin", name)
    built = {name: (out / name).read_bytes() for name in _names(out, ".", "")}
    built.update((name, (static / name).read_bytes()) for name in _names(static, "img", ""))
    return dict(sorted(built.items()))


@dataclass(frozen=True)
class Assets:
    """Built files, and which of them each one names: modules it imports, images its CSS shows."""

    files: Mapping[str, bytes]
    references: Mapping[str, Sequence[str]]

    def reachable(self, start: Iterable[str]) -> set[str]:
        """Everything that these files need, themselves included."""
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.references[name])
        return found

    def pages_with_modules(self) -> set[str]:
        """The names of the pages that `main.js` has a module for."""
        return {
            name.removeprefix(PAGE_MODULES).removesuffix(".js")
            for name in self.references[MAIN_MODULE]
            if name.startswith(PAGE_MODULES)
        }

    def modules_for_page(self, page: str) -> list[str]:
        """The modules that a page runs, in the order in which it first meets them.

        Other pages' modules are left out, though `main.js` could import them.
        """
        own = f"{PAGE_MODULES}{page}.js"
        found: list[str] = []
        waiting = [MAIN_MODULE]
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            found.append(name)
            wanted = self.references[name]
            if name == MAIN_MODULE:
                wanted = [one for one in wanted if one == own or not one.startswith(PAGE_MODULES)]
            waiting.extend(wanted)
        return found


def link(files: Mapping[str, bytes]) -> Assets:
    """See which file needs which.

    Raises:
        ReleaseError: a reference that leads nowhere or out of the release; no `main.js`.
    """
    if MAIN_MODULE not in files:
        raise ReleaseError(f"static/{MAIN_MODULE} is missing")
    return Assets(files, {name: _references(name, files) for name in files})


def _references(name: str, files: Mapping[str, bytes]) -> list[str]:
    if name.endswith(".js"):
        text = files[name].decode()
        return _resolve(name, [*static_imports(text), *dynamic_imports(name, text)], files)
    if name.endswith(".css"):
        return _resolve(name, STYLE_URL.findall(files[name].decode()), files)
    return []


def static_imports(text: str) -> list[str]:
    """What a module imports before it runs."""
    return STATIC_IMPORT.findall(text)


def dynamic_imports(name: str, text: str) -> list[str]:
    """What a module imports later.

    Raises:
        ReleaseError: the address is not a literal, so nobody can know what to install.
    """
    found = DYNAMIC_IMPORT.findall(text)
    if "" in found:
        raise ReleaseError(f"{name}: import() needs a literal address")
    return found


def _resolve(name: str, specifiers: Iterable[str], files: Mapping[str, bytes]) -> list[str]:
    resolved = []
    for specifier in specifiers:
        if name.endswith(".js") and not specifier.startswith(("./", "../")):
            raise ReleaseError(f"{name}: {specifier!r} is not a relative address")
        path = specifier.partition("#")[0]
        if not path:
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        if target not in files:
            raise ReleaseError(f"{name}: {specifier!r} is not in the release")
        resolved.append(target)
    return resolved


def _build(env: Environment, sources: list[str], minifier: str, output: str) -> None:
    if sources:
        env.register(output, Bundle(*sources, filters=minifier, output=output)).build(force=True)


def _names(root: Path, folder: str, ending: str) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix()
        for path in (root / folder).rglob(f"*{ending}")
        if path.is_file() and not path.name.startswith(".")
    )
