"""The pages that are the same for everybody: which there are, and their drawing.

Here: addresses, templates, and rendering once a release. Not here: the words (templates and
guidance), caching, and HTTP. Nothing of a request or a person can reach these templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateNotFound

from pwa.shell.assets import ReleaseError

OF_A_REQUEST = frozenset(
    {"request", "session", "g", "config", "url_for", "get_flashed_messages", "icon", "tel"}
)
"""Whatever needs a request. `icon` and `tel` are those of the clinic's pages; others import
theirs."""


@dataclass(frozen=True)
class Page:
    """One page, or one a joint where the address holds `<joint>`."""

    name: str
    address: str
    template: str

    @property
    def is_for_each_joint(self) -> bool:
        return "<joint>" in self.address


PAGES = (
    Page("today", "/", "public/today.html"),
    Page("aftercare", "/aftercare", "public/aftercare.html"),
    Page("aftercare_joint", "/aftercare/<joint>", "public/aftercare_joint.html"),
    Page("joints", "/joints", "public/joints.html"),
    Page("joint", "/joints/<joint>", "public/joint.html"),
    Page("prolotherapy", "/prolotherapy", "public/prolotherapy.html"),
    Page("when_to_call", "/when-to-call", "public/when_to_call.html"),
    Page("sources", "/sources", "public/sources.html"),
    Page("check_in", "/check-in", "patient/check_in.html"),
    Page("check_ins", "/check-ins", "patient/check_ins.html"),
    Page("recovery", "/recovery", "patient/recovery.html"),
    Page("start", "/start", "patient/start.html"),
    Page("you", "/you", "patient/you.html"),
    Page("sign_in", "/sign-in", "accounts/sign_in.html"),
    Page("join", "/join", "accounts/join.html"),
    Page("offline", "/offline", "public/offline.html"),
)


def draw_pages(
    env: Environment,
    *,
    library: Any,
    sites: Iterable[str],
    context: Mapping[str, Any],
    helpers: Mapping[str, Callable[..., Any]],
) -> dict[str, str]:
    """Draw every page.

    Args:
        env: the app's templates; left as it is.
        sites: the joints that are on here; the others have no page.
        context: what every page is given.
        helpers: functions that also stand inside imported macros; `_` speaks one language.
    Returns:
        The HTML by address.
    Raises:
        ReleaseError: a template is missing.
        UndefinedError: a template asks for something that no page is given.
    """
    drawing = env.overlay(undefined=StrictUndefined)
    shared = {name: value for name, value in env.globals.items() if name not in OF_A_REQUEST}
    drawing.globals = {**shared, **context, **helpers}
    sites = tuple(sites)
    drawn: dict[str, str] = {}
    for page in PAGES:
        try:
            template = drawing.get_template(page.template)
        except TemplateNotFound as missing:
            raise ReleaseError(
                f"templates/{missing.name} is missing, wanted for {page.address}"
            ) from missing
        for address, more in _addresses(page, library, sites):
            html = template.render(page=page.name, path=address, sites=sites, **more)
            drawn[address] = html.lstrip()
    return drawn


def _addresses(page: Page, library: Any, sites: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    if not page.is_for_each_joint:
        return [(page.address, {})]
    return [
        (page.address.replace("<joint>", site), {"site": site, "joint": library.joints[site]})
        for site in sites
    ]
