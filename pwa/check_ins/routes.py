"""The API of `sync` and `changes` (check-in-sync/1, section 2)."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.accounts import erased, sessions
from pwa.api_description import COUNT, TEXT, described
from pwa.check_ins import expected, feed, intake, reviews, wire
from pwa.check_ins.meter import CallMeter
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import patients_only
from pwa.guidance.library import Library
from pwa.practice import clinics
from pwa.problems import (
    AccountMismatch,
    BadRequest,
    ClientTooOld,
    EpochChanged,
    TooManyRequests,
)
from pwa.strict_json import read_json

blueprint = Blueprint("check_ins", __name__, url_prefix="/api/v1")
MOST_CHANGES = 200
WHOLE_NUMBER = {**COUNT, "maximum": 10**15 - 1}


@blueprint.post("/sync")
@patients_only
@described(
    "Take in a batch of check-ins",
    body=wire.sync_body(),
    reply=wire.SYNC_REPLY,
    refusals=(AccountMismatch, ClientTooOld, TooManyRequests),
)
def sync() -> ResponseReturnValue:
    """Take in a batch. `stored` and `duplicate` are said only after the commit."""
    settings: Settings = current_app.extensions["settings"]
    library: Library = current_app.extensions["library"]
    meter: CallMeter = current_app.extensions["call_meter"]
    principal: sessions.Principal = current_user._get_current_object()  # noqa: SLF001
    at = clock.now()
    meter.count(principal.token, at=at)
    body = read_json(request, max_bytes=settings.batch_bytes)
    batch = wire.read_batch(body, max_events=settings.batch_events)
    if batch.account != principal.account_id:
        raise AccountMismatch(field="account")
    with writing():
        if erased.is_erased(principal.account_id):
            epoch = erased.epoch_of(principal.account_id)
            receipt = intake.refuse_erased(batch)
        else:
            epoch = clinics.epoch()
            receipt = intake.take_in(
                batch,
                clinic_id=principal.clinic_id,
                patient_id=principal.account_id,
                library=library,
                limits=intake.Limits(settings.daily_check_ins, settings.devices_per_account),
                at=at,
            )
    return jsonify(
        protocol=wire.PROTOCOL,
        epoch=epoch,
        received_at=at.isoformat(),
        results=[result.for_wire() for result in receipt.results],
        device={"contiguous": receipt.contiguous, "missing": list(receipt.missing)},
    )


@blueprint.get("/changes")
@patients_only
@described(
    "What this phone has not heard yet",
    query={**dict.fromkeys(("after", "limit", "clinic"), WHOLE_NUMBER), "epoch": TEXT},
    reply=wire.CHANGES_REPLY,
    refusals=(EpochChanged,),
)
def changes() -> ResponseReturnValue:
    """What this phone has not heard yet, and the clinic's words where they are newer."""
    principal: sessions.Principal = current_user._get_current_object()  # noqa: SLF001
    at = clock.now()
    after = _whole_number("after", default=0)
    limit = min(_whole_number("limit", default=MOST_CHANGES), MOST_CHANGES)
    known_clinic = _whole_number("clinic", default=0)
    epoch = erased.epoch_for(principal)
    theirs = request.args.get("epoch")
    if after and theirs != epoch:
        raise EpochChanged
    mine = {"clinic_id": principal.clinic_id, "patient_id": principal.account_id}
    if reviews.due_to_settle(**mine, at=at):
        with writing():
            reviews.settle(**mine, at=at)
    if not after and not known_clinic:  # a fresh phone: from now on something is expected of them
        with writing():
            expected.refresh(**mine, at=at)
    page = feed.read(**mine, after=after, limit=max(1, limit))
    body = {
        "protocol": wire.PROTOCOL,
        "account": principal.account_id,
        "epoch": epoch,
        "server_time": at.isoformat(),
        "changes": list(page.changes),
        "next": page.next,
        "more": page.more,
    }
    if clinics.words_version(principal.clinic_id) != known_clinic:
        body["clinic"] = clinics.for_phone(principal.clinic_id)
    return jsonify(body)


def _whole_number(name: str, *, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadRequest("must be a whole number", field=name)
    return int(text)
