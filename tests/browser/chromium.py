"""Which Chromium the browser tests drive, and how it is started.

The system's where there is one, else the packed one that `fetch_chromium.py` put into
`.browser/`. The variable CHROMIUM overrules: "packed", or the path of another.
"""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKED_VERSION = "153.0.0"
PACKED = ROOT / ".browser" / f"chromium-{PACKED_VERSION}"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHED_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "BoundaryEventDispatchTracksNodeRemoval",
    "DestroyProfileOnBrowserClose",
    "DialMediaRouteProvider",
    "GlobalMediaControls",
    "HttpsUpgrades",
    "InitialWebUI",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreloadTopChromeWebUI",
    "RenderDocument",
    "ThirdPartyStoragePartitioning",
    "Translate",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUITabStrip",
)
"""The browser's own bars are pages of script, which cost more than half of each start. The last
list of features counts, so what Playwright switches off stands in it too."""
ARGUMENTS = (
    f"--disable-features={','.join(SWITCHED_OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 915},
    "is_mobile": True,
    "has_touch": True,
}
"""A common phone, for `launch_persistent_context` or `new_context`."""


class NoChromium(Exception):
    """There is none here; the message says why."""


@dataclass(frozen=True)
class Chromium:
    """A Chromium that can be started.

    Attributes:
        is_packed: a headless shell: no Background Sync, notifications or install prompt.
    """

    executable: str
    is_packed: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def launch_options(self) -> dict[str, Any]:
        """For Playwright's `launch` and `launch_persistent_context`."""
        return {
            "executable_path": self.executable,
            "args": list(ARGUMENTS),
            "env": {**os.environ, **self.environment},
        }


def find_chromium() -> Chromium:
    """The Chromium to use.

    Raises:
        NoChromium: there is none.
    """
    wanted = os.environ.get("CHROMIUM", "")
    if wanted not in ("", "packed"):
        if not os.access(wanted, os.X_OK):
            raise NoChromium(f"CHROMIUM names {wanted}, which cannot be run")
        return Chromium(executable=wanted)
    system = None if wanted == "packed" else find_system_chromium()
    if system is not None:
        return Chromium(executable=system)
    if not (PACKED / "chromium").exists():
        raise NoChromium(why_not_packed() or "script/test has not fetched the packed Chromium")
    return Chromium(
        executable=str(PACKED / "chromium"),
        is_packed=True,
        environment={
            "LD_LIBRARY_PATH": str(PACKED / "lib"),
            "FONTCONFIG_FILE": str(PACKED / "fonts.conf"),
        },
    )


def without_window(chromium: Chromium) -> Chromium:
    """The same engine without a window and its bars, where it is installed beside this one: pages
    cost a quarter less. It has no Background Sync, notifications or install prompt."""
    path = shutil.which("chromium-headless-shell")
    if path is None or os.environ.get("CHROMIUM"):
        return chromium
    return Chromium(executable=path)


def find_system_chromium() -> str | None:
    """The path of an installed Chromium."""
    return next((path for name in SYSTEM_NAMES if (path := shutil.which(name))), None)


def why_not_packed() -> str | None:
    """Why the packed Chromium cannot run on this machine; None where it can."""
    here = f"{platform.system()} on {platform.machine()}"
    if here != "Linux on x86_64":
        return f"no Chromium is installed, and the packed one is not made for {here}"
    return None


def chromium_or_skip() -> Chromium:
    """The Chromium to use; without one the test is skipped, or fails where CI could install it."""
    try:
        return find_chromium()
    except NoChromium as error:
        _leave_out(str(error))


def skip_if_packed(chromium: Chromium, *, needs: str) -> None:
    """Skip a test that needs what a headless shell has not, such as "Background Sync"."""
    if chromium.is_packed:
        pytest.skip(f"the packed Chromium has no {needs}")


def _leave_out(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI has to have a Chromium: {reason}", pytrace=False)
    pytest.skip(reason)
