"""The machine: Hypothesis chooses what people, phones, the line and the clinic do.

Each rule is one act of `world.py`, which looks at all invariants after it; at the end the faults
stop and everything has to arrive. What Hypothesis prints of a failing example reads as a trace:
the same names and words make an ordinary test of it.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.stateful.line import FATES
from tests.stateful.world import FORGERIES, KINDS, PROFILES, World

ACTS = 14
"""At most so many acts an example, then the end."""
PHONES = st.sampled_from(list(PROFILES))
ACCOUNTS = st.sampled_from(["ana", "ben"])
FATE = st.sampled_from(FATES)
WAYS_IN = st.sampled_from(["ok", "ok", "ok", "cut", "dropped", "reply lost", "crash after commit"])
KIND = st.sampled_from([*["good"] * 3, *KINDS])
NTH = st.integers(0, 3)
TABS = st.sampled_from([1, 1, 1, 2])
HOURS = st.sampled_from([1, 25, 24 * 8, 24 * 31])
MINUTE, YEAR = 60, 365 * 24 * 3600
CLOCKS = st.sampled_from([MINUTE, -MINUTE, 3600, -3600, YEAR, -YEAR])


class SyncMachine(RuleBasedStateMachine):
    """Server and phones, and what may happen to them (check-in-sync/1, section 9)."""

    new_world: Callable[[], World]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).new_world()

    @rule(profile=PHONES, fate=FATE, kind=KIND)
    def save_and_send(self, profile: str, fate: str, kind: str) -> None:
        self.world.save_and_send(profile, fate, kind)

    @rule(profile=PHONES)
    def save_and_send_well(self, profile: str) -> None:
        self.world.save_and_send(profile)

    @rule(profile=PHONES, kind=KIND, taps=st.sampled_from([1, 1, 2]), tab=TABS)
    def save(self, profile: str, kind: str, taps: int, tab: int) -> None:
        self.world.save(profile, kind, taps=taps, tab=tab)

    @rule(profile=PHONES, count=st.integers(2, 5), fate=FATE, nth=st.integers(0, 1))
    def save_many_and_send(self, profile: str, count: int, fate: str, nth: int) -> None:
        for _ in range(count):
            self.world.save(profile)
        self.world.send(profile, fate, nth=nth)

    @rule(profile=PHONES, kind=st.sampled_from(["amend", "retract", "called"]), nth=NTH)
    def correct(self, profile: str, kind: str, nth: int) -> None:
        self.world.correct(profile, kind, nth)

    @rule(profile=PHONES, fate=FATE, tab=TABS)
    def send(self, profile: str, fate: str, tab: int) -> None:
        self.world.send(profile, fate, tab=tab)

    @rule(profile=PHONES, fate=FATE)
    def pull(self, profile: str, fate: str) -> None:
        self.world.send(profile, fate, where="changes")

    @rule(profile=PHONES, nth=NTH)
    def discard(self, profile: str, nth: int) -> None:
        self.world.discard(profile, nth)

    @rule(profile=PHONES, account=ACCOUNTS, fate=WAYS_IN)
    def sign_in(self, profile: str, account: str, fate: str) -> None:
        self.world.sign_in(profile, account, fate)

    @rule(profile=PHONES, account=ACCOUNTS)
    def sign_in_unheard_and_send(self, profile: str, account: str) -> None:
        """Another tab becomes somebody else, and this one goes on as if nothing were."""
        self.world.save(profile)
        self.world.sign_in(profile, account, "cut")
        self.world.send(profile)

    @rule(profile=PHONES, where=st.sampled_from(["sync", "changes"]), is_met=st.booleans())
    def restore_while_an_answer_is_on_its_way(self, profile: str, where: str, is_met: bool) -> None:
        """The answer is of a history that is gone when it arrives."""
        self.world.save(profile)
        self.world.backup()
        self.world.save(profile)
        self.world.send(profile, "reply late", where=where)
        self.world.restore()
        if is_met:
            self.world.sign_in(profile, PROFILES[profile])

    @rule(profile=PHONES, keep=st.sampled_from(["sealed", "sealed", "delete"]), fate=WAYS_IN)
    def sign_out(self, profile: str, keep: str, fate: str) -> None:
        self.world.sign_out(profile, keep, fate)

    @rule(profile=PHONES, has_locks=st.booleans())
    def open_second_tab(self, profile: str, has_locks: bool) -> None:
        self.world.open_second_tab(profile, has_locks=has_locks)

    @rule(profile=PHONES)
    def restart(self, profile: str) -> None:
        self.world.restart(profile)

    @rule(profile=PHONES, seconds=CLOCKS)
    def set_clock(self, profile: str, seconds: int) -> None:
        self.world.set_clock(profile, seconds)

    @rule(source=PHONES)
    def copy_phone(self, source: str) -> None:
        self.world.copy_phone(source, "the tablet")

    @rule(nth=NTH)
    def answer_arrives(self, nth: int) -> None:
        self.world.answer_arrives(nth)

    @rule(nth=NTH)
    def copy_arrives(self, nth: int) -> None:
        self.world.copy_arrives(nth)

    @rule(hours=HOURS)
    def wait(self, hours: int) -> None:
        self.world.wait(hours)

    @rule(account=ACCOUNTS)
    def expire(self, account: str) -> None:
        self.world.expire(account)

    @rule(account=ACCOUNTS)
    def deactivate(self, account: str) -> None:
        self.world.deactivate(account)

    @rule(account=ACCOUNTS)
    def activate(self, account: str) -> None:
        self.world.activate(account)

    @rule()
    def backup(self) -> None:
        self.world.backup()

    @rule()
    def restore(self) -> None:
        self.world.restore()

    @rule(account=ACCOUNTS)
    def erase(self, account: str) -> None:
        self.world.erase(account)

    @rule(by=ACCOUNTS, nth=NTH, how=st.sampled_from(FORGERIES))
    def forge(self, by: str, nth: int, how: str) -> None:
        self.world.forge(by, nth, how)

    def teardown(self) -> None:
        if not self.world.is_broken:
            self.world.settle()


def search(
    new_world: Callable[[], World],
    *,
    examples: int,
    is_shrunk: bool = True,
    acts: int = ACTS,
    start: int | None = None,
) -> None:
    """Run so many examples; raises what the first failing one raised, and prints its trace.

    `start` makes them the same ones in every run of the same machine; without it chance decides.
    """
    machine = type("Sync", (SyncMachine,), {"new_world": staticmethod(new_world)})
    if start is not None:
        machine = seed(start)(machine)
    phases = [Phase.generate, *([Phase.shrink] if is_shrunk else [])]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=acts,
            deadline=None,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            phases=phases,
            verbosity=Verbosity.normal,
            suppress_health_check=list(HealthCheck),
        ),
    )
