"""Prolo Aftercare: aftercare, check-ins and their safe arrival. `create_app` is the contents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from pwa import api_description, database, doors, languages, problems, refusals, threshold
from pwa.accounts import key_routes, passkey_routes, reset_routes, session_routes
from pwa.accounts import routes as accounts_routes
from pwa.accounts.keys import FOLDER, KeyRing
from pwa.check_ins import routes as check_ins_routes
from pwa.check_ins.meter import CallMeter
from pwa.clinic import routes as clinic_routes
from pwa.config import PROJECT_ROOT, Settings, read_settings
from pwa.database import SteadyFlask, db
from pwa.exchange import routes as exchange_routes
from pwa.guidance.cli import triage_command
from pwa.guidance.library import CONTENT, load_libraries
from pwa.operations import commands, occupancy
from pwa.practice import clinics
from pwa.reminders import routes as reminders_routes
from pwa.reminders.post_office import PostOffice
from pwa.shell import routes as shell_routes
from pwa.shell.current import Shell
from pwa.shell.release import PrintedWords


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """Make the application from the environment (or the mapping given in its place)."""
    settings = read_settings(environ)
    app = SteadyFlask(
        "pwa",
        instance_path=str(settings.instance_path),
        template_folder=str(PROJECT_ROOT / "templates"),
        static_folder=None,
    )
    app.extensions["settings"] = settings
    _read_languages(app, settings)
    app.extensions["key_ring"] = KeyRing(settings.instance_path / FOLDER)
    app.extensions["post_office"] = PostOffice(settings)
    app.extensions["call_meter"] = CallMeter(settings.sync_calls_per_minute)
    _configure_cookie(app, settings)
    _believe_proxies(app, settings)
    database.install(app, settings)
    problems.install(app)
    occupancy.install(app, settings)
    threshold.install(app, settings)
    doors.install(
        app, settings, note_act=accounts_routes.note_act, hold=accounts_routes.hold_session
    )
    refusals.install(app)
    accounts_routes.login_manager.init_app(app)
    _register_rooms(app, settings)
    api_description.install(app, settings)
    _register_commands(app)
    return app


def _read_languages(app: Flask, settings: Settings) -> None:
    """English, and each language that has both its guidance and the words of its screens."""
    root = settings.content_path or CONTENT
    beside = root.parent / "translations"
    libraries = load_libraries(root)
    catalogs = languages.read_catalogs(
        beside if beside.is_dir() else languages.CATALOGS, tuple(libraries)
    )
    languages.install(app, catalogs)
    app.extensions["library"] = libraries[languages.ENGLISH]
    app.extensions["libraries"] = {
        language: library for language, library in libraries.items() if language in catalogs
    }


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


def _believe_proxies(app: Flask, settings: Settings) -> None:
    """Only who asks is taken from the proxy; `PUBLIC_URL` decides everything else."""
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0
        )


def _register_rooms(app: Flask, settings: Settings) -> None:
    app.register_blueprint(accounts_routes.blueprint)
    app.register_blueprint(accounts_routes.pages)
    app.register_blueprint(passkey_routes.blueprint)
    app.register_blueprint(session_routes.blueprint)
    app.register_blueprint(reset_routes.blueprint)
    app.register_blueprint(reset_routes.pages)
    app.register_blueprint(key_routes.blueprint)
    app.register_blueprint(check_ins_routes.blueprint)
    app.register_blueprint(clinic_routes.blueprint)
    app.register_blueprint(exchange_routes.pages)
    app.register_blueprint(reminders_routes.blueprint)
    app.register_blueprint(reminders_routes.pages)
    shell = Shell(
        settings=settings,
        libraries=app.extensions["libraries"],
        catalogs=app.extensions["languages"].catalogs,
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
    off = [frozenset(one.words.languages_off) for one in snapshots]
    return PrintedWords(
        snapshot=only,
        sites=joints or None,
        languages_off=frozenset.intersection(*off) if off else frozenset(),
    )


def _register_commands(app: Flask) -> None:
    app.cli.add_command(triage_command)
    for command in commands.COMMANDS:
        app.cli.add_command(command)
