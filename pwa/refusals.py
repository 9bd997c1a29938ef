"""Every refusal is written down, wherever it was made: what counts as one, and to whom it went.

The entry has a transaction of its own, after the answer is made. Where it cannot be written the
answer is the same.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from pwa import clock
from pwa.audit import denied
from pwa.audit.denied import Denial, Ledger
from pwa.audit.log import SERVER
from pwa.doors import decision_for
from pwa.problems import (
    AccountInactive,
    ClinicChoiceRequired,
    EnrolmentRequired,
    ForeignOrigin,
    InviteUnknown,
    Problem,
    ResetUnknown,
    SecondFactorRequired,
    SignInRequired,
    TooManyRequests,
    WrongCode,
    WrongPasskey,
    WrongPassword,
)

KINDS: dict[type[Problem], str] = {
    AccountInactive: "inactive",
    ForeignOrigin: "origin",
    InviteUnknown: "code",
    ResetUnknown: "code",
    TooManyRequests: "throttled",
    WrongCode: "second_factor",
    WrongPasskey: "second_factor",
    WrongPassword: "password",
}
"""The refusals that are one whatever the page makes of them."""
HALF_WAY = (SecondFactorRequired, EnrolmentRequired, ClinicChoiceRequired)
"""At a door: somebody with half a session. At the sign-in itself they are no refusal."""
CANONICAL_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Listen to every answer."""
    ledger = Ledger()
    app.extensions["refusals"] = ledger

    @app.after_request
    def write_down(response: Response) -> Response:
        try:
            _write_down(ledger, response.status_code)
        except Exception as error:  # noqa: BLE001 - the answer stands
            log.critical("a refusal could not be written down: %s", type(error).__name__)
        return response


def settle() -> None:
    """Write down what was only counted until now. For whoever is about to read the log."""
    ledger: Ledger = current_app.extensions["refusals"]
    more = ledger.close()
    if more:
        denied.write_down(more, at=clock.now())


def _write_down(ledger: Ledger, status: int) -> None:
    at = clock.now()
    due = ledger.close() if ledger.is_over(at=at) else []
    for kind in _kinds(status):
        denial = _denial(kind)
        if ledger.takes(denial, source=denial.actor_id or str(request.remote_addr), at=at):
            due.append((denial, 1))
    if due:
        g.pop("hold_session", None)  # whoever is refused may have no session any more
        denied.write_down(due, at=at)


def _kinds(status: int) -> Iterator[str]:
    made: list[Problem] = g.get("problems", [])
    yield from sorted({KINDS[type(one)] for one in made if type(one) in KINDS})
    if request.endpoint is None or not made or status not in (401, 403, 404):
        return
    roles = decision_for(current_app, request.endpoint)
    if not isinstance(roles, frozenset) or not current_user.is_authenticated:
        return
    if status in (401, 403):
        if any(type(one) in HALF_WAY for one in made):
            yield "door"
        elif any(type(one) is SignInRequired for one in made):
            yield "session" if current_user.is_whole else "door"
    elif current_user.role not in roles:
        yield "door"
    elif request.view_args:
        yield "record"


def _denial(kind: str) -> Denial:
    concerned: tuple[str, str] | None = g.get("concerned")
    subject_id = concerned[1] if concerned else _record_asked_for()
    is_known = bool(current_user.is_authenticated)
    own_clinic = current_user.clinic_id if is_known else SERVER
    return Denial(
        kind=kind,
        clinic_id=concerned[0] if concerned else own_clinic,
        actor_id=current_user.account_id if is_known else None,
        actor_name=_audit_name(current_user) if is_known else denied.NOBODY,
        subject_id=subject_id,
        door=request.endpoint or "",
    )


def _audit_name(principal: Any) -> str:
    """No patient's name enters the log."""
    return "Patient" if principal.role == "patient" else str(principal.display_name)


def _record_asked_for() -> str | None:
    """The id in the address, where it is one; what else was typed there stays out of the log."""
    for name in ("patient_id", "account_id"):
        asked = str((request.view_args or {}).get(name, ""))
        if CANONICAL_ID.fullmatch(asked):
            return asked
    return None
