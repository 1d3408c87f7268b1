"""Batches as their runs show them, page by page: as quick among a hundred thousand as among ten."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import instant, unix_ms


@dataclass(frozen=True, slots=True)
class BatchSpan:
    """A batch as its runs show it."""

    id: str
    start: datetime
    end: datetime
    machines: tuple[str, ...]
    going_on: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Which batches are looked for; what is empty or None excludes nothing.

    Attributes:
        text: A part of the batch's id (缸号), or of its article, colour or order.
        article: Its article,
        colour: its colour,
        order: and its order, or parts of them.
        machine: One that it was on.
        start: It was on a machine at or after,
        end: and before an instant.
    """

    text: str = ""
    machine: str = ""
    start: datetime | None = None
    end: datetime | None = None
    article: str = ""
    colour: str = ""
    order: str = ""


def spans(
    engine: sa.Engine, limit: int, before: tuple[int, str] | None, search: Search
) -> list[BatchSpan]:
    """Batches, the newest start first; `before` is the last one's key."""
    table = schema.runs
    query = (
        sa.select(table.c.batch, table.c.start_ms)
        .where(table.c.batch != "", *_sought(search), _is_first())
        .order_by(table.c.start_ms.desc(), table.c.batch)
        .limit(limit)
    )
    if before is not None:
        start, name = before
        same = sa.and_(table.c.start_ms == start, table.c.batch > name)
        query = query.where(sa.or_(table.c.start_ms < start, same))
    with engine.connect() as db:
        starts = {row.batch: row.start_ms for row in db.execute(query)}
        own = (
            sa.select(table.c.batch, table.c.machine, table.c.end_ms, table.c.going_on)
            .where(table.c.batch.in_(list(starts)))
            .order_by(table.c.start_ms)
        )
        found: dict[str, list[tuple[str, int, bool]]] = {}
        for batch, machine, end, going_on in db.execute(own):
            found.setdefault(batch, []).append((machine, end, going_on))
    return [
        BatchSpan(
            batch,
            instant(start),
            instant(max(end for _, end, _ in found[batch])),
            tuple(dict.fromkeys(machine for machine, _, _ in found[batch])),
            any(going_on for _, _, going_on in found[batch]),
        )
        for batch, start in starts.items()
    ]


_SAID = {
    "article": schema.batches.c.article,
    "colour": schema.batches.c.colour,
    "order": schema.batches.c.order_no,
}
"""What is said of a batch that it can be looked for by."""


def _has(column: sa.Column[Any], text: str) -> sa.ColumnElement[bool]:
    return column.icontains(text, autoescape=True)


def _is_first() -> sa.ColumnElement[bool]:
    """Whether a run is the first one of its batch: the page goes along the index of starts."""
    table, earlier = schema.runs, schema.runs.alias()
    own, other = ((one.c.machine, one.c.place) for one in (table, earlier))
    same = sa.and_(earlier.c.start_ms == table.c.start_ms, sa.tuple_(*other) < sa.tuple_(*own))
    sooner = sa.or_(earlier.c.start_ms < table.c.start_ms, same)
    return ~sa.exists().where(earlier.c.batch == table.c.batch, sooner)


def _sought(search: Search) -> list[sa.ColumnElement[bool]]:
    """Runs of batches that are as searched, by any of their runs or by what is said of them."""
    runs, of, entered = schema.runs, schema.runs.alias(), schema.batches
    where: list[sa.ColumnElement[bool]] = []
    if search.text:
        named = of.c.batch.icontains(search.text, autoescape=True)
        said = sa.or_(*(_has(column, search.text) for column in _SAID.values()))
        names = sa.union(sa.select(of.c.batch).where(named), sa.select(entered.c.id).where(said))
        where.append(runs.c.batch.in_(names))
    about = [
        _has(column, text) for name, column in _SAID.items() if (text := getattr(search, name))
    ]
    if about:
        where.append(runs.c.batch.in_(sa.select(entered.c.id).where(*about)))
    touching = [of.c.batch == runs.c.batch]
    if search.machine:
        touching.append(of.c.machine == search.machine)
    if search.start is not None:
        touching.append(sa.or_(of.c.going_on, of.c.end_ms >= unix_ms(search.start)))
    if search.end is not None:
        touching.append(of.c.start_ms < unix_ms(search.end))
        where.append(runs.c.start_ms < unix_ms(search.end))
    if len(touching) > 1:
        where.append(sa.exists().where(*touching))
    return where
