"""Smaller PNG files: a page has few colours, so a palette of them is enough to look at."""

from __future__ import annotations

import importlib
import io
from pathlib import Path

COLOURS = 256


def write_small(png: bytes, path: Path) -> None:
    """Write this picture with a palette.

    Raises:
        SystemExit: Pillow is not here; the message says how to get it.
    """
    try:
        pillow = importlib.import_module("PIL.Image")
    except ImportError:
        raise SystemExit("This needs Pillow once: .venv/bin/pip install pillow") from None
    with pillow.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=pillow.Dither.NONE)
        few.save(path, optimize=True)
