"""A forgotten password over HTTP: the page, and the three calls that it makes."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from pwa import clock
from pwa.accounts import resets
from pwa.accounts.routes import SESSION_BODY, asker, read_texts, welcome
from pwa.api_description import COUNT, TEXT, described, shape, texts
from pwa.doors import open_to_all, polled
from pwa.problems import (
    ClinicChoiceRequired,
    EnrolmentRequired,
    Invalid,
    ResetUnknown,
    SecondFactorRequired,
    TooManyRequests,
)

blueprint = Blueprint("resets", __name__, url_prefix="/api/v1/reset")
pages = Blueprint("resets_pages", __name__)


@pages.get("/reset")
@open_to_all
def show_reset() -> ResponseReturnValue:
    """The page of somebody who forgot their password. The same for everybody."""
    return render_template("accounts/reset.html", page="reset")


@blueprint.post("/ask")
@open_to_all
@described(
    "Ask for a new password",
    body=texts("username"),
    reply=shape(secret=TEXT, number=TEXT, expires_in_s=COUNT),
    refusals=(TooManyRequests,),
)
def ask() -> ResponseReturnValue:
    """A secret for the browser and a number to read out, whether or not the name is somebody's."""
    username = read_texts("username")["username"]
    asked = resets.ask(username=username, address=asker()["address"], at=clock.now())
    return jsonify(
        secret=asked.secret,
        number=asked.number,
        expires_in_s=int(resets.LIFETIME.total_seconds()),
    )


@blueprint.post("/look")
@open_to_all
@polled
@described(
    "Whether the clinic has approved a request for a new password",
    body=texts("secret"),
    reply=shape(state={"enum": ["waiting", "approved"]}),
    refusals=(ResetUnknown,),
)
def look() -> ResponseReturnValue:
    """Asked again and again by the page that waits."""
    is_approved = resets.is_approved(read_texts("secret")["secret"], at=clock.now())
    return jsonify(state="approved" if is_approved else "waiting")


@blueprint.post("")
@open_to_all
@described(
    "Choose a new password",
    body=texts("secret", "password"),
    reply=SESSION_BODY,
    refusals=(
        ResetUnknown,
        Invalid,
        SecondFactorRequired,
        EnrolmentRequired,
        ClinicChoiceRequired,
    ),
)
def reset() -> ResponseReturnValue:
    """The new password, from the browser that asked, once the clinic has approved."""
    return welcome(resets.use(at=clock.now(), **asker(), **read_texts("secret", "password")))
