"""Writes that have a name: what is sent again is answered as before, and done once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "kept_answers",
        sa.Column("means", sa.String(64), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("begun", sa.String(24), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("means", "key"),
    )
    op.create_index("kept_answers_by_time", "kept_answers", ["begun"])


def downgrade() -> None:
    """Take it away: what is sent again then is done again."""
    op.drop_table("kept_answers")
