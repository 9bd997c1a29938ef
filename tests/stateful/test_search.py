"""The search that finds each seeded bug again, from nothing: takes long.

When it was last looked at, most bugs were found within 60 examples, and the rarest (a conflict that
shows what is there, any 200 is a yes, a restore that brings back who was erased) within 200. A bug
that is not found within MOST says that the machine has gone blind to it.
"""

from __future__ import annotations

import pytest

from tests.stateful.bugs import BUGS, Bug
from tests.stateful.cabinet import Cabinet
from tests.stateful.conftest import NewWorld
from tests.stateful.invariants import Broken
from tests.stateful.machine import search
from tests.stateful.test_seeded_bugs import variant_of
from tests.stateful.world import Trouble, World

pytestmark = pytest.mark.browser
MOST = 1500


@pytest.mark.long
@pytest.mark.parametrize("bug", BUGS.values(), ids=lambda bug: bug.name)
def test_the_search_finds_that(
    new_world: NewWorld, cabinet: Cabinet, bug: Bug, request: pytest.FixtureRequest
) -> None:
    variant = variant_of(cabinet, bug)
    count = 0

    def counted() -> World:
        nonlocal count
        count += 1
        return new_world(variant, is_counted=False)

    with bug.in_the_server(), pytest.raises((Broken, Trouble)):
        search(counted, examples=MOST, is_shrunk=False)
    request.config.get_terminal_writer().line(f" {bug.name}: found in example {count}")
