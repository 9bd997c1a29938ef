"""The tally adds up over all processes of a run, and a loss fails it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tally import Tally

COUNTS = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_counts(tally, number):
    tally.fault(10)
    tally.acknowledged(100)
"""
LOSES = """
def test_says_nothing(tally):
    tally.lost(1)
"""


def run(folder: Path, root: Path, test: str, *, processes: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest of its own."""
    (folder / "test_it.py").write_text(test)
    options = ["-p", "xdist.plugin", "-p", "tests.tally", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-qc", "/dev/null", *options, "-n", processes, folder],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_counts_of_all_processes_are_added_and_printed(
    tmp_path: Path, project_root: Path
) -> None:
    done = run(tmp_path, project_root, COUNTS, processes="2")
    assert "faults injected 40, check-ins acknowledged 400, lost 0, doubled 0" in done.stdout, (
        done.stdout
    )
    assert done.returncode == 0


@pytest.mark.parametrize("processes", ["0", "1"])
def test_a_loss_fails_the_run_though_every_test_passed(
    tmp_path: Path, project_root: Path, processes: str
) -> None:
    done = run(tmp_path, project_root, LOSES, processes=processes)
    assert "1 passed" in done.stdout
    assert "lost 1" in done.stdout
    assert done.returncode == 1


def test_ids_are_compared_one_by_one() -> None:
    tally = Tally()
    tally.compare(["a", "b"], ["b", "a", "c"])
    with pytest.raises(AssertionError, match="not there: \\['b'\\]"):
        tally.compare(["a", "b"], ["a"])
    with pytest.raises(AssertionError, match="more than once: \\['a'\\]"):
        tally.compare(["a"], ["a", "a"])
    assert tally.as_dict() == {"faults": 0, "acknowledged": 5, "lost": 1, "doubled": 1}
