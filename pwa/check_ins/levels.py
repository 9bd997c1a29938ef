"""How urgent is more urgent: ranks, and the more urgent of two verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pwa.check_ins.models import CheckInEvent, Verdict
from pwa.guidance.triage import LEVELS

RANK_OF: dict[str | None, int] = {
    None: 0,
    **{level: rank for rank, level in enumerate(reversed(LEVELS), start=1)},
}
LEVEL_OF = {rank: level for level, rank in RANK_OF.items()}
SAME_DAY_RANK = RANK_OF["same_day"]


def phone_level(event: dict[str, Any]) -> str | None:
    """What the phone told its owner, or None in diary mode."""
    verdict = event["verdict"]
    return None if verdict is None else verdict["level"]


def highest(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The most urgent, the latest of equals."""
    return max(verdicts, key=lambda verdict: (RANK_OF[verdict.level], verdict.number), default=None)


def highest_level(row: CheckInEvent, verdicts: Iterable[Verdict]) -> str | None:
    """The level that counts, where nobody asks for its reasons."""
    ranks = [RANK_OF[phone_level(row.event)], *(RANK_OF[one.level] for one in verdicts)]
    return LEVEL_OF[max(ranks)]


def effective(row: CheckInEvent, verdicts: Iterable[Verdict]) -> tuple[str | None, list[str]]:
    """The level that counts, with its reasons: the more urgent of the phone's and the server's."""
    ours = highest(verdicts)
    theirs = phone_level(row.event)
    if ours is None or RANK_OF[theirs] > RANK_OF[ours.level]:
        return theirs, list(row.event["verdict"]["reasons"]) if theirs else []
    return ours.level, list(ours.reasons)
