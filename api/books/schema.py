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
    Column("until", String(24)),
    Column("made_by", String(64)),
)

people = Table(  # one who is removed stays: what he entered has his name
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("until", String(24)),
    Column("password", String(160)),  # as Argon2id's own form has it; none until he set one
    Column("made", String(24), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("removed", String(24)),
)

codes = Table(  # one-time codes by which a person sets a password
    "codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", Integer, nullable=False),
    Column("made", String(24), nullable=False),
    Column("until", String(24), nullable=False),
    Column("used", String(24)),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", Integer, nullable=False),
    Column("opened", String(24), nullable=False),
    Column("seen", String(24), nullable=False),
    Column("until", String(24), nullable=False),
    Column("ended", String(24)),
    Column("address", String(64), nullable=False),
    Index("sessions_by_person", "person"),
)

audit = Table(  # append-only
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String(24), nullable=False),
    Column("who", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("means", String(32), nullable=False),
    Column("address", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("why", Text, nullable=False),
    Index("audit_by_who", "who", "number"),
    Index("audit_by_subject", "subject", "number"),
    Index("audit_by_time", "at"),
)

reviews = Table(  # what waits for a second pair of eyes
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("call", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("asked", Text, nullable=False),
    Column("asked_at", String(24), nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_role", String(16), nullable=False),
    Column("asked_means", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_at", String(24)),
    Column("decided_by", String(64)),
    Column("why", Text),
    Index("reviews_by_state", "state", "number"),
)

first_batches = Table(  # what was said first of batches of old: append-only, named by seals
    "first_batches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("article", String(80), nullable=False),
    Column("accepted_kg", String(32)),
    Column("entered", String(24), nullable=False),
    Column("entered_by", String(64), nullable=False),
)

batches = Table(  # what counts of a batch, made of the first word on it and of entries
    "batches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("article", String(80), nullable=False, default=""),
    Column("accepted_kg", String(32)),
    Column("entered", String(24), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("colour", String(80), nullable=False, server_default=""),
    Column("order_no", String(80), nullable=False, server_default=""),
    Index("batches_by_article", "article"),
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

marks = Table(
    "marks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

waiting = Table(
    "waiting",
    metadata,
    Column("batch", String(40), primary_key=True),
    Column("reasons", String(256), nullable=False, server_default="late-data"),
)

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
    Column("body", LargeBinary, nullable=False),
    Column("change", Integer),
    Column("tally", Integer),
    Column("ended_ms", BigInteger),
    Column("kgco2e", String(40)),
    Column("asked", String(24)),
    Column("factors", String(64)),
    Column("plant", String(64)),
    Column("rules", String(16)),
    Column("software", String(32)),
    Column("position", BigInteger),
    PrimaryKeyConstraint("batch", "view", "revision"),
    Index("results_by_scope", "scope_end_ms", "scope_start_ms"),
    Index("results_by_end", "ended_ms"),
    Index("results_by_change", "change"),
    Index("results_by_computed", "computed"),
)

glances = Table(  # what lists show of results
    "glances",
    metadata,
    Column("batch", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("accepted_kg", String(40)),
    Column("status", String(16), nullable=False),
    Column("kgco2e", String(40), nullable=False),
    Column("kgco2e_per_kg", String(40)),
    Column("problems", Integer, nullable=False),
    PrimaryKeyConstraint("batch", "revision"),
    sqlite_with_rowid=False,
)

tallies = Table(
    "tallies",
    metadata,
    Column("batch", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("form", LargeBinary, nullable=False),
    PrimaryKeyConstraint("batch", "number"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made", String(24), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("detail", Text, nullable=False),
    Column("asked", String(24), nullable=False),
    Column("decided", String(24)),
    Column("decided_by", String(64)),
    Column("why", Text),
    Index("changes_by_state", "state", "id"),
)

change_lines = Table(
    "change_lines",
    metadata,
    Column("change", Integer, nullable=False),
    Column("batch", String(40), nullable=False),
    Column("view", String(16), nullable=False),
    Column("from_revision", Integer),
    Column("kgco2e_from", String(40)),
    Column("kgco2e_to", String(40), nullable=False),
    Column("kg_from", String(40)),
    Column("kg_to", String(40)),
    PrimaryKeyConstraint("change", "batch", "view"),
    Index("change_lines_by_batch", "batch"),
)

periods = Table(
    "periods",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("closed", String(24), nullable=False),
    Column("closed_by", String(64), nullable=False),
    Column("why", Text, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("month", String(7), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("computed", String(24), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("asked", String(24), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("month", "revision"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("entered", String(24), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Index("entries_by_subject", "kind", "subject", "at_ms"),
)

alarm_events = Table(  # append-only
    "alarm_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("alarm", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("said_at", String(24)),
    Column("body", Text, nullable=False),
    Column("entered", String(24), nullable=False),
    Column("entered_by", String(64), nullable=False),
    Index("alarm_events_by_alarm", "alarm"),
    Index("alarm_events_by_kind", "kind", "number"),
)

kept_answers = Table(  # of the last day
    "kept_answers",
    metadata,
    Column("means", String(64), nullable=False),
    Column("key", String(128), nullable=False),
    Column("request", String(64), nullable=False),
    Column("begun", String(24), nullable=False),
    Column("status", Integer),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("means", "key"),
    Index("kept_answers_by_time", "begun"),
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
