"""Worklists that can be filtered, notes and messages, further clinics of one person, search."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
FOLDED = sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql")

WITHOUT_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LATEST = """
    UPDATE attention SET {column} = (
        SELECT v.{source} FROM treatments t JOIN treatment_versions v
        ON v.clinic_id = t.clinic_id AND v.treatment_id = t.treatment_id AND v.version = t.version
        WHERE t.clinic_id = attention.clinic_id AND t.treatment_id = attention.treatment_id
    )
"""


def upgrade() -> None:
    _widen()
    _make_tables_of_the_desk()
    _make_tables_of_people()
    _name_the_patients()
    _say_what_waits()


def _widen() -> None:
    op.add_column(
        "attention", sa.Column("mark", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("attention", sa.Column("treatment_id", sa.String(length=36), nullable=True))
    op.add_column("attention", sa.Column("site", sa.String(length=20), nullable=True))
    op.add_column("attention", sa.Column("treated_by", sa.String(length=120), nullable=True))
    op.add_column("attention", sa.Column("pains", JSON, server_default="[]", nullable=False))
    op.add_column("attention", sa.Column("pain_before", sa.Integer(), nullable=True))
    op.add_column("verdicts", sa.Column("made_by", sa.String(length=120), nullable=True))
    op.add_column(
        "verdicts", sa.Column("remark", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column(
        "reviews", sa.Column("kind", sa.String(length=10), server_default="read", nullable=False)
    )
    op.add_column("reviews", sa.Column("message", sa.String(length=2000), nullable=True))
    op.add_column("sessions", sa.Column("clinic_id", sa.String(length=36), nullable=True))
    op.add_column("patients", sa.Column("sort_name", FOLDED, server_default="", nullable=False))
    op.add_column("patients", sa.Column("assigned_id", sa.String(length=36), nullable=True))
    op.create_index(
        op.f("ix_accounts_clinic_id_role"), "accounts", ["clinic_id", "role"], unique=False
    )
    op.create_index(
        op.f("ix_patients_clinic_id_sort_name_account_id"),
        "patients",
        ["clinic_id", "sort_name", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attention_clinic_id_rank_site_treated_by_newest_at_mark"),
        "attention",
        ["clinic_id", "rank", "site", "treated_by", "newest_at", "mark"],
        unique=False,
    )
    op.create_index(
        op.f("ix_patients_clinic_id_assigned_id"),
        "patients",
        ["clinic_id", "assigned_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_check_in_events_clinic_id_treatment_id_kind"),
        "check_in_events",
        ["clinic_id", "treatment_id", "kind"],
        unique=False,
    )
    op.create_index(
        op.f("ix_check_in_events_clinic_id_supersedes"),
        "check_in_events",
        ["clinic_id", "supersedes"],
        unique=False,
    )


def _make_tables_of_the_desk() -> None:
    op.create_table(
        "notes",
        _clinic_id(),
        sa.Column("note_id", sa.String(length=36), nullable=False),
        _patient_id(),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        _to_patient("notes"),
        sa.PrimaryKeyConstraint("clinic_id", "note_id", name=op.f("pk_notes")),
    )
    _index_patient("notes")
    op.create_table(
        "hand_overs",
        _clinic_id(),
        sa.Column("hand_over_id", sa.String(length=36), nullable=False),
        _patient_id(),
        sa.Column("from_id", sa.String(length=36), nullable=False),
        sa.Column("from_name", sa.String(length=120), nullable=False),
        sa.Column("to_id", sa.String(length=36), nullable=True),
        sa.Column("to_name", sa.String(length=120), nullable=False),
        sa.Column("before_id", sa.String(length=36), nullable=True),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        _to_patient("hand_overs"),
        sa.PrimaryKeyConstraint("clinic_id", "hand_over_id", name=op.f("pk_hand_overs")),
    )
    _index_patient("hand_overs")
    op.create_table(
        "claims",
        _clinic_id(),
        _patient_id(),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _to_patient("claims"),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", name=op.f("pk_claims")),
    )
    op.create_table(
        "expectations",
        _clinic_id(),
        _patient_id(),
        sa.Column("overdue_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("treatment_id", sa.String(length=36), nullable=False),
        sa.Column("site", sa.String(length=20), nullable=False),
        sa.Column("treated_by", sa.String(length=120), nullable=False),
        _to_patient("expectations"),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", name=op.f("pk_expectations")),
    )
    op.create_index(
        op.f("ix_expectations_clinic_id_overdue_at"),
        "expectations",
        ["clinic_id", "overdue_at"],
        unique=False,
    )


def _make_tables_of_people() -> None:
    op.create_table(
        "patient_terms",
        _clinic_id(),
        sa.Column("term", FOLDED, nullable=False),
        _patient_id(),
        _to_patient("patient_terms"),
        sa.PrimaryKeyConstraint("clinic_id", "term", "patient_id", name=op.f("pk_patient_terms")),
    )
    op.create_index(
        op.f("ix_patient_terms_clinic_id_patient_id_term"),
        "patient_terms",
        ["clinic_id", "patient_id", "term"],
        unique=False,
    )
    op.create_table(
        "patient_versions",
        _clinic_id(),
        _patient_id(),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("second_identifier", sa.String(length=60), nullable=False),
        sa.Column("phone_number", sa.String(length=25), nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.Column("replaced_by", sa.String(length=120), nullable=False),
        _to_patient("patient_versions"),
        sa.PrimaryKeyConstraint(
            "clinic_id", "patient_id", "version", name=op.f("pk_patient_versions")
        ),
    )
    op.create_table(
        "memberships",
        _clinic_id(),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_memberships_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.clinic_id"], name=op.f("fk_memberships_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "account_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_account_id"), "memberships", ["account_id"], unique=False)


def _name_the_patients() -> None:
    """Patients of before are found by their words too."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT p.clinic_id, p.account_id, a.display_name, p.second_identifier, p.phone_number "
            "FROM patients p JOIN accounts a ON a.account_id = p.account_id "
            "WHERE a.erased_at IS NULL"
        )
    ).all()
    terms = sa.table(
        "patient_terms", sa.column("clinic_id"), sa.column("term"), sa.column("patient_id")
    )
    for clinic_id, account_id, name, second, phone in rows:
        connection.execute(
            sa.text(
                "UPDATE patients SET sort_name = :name "
                "WHERE clinic_id = :clinic_id AND account_id = :account_id"
            ),
            {
                "name": " ".join(_words(name))[:120],
                "clinic_id": clinic_id,
                "account_id": account_id,
            },
        )
        found = {*_with_joined(name), *_with_joined(second), *_ends_of(phone)}
        if found:
            connection.execute(
                terms.insert(),
                [
                    {"clinic_id": clinic_id, "term": term[:120], "patient_id": account_id}
                    for term in sorted({term[:120] for term in found})
                ],
            )


def _say_what_waits() -> None:
    """Rows of the worklist learn which treatment they are about, so that filters find them."""
    op.execute(
        sa.text(
            "UPDATE attention SET treatment_id = (SELECT e.treatment_id FROM check_in_events e "
            "WHERE e.clinic_id = attention.clinic_id AND e.event_id = attention.event_id)"
        )
    )
    op.execute(sa.text(LATEST.format(column="site", source="site")))
    op.execute(sa.text(LATEST.format(column="treated_by", source="clinician_name")))


def _words(text: str) -> list[str]:
    """As `pwa.accounts.terms` cut them when this was written."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
    bare = bare.translate(WITHOUT_STROKES)
    return "".join(letter if letter.isalnum() else " " for letter in bare).split()


def _with_joined(text: str) -> set[str]:
    parts = [*text.split(), *text.replace("-", " ").split()]
    return {*_words(text), *("".join(_words(part)) for part in parts)} - {""}


def _ends_of(phone: str) -> set[str]:
    groups = "".join(letter if letter.isdigit() else " " for letter in phone).split()
    whole = "".join(groups)
    ends = {"".join(groups[start:]) for start in range(len(groups))}
    if phone.startswith("+"):
        ends |= {whole[1:], whole[2:], whole[3:]}
    return {*ends, whole.lstrip("0"), whole[-4:]} - {""}


def _clinic_id() -> sa.Column[str]:
    return sa.Column("clinic_id", sa.String(length=36), nullable=False)


def _patient_id() -> sa.Column[str]:
    return sa.Column("patient_id", sa.String(length=36), nullable=False)


def _to_patient(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["clinic_id", "patient_id"],
        ["patients.clinic_id", "patients.account_id"],
        name=op.f(f"fk_{table}_clinic_id_patient_id_patients"),
    )


def _index_patient(table: str) -> None:
    op.create_index(
        op.f(f"ix_{table}_clinic_id_patient_id"), table, ["clinic_id", "patient_id"], unique=False
    )


def downgrade() -> None:
    for table in (
        "memberships",
        "patient_versions",
        "patient_terms",
        "expectations",
        "claims",
        "hand_overs",
        "notes",
    ):
        op.drop_table(table)
    op.drop_index(op.f("ix_accounts_clinic_id_role"), table_name="accounts")
    op.drop_index(op.f("ix_check_in_events_clinic_id_supersedes"), table_name="check_in_events")
    op.drop_index(
        op.f("ix_check_in_events_clinic_id_treatment_id_kind"), table_name="check_in_events"
    )
    op.drop_index(op.f("ix_patients_clinic_id_sort_name_account_id"), table_name="patients")
    op.drop_index(op.f("ix_patients_clinic_id_assigned_id"), table_name="patients")
    op.drop_column("patients", "assigned_id")
    op.drop_column("patients", "sort_name")
    op.drop_column("sessions", "clinic_id")
    op.drop_column("reviews", "message")
    op.drop_column("reviews", "kind")
    op.drop_column("verdicts", "remark")
    op.drop_column("verdicts", "made_by")
    op.drop_index(
        op.f("ix_attention_clinic_id_rank_site_treated_by_newest_at_mark"), table_name="attention"
    )
    for name in ("pain_before", "pains", "treated_by", "site", "treatment_id", "mark"):
        op.drop_column("attention", name)
