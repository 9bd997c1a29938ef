"""A patient about whom something stands in every place, with words that are found anywhere else
only by a mistake. No test lives here."""

from __future__ import annotations

import uuid
from datetime import timedelta

from pwa.accounts.models import (
    Account,
    Challenge,
    Invite,
    KnownAddress,
    Passkey,
    RecoveryCode,
    ResetRequest,
    Session,
)
from pwa.check_ins.models import Claim, DiscardedNumber, HandOver, Note, Review
from pwa.database import db, writing
from pwa.reminders.models import CalendarLink, PushSubscription, ReminderSetting
from tests.clinic.asking import EMERGENCY, read
from tests.conftest import NOON, Cast, send, send_batch
from tests.making import about, amend, answers, device_of, event, start_event

NAME, IDENTIFIER, PHONE = "Quillon Vesper", "ZK-90817", "07700 901234"
NOTE, READ_NOTE, INJECTED = "brassica thunder", "umbrella cobalt", "Dextrose quicksilver"
CORRECTED = "marmalade <b>anvil</b>"
INNER_NOTE, MESSAGE, REMARK = "walrus violin", "come in on tangerine", "please call the zeppelin"
LABEL, KEY_NAME = "Netscape on a toaster", "The toaster's key"
ENDPOINT, ZONE = "https://web.push.apple.com/bassoon", "Antarctica/Troll"
PLANTED = (
    NAME,
    IDENTIFIER,
    PHONE,
    NOTE,
    READ_NOTE,
    INJECTED,
    CORRECTED,
    INNER_NOTE,
    MESSAGE,
    REMARK,
    LABEL,
    KEY_NAME,
    ENDPOINT,
    ZONE,
    "quillon",
)


def plant(cast: Cast) -> None:
    """Ana becomes somebody of whom there is a row in every table that can hold one."""
    ana, cole = cast.ana, cast.dr_cole
    page = f"/clinic/patients/{ana.account_id}"
    details = {"display_name": NAME, "second_identifier": IDENTIFIER, "phone_number": PHONE}
    assert cole.post(f"{page}/details", data=details).status_code == 303
    assert (
        cole.post(f"{page}/treatments/{ana.treatment_id}", data=_corrected_treatment()).status_code
        == 303
    )
    first = event(ana, answers=answers(note=NOTE))
    worst = event(ana, answers={"breathless": True, "note": NOTE}, verdict=EMERGENCY)
    later = amend(ana, first, answers=answers(note=CORRECTED))
    sent = [start_event(ana), first, later, about(ana, worst, "called"), worst]
    for result in send(ana, *sent):
        assert result["status"] == "stored", result
    assert read(cole, ana, worst, outcome="spoke_with_patient", note=READ_NOTE).status_code == 303
    assert send_batch(ana, discarded=[99]).status_code == 200
    with writing():
        _rows_of_getting_in(ana.account_id)
        _rows_of_colleagues(cast)
        _rows_of_reminders(cast)
        db.session.add(
            DiscardedNumber(
                clinic_id=ana.clinic_id,
                patient_id=ana.account_id,
                device_id=device_of(ana),
                dseq=98,
            )
        )


def _rows_of_colleagues(cast: Cast) -> None:
    """What a clinician wrote for others, told the patient, and handed over."""
    ours = {"clinic_id": cast.ana.clinic_id, "patient_id": cast.ana.account_id}
    cole = cast.dr_cole
    db.session.add_all(
        [
            Note(
                **ours,
                note_id=str(uuid.uuid4()),
                author_id=cole.account_id,
                author_name=cole.name,
                at=NOON,
                text=INNER_NOTE,
            ),
            HandOver(
                **ours,
                hand_over_id=str(uuid.uuid4()),
                from_id=cole.account_id,
                from_name=cole.name,
                to_name="",
                remark=REMARK,
                at=NOON,
            ),
            Review(
                **ours,
                review_id=str(uuid.uuid4()),
                event_ids=[],
                reviewer_id=cole.account_id,
                reviewer_name=cole.name,
                reviewer_role="clinician",
                at=NOON,
                kind="answer",
                note="",
                message=MESSAGE,
            ),
        ]
    )
    db.session.merge(Claim(**ours, account_id=cole.account_id, name=cole.name, at=NOON))


def _rows_of_reminders(cast: Cast) -> None:
    ours = {"clinic_id": cast.ana.clinic_id, "patient_id": cast.ana.account_id}
    db.session.add_all(
        [
            ReminderSetting(**ours, quiet_from="21:00", quiet_until="08:00", time_zone=ZONE),
            PushSubscription(
                **ours,
                endpoint_hash=uuid.uuid4().hex,
                session_id=str(uuid.uuid4()),
                endpoint=ENDPOINT,
                p256dh="p",
                auth="a",
                created_at=NOON,
            ),
            CalendarLink(**ours, token_hash=uuid.uuid4().hex, language="en", created_at=NOON),
        ]
    )


def _corrected_treatment() -> dict[str, str]:
    return {
        "site": "knee",
        "side": "right",
        "performed_on": "2026-11-23",
        "number": "1",
        "injected": INJECTED,
        "clinician_name": "Dr Cole",
        "next_on": "",
        "next_time": "",
        "version": "1",
    }


def _rows_of_getting_in(account_id: str) -> None:
    account = db.session.get_one(Account, account_id)
    account.username = "quillon"
    account.totp_secret = "sealed"
    db.session.query(Session).filter_by(account_id=account_id).update({"label": LABEL})
    mine = {"account_id": account_id}
    soon = NOON + timedelta(minutes=5)
    db.session.add_all(
        [
            Passkey(
                **mine,
                credential_id=str(uuid.uuid4()),
                public_key=b"key",
                sign_count=1,
                name=KEY_NAME,
                transports=[],
                created_at=NOON,
            ),
            Invite(
                **mine,
                clinic_id=account.clinic_id,
                code_hash=uuid.uuid4().hex,
                purpose="join",
                created_at=NOON,
                expires_at=soon,
            ),
            RecoveryCode(**mine, code_hash=uuid.uuid4().hex, created_at=NOON),
            Challenge(**mine, challenge_hash=uuid.uuid4().hex, purpose="x", expires_at=soon),
            KnownAddress(**mine, address_hash=uuid.uuid4().hex, last_at=NOON),
            ResetRequest(
                **mine,
                secret_hash=uuid.uuid4().hex,
                number_hash="n",
                created_at=NOON,
                expires_at=soon,
            ),
        ]
    )


def everything_in_the_database() -> str:
    """Every row of every table as text."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return "\n".join(
            f"{table.name}: {tuple(row)!r}"
            for table in db.metadata.sorted_tables
            for row in connection.execute(table.select()).all()
        )
