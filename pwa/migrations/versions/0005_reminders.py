"""Reminders: what people want of them, their browsers, and calendars that follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_settings()
    _make_subscriptions()
    _make_links()


def _make_settings() -> None:
    op.create_table(
        "reminder_settings",
        *_whose(),
        sa.Column("quiet_from", sa.String(length=5), nullable=False),
        sa.Column("quiet_until", sa.String(length=5), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        _to_patient("reminder_settings"),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", name=op.f("pk_reminder_settings")),
    )
    op.create_index(op.f("ix_reminder_settings_next_at"), "reminder_settings", ["next_at"])


def _make_subscriptions() -> None:
    table = "push_subscriptions"
    op.create_table(
        table,
        *_whose(),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.String(length=88), nullable=False),
        sa.Column("auth", sa.String(length=24), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("give_up_at", INSTANT, nullable=True),
        sa.Column("try_count", sa.Integer(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        _to_patient(table),
        sa.PrimaryKeyConstraint("clinic_id", "endpoint_hash", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_clinic_id_patient_id"), table, ["clinic_id", "patient_id"])
    op.create_index(op.f(f"ix_{table}_endpoint_hash"), table, ["endpoint_hash"])
    op.create_index(op.f(f"ix_{table}_due_at"), table, ["due_at"])


def _make_links() -> None:
    table = "calendar_links"
    op.create_table(
        table,
        *_whose(),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        _to_patient(table),
        sa.PrimaryKeyConstraint("clinic_id", "token_hash", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "clinic_id", "patient_id", name=op.f(f"uq_{table}_clinic_id_patient_id")
        ),
    )
    op.create_index(op.f(f"ix_{table}_token_hash"), table, ["token_hash"])


def _whose() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
    )


def _to_patient(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["clinic_id", "patient_id"],
        ["patients.clinic_id", "patients.account_id"],
        name=op.f(f"fk_{table}_clinic_id_patient_id_patients"),
    )


def downgrade() -> None:
    for table in ("calendar_links", "push_subscriptions", "reminder_settings"):
        op.drop_table(table)
