"""First tables: the clinic, people, treatments, check-ins, reviews, the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        op.f("ix_audit_entries_clinic_id_entry_id"),
        "audit_entries",
        ["clinic_id", "entry_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_entries_clinic_id_subject_id_entry_id"),
        "audit_entries",
        ["clinic_id", "subject_id", "entry_id"],
        unique=False,
    )

    op.create_table(
        "clinics",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_clinics")),
    )
    op.create_table(
        "installation",
        sa.Column("installation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", name=op.f("pk_installation")),
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.clinic_id"], name=op.f("fk_accounts_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint(
            "clinic_id", "account_id", name=op.f("uq_accounts_clinic_id_account_id")
        ),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )
    op.create_table(
        "clinic_words",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.clinic_id"], name=op.f("fk_clinic_words_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "version", name=op.f("pk_clinic_words")),
    )
    op.create_table(
        "invites",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("clinic_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_invites_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.clinic_id"], name=op.f("fk_invites_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_invites")),
    )
    op.create_index(
        op.f("ix_invites_clinic_id_account_id"),
        "invites",
        ["clinic_id", "account_id"],
        unique=False,
    )

    op.create_table(
        "patients",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("second_identifier", sa.String(length=60), nullable=False),
        sa.Column("phone_number", sa.String(length=25), nullable=False),
        sa.Column("log_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "account_id"],
            ["accounts.clinic_id", "accounts.account_id"],
            name=op.f("fk_patients_clinic_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "account_id", name=op.f("pk_patients")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_sessions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)

    op.create_table(
        "sign_offs",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("words_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("typed_name", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "words_version"],
            ["clinic_words.clinic_id", "clinic_words.version"],
            name=op.f("fk_sign_offs_clinic_id_words_version_clinic_words"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "words_version", name=op.f("pk_sign_offs")),
    )
    op.create_table(
        "attention",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unread_count", sa.Integer(), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_attention_clinic_id_patient_id_patients"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", name=op.f("pk_attention")),
    )
    op.create_index(
        op.f("ix_attention_clinic_id_rank_since"),
        "attention",
        ["clinic_id", "rank", "since"],
        unique=False,
    )

    op.create_table(
        "devices",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("contiguous", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_devices_clinic_id_patient_id_patients"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "device_id", name=op.f("pk_devices")),
    )
    op.create_table(
        "discarded_numbers",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("dseq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_discarded_numbers_clinic_id_patient_id_patients"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "patient_id", "device_id", "dseq", name=op.f("pk_discarded_numbers")
        ),
    )
    op.create_table(
        "patient_log",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "account_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_patient_log_clinic_id_account_id_patients"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "account_id", "seq", name=op.f("pk_patient_log")),
    )
    op.create_table(
        "reviews",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("review_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("event_ids", JSON, nullable=False),
        sa.Column("reviewer_id", sa.String(length=36), nullable=False),
        sa.Column("reviewer_name", sa.String(length=120), nullable=False),
        sa.Column("reviewer_role", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_reviews_clinic_id_patient_id_patients"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "review_id", name=op.f("pk_reviews")),
    )
    op.create_index(
        op.f("ix_reviews_clinic_id_patient_id"),
        "reviews",
        ["clinic_id", "patient_id"],
        unique=False,
    )

    op.create_table(
        "treatments",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("treatment_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_treatments_clinic_id_patient_id_patients"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "treatment_id", name=op.f("pk_treatments")),
    )
    op.create_index(
        op.f("ix_treatments_clinic_id_patient_id"),
        "treatments",
        ["clinic_id", "patient_id"],
        unique=False,
    )

    op.create_table(
        "check_in_events",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("dseq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("supersedes", sa.String(length=36), nullable=True),
        sa.Column("treatment_id", sa.String(length=36), nullable=False),
        sa.Column("event", JSON, nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_offset_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.account_id"],
            name=op.f("fk_check_in_events_clinic_id_patient_id_patients"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "treatment_id"],
            ["treatments.clinic_id", "treatments.treatment_id"],
            name=op.f("fk_check_in_events_clinic_id_treatment_id_treatments"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "event_id", name=op.f("pk_check_in_events")),
        sa.UniqueConstraint(
            "clinic_id",
            "device_id",
            "dseq",
            name=op.f("uq_check_in_events_clinic_id_device_id_dseq"),
        ),
        sa.UniqueConstraint(
            "clinic_id",
            "patient_id",
            "seq",
            name=op.f("uq_check_in_events_clinic_id_patient_id_seq"),
        ),
    )
    op.create_index(
        op.f("ix_check_in_events_clinic_id_patient_id_received_at"),
        "check_in_events",
        ["clinic_id", "patient_id", "received_at"],
        unique=False,
    )

    op.create_table(
        "treatment_versions",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("treatment_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=True),
        sa.Column("performed_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("injected", sa.String(length=300), nullable=False),
        sa.Column("clinician_name", sa.String(length=120), nullable=False),
        sa.Column("next_appointment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "treatment_id"],
            ["treatments.clinic_id", "treatments.treatment_id"],
            name=op.f("fk_treatment_versions_clinic_id_treatment_id_treatments"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "treatment_id", "version", name=op.f("pk_treatment_versions")
        ),
    )
    op.create_table(
        "unread_check_ins",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "event_id"],
            ["check_in_events.clinic_id", "check_in_events.event_id"],
            name=op.f("fk_unread_check_ins_clinic_id_event_id_check_in_events"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "event_id", name=op.f("pk_unread_check_ins")),
    )
    op.create_index(
        op.f("ix_unread_check_ins_clinic_id_patient_id"),
        "unread_check_ins",
        ["clinic_id", "patient_id"],
        unique=False,
    )

    op.create_table(
        "verdicts",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("also", JSON, nullable=False),
        sa.Column("missing", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "event_id"],
            ["check_in_events.clinic_id", "check_in_events.event_id"],
            name=op.f("fk_verdicts_clinic_id_event_id_check_in_events"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "event_id", "number", name=op.f("pk_verdicts")),
    )


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_index(op.f("ix_unread_check_ins_clinic_id_patient_id"), table_name="unread_check_ins")

    op.drop_table("unread_check_ins")
    op.drop_table("treatment_versions")
    op.drop_index(
        op.f("ix_check_in_events_clinic_id_patient_id_received_at"), table_name="check_in_events"
    )

    op.drop_table("check_in_events")
    op.drop_index(op.f("ix_treatments_clinic_id_patient_id"), table_name="treatments")

    op.drop_table("treatments")
    op.drop_index(op.f("ix_reviews_clinic_id_patient_id"), table_name="reviews")

    op.drop_table("reviews")
    op.drop_table("patient_log")
    op.drop_table("discarded_numbers")
    op.drop_table("devices")
    op.drop_index(op.f("ix_attention_clinic_id_rank_since"), table_name="attention")

    op.drop_table("attention")
    op.drop_table("sign_offs")
    op.drop_index(op.f("ix_sessions_account_id"), table_name="sessions")

    op.drop_table("sessions")
    op.drop_table("patients")
    op.drop_index(op.f("ix_invites_clinic_id_account_id"), table_name="invites")

    op.drop_table("invites")
    op.drop_table("clinic_words")
    op.drop_table("accounts")
    op.drop_table("installation")
    op.drop_table("clinics")
    op.drop_index(
        op.f("ix_audit_entries_clinic_id_subject_id_entry_id"), table_name="audit_entries"
    )
    op.drop_index(op.f("ix_audit_entries_clinic_id_entry_id"), table_name="audit_entries")

    op.drop_table("audit_entries")
