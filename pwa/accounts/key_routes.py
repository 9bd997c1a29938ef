"""The API of the keys with which phones seal what they keep (check-in-sync/1, section 6)."""

from __future__ import annotations

import base64
import re
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.accounts import keys
from pwa.api_description import TEXT, described, shape
from pwa.database import writing
from pwa.doors import patients_only
from pwa.problems import BadRequest, KeyLost, NotFound
from pwa.strict_json import read_json

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1")
MOST_KIDS = 20
SMALL_BODY = 4 * 1024
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
AN_ID = {"type": "string", "pattern": f"^{UUID}$"}


@blueprint.post("/outbox-key")
@patients_only
@described(
    "The keys with which this person's phone seals what it keeps",
    body=shape(
        device_id=AN_ID,
        kids={"type": "array", "maxItems": MOST_KIDS, "items": AN_ID},
    ),
    reply=shape(account=TEXT, current=TEXT, keys={"type": "object", "additionalProperties": TEXT}),
    refusals=(KeyLost,),
)
def hand_out_keys() -> ResponseReturnValue:
    """The key to seal with from now on, and those of the older boxes that were asked for.

    A key that is not here is left out: its boxes stay on the phone, and the others open.
    """
    if current_user.is_erased:
        raise NotFound
    device_id, kids = _read(read_json(request, max_bytes=SMALL_BODY))
    ring: keys.KeyRing = current_app.extensions["key_ring"]
    try:
        with writing():
            current = ring.current()
            keys.note_use(ring, current, at=clock.now())
        asked = ring.kids() & kids | {current}
        info = f"outbox|{current_user.account_id}"
        found = {kid: ring.derive(kid, salt=device_id, info=info) for kid in asked}
    except keys.KeyMissing:
        raise KeyLost(retry_after_s=60) from None
    return jsonify(
        account=current_user.account_id,
        current=current,
        keys={kid: base64.b64encode(key).decode() for kid, key in found.items()},
    )


def _read(body: dict[str, Any]) -> tuple[str, frozenset[str]]:
    for name in body:
        if name not in ("device_id", "kids"):
            raise BadRequest("this field is not known here", field=name[:80])
    device_id, kids = body.get("device_id"), body.get("kids")
    if not _is_id(device_id):
        raise BadRequest("must be a lower-case canonical UUID of version 4", field="device_id")
    if not isinstance(kids, list) or len(kids) > MOST_KIDS or not all(map(_is_id, kids)):
        raise BadRequest(f"must be a list of at most {MOST_KIDS} key ids", field="kids")
    return str(device_id), frozenset(kids)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(UUID, value) is not None
