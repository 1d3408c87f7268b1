"""The books' tables. A change of them is a migration in ``migrations/versions/``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData()

keys = Table(
    "keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("prefix", String(12), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("made", String(24), nullable=False),
    Column("revoked", String(24)),
)

batches = Table(
    "batches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("article", String(80), nullable=False, default=""),
    Column("accepted_kg", String(32)),
    Column("entered", String(24), nullable=False),
    Column("entered_by", String(64), nullable=False),
)

found_runs = Table(  # what machines said: found anew as late readings come
    "found_runs",
    metadata,
    Column("machine", String(64), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("batch", String(40), nullable=False),
    Column("process", String(64), nullable=False),
    Column("going_on", Boolean, nullable=False),
    Column("said", String(256), nullable=False),
    PrimaryKeyConstraint("machine", "start_ms"),
)

run_entries = Table(  # what people and other systems said: append-only
    "run_entries",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("run", String(96), nullable=False),
    Column("machine", String(64), nullable=False),
    Column("batch", String(40)),
    Column("process", String(64)),
    Column("start_ms", BigInteger),
    Column("end_ms", BigInteger),
    Column("kg", String(32)),
    Column("said", String(256), nullable=False),
    Column("anchor_ms", BigInteger, nullable=False),
    Column("reach_ms", BigInteger),  # what it says ends there; none where that is open
    Column("source", String(16), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("entered", String(24), nullable=False),
    Column("file", Integer),
    Index("run_entries_by_machine", "machine", "reach_ms"),
    Index("run_entries_by_run", "run"),
    Index("run_entries_by_file", "file"),
)

runs = Table(  # the runs that count, made of both
    "runs",
    metadata,
    Column("machine", String(64), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),  # among those of one start: an order without labels
    Column("end_ms", BigInteger, nullable=False),
    Column("batch", String(40), nullable=False),
    Column("process", String(64), nullable=False),
    Column("going_on", Boolean, nullable=False),
    Column("said", String(256), nullable=False),
    Column("run", String(96), nullable=False),
    Column("source", String(16), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("kg", String(32)),
    PrimaryKeyConstraint("machine", "start_ms", "place"),
    Index("runs_by_batch", "batch", "start_ms"),
    Index("runs_by_start", "start_ms"),
    Index("runs_by_run", "run"),
)

genealogy = Table(  # splits, merges, re-dyes, scraps, and which of them were undone: append-only
    "genealogy",
    metadata,
    Column("event", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("parent", String(40), nullable=False),
    Column("heir", String(40), nullable=False),
    Column("kg", String(32)),
    Column("undoes", Integer),
    Column("entered_by", String(64), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("entered", String(24), nullable=False),
    PrimaryKeyConstraint("event", "place"),
    Index("genealogy_by_parent", "parent"),
    Index("genealogy_by_heir", "heir"),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

waiting = Table("waiting", metadata, Column("batch", String(40), primary_key=True))

results = Table(
    "results",
    metadata,
    Column("batch", String(40), nullable=False),
    Column("view", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("computed", String(24), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("scope_start_ms", BigInteger, nullable=False),
    Column("scope_end_ms", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("batch", "view", "revision"),
    Index("results_by_scope", "scope_end_ms", "scope_start_ms"),
)
