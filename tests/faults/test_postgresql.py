"""What only PostgreSQL does: it hangs up in mid-transaction, as at a restart, and it lets two write
at once, who might commit in another order.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from pwa.check_ins.models import CheckInEvent
from pwa.database import db, writing
from tests.audit.breaking import run
from tests.audit.test_meeting import wait_until_somebody_waits
from tests.conftest import Cast, Clock, add_treatment, send_batch
from tests.making import event
from tests.tally import Tally

HANGS_UP = """
CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('hang_ups') <= 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
  RETURN NEW;
END $$
"""
AT_THE_SECOND_ROW = """
CREATE TRIGGER hang_up AFTER INSERT ON check_in_events FOR EACH ROW
WHEN (NEW.dseq % 2 = 1) EXECUTE FUNCTION hang_up()
"""


@pytest.fixture
def hanging_up(started: Cast) -> Iterator[Cast]:
    """PostgreSQL ends the connection once, while it writes a check-in."""
    run("CREATE SEQUENCE hang_ups", HANGS_UP, AT_THE_SECOND_ROW)
    yield started
    run(
        "DROP TRIGGER hang_up ON check_in_events",
        "DROP FUNCTION hang_up()",
        "DROP SEQUENCE hang_ups",
    )


@pytest.mark.fault(36)
@pytest.mark.parametrize("server_app", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_in_mid_transaction_leaves_nothing_and_asks_for_patience(
    hanging_up: Cast, tally: Tally
) -> None:
    made = [event(hanging_up.ana) for _ in range(3)]
    tally.fault()
    refused = send_batch(hanging_up.ana, *made)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert "terminat" not in refused.text
    stored = db.select(CheckInEvent.event_id)
    db.session.rollback()
    assert not {one["event_id"] for one in made} & set(db.session.scalars(stored))
    db.session.rollback()
    told = send_batch(hanging_up.ana, *made).get_json()["results"]
    assert [one["status"] for one in told] == ["stored"] * 3
    db.session.rollback()
    tally.compare([one["event_id"] for one in told], db.session.scalars(stored))


@pytest.mark.fault(35)
@pytest.mark.parametrize("server_app", ["postgresql"], indirect=True)
def test_a_number_that_is_taken_first_is_committed_first_and_a_reader_in_between_skips_none(
    started: Cast, app: Flask, clock: Clock
) -> None:
    ana = started.ana
    late = event(ana)
    before = ana.get("/api/v1/changes").get_json()
    answers: list[int] = []

    def ask() -> None:
        with app.app_context():
            answers.append(send_batch(ana, late).status_code)

    def heard() -> list[int]:
        where = f"after={before['next']}&epoch={before['epoch']}"
        page = ana.get(f"/api/v1/changes?{where}").get_json()
        return [change["seq"] for change in page["changes"]]

    with writing():
        add_treatment(
            started.dr_cole,
            ana.account_id,
            site="knee",
            side="left",
            performed_on=clock().date(),
            at=clock(),
        )
        sending = threading.Thread(target=ask)
        sending.start()
        wait_until_somebody_waits(app)
        assert heard() == []
    sending.join(30)
    assert answers == [200]
    first = before["next"] + 1
    assert heard() == [first, first + 1]
