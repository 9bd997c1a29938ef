"""Phones that queued check-ins under an older version, and phones that are newer than the server.

`shipped/queued_<schema>.json` is what a phone of that version held. Such a file is never changed;
a new shape of what phones queue brings a new file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cast, Person, send
from tests.making import event, start_event
from tests.operations.shipped import FOLDER
from tests.tally import Tally

QUEUED = sorted(FOLDER.glob("queued_*.json"))


def queued_by(person: Person, path: Path) -> list[dict[str, Any]]:
    text = path.read_text("utf-8")
    text = text.replace('"OWNER"', json.dumps(person.account_id))
    events = json.loads(text.replace('"TREATMENT"', json.dumps(person.treatment_id)))["events"]
    return list(events)


@pytest.mark.fault(29)
@pytest.mark.parametrize("path", QUEUED, ids=lambda path: path.stem)
def test_what_a_phone_of_an_older_version_queued_is_stored(
    cast: Cast, path: Path, tally: Tally
) -> None:
    events = queued_by(cast.ana, path)
    assert {one["kind"] for one in events} == {"start", "create", "amend", "retract", "called"}
    assert [one["status"] for one in send(cast.ana, *events)] == ["stored"] * len(events)
    assert [one["status"] for one in send(cast.ana, *events)] == ["duplicate"] * len(events)
    changes = cast.ana.get("/api/v1/changes").get_json()["changes"]
    back = [one["data"]["event"] for one in changes if one["type"] == "check_in"]
    assert back == events
    tally.compare([one["event_id"] for one in events], [one["event_id"] for one in back])


@pytest.mark.fault(30)
def test_what_a_newer_phone_queued_waits_and_blocks_nothing(cast: Cast) -> None:
    newer_form = event(cast.ana, form_version=999)
    newer_rules = event(cast.ana, rules_version=999)
    good = start_event(cast.ana)
    results = {one["event_id"]: one for one in send(cast.ana, newer_form, newer_rules, good)}
    for one in (newer_form, newer_rules):
        assert results[one["event_id"]]["status"] == "deferred"
        assert results[one["event_id"]]["problem"]["kind"] == "form-unknown"
    assert results[good["event_id"]]["status"] == "stored"
