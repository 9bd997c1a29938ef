"""What axe, an auditor of accessibility, finds on a page. No test lives here."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN = """async (part) => {
  const frame = () => new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn)); });
  // A colour that is passed on starts to change when the one above it has changed.
  for (let still = 0, all = 0; still < 3 && all < 120; all += 1) {
    await frame();
    still = document.getAnimations().length ? 0 : still + 1;
  }
  return axe.run(part === null ? document : part, { resultTypes: ["violations"] });
}"""


def faults_of(page: Page, part: str | None = None) -> list[str]:
    """What axe finds on the page (or a part of it) as it stands, in light and in dark colours."""
    page.evaluate(AXE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [
            f"{scheme}: {fault['id']}: {node['html'][:120]}"
            for fault in page.evaluate(RUN, part)["violations"]
            for node in fault["nodes"]
        ]
    return found
