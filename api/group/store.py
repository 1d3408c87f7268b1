"""What the centre keeps: seals as they came, results and words as they were sealed. Append-only."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from itertools import islice
from typing import NamedTuple, TypeVar

import sqlalchemy as sa

from api.books.engines import engine_of
from api.books.packing import packed, unpacked
from api.evidence.seal import Document, read_document
from api.group import schema
from api.group.rows import ResultRow, WordRow

_PAGE = 200
T = TypeVar("T")


class KeptSeal(NamedTuple):
    """A seal in a list."""

    number: int
    day: str
    digest: str
    received: str


class KeptResult(NamedTuple):
    """A revision, without its form."""

    batch: str
    revision: int
    seal: int
    status: str
    ended_ms: int
    kgco2e: str
    accepted_kg: str | None


@dataclass(frozen=True, slots=True)
class KeptWord:
    """A word, without its form."""

    number: int
    kind: str
    subject: str
    article: str
    evidence: str


class Store:
    """The centre's database. Each method is one transaction; safe from several threads."""

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url)

    def prepare(self) -> None:
        """Make the tables that are not there yet."""
        schema.metadata.create_all(self._engine)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def seals(self, mill: str) -> list[KeptSeal]:
        """Every seal of a mill, the oldest first."""
        table = schema.seals
        query = sa.select(*(table.c[name] for name in KeptSeal._fields))
        with self._engine.connect() as db:
            rows = db.execute(query.where(table.c.mill == mill).order_by(table.c.number))
            return [KeptSeal(*row) for row in rows]

    def last(self, mill: str) -> KeptSeal | None:
        """The last seal of a mill."""
        table = schema.seals
        query = sa.select(*(table.c[name] for name in KeptSeal._fields))
        query = query.where(table.c.mill == mill).order_by(table.c.number.desc()).limit(1)
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return KeptSeal(*row) if row else None

    def document(self, mill: str, number: int) -> Document | None:
        """A seal as the mill made it."""
        table = schema.seals
        query = sa.select(table.c.document).where(table.c.mill == mill, table.c.number == number)
        with self._engine.connect() as db:
            body = db.execute(query).scalar()
        return None if body is None else read_document(unpacked(bytes(body)))

    def add(
        self, mill: str, document: Document, rows: Iterable[ResultRow | WordRow], received: str
    ) -> None:
        """Keep a seal with its rows, or nothing where one of them is refused.

        Raises:
            sqlalchemy.exc.IntegrityError: One of them is there already.
        """
        seal = document.seal
        with self._engine.begin() as db:
            db.execute(
                schema.seals.insert().values(
                    mill=mill,
                    number=seal.number,
                    day=seal.day.isoformat(),
                    digest=document.digest,
                    received=received,
                    document=packed(document.text),
                )
            )
            for some in _pages(rows):
                for table, kind in ((schema.results, ResultRow), (schema.words, WordRow)):
                    own = [
                        asdict(one) | {"mill": mill, "seal": seal.number, "form": packed(one.form)}
                        for one in some
                        if isinstance(one, kind)
                    ]
                    if own:
                        db.execute(table.insert(), own)

    def results(self, mill: str) -> Iterator[KeptResult]:
        """Every revision of a mill, by batch and revision."""
        table = schema.results
        query = sa.select(*(table.c[name] for name in KeptResult._fields))
        query = query.where(table.c.mill == mill).order_by(table.c.batch, table.c.revision)
        with self._engine.connect() as db:
            for row in db.execute(query):
                yield KeptResult(*row)

    def rows(self, mill: str, seal: int) -> Iterator[ResultRow | WordRow]:
        """The rows of a seal; zlib.error where one is damaged."""
        with self._engine.connect() as db:
            yield from _read(db, schema.results, ResultRow, mill, seal)
            yield from _read(db, schema.words, WordRow, mill, seal)

    def words(self, mill: str) -> list[KeptWord]:
        """Every word of a mill, in the order in which they were said."""
        table = schema.words
        query = sa.select(
            table.c.number, table.c.kind, table.c.subject, table.c.article, table.c.evidence
        )
        with self._engine.connect() as db:
            rows = db.execute(query.where(table.c.mill == mill).order_by(table.c.number))
            return [KeptWord(*row) for row in rows]


def _read(db: sa.Connection, table: sa.Table, kind: type[T], mill: str, seal: int) -> Iterator[T]:
    query = sa.select(*(table.c[one.name] for one in fields(kind)))  # type: ignore[arg-type]
    where = (table.c.mill == mill, table.c.seal == seal)
    for row in db.execute(query.where(*where)).mappings():
        yield kind(**{**row, "form": unpacked(bytes(row["form"]))})


def _pages(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while some := list(islice(left, _PAGE)):
        yield some
