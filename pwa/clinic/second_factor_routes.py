"""The second factor of staff over HTTP: the second step, one's own, a lost one, the rule."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from pwa import clock
from pwa.accounts import browsers, people, recovery, second_factor, second_step, totp
from pwa.accounts.keys import FOLDER, KeyRing
from pwa.accounts.models import Account
from pwa.accounts.sessions import Principal
from pwa.clinic.desk import Desk, draw, opened, refuse, sit_down
from pwa.database import db, reading, writing
from pwa.doors import (
    NEXT_STEP,
    administrators_only,
    half_signed_in,
    require_confirmation,
    staff_only,
)
from pwa.problems import (
    Conflict,
    Invalid,
    NotFound,
    Problem,
    SignInRequired,
    TooManyRequests,
    WrongCode,
)
from pwa.qr_codes import draw_qr

pages = Blueprint("second_factor", __name__)
OWN = NEXT_STEP[second_factor.ENROL]
DONE = {
    "passkey": "Your passkey is added.",
    "passkey_removed": "That passkey is removed.",
    "app_removed": "The app is removed.",
}


@pages.get("/second-step")
@staff_only
@half_signed_in
def show_second_step() -> ResponseReturnValue:
    """The password was right; one more step."""
    elsewhere = _elsewhere(second_factor.STEP)
    return redirect(elsewhere) if elsewhere else _draw_step()


@pages.post("/second-step")
@staff_only
@half_signed_in
def pass_with_code() -> ResponseReturnValue:
    """A code by a plain form. With JavaScript the page asks the API, so that the phone knows."""
    elsewhere = _elsewhere(second_factor.STEP)
    if elsewhere:
        return redirect(elsewhere, 303)
    try:
        principal = second_step.pass_with_code(
            principal=_me(),
            ring=_ring(),
            code=request.form.get("code", ""),
            address=request.remote_addr or "",
            at=clock.now(),
        )
    except (WrongCode, TooManyRequests) as problem:
        return refuse(_draw_step(problem=problem), problem)
    _hand_over(principal)
    return redirect(NEXT_STEP.get(principal.stage, "/clinic"), 303)


@pages.get("/account/second-factor")
@staff_only
@half_signed_in
def show_own() -> ResponseReturnValue:
    """One's own factors. Where one is missing to sign in, only this page opens."""
    if _me().stage == second_factor.STEP:
        return redirect(NEXT_STEP[second_factor.STEP])
    with writing():
        desk = sit_down()
        opened(desk, "second_factor")
    return _draw_own(desk, done=DONE.get(request.args.get("done", "")))


@pages.get("/account/second-factor/app")
@staff_only
@half_signed_in
def show_app() -> ResponseReturnValue:
    """A new secret for an authenticator app, to scan or to type."""
    _may_change()
    with reading():
        desk = sit_down()
    secret = totp.new_secret()
    offer = totp.seal_offer(_ring(), secret, account_id=desk.account_id, at=desk.when.now)
    return _draw_app(desk, secret=secret, offer=offer)


@pages.post("/account/second-factor/app")
@staff_only
@half_signed_in
def add_app() -> ResponseReturnValue:
    """The first code that the app shows; then the recovery codes, once."""
    principal = _may_change(back=f"{OWN}/app")
    offer = request.form.get("offer", "")
    with reading():
        desk = sit_down()
    try:
        principal, codes = second_factor.add_app(
            principal=principal,
            ring=_ring(),
            offer=offer,
            code="".join(request.form.get("code", "").split()),
            at=desk.when.now,
        )
    except Invalid as problem:
        secret = totp.unseal_offer(_ring(), offer, account_id=desk.account_id, at=desk.when.now)
        page = _draw_app(desk, secret=secret, offer=offer, problem=problem)
        return refuse(page, problem)
    if principal.token != desk.token:
        _hand_over(principal)
    return _draw_codes(codes, title="The app is set up")


@pages.post("/account/second-factor/app/remove")
@staff_only
def remove_app() -> ResponseReturnValue:
    """No more codes of the app."""
    require_confirmation(back=OWN)
    try:
        second_factor.remove_app(principal=_me(), at=clock.now())
    except Conflict as problem:
        return _refuse_own(problem)
    return redirect(f"{OWN}?done=app_removed", 303)


@pages.post("/account/second-factor/passkeys/remove")
@staff_only
def remove_passkey() -> ResponseReturnValue:
    """One passkey less."""
    require_confirmation(back=OWN)
    try:
        second_factor.remove_passkey(
            principal=_me(),
            credential_id=request.form.get("credential_id", ""),
            at=clock.now(),
        )
    except Conflict as problem:
        return _refuse_own(problem)
    return redirect(f"{OWN}?done=passkey_removed", 303)


@pages.post("/account/second-factor/codes")
@staff_only
def make_codes() -> ResponseReturnValue:
    """New recovery codes, shown in this answer and never again."""
    require_confirmation(back=OWN)
    try:
        codes = second_factor.make_codes(principal=_me(), at=clock.now())
    except Conflict as problem:
        return _refuse_own(problem)
    return _draw_codes(codes, title="Your new recovery codes")


@pages.get("/settings/second-factor")
@administrators_only
def show_rule() -> ResponseReturnValue:
    """Whether the clinic asks its people for a second factor."""
    require_confirmation()
    with writing():
        desk = sit_down()
        opened(desk, "second_factor_rule")
    return _draw_rule(desk)


@pages.post("/settings/second-factor")
@administrators_only
def change_rule() -> ResponseReturnValue:
    """Ask for it, or no longer."""
    require_confirmation(back="/clinic/settings/second-factor")
    try:
        second_factor.require_in_clinic(
            principal=_me(),
            is_required=request.form.get("is_required") == "1",
            at=clock.now(),
        )
    except Conflict as problem:
        with reading():
            desk = sit_down()
        return refuse(_draw_rule(desk, problem=problem), problem)
    return redirect("/clinic/settings?done=second_factor#second-factor", 303)


@pages.get("/settings/staff/<account_id>/second-factor")
@administrators_only
def show_reset(account_id: str) -> ResponseReturnValue:
    """What it means to reset a colleague's second factor."""
    require_confirmation()
    with reading():
        desk, name = _colleague(account_id)
    return draw("second_factor_reset.html", desk, page="settings", name=name, account_id=account_id)


@pages.post("/settings/staff/<account_id>/second-factor")
@administrators_only
def reset(account_id: str) -> ResponseReturnValue:
    """A colleague lost theirs: they add a new one when they next sign in."""
    require_confirmation(back=request.path)
    with reading():
        desk, _ = _colleague(account_id)
    second_factor.reset(actor=desk.actor, account_id=account_id, at=desk.when.now)
    return redirect("/clinic/settings?done=second_factor_reset#staff", 303)


def _colleague(account_id: str) -> tuple[Desk, str]:
    desk = sit_down()
    account = people.find_own_staff(clinic_id=desk.clinic_id, account_id=account_id)
    if account.account_id == desk.account_id:
        raise NotFound
    return desk, account.display_name


def _elsewhere(stage: str) -> str:
    """Where somebody belongs who is not at this stage; "" for who is."""
    mine = _me().stage
    return "" if mine == stage else NEXT_STEP.get(mine, "/clinic")


def _may_change(*, back: str = "") -> Principal:
    """Whoever is signed in and proved it just now, or still has to add a first factor."""
    principal = _me()
    if principal.stage != second_factor.ENROL:
        if not principal.is_whole:
            raise SignInRequired
        require_confirmation(back=back)
    return principal


def _hand_over(principal: Principal) -> None:
    """The cookie of the whole session that the half one has become."""
    session.clear()
    session.permanent = True
    login_user(principal)


def _ring() -> KeyRing:
    return KeyRing(current_app.extensions["settings"].instance_path / FOLDER)


def _me() -> Principal:
    """Whoever is signed in as this request came: a session that begins in it changes nothing."""
    principal: Principal = current_user._get_current_object()  # noqa: SLF001
    return principal


def _draw_step(*, problem: Problem | None = None) -> str:
    with reading():
        account = db.session.get_one(Account, _me().account_id)
        factors = second_factor.of_account(account)
    return render_template(
        "clinic/second_step.html",
        page="clinic_second_step",
        has_app=factors.has_app,
        has_passkeys=bool(factors.passkeys),
        problem=problem,
    )


def _draw_own(desk: Desk, **shown: Any) -> str:
    principal = _me()
    with reading():
        factors = second_factor.of_account(db.session.get_one(Account, desk.account_id))
        found = {
            "has_app": factors.has_app,
            "has_any": factors.has_any,
            "codes_left": factors.codes_left,
            "is_required": factors.is_required,
            "is_last_needed": factors.is_last_needed,
            "passkeys": [
                {
                    "credential_id": one.credential_id,
                    "name": one.name,
                    "created_at": one.created_at,
                    "last_used_at": one.last_used_at,
                }
                for one in factors.passkeys
            ],
        }
    return draw(
        "second_factor.html",
        desk,
        page="account",
        is_enrolling=principal.stage == second_factor.ENROL,
        may_change=not principal.is_whole or principal.is_confirmed(at=desk.when.now),
        own=OWN,
        code_count=recovery.COUNT,
        suggested_name=browsers.label_of(request.user_agent.string),
        **found,
        **shown,
    )


def _refuse_own(problem: Problem) -> ResponseReturnValue:
    with reading():
        desk = sit_down()
    return refuse(_draw_own(desk, problem=problem), problem)


def _draw_app(desk: Desk, *, secret: str, offer: str, problem: Problem | None = None) -> str:
    return draw(
        "second_factor_app.html",
        desk,
        page="account",
        is_enrolling=_me().stage == second_factor.ENROL,
        qr=draw_qr(totp.address(secret, username=desk.username)),
        secret=totp.grouped(secret),
        offer=offer,
        own=OWN,
        problem=problem,
    )


def _draw_codes(codes: list[str], *, title: str) -> str:
    with reading():
        desk = sit_down()
    return draw("recovery_codes.html", desk, page="account", codes=codes, title=title, own=OWN)


def _draw_rule(desk: Desk, *, problem: Problem | None = None) -> str:
    with reading():
        account = db.session.get_one(Account, desk.account_id)
        has_own = second_factor.of_account(account).has_any
    return draw("second_factor_rule.html", desk, page="settings", has_own=has_own, problem=problem)
