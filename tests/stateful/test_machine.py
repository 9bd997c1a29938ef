"""Nothing lost, nothing twice: the real server, the real sender and store, and every fault."""

from __future__ import annotations

import pytest

from tests.stateful.cabinet import Cabinet
from tests.stateful.clinic import Clinic
from tests.stateful.conftest import NewWorld
from tests.stateful.machine import search
from tests.stateful.world import World
from tests.tally import Tally

pytestmark = pytest.mark.browser
IN_EVERY_RUN = ((6, 220), (10, 60), (20, 20))
"""300 examples, from short ones that are many to long ones that go far: (acts, examples).

They are the same in every run, so that a change is judged by what it changed; --long looks further.
"""
IN_A_LONG_RUN = 5000
ON_POSTGRESQL = 12
FAULTS = (1, 2, 4, 5, 7, 8, 12, 13, 21, 24, 31, 55, 58, 59, 64, 67, 68, 84, 108, 109)


@pytest.mark.fault(*FAULTS)
@pytest.mark.parametrize(("acts", "examples"), IN_EVERY_RUN)
@pytest.mark.lengthy
def test_the_invariants_hold_whatever_happens(
    new_world: NewWorld, acts: int, examples: int
) -> None:
    search(new_world, examples=examples, acts=acts, start=acts)


@pytest.mark.fault(*FAULTS)
@pytest.mark.lengthy
@pytest.mark.whole
def test_they_hold_on_postgresql_too(
    cabinet: Cabinet, clinic_on_postgresql: Clinic, tally: Tally
) -> None:
    search(
        lambda: World(cabinet, clinic_on_postgresql, tally=tally),
        examples=ON_POSTGRESQL,
        start=ON_POSTGRESQL,
    )


def test_a_killed_tab_leaves_the_next_one_its_turn(new_world: NewWorld) -> None:
    world = new_world()
    world.save("the tablet")
    world.send("the tablet", "reply late")
    world.copy_phone("the tablet", "ana's phone")
    world.restart("the tablet")
    world.settle()


@pytest.mark.parametrize("fate", ["full at commit", "foreign 502"])
def test_a_clock_that_was_a_year_ahead_keeps_nothing_waiting_once_it_is_right(
    new_world: NewWorld, fate: str
) -> None:
    world = new_world()
    world.set_clock("ana's phone", 31_536_000)
    world.save_and_send("ana's phone", fate)
    world.set_clock("ana's phone", 0)
    assert world.send("ana's phone") == "sent"
    world.settle()


@pytest.mark.parametrize("ending", ["arrives", "never comes"])
def test_an_answer_for_a_tab_whose_turn_was_taken_does_no_harm(
    new_world: NewWorld, ending: str
) -> None:
    world = new_world()
    world.save("ana's phone")
    world.send("ana's phone", "reply late")
    world.wait(hours=1)
    assert world.send("ana's phone", tab=2) == "sent"
    if ending == "arrives":
        world.answer_arrives()
    world.save_and_send("ana's phone")
    world.settle()


def test_a_refused_check_in_is_thrown_away_on_one_phone_and_stays_on_its_copy(
    new_world: NewWorld,
) -> None:
    world = new_world()
    world.save_and_send("ana's phone", kind="invalid")
    world.copy_phone("ana's phone", "the tablet")
    world.discard("ana's phone")
    assert [row["state"] for row in world.disks["the tablet"]["events"]] == ["rejected"]
    assert world.disks["ana's phone"]["events"] == []
    world.settle()


def test_who_deletes_at_sign_out_lets_go_of_what_was_sent_too(new_world: NewWorld) -> None:
    world = new_world()
    world.save_and_send("the tablet")
    world.sign_out("the tablet", "delete")
    world.settle()


@pytest.mark.fault(108)
def test_a_phone_full_of_what_cannot_be_read_hears_what_is_new(new_world: NewWorld) -> None:
    world = new_world()
    world.sign_in("the tablet", "ana")
    for _ in range(3):
        world.save("the tablet", "unreadable")
    world.save_and_send("ana's phone")
    world.settle()


@pytest.mark.fault(31)
def test_an_answer_that_slept_for_a_month_lets_nothing_go(new_world: NewWorld) -> None:
    world = new_world()
    world.save("ana's phone")
    world.backup()
    world.save("ana's phone")
    world.send("ana's phone", "reply late", where="changes")
    world.restore()
    world.wait(744)
    world.settle()


@pytest.mark.fault(121)
def test_a_session_of_somebody_erased_does_not_keep_the_owner_out(new_world: NewWorld) -> None:
    world = new_world()
    world.sign_in("ana's phone", "ana")
    world.sign_in("ana's phone", "ben", "cut")
    world.erase("ben")
    world.settle()


@pytest.mark.fault(68)
def test_a_sign_in_whose_answer_is_lost_brings_nothing_of_the_one_to_the_other(
    new_world: NewWorld,
) -> None:
    world = new_world()
    world.sign_in("ana's phone", "ana")
    world.save_and_send("ben's phone")
    world.save_and_send("ben's phone")
    world.sign_in("ana's phone", "ben", "cut")
    world.send("ana's phone")
    world.settle()


@pytest.mark.long
@pytest.mark.fault(*FAULTS)
def test_they_hold_in_a_long_search(new_world: NewWorld) -> None:
    search(new_world, examples=IN_A_LONG_RUN)
