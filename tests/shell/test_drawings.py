"""Icons stand in the pages themselves; one that is not drawn is found before anybody misses it."""

from __future__ import annotations

import pytest

from pwa.shell.assets import ReleaseError
from pwa.shell.drawings import ICONS, JOINTS, each_joint, set_in

FOLDER = "/assets/x/"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" stroke-width="1.5">'
FILES = {
    ICONS: b'<svg><symbol id="leaf" viewBox="0 0 9 9" fill="none"><path d="M1 1"/></symbol></svg>',
    JOINTS: (
        f'{HEAD}<defs>\n<symbol id="hip" viewBox="0 0 9 9"><path d="M2 2"/></symbol>\n'
        f'<symbol id="knee" viewBox="0 0 9 9"><path d="M3 3"/></symbol>\n</defs></svg>'
    ).encode(),
}


def shows(name: str, path: str) -> str:
    return f'<svg class="one"><use href="{FOLDER}{path}#{name}"></use></svg>'


def test_an_icon_is_set_into_the_page() -> None:
    html = set_in(f"<p>{shows('leaf', ICONS)}</p>", files=FILES, folder=FOLDER)
    drawn = '<svg class="one" viewBox="0 0 9 9" fill="none"><path d="M1 1"/></svg>'
    assert html == f"<p>{drawn}</p>"


def test_an_icon_that_is_not_drawn_makes_no_release() -> None:
    with pytest.raises(ReleaseError, match="has no oak"):
        set_in(shows("oak", ICONS), files=FILES, folder=FOLDER)


def test_a_joint_that_is_shown_once_stands_in_the_page() -> None:
    html = set_in(shows("knee", JOINTS), files=FILES, folder=FOLDER)
    assert html == '<svg class="one"><g stroke-width="1.5"><path d="M3 3"/></g></svg>'


def test_a_joint_that_is_shown_twice_comes_alone_and_several_come_together() -> None:
    twice = set_in(shows("hip", JOINTS) * 2, files=FILES, folder=FOLDER)
    assert twice == shows("hip", "img/joints/hip.svg") * 2
    both = shows("hip", JOINTS) + shows("knee", JOINTS)
    assert set_in(both, files=FILES, folder=FOLDER) == both
    alone = each_joint(FILES)["img/joints/hip.svg"].decode()
    assert alone.startswith(HEAD) and 'id="hip"' in alone and 'id="knee"' not in alone
