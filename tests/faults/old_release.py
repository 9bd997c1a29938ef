"""What a phone keeps of a release, packed into a file, and put before a page again later.

As a command it packs the release of the code that it runs in: python -m tests.faults.old_release
FILE.tar.xz
"""

from __future__ import annotations

import io
import mimetypes
import sys
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import BrowserContext, Route

from pwa import create_app
from pwa.operations.prepare import prepare_database

FOLDER = Path(__file__).parent / "releases"
PUBLIC = ("/joints", "/aftercare", "/prolotherapy", "/when-to-call", "/sources")
"""Pages without a script of their own that matters here; they would double the file."""


def pack(app: Flask, file: Path) -> None:
    """Write what a phone keeps of this app's release."""
    release = app.extensions["shell"].release()
    client = app.test_client()
    with tarfile.open(file, "w:xz") as packed:
        for address in sorted(release.kept):
            if address.startswith(PUBLIC):
                continue
            data = client.get(address).get_data()
            entry = tarfile.TarInfo(_name_of(address))
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))


def unpack(file: Path) -> dict[str, bytes]:
    """The packed files by name."""
    with tarfile.open(file) as packed:
        return {
            entry.name: found.read()
            for entry in packed
            if (found := packed.extractfile(entry)) is not None
        }


def newest() -> Path:
    """The file of the release that shipped last."""
    return max(FOLDER.glob("*.tar.xz"))


def serve_old(context: BrowserContext, files: dict[str, bytes]) -> None:
    """Let this browser have the old release from its cache, and the server for all else."""

    def answer(route: Route) -> None:
        name = _name_of(urlsplit(route.request.url).path)
        if route.request.method != "GET" or name not in files:
            route.continue_()
            return
        kind = mimetypes.guess_type(name)[0] or "text/html"
        route.fulfill(body=files[name], content_type=f"{kind}; charset=utf-8")

    context.route("**/*", answer)


def _name_of(address: str) -> str:
    name = address.strip("/") or "index"
    return name if "." in name.rpartition("/")[2] else f"{name}.html"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE_PATH": folder})
        with app.app_context():
            prepare_database()
        pack(app, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
