"""Reminders go out while the server serves: a thread of each process does a round now and then.

Whoever serves with another program than `script/server` runs `flask --app wsgi remind` by a timer.
"""

from __future__ import annotations

import logging
import threading

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from pwa import clock
from pwa.database import db
from pwa.reminders import rounds
from pwa.reminders.post_office import PostOffice

EVERY_S = 30.0
log = logging.getLogger(__name__)


def begin(app: Flask, *, every_s: float = EVERY_S) -> threading.Event:
    """Do rounds from now on, until the process ends or the event that is returned is set."""
    stop = threading.Event()

    def go_round() -> None:
        while not stop.wait(every_s):
            one_round(app)

    threading.Thread(target=go_round, name="reminders", daemon=True).start()
    return stop


def one_round(app: Flask) -> None:
    """One round of the serving process. Whatever goes wrong is tried again in the next."""
    with app.app_context():
        try:
            app.extensions["occupancy"].serve()
            rounds.do_round(app.extensions["post_office"], at=clock.now())
        except Exception as error:  # noqa: BLE001 - reminders never end the server
            log.warning("a round of reminders was cut short: %s", type(error).__name__)
        finally:
            db.session.remove()


@click.command("remind")
@with_appcontext
def remind_command() -> None:
    """Send the reminders that are due now. Not needed beside `script/server`."""
    office: PostOffice = current_app.extensions["post_office"]
    done = rounds.do_round(office, at=clock.now())
    click.echo(f"{done.sent} sent, {done.gone} browsers gone, {done.failed} to try again.")
