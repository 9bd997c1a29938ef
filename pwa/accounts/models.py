"""Tables of people and how they get in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import Folded, Json, UTCDateTime, db


class Account(db.Model):  # type: ignore[name-defined,misc]
    """A person who can sign in, or will once they take up their invite."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("clinic_id", "account_id"),
        Index(None, "clinic_id", "role"),
    )

    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinics.clinic_id"))
    role: Mapped[str] = mapped_column(String(20))
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Case-folded. Null until the invite is taken up; unique on the whole server, since signing
    in does not ask for a clinic."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(120))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    """Sealed under the installation's master key (`keys.py`). Null where there is none."""
    totp_step: Mapped[int | None]
    """The newest time step whose code was taken: no code is good twice."""
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the record was erased at the patient's request. The row stays without a name, so that
    the person's own phones hear of it and let go of their copies."""

    @property
    def audit_name(self) -> str:
        """The name in the audit log. An entry can never change, so a patient's is not in it."""
        return "Patient" if self.role == "patient" else self.display_name


class Patient(db.Model):  # type: ignore[name-defined,misc]
    """What a clinic keeps of a patient beside the account, and the counter of their log."""

    __tablename__ = "patients"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "account_id"], ["accounts.clinic_id", "accounts.account_id"]
        ),
        Index(None, "clinic_id", "sort_name", "account_id"),
        Index(None, "clinic_id", "assigned_id"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sort_name: Mapped[str] = mapped_column(Folded, default="", server_default="")
    """The name as lists are ordered by it: folded, without accents."""
    assigned_id: Mapped[str | None] = mapped_column(String(36))
    """The colleague to whom this patient was handed over."""
    second_identifier: Mapped[str] = mapped_column(String(60), default="")
    phone_number: Mapped[str] = mapped_column(String(25), default="")
    log_seq: Mapped[int] = mapped_column(default=0)
    """The newest `seq` of this patient's log; taken under the row's lock, so it has no holes."""


class PatientTerm(db.Model):  # type: ignore[name-defined,misc]
    """A word by which a patient is found: of the name, of the second identifier, of the number."""

    __tablename__ = "patient_terms"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.account_id"]
        ),
        Index(None, "clinic_id", "patient_id", "term"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    term: Mapped[str] = mapped_column(Folded, primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class PatientVersion(db.Model):  # type: ignore[name-defined,misc]
    """What the clinic kept of a patient until somebody changed it. Never changed."""

    __tablename__ = "patient_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.account_id"]
        ),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    display_name: Mapped[str] = mapped_column(String(120))
    second_identifier: Mapped[str] = mapped_column(String(60))
    phone_number: Mapped[str] = mapped_column(String(25))
    replaced_at: Mapped[datetime] = mapped_column(UTCDateTime)
    replaced_by: Mapped[str] = mapped_column(String(120))


class Membership(db.Model):  # type: ignore[name-defined,misc]
    """A member of staff at a further clinic. The first one stands in the account itself."""

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "account_id"),)

    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinics.clinic_id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LogEntry(db.Model):  # type: ignore[name-defined,misc]
    """One line of a patient's log: what their phones learn, in the order it was committed."""

    __tablename__ = "patient_log"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "account_id"], ["patients.clinic_id", "patients.account_id"]
        ),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Session(db.Model):  # type: ignore[name-defined,misc]
    """One signed-in browser. The cookie names it; only this row makes the cookie worth anything."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "account_id"), UniqueConstraint("session_id"))

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(36))
    """Names the session to its owner, who may list and end it. Opens nothing."""
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    clinic_id: Mapped[str | None] = mapped_column(String(36))
    """The further clinic that was chosen for this session; null: the account's own."""
    stage: Mapped[str] = mapped_column(String(20), default="full")
    """full · second_factor: the password was right, the second factor is awaited · enrol: the
    clinic asks for a second factor and this account has none yet"""
    label: Mapped[str] = mapped_column(String(80), default="")
    """The browser and system in two words, for the owner to know it by."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    active_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The last act of a person; a page that refreshes itself is none."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person last proved who they are within this session."""
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Invite(db.Model):  # type: ignore[name-defined,misc]
    """A one-time code. Only its hash is kept."""

    __tablename__ = "invites"
    __table_args__ = (Index(None, "clinic_id", "account_id"),)

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10))
    """join: choose a name and password · setup: the first administrator"""
    clinic_id: Mapped[str | None] = mapped_column(ForeignKey("clinics.clinic_id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MasterKey(db.Model):  # type: ignore[name-defined,misc]
    """A key file of the instance folder that was used once. The key itself is never in here."""

    __tablename__ = "master_keys"

    kid: Mapped[str] = mapped_column(String(36), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the key, to know a wrong file from the right one."""
    first_used_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Passkey(db.Model):  # type: ignore[name-defined,misc]
    """A public key of somebody's authenticator (WebAuthn)."""

    __tablename__ = "passkeys"
    __table_args__ = (Index(None, "account_id"),)

    credential_id: Mapped[str] = mapped_column(String(1400), primary_key=True)
    """base64url, as the browser says it (at most 1,023 bytes)."""
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    transports: Mapped[list[Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCode(db.Model):  # type: ignore[name-defined,misc]
    """A one-time code for a lost second factor. Only its hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index(None, "account_id"),)

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Challenge(db.Model):  # type: ignore[name-defined,misc]
    """A random text that an authenticator must sign, once and soon."""

    __tablename__ = "challenges"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.account_id"))
    """Null at a sign-in that has not said yet who it is."""
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class FailedTry(db.Model):  # type: ignore[name-defined,misc]
    """One try that failed, under one key that says where it counts. Old rows are swept."""

    __tablename__ = "failed_tries"
    __table_args__ = (Index(None, "key_hash", "at"), Index(None, "at"))

    try_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class KnownAddress(db.Model):  # type: ignore[name-defined,misc]
    """Where an account has signed in from. Strangers' tries do not lock these out."""

    __tablename__ = "known_addresses"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ResetRequest(db.Model):  # type: ignore[name-defined,misc]
    """Somebody forgot a password. Their browser holds a secret, the clinic hears a number."""

    __tablename__ = "reset_requests"
    __table_args__ = (Index(None, "account_id"),)

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    number_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.account_id"))
    """Null where no account has the name that was typed: the asker cannot tell."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(36))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
