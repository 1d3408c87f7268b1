"""What happened to alarms; and results by the change that made them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alarm_events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("alarm", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("said_at", sa.String(24)),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("entered", sa.String(24), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
    )
    op.create_index("alarm_events_by_alarm", "alarm_events", ["alarm"])
    op.create_index("alarm_events_by_kind", "alarm_events", ["kind", "number"])
    op.create_index("results_by_change", "results", ["change"])


def downgrade() -> None:
    """Forget the alarms."""
    op.drop_index("results_by_change", "results")
    op.drop_table("alarm_events")
