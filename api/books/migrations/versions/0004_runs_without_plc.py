"""Runs that people state, and their corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_RUN = (
    ("end_ms", sa.BigInteger),
    ("batch", sa.String(40)),
    ("process", sa.String(64)),
    ("going_on", sa.Boolean),
    ("said", sa.String(256)),
)


def upgrade() -> None:
    """What was found stays beside what counts; until somebody enters more, both are the same."""
    op.create_table(
        "found_runs",
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _RUN),
        sa.PrimaryKeyConstraint("machine", "start_ms"),
    )
    op.execute(
        "INSERT INTO found_runs (machine, start_ms, end_ms, batch, process, going_on, said) "
        "SELECT machine, start_ms, end_ms, batch, process, going_on, said FROM runs"
    )
    for index in ("runs_by_batch", "runs_by_start"):
        op.drop_index(index, "runs")
    op.drop_table("runs")
    op.create_table(
        "runs",
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _RUN),
        sa.Column("run", sa.String(96), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("kg", sa.String(32)),
        sa.PrimaryKeyConstraint("machine", "start_ms", "place"),
    )
    op.create_index("runs_by_batch", "runs", ["batch", "start_ms"])
    op.create_index("runs_by_start", "runs", ["start_ms"])
    op.create_index("runs_by_run", "runs", ["run"])
    op.execute(
        "INSERT INTO runs (machine, start_ms, place, end_ms, batch, process, going_on, said, run, "
        "source, entered_by) SELECT machine, start_ms, 0, end_ms, batch, process, going_on, said, "
        "'p-' || machine || '-' || start_ms, 'plc', '' FROM found_runs"
    )
    _create_entries()


def _create_entries() -> None:
    op.create_table(
        "run_entries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("run", sa.String(96), nullable=False),
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("batch", sa.String(40)),
        sa.Column("process", sa.String(64)),
        sa.Column("start_ms", sa.BigInteger),
        sa.Column("end_ms", sa.BigInteger),
        sa.Column("kg", sa.String(32)),
        sa.Column("said", sa.String(256), nullable=False),
        sa.Column("anchor_ms", sa.BigInteger, nullable=False),
        sa.Column("reach_ms", sa.BigInteger),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("entered", sa.String(24), nullable=False),
        sa.Column("file", sa.Integer),
    )
    op.create_index("run_entries_by_machine", "run_entries", ["machine", "reach_ms"])
    op.create_index("run_entries_by_run", "run_entries", ["run"])
    op.create_index("run_entries_by_file", "run_entries", ["file"])


def downgrade() -> None:
    """Only what machines said had a place in the books before."""
    op.drop_table("run_entries")
    op.drop_table("runs")
    op.create_table(
        "runs",
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _RUN),
        sa.Column("source", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("machine", "start_ms"),
    )
    op.create_index("runs_by_batch", "runs", ["batch", "start_ms"])
    op.create_index("runs_by_start", "runs", ["start_ms"])
    op.execute(
        "INSERT INTO runs (machine, start_ms, end_ms, batch, process, going_on, said, source) "
        "SELECT machine, start_ms, end_ms, batch, process, going_on, said, 'plc' FROM found_runs"
    )
    op.drop_table("found_runs")
