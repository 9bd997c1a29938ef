"""The pages there are."""

from __future__ import annotations

from script.describing import asvs, faults

PAGES = (asvs, faults)
