"""Every door is shut. Who may come in is written on the view itself.

A view without a mark answers nobody. Changes are accepted only from our own pages, and every
answer carries the security headers. A session that has ended writes nothing, even where its
request was let in before: every write transaction looks again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote, unquote_to_bytes, urlencode

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.config import Settings
from pwa.problems import (
    BadRequest,
    ClinicChoiceRequired,
    ConfirmationRequired,
    EnrolmentRequired,
    ForeignOrigin,
    NotFound,
    Problem,
    SecondFactorRequired,
    SignInRequired,
    respond,
    wants_json,
)

View = TypeVar("View", bound=Callable[..., Any])
SIGN_IN = "/sign-in"
NEXT_STEP = {
    "second_factor": "/clinic/second-step",
    "enrol": "/clinic/account/second-factor",
    "choose": "/clinic/choose",
}
"""Where somebody goes on who is only half signed in, by the stage of the session."""
MISSING: dict[str, type[Problem]] = {
    "second_factor": SecondFactorRequired,
    "enrol": EnrolmentRequired,
    "choose": ClinicChoiceRequired,
}
"""What such a session is told where it asks for more, by its stage."""
CONFIRM = "/clinic/account/confirm"
WORKLIST = "/clinic"
OUR_PATH = re.compile(r"/clinic(/[A-Za-z0-9_-]+)*")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HSTS = "max-age=63072000; includeSubDomains"
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


def half_signed_in(view: View) -> View:
    """Also those whose second step is still to come. For the views of that step alone."""
    view.door_takes_half = frozenset({"second_factor", "enrol"})  # type: ignore[attr-defined]
    return view


def while_choosing(view: View) -> View:
    """Also those who have still to say at which of their clinics they are. For that view alone."""
    view.door_takes_half = frozenset({"choose"})  # type: ignore[attr-defined]
    return view


def polled(view: View) -> View:
    """A page asks this by itself, so it is no act of a person and keeps no session awake."""
    view.door_is_polled = True  # type: ignore[attr-defined]
    return view


def takes_bytes(count: int) -> Callable[[View], View]:
    """A body of up to so many bytes, where a file is handed in."""

    def mark(view: View) -> View:
        view.door_body_bytes = count  # type: ignore[attr-defined]
        return view

    return mark


def require_confirmation(*, back: str = "") -> None:
    """Let nobody on who has not proved a moment ago who they are. Call before any write.

    Args:
        back: our own path to return to; the address of this request unless it is given.
    Raises:
        ConfirmationRequired: a page that was only asked for then leads to the question.
    """
    if not current_user.is_confirmed(at=clock.now()):
        problem = ConfirmationRequired()
        problem.back = back or (request.path if request.method in SAFE_METHODS else "")
        raise problem


def our_path(text: str, *, otherwise: str = "/clinic") -> str:
    """An address to go on to, if it is a plain path of the clinic's pages; else `otherwise`."""
    return text if OUR_PATH.fullmatch(text) else otherwise


def _mark(view: View, roles: frozenset[str] | None) -> View:
    view.door_roles = roles  # type: ignore[attr-defined]
    return view


def decision_for(app: Flask, endpoint: str) -> frozenset[str] | str | None:
    """The roles that may use this endpoint; None for everybody; "shut" where nobody decided."""
    return getattr(app.view_functions[endpoint], "door_roles", "shut")


def install(
    app: Flask, settings: Settings, *, note_act: Callable[[], None], hold: Callable[[], None]
) -> None:
    """Hang the doors.

    Args:
        note_act: writes down that the person who is signed in did something.
        hold: within a write transaction, keeps their session open until it ends; raises
            SignInRequired where it is over.
    """

    @app.before_request
    def stand_at_the_door() -> ResponseReturnValue | None:
        if request.method not in SAFE_METHODS and not _is_from_us(settings):
            raise ForeignOrigin
        if request.endpoint is None:
            return None
        roles = decision_for(app, request.endpoint)
        if roles is None:
            _refuse_what_is_no_text()
            return None
        if roles == "shut":
            raise NotFound
        view = app.view_functions[request.endpoint]
        if not current_user.is_authenticated or not _is_far_enough(view):
            if wants_json() or request.method not in SAFE_METHODS:
                raise _what_is_missing()
            return redirect(_way_in())
        if current_user.role not in roles:
            raise NotFound
        most = getattr(view, "door_body_bytes", None)
        if most is not None:
            request.max_content_length = most
            request.max_form_memory_size = most
        _refuse_what_is_no_text()
        if not getattr(view, "door_is_polled", False):
            note_act()
        g.hold_session = hold
        return None

    @app.teardown_request
    def let_go(_: BaseException | None) -> None:
        g.pop("hold_session", None)

    @app.errorhandler(ConfirmationRequired)
    def ask_who_it_is(problem: ConfirmationRequired) -> ResponseReturnValue:
        if wants_json() or request.method not in SAFE_METHODS:
            return respond(problem)
        return redirect(f"{CONFIRM}?next={quote(problem.back)}")

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.is_https:
            response.headers["Strict-Transport-Security"] = HSTS
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
            response.headers.add("Vary", "Cookie")
        if wants_json():
            response.headers["X-Sync-Protocol"] = "1"
        return response


def _is_far_enough(view: Callable[..., Any]) -> bool:
    half: frozenset[str] = getattr(view, "door_takes_half", frozenset())
    return bool(current_user.is_whole) or current_user.stage in half


def _what_is_missing() -> Problem:
    if current_user.is_authenticated:
        return MISSING[current_user.stage]()
    return SignInRequired()


def _way_in() -> str:
    if current_user.is_authenticated:
        return NEXT_STEP[current_user.stage]
    return f"{SIGN_IN}?next={quote(_asked_for())}"


def _asked_for() -> str:
    """With what it asks for where that is a view of the worklist; other queries stay behind."""
    if request.path == WORKLIST and request.args:
        return f"{WORKLIST}?{urlencode(list(request.args.items(multi=True)))}"
    return request.path


def _refuse_what_is_no_text() -> None:
    """NUL, which SQLite stores and PostgreSQL refuses; bytes that are not UTF-8; half a form.

    JSON bodies have a strict reader of their own.
    """
    if "\x00" in request.path:
        raise NotFound
    texts = [*request.args.values()]
    if not wants_json():
        if not _is_whole_text(request.get_data()):
            raise BadRequest("the body is cut short, or not UTF-8")
        texts += [text for _, values in request.form.lists() for text in values]
    if any("\x00" in text for text in texts):
        raise BadRequest("a text holds a NUL character")


def _is_whole_text(body: bytes) -> bool:
    """Werkzeug would keep other bytes as if somebody had typed them in hexadecimal."""
    if len(body) < (request.content_length or 0):
        return False
    if request.mimetype != "application/x-www-form-urlencoded":
        return not any("\ufffd" in text for _, texts in request.form.lists() for text in texts)
    try:
        unquote_to_bytes(body).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_from_us(settings: Settings) -> bool:
    """Sec-Fetch-Site cannot be set by a page's script; Origin serves browsers without it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == settings.public_url
