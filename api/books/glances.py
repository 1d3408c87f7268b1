"""Glances: what lists show of a result, kept beside it when it is written.

A page of a hundred batches is a hundred results of 11 kB, packed, of which it shows five fields.
The result is the record: a glance says nothing of its own, and whoever verifies compares the two.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from api.books import schema
from api.books.packing import unpacked
from api.books.pages import PAGE, in_pages

VIEW = "footprint"
"""The view that lists show."""


class Glance(NamedTuple):
    """What is seen of a result at once; revision 0 is of what is not final."""

    batch: str
    revision: int
    accepted_kg: str | None
    status: str
    kgco2e: str
    kgco2e_per_kg: str | None
    problems: int


class _Total(msgspec.Struct):
    kgco2e: str
    kgco2e_per_kg: str | None


class _Seen(msgspec.Struct):
    """The fields that are seen; what else stands in a result is passed over and not built."""

    accepted_kg: str | None
    status: str
    total: _Total
    problems: list[msgspec.Raw]


_SEEN = msgspec.json.Decoder(_Seen)
_COLUMNS = tuple(schema.glances.c[name] for name in Glance._fields)
_OF_SOME = (
    sa.select(*_COLUMNS)
    .where(schema.glances.c.batch.in_(sa.bindparam("of", expanding=True)))
    .order_by(schema.glances.c.batch, schema.glances.c.revision)
)
"""Asked with every page of batches, so it is put together once."""


def glance(body: Mapping[str, Any]) -> Glance:
    """What is seen of a footprint at once."""
    total = body["total"]
    return Glance(
        batch=body["batch"],
        revision=body["revision"],
        accepted_kg=body["accepted_kg"],
        status=body["status"],
        kgco2e=total["kgco2e"],
        kgco2e_per_kg=total["kgco2e_per_kg"],
        problems=len(body["problems"]),
    )


def glance_of(batch: str, revision: int, body: bytes) -> Glance | None:
    """What is seen of a kept body; None where nobody can read it."""
    try:
        seen = _SEEN.decode(unpacked(body))
    except (zlib.error, msgspec.DecodeError, TypeError):  # of no bytes at all: it was edited
        return None
    total = seen.total
    return Glance(
        batch,
        revision,
        seen.accepted_kg,
        seen.status,
        total.kgco2e,
        total.kgco2e_per_kg,
        len(seen.problems),
    )


class Glances:
    """The kept glances."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def of(self, batches: Iterable[str]) -> dict[str, Glance]:
        """Glances at the last footprints of batches; none of those that have none."""
        found: dict[str, Glance] = {}
        with self._engine.connect() as db:
            for some in in_pages(batches):
                rows = db.execute(_OF_SOME, {"of": some}).all()
                found.update((row[0], Glance(*row)) for row in rows)  # the last one counts
        return found


def untold(db: sa.Connection) -> Iterator[str]:
    """Batches of which lists do not show what their results say: edited past them."""
    results, kept = schema.results, schema.glances
    every = sa.union(
        sa.select(results.c.batch).where(results.c.view == VIEW), sa.select(kept.c.batch)
    )
    names = sorted(db.execute(every).scalars())
    for first in range(0, len(names), PAGE):
        some = names[first : first + PAGE]
        body = sa.type_coerce(results.c.body, sa.types.NullType())
        said = sa.select(results.c.batch, results.c.revision, body).where(
            results.c.view == VIEW, results.c.batch.in_(some)
        )
        shown = sa.select(*_COLUMNS).where(kept.c.batch.in_(some))
        made = {one for row in db.execute(said) if (one := glance_of(*row)) is not None}
        there = {Glance(*row) for row in db.execute(shown)}
        yield from sorted({one.batch for one in made ^ there})
