"""Every way a request can fail, by name, and how each is told: problem+json or a page.

Services raise these. Nothing else in the house turns a failure into HTTP.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, has_request_context, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from pwa.languages import to_translate

log = logging.getLogger(__name__)


class Problem(Exception):
    """A failure that has a name on the wire (`kind`), a status, and words for a person."""

    status = 400
    kind = "bad-request"
    title = to_translate("That request could not be understood")

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        retry_after_s: int | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        """Args:
        detail: a whole sentence; `%(name)s` in it stands for one of the `values`.
        """
        self.sentence = detail or self.title
        self.values = values
        self.detail = self.in_english()
        super().__init__(self.detail)
        self.field = field
        self.retry_after_s = retry_after_s
        self.allowed_methods: tuple[str, ...] = ()
        if has_request_context():
            g.setdefault("problems", []).append(self)  # `refusals.py` looks through these

    def in_english(self) -> str:
        """The sentence as it was raised, for logs and the clinic's own pages."""
        return _filled(self.sentence, self.values)


def concerns(*, clinic_id: str, account_id: str) -> None:
    """Say whom this request is about, for the log of refusals: nobody has proved yet who asks."""
    if has_request_context():
        g.concerned = (clinic_id, account_id)


class BadRequest(Problem):
    """The body is not what the wire asks for."""


class Invalid(Problem):
    """A field that a person filled in and can mend."""

    status, kind, title = 422, "invalid", to_translate("Please check what you typed")


class SignInRequired(Problem):
    status, kind, title = 401, "sign-in-required", to_translate("Please sign in")


class WrongPassword(Problem):
    status, kind, title = 401, "wrong-password", to_translate("That name and password do not match")


class WrongCode(Problem):
    status, kind, title = 401, "wrong-code", to_translate("That code does not work")


class WrongPasskey(Problem):
    status, kind, title = 401, "wrong-passkey", to_translate("That passkey does not work here")


class SecondFactorRequired(Problem):
    """Signed in with a password; the second step is still to come."""

    status, kind, title = 401, "second-factor-required", to_translate("One more step to sign in")


class EnrolmentRequired(Problem):
    """The clinic asks for a second factor and this account has none yet."""

    status, kind, title = (
        403,
        "enrolment-required",
        to_translate("Add a second way to prove who you are first"),
    )


class ClinicChoiceRequired(Problem):
    """Signed in; which of several clinics they are at now is still to be said."""

    status, kind, title = 403, "clinic-choice-required", to_translate("Choose a clinic first")


class ConfirmationRequired(Problem):
    """Proof from a while ago is not enough for this."""

    status, kind, title = (
        403,
        "confirmation-required",
        to_translate("Please confirm that it is you"),
    )
    back = ""
    """Our own path to return to afterwards."""


class AccountInactive(Problem):
    status, kind, title = (
        403,
        "account-inactive",
        to_translate("This account is closed. Ask your clinic."),
    )


class ForeignOrigin(Problem):
    status, kind, title = 403, "foreign-origin", to_translate("This request came from another site")


class NotFound(Problem):
    status, kind, title = 404, "not-found", to_translate("There is nothing here")


class UnknownJoint(NotFound):
    """A joint that does not exist, or that no clinic here treats."""

    title = to_translate("We have no page for that joint")

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            detail
            or to_translate(
                "Choose your joint below. If you feel worse or unsure, call your clinic."
            )
        )


class MethodNotAllowed(Problem):
    status, kind, title = 405, "method-not-allowed", to_translate("That cannot be done here")


class AccountMismatch(Problem):
    status, kind, title = 409, "account-mismatch", to_translate("Somebody else is signed in now")


class EpochChanged(Problem):
    status, kind, title = 409, "epoch-changed", to_translate("The server's records were restored")


class Conflict(Problem):
    status, kind, title = 409, "conflict", to_translate("Somebody changed this before you")


class UsernameTaken(Problem):
    status, kind, title = 409, "username-taken", to_translate("That name is taken. Choose another.")


class InviteUnknown(Problem):
    status, kind, title = 404, "invite-unknown", to_translate("That code does not work")


class LengthRequired(Problem):
    status, kind, title = 411, "length-required", to_translate("Say how long the body is")


class ResetUnknown(Problem):
    status, kind, title = 404, "reset-unknown", to_translate("That request is over. Start again.")


class BatchTooLarge(Problem):
    status, kind, title = 413, "batch-too-large", to_translate("That is too much at once")


class WrongMediaType(Problem):
    status, kind, title = 415, "wrong-media-type", to_translate("Send plain UTF-8 JSON")


class ClientTooOld(Problem):
    status, kind, title = (
        426,
        "client-too-old",
        to_translate("This page is too old. Load it again."),
    )


class TooManyRequests(Problem):
    status, kind, title = 429, "too-many-requests", to_translate("Too many tries. Please wait.")


class Unexpected(Problem):
    status, kind, title = 500, "unexpected", to_translate("Something went wrong on our side")


class Busy(Problem):
    status, kind, title = 503, "busy", to_translate("The server is busy. Please try again soon.")


class AuditUnavailable(Problem):
    """Who sees what could not be written down, so nothing is shown and nothing is done."""

    status, kind = 503, "audit-unavailable"
    title = to_translate("The server cannot keep its log now. Nothing was shown or changed.")


class KeyLost(Problem):
    status, kind, title = (
        503,
        "key-missing",
        to_translate("A key of this server is missing. Tell your clinic."),
    )


class StorageFull(Problem):
    status, kind, title = 507, "storage-full", to_translate("The server's storage is full")


def install(app: Flask) -> None:
    """Tell every failure of this app in its own words."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, lambda error: respond(_from_http(error)))
    app.register_error_handler(DBAPIError, lambda error: respond(_from_database(error)))
    app.register_error_handler(PoolTimeoutError, lambda _: respond(Busy(retry_after_s=2)))
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """The API speaks JSON in failure as in success."""
    return request.path.startswith("/api/")


def respond(problem: Problem) -> Response:
    """The answer that this problem becomes."""
    if wants_json():
        response = Response(json.dumps(_body(problem)), mimetype="application/problem+json")
    else:
        page = render_template("problem.html", problem=problem, told=_told(problem))
        response = Response(page, mimetype="text/html")
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    if problem.allowed_methods:
        response.headers["Allow"] = ", ".join(problem.allowed_methods)
    return response


def _told(problem: Problem) -> dict[str, str]:
    """The words for whoever asked, in their language where the catalog has them."""
    said = gettext(problem.sentence)
    is_as_raised = problem.detail == problem.in_english()
    return {
        "title": gettext(problem.title),
        "detail": _filled(said, problem.values) if is_as_raised else problem.detail,
    }


def _filled(sentence: str, values: Mapping[str, object] | None) -> str:
    return sentence % values if values else sentence


def _body(problem: Problem) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": problem.status,
        "kind": problem.kind,
        **_told(problem),
    }
    if problem.field is not None:
        body["field"] = problem.field
    if problem.retry_after_s is not None:
        body["retry_after_s"] = problem.retry_after_s
    return body


def _from_http(error: HTTPException) -> Problem:
    known: dict[int, type[Problem]] = {
        404: NotFound,
        405: MethodNotAllowed,
        411: LengthRequired,
        413: BatchTooLarge,
        415: WrongMediaType,
        429: TooManyRequests,
    }
    status = error.code or 500
    if status in known:
        named = known[status]()
        named.allowed_methods = tuple(sorted(getattr(error, "valid_methods", None) or ()))
        return named
    if status >= 500:
        return Unexpected()
    problem = BadRequest()
    problem.status = status
    return problem


def _from_database(error: DBAPIError) -> Problem:
    return named_cause(error) or _log_and_hide(error)


def named_cause(error: DBAPIError) -> Problem | None:
    """The first cause that has a name: a failed rollback must not hide why it was needed."""
    cause: BaseException | None = error
    while cause is not None:
        problem = _by_code(cause) if isinstance(cause, DBAPIError) else None
        if problem is not None:
            return problem
        cause = cause.__context__
    return None


def _by_code(error: DBAPIError) -> Problem | None:
    """SQLite says busy and full by code; PostgreSQL by the class of its SQLSTATE."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None) or ""
    if code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(retry_after_s=2)
    if (code is not None and code & 0xFF == sqlite3.SQLITE_FULL) or state == "53100":
        return StorageFull(retry_after_s=60)
    if state[:2] in ("40", "53", "55", "57", "08") or error.connection_invalidated:
        return Busy(retry_after_s=2)
    return None


def _unexpected(error: Exception) -> Response:
    return respond(_log_and_hide(error))


def _log_and_hide(error: Exception) -> Problem:
    """Logs where it happened and never the message: database errors carry bound values."""
    trace = error.__traceback__
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("unexpected %s at %s", type(error).__name__, " > ".join(frames[-8:]))
    return Unexpected()
