"""Doing something in a process of its own, and killing that process on the spot at a chosen step.

A step is a statement on its way to the database (one that is repeated row by row counts once), a
commit, or a file that is opened for writing, renamed, linked or removed. The process is a fork, so
that it starts at once. No test lives here.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

FILE_STEPS = ("os.rename", "os.remove", "os.link", "os.truncate", "shutil.copyfile")


class Stepper:
    """Counts steps and kills this process at one of them."""

    def __init__(self, deadly: int | None) -> None:
        self.deadly = deadly
        self.count = 0
        self.seen: set[str] = set()

    def statement_step(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement not in self.seen:
            self.seen.add(statement)
            self.step()

    def step(self, *_: Any) -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def file_step(self, name: str, arguments: tuple[Any, ...]) -> None:
        is_written = name == "open" and isinstance(arguments[2], int) and arguments[2] & 3
        if name in FILE_STEPS or is_written:
            self.step()


def do_and_die(work: Callable[[], None], *, step: int | None, with_files: bool = False) -> bool:
    """Do it in a fork that is killed before the given step. Returns whether it came to the end.

    Raises:
        AssertionError: it failed by itself.
    """
    child = os.fork()
    if child == 0:
        _do(work, Stepper(step), with_files=with_files)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.waitstatus_to_exitcode(status) == 0, "the work failed by itself; see above"
    return True


def do_at_once(*works: Callable[[], None]) -> None:
    """Do all of them, each in a fork of its own, and wait until all have come to their end."""
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            _do(work, Stepper(None), with_files=False)
        children.append(child)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert ends == [0] * len(works)


def _do(work: Callable[[], None], stepper: Stepper, *, with_files: bool) -> None:
    code = 1
    try:
        event.listen(Engine, "before_cursor_execute", stepper.statement_step)
        event.listen(Engine, "commit", stepper.step)
        if with_files:
            sys.addaudithook(stepper.file_step)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - told, and the end of this process
        traceback.print_exc()
    finally:
        os._exit(code)
