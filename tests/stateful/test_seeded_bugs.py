"""Each seeded bug's shrunk trace: it passes on the true code, and with the bug an invariant breaks.

The traces were found by the search of `test_search.py` and are kept here by hand, so that every run
shows that each invariant can fail.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stateful.bugs import BUGS, Bug
from tests.stateful.cabinet import Cabinet, StalePatch, patched
from tests.stateful.conftest import NewWorld
from tests.stateful.invariants import ALL, Broken
from tests.stateful.world import World

pytestmark = pytest.mark.browser
Trace = Callable[[World], object]
ANA = "ana's phone"
TRACES: dict[str, Trace] = {}


def shows(bug: str) -> Callable[[Trace], Trace]:
    """This trace shows that bug."""

    def keep(trace: Trace) -> Trace:
        TRACES[bug] = trace
        return trace

    return keep


@shows("no deduplication")
@shows("sent again, it is dated anew")
@shows("sent again, it is told another time")
def the_reply_is_lost_and_it_is_sent_again(world: World) -> None:
    world.save_and_send(ANA, "reply lost")
    world.send(ANA)


@shows("the second of a name overwrites the first")
def the_owner_sends_another_body_under_the_same_id(world: World) -> None:
    world.save_and_send(ANA)
    world.forge("ana", how="other body")


@shows("acknowledged before it is committed")
def the_disk_is_full_at_the_commit(world: World) -> None:
    world.save_and_send(ANA, "full at commit")


@shows("nobody asks whose batch it is")
def somebody_signs_in_and_the_phone_does_not_hear_of_it(world: World) -> None:
    world.save(ANA)
    world.sign_in(ANA, "ben", "cut")
    world.send(ANA)


@shows("a conflict shows what is there")
def somebody_else_sends_the_id_of_a_stored_check_in(world: World) -> None:
    world.save_and_send(ANA)
    world.forge("ben", how="other body")


@shows("the feed skips a line")
@shows("a kept copy goes at once")
def a_check_in_is_sent(world: World) -> None:
    world.save_and_send(ANA)


@shows("a restore brings back who was erased")
def a_backup_from_before_the_erasure_is_restored(world: World) -> None:
    world.save_and_send(ANA)
    world.backup()
    world.erase("ana")
    world.restore()


@shows("after a refused one the rest must wait")
@shows("contiguous counts what is missing")
def a_refused_one_is_followed_by_a_good_one(world: World) -> None:
    world.save(ANA, "invalid")
    world.save_and_send(ANA)


@shows("an ended session is still good")
@shows("a 401 empties the outbox")
def the_session_ends_while_something_waits(world: World) -> None:
    world.save(ANA)
    world.expire("ana")
    world.send(ANA)


@shows("a restore keeps the epoch")
@shows("the phone knows no epochs")
def what_was_sent_after_the_backup_is_gone_with_the_disk(world: World) -> None:
    world.save(ANA)
    world.backup()
    world.send(ANA)
    world.restore()


@shows("results are matched by position")
def the_results_come_in_another_order(world: World) -> None:
    world.save(ANA, "invalid")
    world.save(ANA)
    world.send(ANA, "shuffled")


@shows("any 200 is a yes")
def a_captive_portal_answers(world: World) -> None:
    world.save_and_send(ANA, "portal")


@shows("a 4xx drops the batch")
def a_proxy_refuses(world: World) -> None:
    world.save_and_send(ANA, "foreign 403")


@shows("a refused one is thrown away")
def an_invalid_one_is_refused(world: World) -> None:
    world.save_and_send(ANA, kind="invalid")


@shows("an id is made from the time")
def two_check_ins_are_made_within_a_minute(world: World) -> None:
    world.save(ANA)
    world.save(ANA)


@shows("sealed means deleted")
def somebody_signs_out_with_an_unsent_check_in(world: World) -> None:
    world.save(ANA)
    world.sign_out(ANA, "sealed")


@shows("the epoch is learned only on download")
def a_reply_of_the_old_history_arrives_in_the_new_one(world: World) -> None:
    world.backup()
    world.save_and_send(ANA, "reply late")
    world.restore()
    world.sign_in(ANA, "ana")
    world.answer_arrives()


@shows("a poison item holds up its batch")
def one_that_cannot_be_read_stands_before_a_good_one(world: World) -> None:
    world.save(ANA, "unreadable")
    world.save(ANA)
    world.send(ANA)


@shows("the keys stay when somebody leaves")
def somebody_signs_out(world: World) -> None:
    world.sign_in(ANA, "ana")
    world.sign_out(ANA)


@shows("the screen is ahead of the server")
def a_check_in_is_saved(world: World) -> None:
    world.save(ANA)


def run(world: World, trace: Trace) -> None:
    """The trace, and then the end of every example."""
    trace(world)
    world.settle()


@pytest.mark.fault(1, 5, 7, 24, 31, 64, 84, 108)
@pytest.mark.parametrize("trace", sorted({*TRACES.values()}, key=lambda one: one.__name__))
def test_the_true_code_keeps_its_promise_in(new_world: NewWorld, trace: Trace) -> None:
    run(new_world(), trace)


@pytest.mark.parametrize("bug", BUGS.values(), ids=lambda bug: bug.name)
def test_a_trace_shows_that(new_world: NewWorld, cabinet: Cabinet, bug: Bug) -> None:
    variant = variant_of(cabinet, bug)
    with bug.in_the_server(), pytest.raises(Broken) as caught:
        run(new_world(variant, is_counted=False), TRACES[bug.name])
    assert caught.value.invariant is ALL[bug.breaks - 1], caught.value


def test_every_invariant_is_shown_to_be_able_to_fail() -> None:
    assert {bug.breaks for bug in BUGS.values()} == set(range(1, len(ALL) + 1))


def test_a_bug_whose_place_is_gone_says_so() -> None:
    with pytest.raises(StalePatch):
        patched("const found = 1;", [("const lost", "const kept")], "replies.js")


def variant_of(cabinet: Cabinet, bug: Bug) -> str:
    """The modules with the bug in them, under the bug's name."""
    variant = bug.name.replace(" ", "-").replace(",", "")
    cabinet.learn(variant, bug.phone)
    return variant
