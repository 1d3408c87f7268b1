"""The books' tables. A change of them is a migration in ``migrations/versions/``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
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

runs = Table(
    "runs",
    metadata,
    Column("machine", String(64), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("batch", String(40), nullable=False),
    Column("process", String(64), nullable=False),
    Column("going_on", Boolean, nullable=False),
    Column("said", String(256), nullable=False),
    Column("source", String(16), nullable=False),
    PrimaryKeyConstraint("machine", "start_ms"),
    Index("runs_by_batch", "batch", "start_ms"),
    Index("runs_by_start", "start_ms"),
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

seals = Table(
    "seals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False, unique=True),
    Column("made", String(24), nullable=False),
    Column("form", Text, nullable=False),
    Column("signature", String(88), nullable=False),
)

seal_leaves = Table(
    "seal_leaves",
    metadata,
    Column("number", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", String(43), nullable=False),
    PrimaryKeyConstraint("number", "place"),
    Index("seal_leaves_by_name", "kind", "name"),
)

seal_files = Table(
    "seal_files",
    metadata,
    Column("digest", String(43), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

seal_copies = Table(
    "seal_copies",
    metadata,
    Column("folder", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("fault", Text, nullable=False),
    PrimaryKeyConstraint("folder", "number"),
)
