"""Whose event a verdict is about, so that the levels of a whole course lie side by side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = "verdicts"
COLUMNS = ["clinic_id", "patient_id", "event_id", "number", "level"]


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("patient_id", sa.String(length=36), nullable=True))
    op.execute(
        """
        UPDATE verdicts SET patient_id = (
            SELECT check_in_events.patient_id FROM check_in_events
            WHERE check_in_events.clinic_id = verdicts.clinic_id
            AND check_in_events.event_id = verdicts.event_id
        )
        """
    )
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("patient_id", existing_type=sa.String(length=36), nullable=False)
    op.create_index(op.f(f"ix_{TABLE}_{'_'.join(COLUMNS)}"), TABLE, COLUMNS)


def downgrade() -> None:
    op.drop_index(op.f(f"ix_{TABLE}_{'_'.join(COLUMNS)}"), TABLE)
    op.drop_column(TABLE, "patient_id")
