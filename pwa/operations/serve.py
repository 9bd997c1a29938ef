"""Serving: prepares the database, tells who can sign in, and starts the web server."""

from __future__ import annotations

import argparse
import logging
import os
import resource

from granian.constants import Interfaces
from granian.server import Server

from pwa import create_app
from pwa.accounts import invites
from pwa.clock import now
from pwa.config import Settings
from pwa.database import db, writing
from pwa.operations import demo
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from pwa.shell import kill_switch

MOST_CONNECTIONS = 1024
"""Requests that may be on their way at once, most of them slow. Behind a proxy it is far fewer."""
MOST_FILES = 8192
STOP_S = 3
"""How long a stop waits for connections that browsers keep open."""


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line of `script/server` and serve until told to stop."""
    options = _parse(arguments)
    os.environ.setdefault("PUBLIC_URL", f"http://localhost:{options.port}")
    if options.demo:
        os.environ["DEMO"] = "1"
        os.environ.setdefault("EMERGENCY_NUMBER", demo.EMERGENCY_NUMBER)
    for line in get_ready(make_demo=options.demo):
        print(line, flush=True)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    _allow_many_files()
    print(f"Serving on {os.environ['PUBLIC_URL']} (stop with Ctrl-C)", flush=True)
    Server(
        "pwa.operations.front:make",
        factory=True,
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        websockets=False,
        workers=options.workers,
        backlog=512,
        backpressure=MOST_CONNECTIONS,
        log_access=False,
        workers_kill_timeout=STOP_S,
    ).serve()


def get_ready(*, make_demo: bool) -> list[str]:
    """Prepare the database and return what the person who started it should read."""
    app = create_app()
    settings: Settings = app.extensions["settings"]
    with app.app_context():
        app.extensions["occupancy"].serve()
        prepare_database()
        if make_demo:
            people = demo.ensure_demo(settings=settings, at=now())
            lines = ["This is a demo: made-up people, and no clinician signed its rules."]
            lines += [
                f"  {name:<16} {who['username']:<10} {who['password']}"
                for name, who in people.items()
            ]
            lines.append(f"The same stands in {settings.instance_path / 'demo.json'}")
        else:
            lines = _first_steps(settings)
        if (since := kill_switch.off_since(settings.instance_path)) is not None:
            lines.append(f"Phones let go of the worker since {since}; see: flask … release status")
        shell = app.extensions["shell"]
        for language in shell.languages():
            shell.release(language)
        db.session.remove()
        db.engine.dispose()
    return lines


def _allow_many_files() -> None:
    """Each connection is a file, and the usual 1,024 would leave none for the database."""
    now_allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    if now_allowed != resource.RLIM_INFINITY and now_allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _first_steps(settings: Settings) -> list[str]:
    if clinics.clinic_count():
        return []
    with writing():
        code = invites.issue_setup(at=now())
    return [
        "There is no account yet. Open this link once, within 14 days, to make the first one:",
        f"  {settings.public_url}/setup#{invites.grouped(code)}",
    ]


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/server", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="make and serve a demo clinic")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="processes that serve")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
