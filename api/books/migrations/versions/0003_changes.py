"""Tallies, changes and restatements, closed periods, statements, and what persons decided."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MADE_WITH = (
    ("change", sa.Integer),
    ("tally", sa.Integer),
    ("ended_ms", sa.BigInteger),
    ("kgco2e", sa.String(40)),
    ("asked", sa.String(24)),
    ("factors", sa.String(64)),
    ("plant", sa.String(64)),
    ("rules", sa.String(16)),
    ("software", sa.String(32)),
    ("position", sa.BigInteger),
)


def upgrade() -> None:
    """Make the tables."""
    reasons = sa.Column("reasons", sa.String(256), nullable=False, server_default="late-data")
    op.add_column("waiting", reasons)
    for name, kind in _MADE_WITH:
        op.add_column("results", sa.Column(name, kind))
    op.create_index("results_by_end", "results", ["ended_ms"])
    op.create_table(
        "tallies",
        sa.Column("batch", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("form", sa.LargeBinary, nullable=False),
    )
    _make_changes()
    _make_periods()
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("entered", sa.String(24), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
    )
    op.create_index("entries_by_subject", "entries", ["kind", "subject", "at_ms"])


def _make_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("made", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("asked", sa.String(24), nullable=False),
        sa.Column("decided", sa.String(24)),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("why", sa.Text),
    )
    op.create_index("changes_by_state", "changes", ["state", "id"])
    op.create_table(
        "change_lines",
        sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("batch", sa.String(40), primary_key=True),
        sa.Column("view", sa.String(16), primary_key=True),
        sa.Column("from_revision", sa.Integer),
        sa.Column("kgco2e_from", sa.String(40)),
        sa.Column("kgco2e_to", sa.String(40), nullable=False),
    )
    op.create_index("change_lines_by_batch", "change_lines", ["batch"])


def _make_periods() -> None:
    op.create_table(
        "periods",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("closed", sa.String(24), nullable=False),
        sa.Column("closed_by", sa.String(64), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "statements",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("computed", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("asked", sa.String(24), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("entries", "statements", "periods", "change_lines", "changes", "tallies"):
        op.drop_table(table)
    op.drop_index("results_by_end", "results")
    for name, _ in _MADE_WITH:
        op.drop_column("results", name)
    op.drop_column("waiting", "reasons")
