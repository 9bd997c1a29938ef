"""Says everything that keeps a language from being offered, one line a fault."""

from __future__ import annotations

import sys

from pwa.guidance.errors import ContentError
from pwa.guidance.library import CONTENT, load_library
from pwa.guidance.translating import Shelf
from pwa.languages import CATALOGS, catalog_faults


def main() -> int:
    languages = sys.argv[1:] or ["es"]
    return max(_check(language) for language in languages)


def _check(language: str) -> int:
    faults = [str(fault) for fault in Shelf(CONTENT, CONTENT.parent / language).faults()]
    faults += catalog_faults(CATALOGS, language)
    if not faults:
        try:
            load_library(language=language)
        except ContentError as fault:
            faults = [str(fault)]
    print("\n".join(faults))
    print(f"{language}: {len(faults)} to mend" if faults else f"{language}: complete")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
