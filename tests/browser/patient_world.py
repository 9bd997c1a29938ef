"""A real clinic on a port, and what a patient's phone does there. No test lives here."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from pwa import create_app
from pwa.accounts import invites, people
from pwa.accounts.models import Account, Session
from pwa.check_ins import reviews
from pwa.check_ins.intake import Limits
from pwa.check_ins.models import CheckInEvent
from pwa.clinic import hand_in
from pwa.database import db, writing
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from pwa.treatments import records
from pwa.treatments.records import TreatmentForm
from tests.browser.real_server import LOOK_S, free_port
from tests.conftest import PASSWORD, PASSWORD_HASH, sign_rules, words

JOINTS = ("knee", "shoulder", "hip", "ankle", "elbow")

# Saves check-ins, amendments and starts through the phone's own store, as the check-in page does.
OFFER = """(outcome) => {
  const offer = new Event("beforeinstallprompt", { cancelable: true });
  offer.prompt = () => { window.asked = (window.asked ?? 0) + 1; return Promise.resolve(); };
  offer.userChoice = Promise.resolve({ outcome });
  window.dispatchEvent(offer);
}"""
"""The browser's own offer to install the app, as it comes late and by itself."""
SAVE = """async (rows) => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  const fine = { breathless: false, chest_pain: false, face_swelling: false, very_unwell: false,
    neuro_severe: false, limb_cold_pale: false, feverish: false, temp_c: null,
    fever_medicine_6h: false, pain_now: 4, pain_trend_self: "same", swelling: "mild",
    cannot_use: "no", warmth: false, redness: "none", drainage: "none", rash: "none",
    numbness: false, weakness: false, calf: false };
  const flags = { pregnant: false, pain_baseline: 5, immune_suppressed: false, diabetes: false,
    joint_replacement: false, recent_joint_infection: false, anticoagulant: false };
  const made = [];
  for (const row of rows) {
    const treatment = phone.treatments()[row.treatment ?? 0];
    const stamp = phone.stamp();
    if (row.days_ago) {
      const before = (text) => new Date(Date.parse(`${text}T00:00:00Z`) - row.days_ago * 86400000)
        .toISOString().slice(0, 10);
      stamp.local_date = before(stamp.local_date);
      stamp.recorded_at = stamp.local_date + stamp.recorded_at.slice(10);
    }
    const event_id = phone.newEventId();
    const kind = row.kind ?? "create";
    await phone.save([{
      event_id, kind, supersedes: row.supersedes ?? null,
      treatment_id: treatment.treatment_id, form_version: 1, rules_version: 1, ...stamp,
      answers: kind === "start" ? flags : { ...fine, ...row.answers },
      verdict: kind === "start" ? null
        : { level: row.level ?? "expected", reasons: row.reasons ?? ["N2_ON_TRACK"] },
    }]);
    made.push(event_id);
  }
  // The page's own sender may have its turn just now; this one goes away afterwards.
  const isFinal = (result) => ["offline", "not-ours", "sign-in-required"].includes(result);
  let result = rows.some((row) => row.stays) ? "offline" : null;
  while (phone.waiting().count > 0 && !isFinal(result)) ({ result } = await phone.sendNow());
  phone.close();
  return made;
}"""


READ_BY_ALL = (
    "/",
    "/aftercare",
    "/aftercare/knee",
    "/joints",
    "/joints/knee",
    "/prolotherapy",
    "/when-to-call",
    "/sources",
    "/offline",
    "/nothing-here",
)
"""Pages that a stranger reads, one of each kind; the last one is not there."""


@dataclass(frozen=True)
class Patient:
    """Somebody with an account, or with a code to make one."""

    account_id: str
    username: str
    name: str
    code: str = ""


class _Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def add_staff(clinic_id: str, *, role: str, display_name: str, username: str) -> Account:
    """Somebody who can sign in with `PASSWORD`. Call inside a write transaction."""
    account = people.add_account(
        clinic_id=clinic_id, role=role, display_name=display_name, at=datetime.now(UTC)
    )
    people.claim_username(account, username)
    account.password_hash = PASSWORD_HASH
    return account


class Clinic:
    """Riverside Joint Clinic behind a real port, which can be stopped."""

    def __init__(self, folder: Path, *, is_empty: bool = False, content: str = "") -> None:
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self.app: Flask = create_app(
            {"INSTANCE_PATH": str(folder), "PUBLIC_URL": self.origin, "CONTENT_PATH": content}
        )
        self._server: BaseWSGIServer | None = None
        self._numbers = itertools.count(1)
        with self.app.app_context():
            prepare_database()
            if not is_empty:
                self._open()
            db.session.rollback()
        self.start()

    def _open(self) -> None:
        at = datetime.now(UTC)
        with writing():
            self.clinic_id = clinics.open_clinic(
                words=words("Riverside Joint Clinic"),
                at=at,
                by="test",
                is_second_factor_required=False,
            )
            account = add_staff(
                self.clinic_id, role="clinician", display_name="Dr Cole", username="dr_cole"
            )
            self.doctor = people.Actor(account.account_id, "Dr Cole", self.clinic_id)
            sign_rules(self.app, _Signer(self.clinic_id, account.account_id, "Dr Cole"), at=at)

    def start(self) -> None:
        """Answer on the port, the first time or again."""
        self._server = make_server(
            "localhost", self.port, self.app, threaded=True, request_handler=_Quiet
        )
        Thread(target=self._server.serve_forever, args=(LOOK_S,), daemon=True).start()

    def stop(self) -> None:
        """Be gone, as when there is no signal."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def setup_code(self) -> str:
        """The one-time code of an empty server."""
        with self.app.app_context(), writing():
            return invites.issue_setup(at=datetime.now(UTC))

    def patient(
        self, *, days: tuple[int, ...] = (3,), sites: tuple[str, ...] = JOINTS, joined: bool = True
    ) -> Patient:
        """A new patient, treated so many days ago at one joint after another."""
        at = datetime.now(UTC)
        number = next(self._numbers)
        username, name = f"patient{number}", f"Patient Number {number}"
        with self.app.app_context(), writing():
            account_id = people.add_patient(
                actor=self.doctor,
                display_name=name,
                second_identifier=f"R-{number}",
                phone_number="07700 900461",
                at=at,
            )
            for site, day in zip(sites, days, strict=False):
                self._treat(account_id, site, at.date() - timedelta(days=day), at)
            account = db.session.get_one(Account, account_id)
            if joined:
                people.claim_username(account, username)
                account.password_hash = PASSWORD_HASH
                return Patient(account_id, username, name)
            code = invites.issue(actor=self.doctor, account=account, at=at)
            return Patient(account_id, username, name, invites.grouped(code))

    def end_sessions(self, patient: Patient) -> None:
        """End every session of this patient on the server."""
        with self.app.app_context(), writing():
            db.session.execute(
                update(Session)
                .where(Session.account_id == patient.account_id)
                .values(ended_at=datetime.now(UTC))
            )

    def close_account(self, patient: Patient) -> None:
        """Make this account inactive."""
        with self.app.app_context(), writing():
            db.session.get_one(Account, patient.account_id).is_active = False

    def read(self, patient: Patient, event_ids: list[str]) -> None:
        """Dr Cole read these, long enough ago to be told."""
        with self.app.app_context(), writing():
            reviews.mark_read(
                actor=self.doctor,
                role="clinician",
                patient_id=patient.account_id,
                event_ids=event_ids,
                outcome="spoke_with_patient",
                note="",
                at=datetime.now(UTC) - timedelta(hours=1),
            )

    def take_in_file(self, patient: Patient, content: bytes) -> list[hand_in.Line]:
        """Dr Cole takes in a file that this patient brought."""
        with self.app.app_context():
            file = hand_in.read_file(content)
            hand_in.check_owner(file, patient_id=patient.account_id)
            lines: list[hand_in.Line] = []
            for batch in hand_in.batches(file):
                with writing():
                    lines += hand_in.take_in(
                        batch,
                        clinic_id=self.clinic_id,
                        patient_id=patient.account_id,
                        library=self.app.extensions["library"],
                        limits=Limits(daily_check_ins=100, devices=1000),
                        at=datetime.now(UTC),
                    )
            return lines

    def events(self, patient: Patient) -> list[CheckInEvent]:
        """What the server holds of this patient, oldest first."""
        with self.app.app_context():
            query = db.select(CheckInEvent).where(CheckInEvent.patient_id == patient.account_id)
            return list(db.session.scalars(query.order_by(CheckInEvent.seq)))

    def _treat(self, patient_id: str, site: str, performed_on: date, at: datetime) -> None:
        side = None if site in ("low_back_si", "neck") else "right"
        records.add(
            actor=self.doctor,
            patient_id=patient_id,
            form=TreatmentForm(site, side, performed_on, 1, "Dextrose 15 %", "Dr Cole", None),
            today=at.date(),
            joints=JOINTS,
            at=at,
        )


@dataclass(frozen=True)
class _Signer:
    clinic_id: str
    account_id: str
    name: str


def wipe(context: BrowserContext, *clinics: Clinic) -> None:
    """Make a phone blank again for the next test: no page open, no cookie, nothing stored. What it
    downloaded of the app stays in the browser's cache, which is most of what a new phone costs."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto("about:blank")
    for other in context.pages[1:]:
        other.close()
    devtools = context.new_cdp_session(page)
    for clinic in clinics:
        what = {"origin": clinic.origin, "storageTypes": "all"}
        devtools.send("Storage.clearDataForOrigin", what)
    context.clear_cookies()
    page.close()


def sign_in(page: Page, clinic: Clinic, patient: Patient, *, at: str = "/sign-in") -> None:
    """Sign in by hand on the page for it, and wait for Today."""
    page.goto(clinic.origin + at)
    fill_sign_in(page, patient.username)
    page.wait_for_url(f"{clinic.origin}/")
    page.get_by_role("heading", level=1).first.wait_for()


def fill_sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Type a name and a password into the form on screen and send it."""
    page.get_by_label("Your sign-in name").fill(username)
    page.get_by_label("Your password", exact=True).fill(password)
    page.locator("form").get_by_role("button", name="Sign in", exact=True).click()


def save(page: Page, *rows: dict[str, Any]) -> list[str]:
    """Save check-ins on this phone and send them, unless a row `stays`; returns their ids."""
    made: list[str] = page.evaluate(SAVE, list(rows))
    return made
