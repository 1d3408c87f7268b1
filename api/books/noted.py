"""What a line of the audit log says of a row: its subject, its values, and what was before."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import instant, stamp

_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "alarm_events": ("alarm",),
    "codes": ("person",),
    "entries": ("kind", "subject"),
    "people": ("name",),
    "run_entries": ("machine", "run", "batch"),
    "sessions": ("person",),
}
"""Columns that name a row, where its key says nothing to anybody."""
_SECRET = "password"
_NOBODY_READS = frozenset({"digest", "id", "number"})
_WHY = ("why", "reason")
_FOLDED = frozenset({"asked", "body", "detail"})
"""Columns that may hold an object. What people write in others may begin with a brace, too."""
_SAID_AGAIN = frozenset({"batch", "mapping", "bill-note", "mass-note"})
"""Entries of which a later one about the same thing takes the place, whenever it was."""
_ABOUT_A_RUN = frozenset({"edit", "delete"})


def subject(table: sa.Table, row: Mapping[str, Any]) -> str:
    """What a row is about, such as ``entries/swap/main-1.energy_import_kwh``."""
    names = _SUBJECTS.get(table.name) or tuple(column.name for column in table.primary_key)
    told = [str(row[name]) for name in names if row.get(name) not in (None, "")]
    return "/".join([table.name.replace("_", "-"), *told])


def why(row: Mapping[str, Any]) -> str:
    """The reason that a row itself has."""
    return next((str(row[name]) for name in _WHY if row.get(name)), "")


def shown(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A row as people read it: instants, bodies unfolded, nothing empty, and no secret."""
    if row is None:
        return None
    found = {}
    for name, value in row.items():
        nothing = value in (None, "") or isinstance(value, bytes | memoryview)
        if not nothing and name not in _WHY and name not in _NOBODY_READS:
            found[name.removesuffix("_ms")] = _shown(name, value)
    return found


def _shown(name: str, value: Any) -> Any:
    if name == _SECRET:
        return f"…{hashlib.sha256(value.encode()).hexdigest()[:6]}"  # that it is another, no more
    if name.endswith("_ms"):
        return stamp(instant(value))
    folded = name in _FOLDED and value.startswith("{")
    return orjson.loads(value) if folded else value


def earlier(db: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a row that was entered takes the place of, where rows are never edited."""
    if table is schema.run_entries and row["kind"] in _ABOUT_A_RUN:
        run = schema.runs.c
        named = sa.select(run.batch, run.process, run.start_ms, run.end_ms, run.kg)
        return _first(db, named.where(run.run == row["run"]))
    if table is schema.entries:
        own = schema.entries.c
        alike = [own.kind == row["kind"], own.subject == row["subject"]]
        if row["kind"] not in _SAID_AGAIN:
            alike.append(own.at_ms == row["at_ms"])
        # Of several that are entered at once nobody has a number yet.
        before = own.id < row["id"] if "id" in row else own.entered < row["entered"]
        last = sa.select(own.body, own.entered, own.entered_by).order_by(own.id.desc())
        return _first(db, last.where(*alike, before))
    return None


def _first(db: sa.Connection, query: sa.Select[Any]) -> Mapping[str, Any] | None:
    found = db.execute(query).mappings().first()
    return None if found is None else dict(found)
