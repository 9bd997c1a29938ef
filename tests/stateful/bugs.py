"""Seeded bugs: the mistakes that software of this kind has made, each put into the true code.

A bug replaces a few lines of a function or of a module as it is served. Where those lines do not
stand there any more, it says so (StalePatch) and wants to be written anew.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from tests.stateful.cabinet import Patches, patched


@dataclass(frozen=True)
class Bug:
    """What is wrong, which invariant finds out (its number), and how it is put in."""

    name: str
    breaks: int
    server: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """module:function → (what stands there, what the bug puts there)"""
    phone: Patches = field(default_factory=dict)

    @contextlib.contextmanager
    def in_the_server(self) -> Iterator[None]:
        """The functions of the server with the bug in them."""
        with contextlib.ExitStack() as stack:
            for place, changes in self.server.items():
                stack.enter_context(_other_code(place, changes))
            yield


@contextlib.contextmanager
def _other_code(place: str, changes: list[tuple[str, str]]) -> Iterator[None]:
    module_name, _, name = place.partition(":")
    module = importlib.import_module(module_name)
    function: Any = inspect.unwrap(getattr(module, name))
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function))
    bare = source[source.index(f"def {name}(") :]
    made: dict[str, Any] = {}
    changed = compile(patched(bare, changes, place), place, "exec", dont_inherit=True)
    exec(changed, {**function.__globals__}, made)  # noqa: S102 - our own source, with our own change
    before = function.__code__
    function.__code__ = made[name].__code__
    try:
        yield
    finally:
        function.__code__ = before


INTAKE = "pwa.check_ins.intake"
BUGS = {
    bug.name: bug
    for bug in (
        Bug(
            "no deduplication",
            2,
            server={
                f"{INTAKE}:_take_one": [
                    (
                        "        return _known(intake, known, digest)\n",
                        (
                            "        event = event.model_copy(\n"
                            "            update={'event_id': event.event_id[:-1] + 'x',\n"
                            "                    'dseq': event.dseq + 1000}\n"
                            "        )\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "the second of a name overwrites the first",
            4,
            server={
                f"{INTAKE}:_take_one": [
                    (
                        "        return _known(intake, known, digest)\n",
                        (
                            "        table = CheckInEvent.__table__\n"
                            "        db.session.execute(\n"
                            "            table.update()\n"
                            "            .where(table.c.event_id == known.event_id)\n"
                            "            .values(event=raw, content_sha256=digest)\n"
                            "        )\n"
                            "        return _known(intake, known, known.content_sha256)\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "sent again, it is dated anew",
            10,
            server={
                f"{INTAKE}:_known": [
                    (
                        "    return Result(\n",
                        (
                            "    table = CheckInEvent.__table__\n"
                            "    db.session.execute(\n"
                            "        table.update()\n"
                            "        .where(table.c.event_id == row.event_id)\n"
                            "        .values(received_at=intake.at)\n"
                            "    )\n"
                            "    return Result(\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "sent again, it is told another time",
            15,
            server={f"{INTAKE}:_known": [("received_at=row.received_at", "received_at=intake.at")]},
        ),
        Bug(
            "acknowledged before it is committed",
            3,
            server={
                "pwa.database:writing": [
                    (
                        "            db.session.commit()\n",
                        (
                            "            try:\n"
                            "                db.session.commit()\n"
                            "            except Exception:\n"
                            "                db.session.rollback()\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "nobody asks whose batch it is",
            5,
            server={
                "pwa.check_ins.routes:sync": [
                    ("if batch.account != principal.account_id:", "if False:")
                ],
                f"{INTAKE}:_take_one": [
                    ("if event.owner != intake.patient.account_id:", "if False:"),
                    (
                        "    if treatment is None:\n",
                        (
                            "    if treatment is None:\n"
                            "        treatment = next(iter(intake.course.treatments.values()))\n"
                            "        event = event.model_copy(\n"
                            "            update={'treatment_id': treatment.treatment_id}\n"
                            "        )\n"
                            "    if treatment is None:\n"
                        ),
                    ),
                    ("    _check_answers(intake, event, treatment)\n", ""),
                ],
            },
        ),
        Bug(
            "a conflict shows what is there",
            6,
            server={
                f"{INTAKE}:_take_one": [
                    (
                        "        raise _id_conflict()\n",
                        (
                            "        key = (intake.patient.clinic_id, event.event_id)\n"
                            "        other = db.session.get(CheckInEvent, key)\n"
                            "        told = f'this id already names {other.event}'\n"
                            "        raise _Refused('rejected', 'id-conflict', told)\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "the feed skips a line",
            9,
            server={
                "pwa.check_ins.feed:read": [("LogEntry.seq > after,", "LogEntry.seq > after + 1,")]
            },
        ),
        Bug(
            "a restore brings back who was erased",
            11,
            server={
                "pwa.exchange.erasure:replay": [("if not _is_done(stone):", "if False:")],
            },
        ),
        Bug(
            "after a refused one the rest must wait",
            12,
            server={
                f"{INTAKE}:_answer": [
                    (
                        "    except _Refused as refusal:\n",
                        "    except _Refused as refusal:\n        intake.sent_today = 10**6\n",
                    )
                ]
            },
        ),
        Bug(
            "an ended session is still good",
            13,
            server={"pwa.accounts.sessions:find": [(" or seat.ended_at is not None", "")]},
        ),
        Bug(
            "contiguous counts what is missing",
            14,
            server={
                f"{INTAKE}:_progress": [
                    (
                        "while device.contiguous + 1 in here:",
                        "while device.contiguous < device.highest:",
                    )
                ]
            },
        ),
        Bug(
            "a restore keeps the epoch",
            3,
            server={
                "pwa.operations.restore:_begin_anew": [
                    ("    db.session.execute(update(Installation).values(epoch=epoch))\n", "")
                ]
            },
        ),
        Bug(
            "results are matched by position",
            3,
            phone={
                "outbox/replies.js": [
                    (
                        "  const found = new Map();\n",
                        (
                            "  if (results.length === sentIds.size) {\n"
                            "    return new Map([...sentIds].map((id, at) => [id, results[at]]));\n"
                            "  }\n"
                            "  const found = new Map();\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "any 200 is a yes",
            3,
            phone={
                "outbox/sender.js": [
                    (
                        "      if (read) {\n",
                        (
                            "      if (!read && reply.status === 200) {\n"
                            "        await settle(session, piece, reply, { epoch: session.epoch,\n"
                            "          received_at: stamp().recorded_at,\n"
                            "          results: new Map(piece.rows.map((row) => (\n"
                            '            [row.event_id, { status: "stored", seq: 1 }]))) });\n'
                            "        continue;\n"
                            "      }\n"
                            "      if (read) {\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "a 401 empties the outbox",
            1,
            phone={
                "store/accounts.js": [
                    (
                        (
                            "  function markOver(owner) {\n"
                            '    return database.write(["phone"], async ({ phone }) => {\n'
                        ),
                        (
                            "  function markOver(owner) {\n"
                            '    return database.write(["phone", "events"], async (tables) => {\n'
                            "      const { phone, events } = tables;\n"
                            "      await events.remove(keysOf(KeyRange, owner));\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "a 4xx drops the batch",
            1,
            phone={
                "outbox/sender.js": [
                    (
                        "      const { act, result } = readFailure(reply);\n",
                        (
                            "      if (reply.status >= 400 && reply.status < 500) {\n"
                            "        for (const row of piece.rows) {\n"
                            '          await database.write(["events"], ({ events }) => (\n'
                            "            events.remove([owner, row.event_id])));\n"
                            "        }\n"
                            "      }\n"
                            "      const { act, result } = readFailure(reply);\n"
                        ),
                    )
                ]
            },
        ),
        Bug(
            "a refused one is thrown away",
            1,
            phone={
                "outbox/outbox.js": [
                    (
                        'await tables.events.put({ ...row, state: "rejected", ...said.get(id) });',
                        "await tables.events.remove([owner, id]);",
                    )
                ]
            },
        ),
        Bug(
            "an id is made from the time",
            1,
            phone={
                "phone.js": [
                    (
                        "newEventId: uuid,",
                        (
                            "newEventId: () => `00000000-0000-4000-8000-${\n"
                            '      String(Math.floor(now() / 600000)).padStart(12, "0")}`,'
                        ),
                    )
                ]
            },
        ),
        Bug(
            "sealed means deleted",
            1,
            phone={
                "store/accounts.js": [
                    ("if (!isUnsent(row) && !(row.box && isKept))", "if (!(row.box && !isKept))")
                ]
            },
        ),
        Bug(
            "a kept copy goes at once",
            1,
            phone={
                "store/record.js": [
                    (
                        (
                            'row.state === "acknowledged" && row.acknowledged_at < oldest;\n'
                            "        if (!isOld"
                        ),
                        'row.state === "acknowledged";\n        if (!isOld',
                    )
                ]
            },
        ),
        Bug(
            "the phone knows no epochs",
            8,
            phone={
                "store/accounts.js": [
                    (
                        'if (row.state !== "acknowledged" || row.epoch === epoch) continue;',
                        'if (row.state !== "acknowledged" || epoch) continue;',
                    )
                ]
            },
        ),
        Bug(
            "the epoch is learned only on download",
            3,
            phone={
                "outbox/outbox.js": [
                    (
                        "      const { epoch } = reply;\n",
                        "      const epoch = account?.session.epoch ?? reply.epoch;\n",
                    )
                ]
            },
        ),
        Bug(
            "a poison item holds up its batch",
            8,
            phone={
                "outbox/replies.js": [
                    ('return { act: "bisect", result', 'return { act: "wait", result')
                ]
            },
        ),
        Bug(
            "the keys stay when somebody leaves",
            6,
            phone={"store/accounts.js": [("  await tables.keys.clear();", "  // ")]},
        ),
        Bug(
            "the screen is ahead of the server",
            7,
            phone={"store/check_ins.js": [('pending: "on_phone"', 'pending: "on_server"')]},
        ),
    )
}
