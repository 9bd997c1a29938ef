"""Whether phones are told to let go of the worker, because a release went wrong.

Here: the switch, a file in the instance folder that every process sees at once. Not here: what a
phone then does (`static/js/sw/let_go.js`), and who may throw it (`operations`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pwa.files import fsync_folder, write_private

LET_GO = "js/sw/let_go.js"
"""The asset that is served as `/sw.js` meanwhile."""
FILE = "worker_switched_off"


def off_since(instance_path: Path) -> str | None:
    """When the worker was switched off; None where it is served."""
    try:
        return (instance_path / FILE).read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def switch_off(instance_path: Path, *, at: datetime) -> None:
    """From now on phones let go of the worker. Harmless when done twice."""
    if off_since(instance_path) is None:
        write_private(instance_path / FILE, f"{at.isoformat(timespec='seconds')}\n")


def switch_on(instance_path: Path) -> None:
    """Serve the worker again. Harmless when done twice."""
    (instance_path / FILE).unlink(missing_ok=True)
    fsync_folder(instance_path)
