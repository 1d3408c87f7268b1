"""The centre's tables: rows are added to them, and nothing of ours changes or removes one."""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData()

seals = Table(
    "group_seals",
    metadata,
    Column("mill", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("day", String(10), nullable=False),
    Column("digest", String(43), nullable=False),
    Column("received", String(24), nullable=False),
    Column("document", LargeBinary, nullable=False),  # packed: the file as the mill made it
    PrimaryKeyConstraint("mill", "number"),
)

results = Table(
    "group_results",
    metadata,
    Column("mill", String(40), nullable=False),
    Column("batch", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seal", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Column("kgco2e", String(40), nullable=False),
    Column("accepted_kg", String(40)),
    Column("form", LargeBinary, nullable=False),  # packed: what the seal's leaf is the hash of
    PrimaryKeyConstraint("mill", "batch", "revision"),
)

words = Table(
    "group_words",
    metadata,
    Column("mill", String(40), nullable=False),
    Column("name", String(128), nullable=False),
    Column("number", Integer, nullable=False),
    Column("seal", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("article", String(80), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("form", LargeBinary, nullable=False),
    PrimaryKeyConstraint("mill", "name"),
)
