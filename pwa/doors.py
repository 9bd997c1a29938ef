"""Every door is shut. Who may come in is written on the view itself.

A view without a mark answers nobody. Changes are accepted only from our own pages, and every
answer carries the security headers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa.config import Settings
from pwa.problems import BadRequest, ForeignOrigin, NotFound, SignInRequired, wants_json

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}


def open_to_all(view: View) -> View:
    """Anybody, signed in or not."""
    return _mark(view, None)


def patients_only(view: View) -> View:
    """Patients who are signed in."""
    return _mark(view, frozenset({"patient"}))


def clinicians_only(view: View) -> View:
    """Clinicians who are signed in."""
    return _mark(view, frozenset({"clinician"}))


def staff_only(view: View) -> View:
    """Clinicians and administrators who are signed in."""
    return _mark(view, frozenset({"clinician", "administrator"}))


def administrators_only(view: View) -> View:
    """Administrators who are signed in."""
    return _mark(view, frozenset({"administrator"}))


def everyone_signed_in(view: View) -> View:
    """Every role, but signed in."""
    return _mark(view, frozenset({"patient", "clinician", "administrator"}))


def _mark(view: View, roles: frozenset[str] | None) -> View:
    view.door_roles = roles  # type: ignore[attr-defined]
    return view


def decision_for(app: Flask, endpoint: str) -> frozenset[str] | str | None:
    """The roles that may use this endpoint; None for everybody; "shut" where nobody decided."""
    return getattr(app.view_functions[endpoint], "door_roles", "shut")


def install(app: Flask, settings: Settings) -> None:
    """Hang the doors."""

    @app.before_request
    def stand_at_the_door() -> ResponseReturnValue | None:
        if request.method not in SAFE_METHODS and not _is_from_us(settings):
            raise ForeignOrigin
        if request.endpoint is None:
            return None
        roles = decision_for(app, request.endpoint)
        if roles is None:
            _refuse_nul()
            return None
        if roles == "shut":
            raise NotFound
        if not current_user.is_authenticated:
            if wants_json() or request.method not in SAFE_METHODS:
                raise SignInRequired
            return redirect(f"/sign-in?next={quote(request.path)}")
        if current_user.role not in roles:
            raise NotFound
        _refuse_nul()
        return None

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.is_https:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
            response.headers.add("Vary", "Cookie")
        if wants_json():
            response.headers["X-Sync-Protocol"] = "1"
        return response


def _refuse_nul() -> None:
    """SQLite would store what PostgreSQL refuses. JSON bodies have a strict reader of their own."""
    if "\x00" in request.path:
        raise NotFound
    texts = [*request.args.values()]
    if not wants_json():
        texts += [text for _, values in request.form.lists() for text in values]
    if any("\x00" in text for text in texts):
        raise BadRequest("a text holds a NUL character")


def _is_from_us(settings: Settings) -> bool:
    """Sec-Fetch-Site cannot be set by a page's script; Origin serves browsers without it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == settings.public_url
