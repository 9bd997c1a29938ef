"""Small drawings: how a page comes to hold or to name just those that it shows.

Here: the icons set into the pages themselves, and each joint by itself out of the file of all. Not
here: the drawings (`static/img`), and those that modules draw (`static/js/ui/icons.js`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pwa.shell.assets import ReleaseError

ICONS = "img/icons.svg"
JOINTS = "img/joints.svg"
SYMBOL = re.compile(r'<symbol id="([\w-]+)"([^>]*)>(.*?)</symbol>\n?', re.DOTALL)


def each_joint(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A file for each joint, so that nobody fetches ten for one: "img/joints/knee.svg"."""
    drawn = _text(files, JOINTS)
    found = list(SYMBOL.finditer(drawn))
    if not found:
        return {}
    head, tail = drawn[: found[0].start()], drawn[found[-1].end() :]
    return {_of_joint(one[1]): f"{head}{one[0]}{tail}".encode() for one in found}


def set_in(html: str, *, files: Mapping[str, bytes], folder: str) -> str:
    """The page with its icons in it, and with the drawing of the one joint that it shows.

    An icon that is there with the first words is not seen arriving, and a file of many would be
    read before them.

    Args:
        folder: where the page has these files, "/assets/<release>/".

    Raises:
        ReleaseError: an icon that is not drawn; the message names it.
    """
    icons = {name: (how, what) for name, how, what in SYMBOL.findall(_text(files, ICONS))}
    html = _with_icons(html, icons, folder)
    shown = re.findall(rf"{folder}{JOINTS}#(\w+)", html)
    if len(shown) == 1:
        return _with_joint(html, _text(files, JOINTS), folder)
    if len(set(shown)) == 1:
        return html.replace(f"{folder}{JOINTS}#", f"{folder}{_of_joint(shown[0])}#")
    return html


def _with_joint(html: str, joints: str, folder: str) -> str:
    """A joint that is shown once needs no file."""
    drawn = {name: what for name, _, what in SYMBOL.findall(joints)}
    how = re.match(r"<svg xmlns=\S+([^>]*)>", joints)

    def put(found: re.Match[str]) -> str:
        return f"<g{how[1] if how else ''}>{drawn[found[1]]}</g>"

    return re.sub(rf'<use href="{folder}{JOINTS}#(\w+)"></use>', put, html)


def _with_icons(html: str, icons: Mapping[str, tuple[str, str]], folder: str) -> str:
    def drawn(found: re.Match[str]) -> str:
        if found[2] not in icons:
            raise ReleaseError(f"{ICONS} has no {found[2]}")
        how, what = icons[found[2]]
        return f"<svg{found[1]}{how}>{what}</svg>"

    return re.sub(rf'<svg([^>]*)><use href="{folder}{ICONS}#([\w-]+)"></use></svg>', drawn, html)


def _of_joint(site: str) -> str:
    return f"{JOINTS.removesuffix('.svg')}/{site}.svg"


def _text(files: Mapping[str, bytes], name: str) -> str:
    return files.get(name, b"").decode()
