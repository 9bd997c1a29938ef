"""Until when a check-in that did not come still counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("expectations", sa.Column("last_on", sa.Date(), nullable=True))
    op.execute("DELETE FROM expectations")  # counted anew when the server starts


def downgrade() -> None:
    op.drop_column("expectations", "last_on")
