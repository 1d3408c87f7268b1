"""The books note who changes them, in the transaction that does, so that nothing can forget it.

Whatever a request or a command does to any table that is not merely computed becomes a line of the
audit log. What the bookkeeper makes of it (runs, results, totals) is no person's: it says its own
reason and what it was made of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from api.books import schema
from api.books.audit import Line, under_way, write
from api.books.noted import earlier, shown, subject, why

COMPUTED = frozenset(
    table.name
    for table in (
        schema.batches, schema.found_runs, schema.runs, schema.marks, schema.waiting,
        schema.results, schema.glances, schema.tallies, schema.change_lines, schema.statements,
        schema.seals, schema.seal_leaves, schema.seal_files, schema.seal_copies, schema.audit,
        schema.kept_answers,
    )
)  # fmt: skip
"""Tables that nobody enters anything into; of every other one each change is noted."""
_FEW = 20
"""As many rows of a statement are told one by one; of more, how many, and the first and last."""
_NOTED = "noted"

_Row = Mapping[str, Any]


@dataclass(slots=True)
class _Change:
    """What one statement did: rows as they were and as they are."""

    act: str
    table: sa.Table
    rows: Sequence[tuple[_Row | None, _Row | None]]


def listen(engine: sa.Engine) -> None:
    """Note from now on what is changed by way of this engine."""
    sa.event.listen(engine, "before_execute", _before)
    sa.event.listen(engine, "after_execute", _after)
    sa.event.listen(engine, "commit", _commit)
    sa.event.listen(engine, "rollback", _rollback)


def _noted(db: sa.Connection) -> list[_Change]:
    found: list[_Change] = db.info.setdefault(_NOTED, [])
    return found


def _table(statement: object) -> sa.Table | None:
    """The table that somebody changes; None where nobody does, or it is a computed one."""
    if under_way() is None or not isinstance(statement, (sa.Insert, sa.Update, sa.Delete)):
        return None
    table = statement.table
    return table if isinstance(table, sa.Table) and table.name not in COMPUTED else None


def _before(db: sa.Connection, statement: object, *_: object) -> None:
    table = _table(statement)
    if table is None or not isinstance(statement, (sa.Update, sa.Delete)):
        return
    where = sa.true() if statement.whereclause is None else statement.whereclause
    rows = db.execute(sa.select(table).where(where)).mappings().all()
    act = "changed" if isinstance(statement, sa.Update) else "removed"
    _noted(db).append(_Change(act, table, [(dict(row), None) for row in rows]))


def _after(
    db: sa.Connection,
    statement: object,
    many: Sequence[_Row],
    one: _Row,
    _options: object,
    result: sa.CursorResult[Any],
) -> None:
    table = _table(statement)
    if table is None:
        return
    if isinstance(statement, sa.Insert):
        rows = list(many) or [_entered(table, one, result)]
        pairs = [(earlier(db, table, row) if len(rows) <= _FEW else None, row) for row in rows]
        _noted(db).append(_Change("entered", table, pairs))
    elif isinstance(statement, sa.Update):
        change = _noted(db)[-1]
        change.rows = [(row, _again(db, table, row)) for row, _ in change.rows if row is not None]


def _entered(table: sa.Table, one: _Row, result: sa.CursorResult[Any]) -> _Row:
    """A row that was entered alone, with the number that it got."""
    row = dict(one or cast("_Row", result.last_inserted_params()))
    made = result.inserted_primary_key or ()
    return row | dict(zip((column.name for column in table.primary_key), made, strict=False))


def _again(db: sa.Connection, table: sa.Table, row: _Row) -> _Row | None:
    """A row that was changed, as it is now."""
    own = (column == row[column.name] for column in table.primary_key)
    found = db.execute(sa.select(table).where(*own)).mappings().first()
    return None if found is None else dict(found)


def _commit(db: sa.Connection) -> None:
    changes, act = db.info.pop(_NOTED, []), under_way()
    lines = [line for change in changes for line in _lines(change)]
    if lines and act is not None:
        write(db, act, lines)


def _rollback(db: sa.Connection) -> None:
    db.info.pop(_NOTED, None)


def _lines(change: _Change) -> list[Line]:
    table, rows = change.table, change.rows
    if len(rows) > _FEW:
        first, last = (subject(table, now or old or {}) for old, now in (rows[0], rows[-1]))
        told = {"rows": len(rows), "first": first, "last": last}
        return [Line(change.act, first, None, told, why(rows[0][1] or {}))]
    found = []
    for old, now in rows:
        before, after = shown(old), shown(now)
        if change.act == "changed" and before and after:
            same = {name for name in before if before[name] == after.get(name)}
            before, after = _without(before, same), _without(after, same)
        if before or after:
            about = now or old or {}
            found.append(Line(change.act, subject(table, about), before, after, why(about)))
    return found


def _without(row: _Row, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
