"""Rows of the books that are sealed: what a person or a result entered, and is never edited.

Runs are not among them: they are found anew from the journal and from what people entered of
runs whenever either changes. The entries are, and what was concluded stands in results, which are.
A row's hash is SHA-256 over the RFC 8785 form of its columns; empty columns are left out, so that
a column that comes later changes no old hash.
"""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.books import schema
from api.books.packing import unpacked
from api.evidence.seal import leaf_name, leaf_parts
from collector.wire.canonical import canonical

KIND = "books"
_PAGE = 400


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one name: the key that names one, what of it is hashed, and when it says it came."""

    table: sa.Table
    key: tuple[str, ...]
    since: str
    said: tuple[str, ...]


_ALL: Mapping[str, _Rows] = {
    "batches": _Rows(
        schema.first_batches,
        ("id",),
        "entered",
        ("id", "article", "accepted_kg", "entered", "entered_by"),
    ),
    "keys": _Rows(
        schema.keys,
        ("id",),
        "made",
        ("id", "name", "role", "prefix", "digest", "made", "until", "made_by"),
    ),
    "revocations": _Rows(schema.keys, ("id",), "revoked", ("id", "revoked")),
    "audit": _Rows(
        schema.audit,
        ("number",),
        "at",
        ("number", "at", "who", "role", "means", "address", "act", "subject", "before", "after",
         "why"),
    ),
    "results": _Rows(
        schema.results,
        ("batch", "view", "revision"),
        "computed",
        ("batch", "view", "revision", "computed", "reason", "scope_start_ms", "scope_end_ms",
         "digest", "body", "change", "tally", "ended_ms", "kgco2e", "asked", "factors", "plant",
         "rules", "software", "position"),
    ),
    "changes": _Rows(schema.changes, ("id",), "made", ("id", "made", "reason", "detail", "asked")),
    "decisions": _Rows(
        schema.changes, ("id",), "decided", ("id", "decided", "decided_by", "state", "why")
    ),
    "periods": _Rows(
        schema.periods, ("month",), "closed", ("month", "closed", "closed_by", "why")
    ),
    "statements": _Rows(
        schema.statements,
        ("month", "revision"),
        "computed",
        ("month", "revision", "computed", "reason", "asked", "digest", "body"),
    ),
    "entries": _Rows(
        schema.entries,
        ("id",),
        "entered",
        ("id", "kind", "subject", "at_ms", "body", "entered", "entered_by", "why", "evidence"),
    ),
    "run-entries": _Rows(
        schema.run_entries,
        ("number",),
        "entered",
        ("number", "kind", "run", "machine", "batch", "process", "start_ms", "end_ms", "kg", "said",
         "anchor_ms", "reach_ms", "source", "entered_by", "reason", "entered", "file"),
    ),
    "alarm-events": _Rows(
        schema.alarm_events,
        ("number",),
        "entered",
        ("number", "alarm", "kind", "rule", "subject", "at_ms", "said_at", "body", "entered",
         "entered_by"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A row that stands in the books.

    Attributes:
        name: Its name, such as ``results/B2409/footprint/2``.
        since: When it says that it came.
        seal: Number of the seal that holds it; None where none does yet.
    """

    name: str
    since: str
    seal: int | None


def standing(db: sa.Connection) -> Iterator[Standing]:
    """Every row that is to be sealed, by name and time only."""
    leaves = schema.seal_leaves
    for kind, rows in _ALL.items():
        columns = [rows.table.c[name] for name in (*rows.key, rows.since)]
        query = sa.select(*columns).where(columns[-1].is_not(None)).order_by(*columns[:-1])
        for some in db.execute(query).partitions(_PAGE):
            names = {leaf_name(kind, *row[:-1]): row[-1] for row in some}
            sealed = dict(
                db.execute(
                    sa.select(leaves.c.name, leaves.c.number).where(
                        leaves.c.kind == KIND, leaves.c.name.in_(names)
                    )
                ).all()
            )
            for name, since in names.items():
                yield Standing(name, since, sealed.get(name))


def digest_of(db: sa.Connection, name: str) -> bytes | None:
    """The hash of the row of that name as it stands now; None where there is none. [32 bytes]"""
    try:
        form = form_of(db, name)
    except zlib.error:
        return b""  # of no row: what was packed cannot be unpacked
    return None if form is None else hashlib.sha256(form).digest()


def form_of(db: sa.Connection, name: str) -> bytes | None:
    """What of the row of that name is hashed, as it stands now; None where there is none.

    Raises:
        zlib.error: What was packed of it cannot be unpacked.
    """
    kind, *key = leaf_parts(name)
    rows = _ALL.get(kind)
    if rows is None or len(key) != len(rows.key):
        return None
    try:
        where = [
            rows.table.c[column] == rows.table.c[column].type.python_type(value)
            for column, value in zip(rows.key, key, strict=True)
        ]
    except ValueError:
        return None  # a name that no row has
    columns = [_as_kept(rows.table.c[column]) for column in rows.said]
    row = db.execute(
        sa.select(*columns).where(rows.table.c[rows.since].is_not(None), *where)
    ).first()
    if row is None:
        return None
    found = zip(rows.said, row, strict=True)
    said = {name: _said(one) for name, one in found if one is not None}
    return canonical({"row": kind, **said})


def _as_kept(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """What is packed today stands as text in books of before, which can be sealed as well."""
    packed = isinstance(column.type, sa.LargeBinary)
    return sa.type_coerce(column, sa.types.NullType()) if packed else column


def _said(value: Any) -> Any:
    return unpacked(bytes(value)).decode() if isinstance(value, (bytes, memoryview)) else value
