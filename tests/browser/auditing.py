"""What axe, an auditor of accessibility, finds on a page. No test lives here."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""What a theme can change: ours are other values of the same colours (tokens.css)."""
RUN = """async ([part, rules]) => {
  const frame = () => new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn)); });
  // A colour that is passed on starts to change when the one above it has changed.
  for (let still = 0, all = 0; still < 3 && all < 120; all += 1) {
    await frame();
    still = document.getAnimations().length ? 0 : still + 1;
  }
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run(part === null ? document : part, options);
  // All that axe tells would cost as much to hand over as to find.
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


def faults_of(page: Page, part: str | None = None, *, in_dark: bool = True) -> list[str]:
    """What axe finds on the page (or a part of it) as it stands, in light and in dark colours."""
    page.evaluate(AXE)
    found = []
    for scheme, rules in (("light", None), ("dark", OF_COLOUR))[: 1 + in_dark]:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {fault[:140]}" for fault in page.evaluate(RUN, [part, rules])]
    return found
