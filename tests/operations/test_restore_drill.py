"""The drill of the README, with the server that is shipped: yesterday's backup, today's phone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.browser.real_server import ROOT, RealServer
from tests.making import LOCAL, SYSTEMIC
from tests.tally import Tally


class HttpPhone:
    """What the protocol asks of a phone, over real HTTP: it keeps what it sent with the epoch of
    the reply, and offers it again when another epoch is told (check-in-sync/1, section 5)."""

    def __init__(self, server: RealServer) -> None:
        self.server = server
        self.cookie = ""
        self.device_id = str(uuid.uuid4())
        self.events: list[dict[str, Any]] = []
        self.acknowledged: dict[str, str] = {}
        self.epoch = ""
        self.account = ""
        self.treatment_id = ""

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(  # noqa: S310 (loopback)
            self.server.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Origin": self.server.url,
                "Cookie": self.cookie,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 (loopback)
                if reply.headers["Set-Cookie"]:
                    self.cookie = reply.headers["Set-Cookie"].split(";")[0]
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def sign_in(self) -> None:
        status, session = self.ask("/api/v1/sign-in", self.server.people["patient"])
        assert status == 200, session
        self.account, self.epoch = session["account"], session["epoch"]
        treatments = [one for one in self.log() if one["type"] == "treatment"]
        self.treatment_id = treatments[0]["data"]["treatment_id"]

    def log(self) -> list[dict[str, Any]]:
        status, page = self.ask("/api/v1/changes")
        assert status == 200, page
        return list(page["changes"])

    def check_in(self, count: int) -> None:
        for _ in range(count):
            self.events.append(self._event(len(self.events) + 1))
        self.send()

    def send(self) -> list[str]:
        """Send whatever was not acknowledged under today's epoch; returns the answers."""
        waiting = [
            one for one in self.events if self.acknowledged.get(one["event_id"]) != self.epoch
        ]
        batch = {
            "protocol": 1,
            "account": self.account,
            "device_id": self.device_id,
            "sent_at": datetime.now(UTC).isoformat(),
            "events": waiting,
        }
        status, reply = self.ask("/api/v1/sync", batch)
        assert status == 200, reply
        for one in reply["results"]:
            assert one["status"] in ("stored", "duplicate"), one
            self.acknowledged[one["event_id"]] = reply["epoch"]
        return [one["status"] for one in reply["results"]]

    def _event(self, dseq: int) -> dict[str, Any]:
        at = datetime.now(UTC)
        return {
            "event_id": str(uuid.uuid4()),
            "owner": self.account,
            "device_id": self.device_id,
            "dseq": dseq,
            "kind": "create",
            "supersedes": None,
            "treatment_id": self.treatment_id,
            "form_version": 1,
            "rules_version": 1,
            "recorded_at": at.isoformat(timespec="seconds"),
            "time_zone": "Europe/London",
            "local_date": at.date().isoformat(),
            "clock_behind": False,
            "answers": {**SYSTEMIC, **LOCAL, "calf": False},
            "verdict": {"level": "expected", "reasons": ["N2_ON_TRACK"]},
        }


def flask(server: RealServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env={**os.environ, "INSTANCE_PATH": str(server.instance), "PUBLIC_URL": server.url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.fault(31, 39)
@pytest.mark.lengthy
@pytest.mark.whole
def test_a_server_set_back_to_its_backup_gets_back_what_phones_still_keep(
    tmp_path: Path, tally: Tally
) -> None:
    server = RealServer(tmp_path / "instance", is_cold=True).start()
    try:
        phone = HttpPhone(server)
        phone.sign_in()
        phone.check_in(3)
        old_epoch = phone.epoch

        made = flask(server, "backup", str(tmp_path / "kept"))
        assert made.returncode == 0, made.stderr
        assert "The keys are NOT in it" in made.stdout
        phone.check_in(4)
        refused = flask(server, "restore", str(tmp_path / "kept"))
        assert refused.returncode == 1
        assert "Stop it first" in refused.stderr

        server.stop()
        given_back = flask(server, "restore", str(tmp_path / "kept"))
        assert given_back.returncode == 0, given_back.stderr
        tally.fault()
        server.start()
        assert phone.ask("/api/v1/session")[0] == 401
        phone.sign_in()
        assert phone.epoch != old_epoch
        assert phone.send() == ["duplicate"] * 3 + ["stored"] * 4
        assert phone.send() == []
        back = [one["data"]["event"] for one in phone.log() if one["type"] == "check_in"]
        mine = [one for one in back if one["device_id"] == phone.device_id]
        assert mine == phone.events
        tally.compare(phone.acknowledged, [one["event_id"] for one in mine])
    finally:
        server.stop()
