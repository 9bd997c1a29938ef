"""The web app manifest: what the phone calls the app, its icons and its shortcuts.

Here: what it says. Not here: how it is served.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any

from pwa.languages import ENGLISH, to_translate
from pwa.shell.assets import ReleaseError

ICONS = (
    ("img/icon-192.png", "any"),
    ("img/icon-512.png", "any"),
    ("img/icon-maskable-512.png", "maskable"),
)
SCREENSHOTS = (
    (
        "img/screenshot-narrow-1.png",
        "narrow",
        to_translate("Today, three days after a knee injection"),
    ),
    ("img/screenshot-narrow-2.png", "narrow", to_translate("Choose your joint")),
    ("img/screenshot-wide-1.png", "wide", to_translate("Aftercare for the knee")),
)
SHORTCUTS = (
    (to_translate("Check in"), "/check-in?from=shortcut"),
    (to_translate("When to call"), "/when-to-call"),
    (to_translate("Aftercare"), "/aftercare"),
)
PAPER = "#FBFAF7"
PNG_START = b"\x89PNG\r\n\x1a\n"


def draw_manifest(
    *,
    clinic_name: str | None,
    files: Mapping[str, bytes],
    asset: Callable[[str], str],
    language: str = ENGLISH,
    direction: str = "ltr",
    _: Callable[[str], str] = str,
) -> bytes:
    """The manifest as JSON; a screenshot that has not been taken is left out.

    Args:
        _: says a sentence in the language.
    Raises:
        ReleaseError: an icon is missing or is not a PNG.
    """
    manifest: dict[str, Any] = {
        "id": "/",
        "name": _("%(clinic)s: aftercare") % {"clinic": clinic_name}
        if clinic_name
        else _("Prolotherapy Aftercare"),
        "short_name": _("Aftercare"),
        "description": _(
            "What to do after a joint injection, by day. Check in with your clinic. "
            "It opens without signal."
        ),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "lang": language,
        "dir": direction,
        "categories": ["health", "medical"],
        "icons": [{**_image(name, files, asset), "purpose": purpose} for name, purpose in ICONS],
        "shortcuts": [
            {
                "name": _(name),
                "url": address,
                "icons": [_image("img/icon-192.png", files, asset)],
            }
            for name, address in SHORTCUTS
        ],
    }
    screenshots = [
        {**_image(name, files, asset), "form_factor": form_factor, "label": _(label)}
        for name, form_factor, label in SCREENSHOTS
        if name in files
    ]
    if screenshots:
        manifest["screenshots"] = screenshots
    return json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode()


def _image(name: str, files: Mapping[str, bytes], asset: Callable[[str], str]) -> dict[str, str]:
    if name not in files:
        raise ReleaseError(f"static/{name} is missing: run script/make-icons")
    width, height = png_size(name, files[name])
    return {"src": asset(name), "sizes": f"{width}x{height}", "type": "image/png"}


def png_size(name: str, image: bytes) -> tuple[int, int]:
    """Width and height in pixels, read from the PNG's own header.

    Raises:
        ReleaseError: it is not a PNG.
    """
    if not image.startswith(PNG_START) or len(image) < 24:
        raise ReleaseError(f"static/{name} is not a PNG")
    width, height = struct.unpack(">II", image[16:24])
    return width, height
