"""Runs the phone's own modules without a browser, in the Node that Playwright brings along."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import playwright

ROOT = Path(__file__).parent.parent
NODE = Path(playwright.__file__).parent / "driver" / "node"


class NodeTwin:
    """One Node process that calls exported functions of modules under `static/js`.

    A call carries a whole batch in one line, so that thousands of cases cost one round trip.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [NODE, "--no-warnings", ROOT / "tests" / "triage_twin.mjs", ROOT / "static" / "js"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def call(self, module: str, function: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        """One result for each list of arguments; undefined comes back as None."""
        assert self._process.stdin is not None and self._process.stdout is not None
        request = {"module": module, "function": function, "calls": calls}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise AssertionError(f"{module} {function}: {reply['error']}")
        return reply["results"]

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
