"""The first books: keys, batches, runs, marks, results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "keys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("prefix", sa.String(12), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("made", sa.String(24), nullable=False),
        sa.Column("revoked", sa.String(24)),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("article", sa.String(80), nullable=False),
        sa.Column("accepted_kg", sa.String(32)),
        sa.Column("entered", sa.String(24), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("going_on", sa.Boolean, nullable=False),
        sa.Column("said", sa.String(256), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("machine", "start_ms"),
    )
    op.create_index("runs_by_batch", "runs", ["batch", "start_ms"])
    op.create_index("runs_by_start", "runs", ["start_ms"])
    op.create_table(
        "marks",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table("waiting", sa.Column("batch", sa.String(40), primary_key=True))
    op.create_table(
        "results",
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("view", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("computed", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("scope_start_ms", sa.BigInteger, nullable=False),
        sa.Column("scope_end_ms", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("batch", "view", "revision"),
    )
    op.create_index("results_by_scope", "results", ["scope_end_ms", "scope_start_ms"])


def downgrade() -> None:
    """Drop them."""
    for table in ("results", "waiting", "marks", "runs", "batches", "keys"):
        op.drop_table(table)
