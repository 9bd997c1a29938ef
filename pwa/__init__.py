"""Prolo Aftercare: aftercare, check-ins and their safe arrival. `create_app` is the contents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Flask

from pwa import database, doors, problems
from pwa.accounts import routes as accounts_routes
from pwa.check_ins import routes as check_ins_routes
from pwa.check_ins.meter import CallMeter
from pwa.clinic import routes as clinic_routes
from pwa.config import PROJECT_ROOT, Settings, read_settings
from pwa.database import db
from pwa.guidance.cli import triage_command
from pwa.guidance.library import load_library
from pwa.operations import commands
from pwa.practice import clinics
from pwa.shell import routes as shell_routes
from pwa.shell.current import Shell
from pwa.shell.release import PrintedWords


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Make the application from the environment (or the mapping given in its place)."""
    settings = read_settings(environ)
    app = Flask(
        "pwa",
        instance_path=str(settings.instance_path),
        template_folder=str(PROJECT_ROOT / "templates"),
        static_folder=None,
    )
    app.extensions["settings"] = settings
    app.extensions["library"] = load_library()
    app.extensions["call_meter"] = CallMeter(settings.sync_calls_per_minute)
    _configure_cookie(app, settings)
    database.install(app, settings)
    problems.install(app)
    doors.install(app, settings)
    accounts_routes.login_manager.init_app(app)
    _register_rooms(app, settings)
    _register_commands(app)
    return app


def _configure_cookie(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=settings.cookie_name,
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=settings.batch_bytes,
        MAX_FORM_MEMORY_SIZE=settings.batch_bytes,
    )


def _register_rooms(app: Flask, settings: Settings) -> None:
    app.register_blueprint(accounts_routes.blueprint)
    app.register_blueprint(accounts_routes.pages)
    app.register_blueprint(check_ins_routes.blueprint)
    app.register_blueprint(clinic_routes.blueprint)
    shell = Shell(
        settings=settings,
        library=app.extensions["library"],
        template_env=app.jinja_env,
        read_words=lambda: _printed_words(app),
    )
    shell_routes.install(app, shell)


def _printed_words(app: Flask) -> PrintedWords:
    """What the public pages print of the clinics: the numbers of an only one, the joints of all."""
    with app.app_context():
        snapshots = [clinics.snapshot(clinic_id) for clinic_id in clinics.clinic_ids()]
        db.session.rollback()
    joints = frozenset(joint for one in snapshots for joint in one.words.joints)
    only = snapshots[0].for_phone() if len(snapshots) == 1 else None
    return PrintedWords(snapshot=only, sites=joints or None)


def _register_commands(app: Flask) -> None:
    app.cli.add_command(triage_command)
    for command in commands.COMMANDS:
        app.cli.add_command(command)
