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
from functools import cached_property, lru_cache
from pathlib import Path

import brotli
from webassets import Bundle, Environment

STYLES = "css/app.css"
STYLES_OF_THE_DESK = "css/desk.css"
FOLDER_OF_THE_DESK = "css/desk/"
FIRST_STYLES = ("css/tokens.css", "css/base.css")
WORKER = "js/sw/worker.js"
MAIN_MODULE = "js/main.js"
PHONE_MODULE = "js/phone.js"
PAGE_MODULES = "js/pages/"
FOR_MEMBERS = frozenset({"today"})
"""Pages whose module runs for those who are signed in alone, as `main.js` says too."""
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
LARGE = 256 * 1024
BEST, QUICK = 11, 9

STATIC_IMPORT = re.compile(
    r"""(?:^|[;}\n])[^\S\n]*(?:import|export)\b(?:[\w\s{},*$]*?\bfrom\b)?\s*["']([^"'\n]+)["']"""
)
DYNAMIC_IMPORT = re.compile(r"""\bimport\(\s*(?:["']([^"'\n]+)["']\s*\))?""")
STYLE_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


class ReleaseError(Exception):
    """A file from which no whole release can be made; the message names it and says why."""


@dataclass(frozen=True)
class File:
    """One answer to a phone. It is made smaller when the first phone asks, and then kept."""

    body: bytes
    content_type: str
    etag: str

    @property
    def is_text(self) -> bool:
        """Whether it can be made smaller for the way; pictures in pixels are so already."""
        return self.content_type.startswith(TEXT)

    @cached_property
    def gzipped(self) -> bytes | None:
        """For browsers that know no better; None where that would save nothing."""
        if not self.is_text:
            return None
        return self._if_smaller(gzip.compress(self.body, compresslevel=9, mtime=0))

    @cached_property
    def brotlied(self) -> bytes | None:
        """A seventh smaller than gzip; None where that would save nothing."""
        if not self.is_text:
            return None
        # The best there is takes a second a megabyte, and nobody should wait for it.
        quality = QUICK if len(self.body) > LARGE else BEST
        return self._if_smaller(brotli.compress(self.body, quality=quality))

    def _if_smaller(self, compressed: bytes) -> bytes | None:
        return compressed if len(compressed) < len(self.body) else None


def as_file(name: str, body: bytes) -> File:
    """Make an answer of these bytes; the name's ending decides the content type.

    Raises:
        ReleaseError: an ending that has no content type here.
    """
    content_type = CONTENT_TYPES.get(posixpath.splitext(name)[1])
    if content_type is None:
        raise ReleaseError(f"{name}: no content type is known for this ending")
    return _file(content_type, body)


@lru_cache(maxsize=1024)
def _file(content_type: str, body: bytes) -> File:
    """Most files are the same in every language and in the next release: made smaller once."""
    return File(body, content_type, hashlib.sha256(body).hexdigest()[:20])


def build_assets(*, static: Path, out: Path) -> dict[str, bytes]:
    """Minify everything under `static` into `out`, folders kept; the worker too.

    The clinic's pages have a style of their own, with everything in it, so that no phone is given
    what only a desk shows.

    Returns:
        The bytes by path ("js/main.js"), in the order of their names.
    """
    # webassets' own cache goes stale when an imported file changes, so it stays off.
    env = Environment(directory=str(out), url="/", cache=False, manifest=False)
    env.append_path(str(static))
    styles = _styles(static)
    _build(
        env, [one for one in styles if not one.startswith(FOLDER_OF_THE_DESK)], "rcssmin", STYLES
    )
    _build(env, styles, "rcssmin", STYLES_OF_THE_DESK)
    for name in _names(static, "js", ".js"):
        _build(env, [name], "rjsmin", name)
    built = {name: (out / name).read_bytes() for name in _names(out, ".", "")}
    built.update((name, (static / name).read_bytes()) for name in _names(static, "img", ""))
    return dict(sorted(built.items()))


@dataclass(frozen=True)
class Assets:
    """Built files, and which of them each one names: modules it imports, images its CSS shows.

    Attributes:
        references: all that a file names.
        at_once: of those, the modules that have to be there before it runs.
    """

    files: Mapping[str, bytes]
    references: Mapping[str, Sequence[str]]
    at_once: Mapping[str, Sequence[str]]

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
        """The modules that a page runs for everybody, in the order in which it first meets them.

        Whatever stands behind an `import()` is left out but for the phone and the page's own
        module: a first visit fetches nothing that it may not need.
        """
        own = f"{PAGE_MODULES}{page}.js"
        found: list[str] = []
        waiting = [MAIN_MODULE, PHONE_MODULE]
        if page not in FOR_MEMBERS and own in self.references[MAIN_MODULE]:
            waiting.append(own)
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found.append(name)
                waiting.extend(self.at_once[name])
        return [name for name in found if name in self.files]


def link(files: Mapping[str, bytes]) -> Assets:
    """See which file needs which.

    Raises:
        ReleaseError: a reference that leads nowhere or out of the release; no `main.js`.
    """
    if MAIN_MODULE not in files:
        raise ReleaseError(f"static/{MAIN_MODULE} is missing")
    return Assets(
        files,
        references={name: _references(name, files) for name in files},
        at_once={name: _imported_at_once(name, files) for name in files},
    )


def _imported_at_once(name: str, files: Mapping[str, bytes]) -> list[str]:
    if not name.endswith(".js"):
        return []
    return _resolve(name, static_imports(files[name].decode()), files)


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


def _styles(static: Path) -> list[str]:
    """What comes first, then the components by name, whether a phone needs them or a desk."""
    styles = _names(static, "css", ".css")
    first = [name for name in FIRST_STYLES if name in styles]
    rest = [name for name in styles if name not in FIRST_STYLES]
    rest.sort(key=lambda name: name.replace(FOLDER_OF_THE_DESK, "css/components/"))
    return [*first, *rest]


def _names(root: Path, folder: str, ending: str) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix()
        for path in (root / folder).rglob(f"*{ending}")
        if path.is_file() and not path.name.startswith(".")
    )
