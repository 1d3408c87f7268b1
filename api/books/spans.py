"""Batches as their runs show them, page by page: as quick among a hundred thousand as among ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
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


_RUNS, _EARLIER, _OF = schema.runs, schema.runs.alias(), schema.runs.alias()


def _is_first() -> sa.ColumnElement[bool]:
    """Whether a run is the first one of its batch: the page goes along the index of starts."""
    table, earlier = _RUNS, _EARLIER
    own, other = ((one.c.machine, one.c.place) for one in (table, earlier))
    same = sa.and_(earlier.c.start_ms == table.c.start_ms, sa.tuple_(*other) < sa.tuple_(*own))
    sooner = sa.or_(earlier.c.start_ms < table.c.start_ms, same)
    return ~sa.exists().where(earlier.c.batch == table.c.batch, sooner)


_FIRST_RUNS = (
    sa.select(_RUNS.c.batch, _RUNS.c.start_ms)
    .where(_RUNS.c.batch != "", _is_first())
    .order_by(_RUNS.c.start_ms.desc(), _RUNS.c.batch)
    .limit(sa.bindparam("most"))
)
_START, _NAME = sa.bindparam("start", type_=sa.BigInteger), sa.bindparam("name", type_=sa.String)
_IS_AFTER = (
    # Said apart, so that the index of starts is entered there and not walked from its end.
    _RUNS.c.start_ms <= _START,
    sa.or_(_RUNS.c.start_ms < _START, sa.and_(_RUNS.c.start_ms == _START, _RUNS.c.batch > _NAME)),
)


def _page(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The runs of every batch of a page."""
    page = _FIRST_RUNS.where(*where).subquery()
    return (
        sa.select(page.c.batch, page.c.start_ms, _OF.c.machine, _OF.c.end_ms, _OF.c.going_on)
        .join(_OF, _OF.c.batch == page.c.batch)
        .order_by(page.c.start_ms.desc(), page.c.batch, _OF.c.start_ms)
    )


_ANY_PAGE = {False: _page(), True: _page(*_IS_AFTER)}
"""Where nothing is looked for: put together once, for that takes longer than asking."""


def spans(
    engine: sa.Engine, limit: int, before: tuple[int, str] | None, search: Search
) -> list[BatchSpan]:
    """Batches, the newest start first; `before` is the last one's key."""
    where = _sought(search)
    after = _IS_AFTER if before is not None else ()
    query = _page(*where, *after) if where else _ANY_PAGE[before is not None]
    asked: dict[str, int | str] = {"most": limit}
    if before is not None:
        asked["start"], asked["name"] = before
    with engine.connect() as db:
        rows = db.execute(query, asked).all()
    return [_span(batch, list(runs)) for batch, runs in groupby(rows, key=itemgetter(0))]


def _span(batch: str, runs: Sequence[sa.Row[Any]]) -> BatchSpan:
    """A batch of its runs, the first one first."""
    _, starts, machines, ends, going_on = zip(*runs, strict=True)
    return BatchSpan(
        batch,
        instant(starts[0]),
        instant(max(ends)),
        tuple(dict.fromkeys(machines)),
        any(going_on),
    )


_SAID = {
    "article": schema.batches.c.article,
    "colour": schema.batches.c.colour,
    "order": schema.batches.c.order_no,
}
"""What is said of a batch that it can be looked for by."""


def _has(column: sa.Column[Any], text: str) -> sa.ColumnElement[bool]:
    return column.icontains(text, autoescape=True)


def _sought(search: Search) -> list[sa.ColumnElement[bool]]:
    """Runs of batches that are as searched, by any of their runs or by what is said of them."""
    runs, of, entered = _RUNS, _OF, schema.batches
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
