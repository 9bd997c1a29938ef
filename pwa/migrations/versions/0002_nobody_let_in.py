"""Second factors, sessions that can be listed, the audit chain, erasure, master keys."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


START = "0" * 64
INSTANT = sa.DateTime(timezone=True)
ONLY_ADDED_TO = {
    "sqlite": (
        """
        CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
        BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END
        """,
        """
        CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
        BEGIN SELECT RAISE(ABORT, 'an audit entry is never removed'); END
        """,
        # INSERT OR REPLACE removes a row without asking the trigger above.
        """
        CREATE TRIGGER audit_entries_are_not_replaced BEFORE INSERT ON audit_entries
        WHEN EXISTS (
            SELECT 1 FROM audit_entries WHERE entry_id = NEW.entry_id
            UNION ALL
            SELECT 1 FROM audit_entries
            WHERE clinic_id = NEW.clinic_id AND chain_no = NEW.chain_no
        )
        BEGIN SELECT RAISE(ABORT, 'an audit entry is never replaced'); END
        """,
        """
        CREATE TRIGGER audit_heads_stay BEFORE DELETE ON audit_heads
        BEGIN SELECT RAISE(ABORT, 'the end of an audit chain is never removed'); END
        """,
        """
        CREATE TRIGGER audit_heads_go_forward BEFORE UPDATE ON audit_heads
        WHEN NEW.clinic_id <> OLD.clinic_id OR NEW.chain_no <= OLD.chain_no
        BEGIN SELECT RAISE(ABORT, 'an audit chain only grows'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$
        """,
        """
        CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
        """,
        """
        CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON audit_heads
        FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
        """,
        """
        CREATE TRIGGER audit_heads_go_forward BEFORE UPDATE ON audit_heads FOR EACH ROW
        WHEN (NEW.clinic_id <> OLD.clinic_id OR NEW.chain_no <= OLD.chain_no)
        EXECUTE FUNCTION audit_only_grows()
        """,
    ),
}
"""The database itself refuses to change or remove what is in the log. Whoever makes these tables
anew in a later migration (SQLite's batch mode does) must make the triggers anew, too."""
FREE_AGAIN = {
    "sqlite": (
        "DROP TRIGGER audit_entries_stay_as_they_are",
        "DROP TRIGGER audit_entries_stay",
        "DROP TRIGGER audit_entries_are_not_replaced",
        "DROP TRIGGER audit_heads_stay",
        "DROP TRIGGER audit_heads_go_forward",
    ),
    "postgresql": (
        "DROP TRIGGER audit_entries_stay ON audit_entries",
        "DROP TRIGGER audit_heads_stay ON audit_heads",
        "DROP TRIGGER audit_heads_go_forward ON audit_heads",
        "DROP FUNCTION audit_only_grows()",
    ),
}


def upgrade() -> None:
    _widen_clinics_and_accounts()
    _make_sessions_anew()
    _make_tables_of_getting_in()
    op.create_table(
        "erased_events",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "event_id", name=op.f("pk_erased_events")),
    )
    _chain_the_audit_log()


def _widen_clinics_and_accounts() -> None:
    op.add_column(
        "clinics",
        sa.Column(
            "is_second_factor_required", sa.Boolean(), nullable=False, server_default=sa.true()
        ),
    )
    op.execute(sa.text("UPDATE clinics SET is_second_factor_required = false WHERE is_demo"))
    op.add_column("accounts", sa.Column("totp_secret", sa.String(length=200), nullable=True))
    op.add_column("accounts", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("accounts", sa.Column("erased_at", INSTANT, nullable=True))


def _make_sessions_anew() -> None:
    """Nothing points at sessions, so the table can be made again with what it lacked."""
    connection = op.get_bind()
    old = sa.table(
        "sessions",
        sa.column("token_hash", sa.String()),
        sa.column("account_id", sa.String()),
        sa.column("created_at", INSTANT),
        sa.column("expires_at", INSTANT),
        sa.column("ended_at", INSTANT),
    )
    rows = connection.execute(old.select()).mappings().all()
    op.drop_index(op.f("ix_sessions_account_id"), table_name="sessions")
    op.drop_table("sessions")
    sessions = op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("active_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_sessions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("session_id", name=op.f("uq_sessions_session_id")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    made = [
        {
            **row,
            "session_id": str(uuid.uuid4()),
            "stage": "full",
            "label": "",
            "active_at": row["created_at"],
            "confirmed_at": None,
        }
        for row in rows
    ]
    if made:
        connection.execute(sessions.insert(), made)


def _make_tables_of_getting_in() -> None:
    op.create_table(
        "master_keys",
        sa.Column("kid", sa.String(length=36), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("first_used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_master_keys")),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        _account_id(nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("transports", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        _to_account("passkeys"),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkeys")),
    )
    op.create_index(op.f("ix_passkeys_account_id"), "passkeys", ["account_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        _account_id(nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        _to_account("recovery_codes"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index(
        op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"], unique=False
    )
    op.create_table(
        "challenges",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        _account_id(nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        _to_account("challenges"),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_challenges")),
    )
    op.create_table(
        "failed_tries",
        sa.Column("try_id", sa.String(length=36), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("try_id", name=op.f("pk_failed_tries")),
    )
    op.create_index(
        op.f("ix_failed_tries_key_hash_at"), "failed_tries", ["key_hash", "at"], unique=False
    )
    op.create_index(op.f("ix_failed_tries_at"), "failed_tries", ["at"], unique=False)
    op.create_table(
        "known_addresses",
        _account_id(nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        _to_account("known_addresses"),
        sa.PrimaryKeyConstraint("account_id", "address_hash", name=op.f("pk_known_addresses")),
    )
    op.create_table(
        "reset_requests",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        _account_id(nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("approved_by", sa.String(length=36), nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        _to_account("reset_requests"),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_reset_requests")),
    )
    op.create_index(
        op.f("ix_reset_requests_account_id"), "reset_requests", ["account_id"], unique=False
    )


def _account_id(*, nullable: bool) -> sa.Column[str]:
    return sa.Column("account_id", sa.String(length=36), nullable=nullable)


def _to_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["accounts.account_id"], name=op.f(f"fk_{table}_account_id_accounts")
    )


def _chain_the_audit_log() -> None:
    """Give every entry its place in its clinic's chain.

    Patients' names and former details leave the log first: a chained entry can never change, and a
    name must be able to go when its owner asks. Their entries keep the account's id.
    """
    op.create_table(
        "audit_heads",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("chain_no", sa.Integer(), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_audit_heads")),
    )
    op.add_column("audit_entries", sa.Column("chain_no", sa.Integer(), nullable=True))
    op.add_column("audit_entries", sa.Column("chain_hash", sa.String(length=64), nullable=True))
    op.execute(
        sa.text(
            "UPDATE audit_entries SET actor_name = 'Patient' WHERE actor_id IN "
            "(SELECT account_id FROM accounts WHERE role = 'patient')"
        )
    )
    op.execute(sa.text("UPDATE audit_entries SET detail = '{}' WHERE action = 'patient.changed'"))
    _fill_the_chain()
    with op.batch_alter_table("audit_entries") as batch:
        batch.alter_column("chain_no", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("chain_hash", existing_type=sa.String(length=64), nullable=False)
        batch.create_unique_constraint(
            op.f("uq_audit_entries_clinic_id_chain_no"), ["clinic_id", "chain_no"]
        )
    for statement in ONLY_ADDED_TO[op.get_bind().dialect.name]:
        op.execute(statement)


def _fill_the_chain() -> None:
    connection = op.get_bind()
    entries = sa.table(
        "audit_entries",
        sa.column("entry_id", sa.Integer),
        sa.column("clinic_id", sa.String),
        sa.column("at", INSTANT),
        sa.column("actor_id", sa.String),
        sa.column("actor_name", sa.String),
        sa.column("action", sa.String),
        sa.column("subject_id", sa.String),
        sa.column("detail", JSON),
        sa.column("chain_no", sa.Integer),
        sa.column("chain_hash", sa.String),
    )
    heads: dict[str, tuple[int, str]] = {}
    rows = connection.execute(sa.select(entries).order_by(entries.c.entry_id)).mappings().all()
    for row in rows:
        number, before = heads.get(row["clinic_id"], (0, START))
        said = [before, row["clinic_id"], number + 1, _instant(row["at"]), row["actor_id"]]
        said += [row["actor_name"], row["action"], row["subject_id"], row["detail"]]
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        found = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        connection.execute(
            sa.update(entries)
            .where(entries.c.entry_id == row["entry_id"])
            .values(chain_no=number + 1, chain_hash=found)
        )
        heads[row["clinic_id"]] = (number + 1, found)
    table = sa.table(
        "audit_heads",
        sa.column("clinic_id", sa.String),
        sa.column("chain_no", sa.Integer),
        sa.column("chain_hash", sa.String),
    )
    for clinic_id, (number, found) in heads.items():
        connection.execute(
            table.insert().values(clinic_id=clinic_id, chain_no=number, chain_hash=found)
        )


def _instant(at: datetime) -> str:
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def downgrade() -> None:
    for statement in FREE_AGAIN[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("audit_entries") as batch:
        batch.drop_constraint(op.f("uq_audit_entries_clinic_id_chain_no"), type_="unique")
        batch.drop_column("chain_hash")
        batch.drop_column("chain_no")
    for table in (
        "audit_heads",
        "erased_events",
        "reset_requests",
        "known_addresses",
        "failed_tries",
        "challenges",
        "recovery_codes",
        "passkeys",
        "master_keys",
    ):
        op.drop_table(table)
    op.drop_column("accounts", "erased_at")
    op.drop_column("accounts", "totp_step")
    op.drop_column("accounts", "totp_secret")
    op.drop_column("clinics", "is_second_factor_required")
    _make_sessions_as_before()


def _make_sessions_as_before() -> None:
    with op.batch_alter_table("sessions") as batch:
        batch.drop_constraint(op.f("uq_sessions_session_id"), type_="unique")
        for column in ("session_id", "stage", "label", "active_at", "confirmed_at"):
            batch.drop_column(column)
