"""The seals in the books: kept for ever, each with its leaves; and who was handed which."""

import contextlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from api.books import batches, glances, proofs, schema, sealed_rows
from api.books.sealed_rows import Standing
from api.evidence.seal import Document, Leaf, decode_raw, encode_raw


@dataclass(frozen=True, slots=True)
class SealEntry:
    """A seal in a list, as the books file it."""

    number: int
    day: str
    made: str


@dataclass(frozen=True, slots=True)
class FailedCopy:
    """A copy of a seal that could not be written, or sent, and why."""

    folder: str
    number: int
    fault: str


class Seals:
    """The seals of one site. Each method is one transaction; safe from several threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def kept(self) -> bool:
        """Whether these books know of seals at all: an older copy may not."""
        return bool(sa.inspect(self._engine).has_table(schema.seals.name))

    def entries(self) -> list[SealEntry]:
        """Every seal, the oldest first."""
        table = schema.seals
        query = sa.select(table.c.number, table.c.day, table.c.made).order_by(table.c.number)
        with self._engine.connect() as db:
            return [SealEntry(*row) for row in db.execute(query)]

    def last_entry(self) -> SealEntry | None:
        """The last seal, without its leaves."""
        table = schema.seals
        query = sa.select(table.c.number, table.c.day, table.c.made)
        with self._engine.connect() as db:
            row = db.execute(query.order_by(table.c.number.desc()).limit(1)).first()
        return SealEntry(*row) if row else None

    def last(self) -> Document | None:
        """The last seal."""
        table = schema.seals
        with self._engine.connect() as db:
            number = db.execute(sa.select(sa.func.max(table.c.number))).scalar()
            return None if number is None else _document(db, table.c.number == number)

    def of_number(self, number: int) -> Document | None:
        """The seal of that number."""
        with self._engine.connect() as db:
            return _document(db, schema.seals.c.number == number)

    def of_day(self, day: date) -> Document | None:
        """The seal of a day."""
        with self._engine.connect() as db:
            return _document(db, schema.seals.c.day == day.isoformat())

    def leaves(self, kind: str) -> list[tuple[int, Leaf]]:
        """The leaves of a kind, with the number of their seal, the oldest first."""
        table = schema.seal_leaves
        query = (
            sa.select(table.c.number, table.c.name, table.c.digest)
            .where(table.c.kind == kind)
            .order_by(table.c.number, table.c.place)
        )
        with self._engine.connect() as db:
            return [
                (number, Leaf(kind, name, decode_raw(digest)))
                for number, name, digest in db.execute(query)
            ]

    def rows(self) -> Iterator[Standing]:
        """Every row of the books that is to be sealed."""
        with self._engine.connect() as db:
            yield from sealed_rows.standing(db)

    def untold_batches(self) -> Iterator[str]:
        """Batches that are not in the books as the words on them, which are sealed, make them."""
        with self._engine.connect() as db:
            yield from batches.untold(db)

    def untold_glances(self) -> Iterator[str]:
        """Batches of which lists do not show what their results, which are sealed, say."""
        if not sa.inspect(self._engine).has_table(schema.glances.name):
            return  # an older copy: it shows what its results say
        with self._engine.connect() as db:
            yield from glances.untold(db)

    def lost_proofs(self) -> Iterator[str]:
        """SHA-256 of files that prove what was entered, and that are gone or were edited."""
        with self._engine.connect() as db:
            yield from proofs.lost(db)

    def row_digests(self) -> "RowDigests":
        """Asks for many rows' hashes, in one transaction."""
        return RowDigests(self._engine)

    def row_forms(self, names: Iterable[str]) -> Iterator[bytes]:
        """What of rows is hashed, as they stand now; of those that can still be read."""
        with self._engine.connect() as db:
            for name in names:
                with contextlib.suppress(zlib.error):
                    form = sealed_rows.form_of(db, name)
                    if form is not None:
                        yield form

    def file(self, digest: bytes) -> bytes | None:
        """The contents of a file that was sealed with that hash."""
        table = schema.seal_files
        query = sa.select(table.c.body).where(table.c.digest == encode_raw(digest))
        with self._engine.connect() as db:
            body = db.execute(query).scalar()
        return None if body is None else bytes(body)

    def add(self, document: Document, files: Mapping[bytes, bytes]) -> None:
        """Keep a seal, and the contents of files that it names by their hash."""
        seal, known = document.seal, schema.seal_files
        row = {
            "number": seal.number,
            "day": seal.day.isoformat(),
            "made": seal.made,
            "form": document.form.decode(),
            "signature": document.signature,
        }
        leaves = [
            {
                "number": seal.number,
                "place": place,
                "kind": leaf.kind,
                "name": leaf.name,
                "digest": encode_raw(leaf.digest),
            }
            for place, leaf in enumerate(document.leaves)
        ]
        with self._engine.begin() as db:
            db.execute(schema.seals.insert().values(row))
            db.execute(schema.seal_leaves.insert(), leaves)
            for digest, body in files.items():
                name = encode_raw(digest)
                there = db.execute(sa.select(known.c.digest).where(known.c.digest == name)).first()
                if there is None:
                    db.execute(known.insert().values(digest=name, body=body))

    def owed(self, folder: str) -> list[int]:
        """Numbers of the seals that a folder was not yet handed."""
        seals, copies = schema.seals, schema.seal_copies
        handed = sa.select(copies.c.number).where(copies.c.folder == folder, copies.c.fault == "")
        query = sa.select(seals.c.number).where(seals.c.number.not_in(handed))
        with self._engine.connect() as db:
            return sorted(number for (number,) in db.execute(query))

    def set_copy(self, folder: str, number: int, fault: str) -> None:
        """Remember that a folder was handed a seal, or the fault."""
        table = schema.seal_copies
        with self._engine.begin() as db:
            db.execute(table.delete().where(table.c.folder == folder, table.c.number == number))
            db.execute(table.insert().values(folder=folder, number=number, fault=fault))

    def forget_other_folders(self, folders: Iterable[str]) -> None:
        """Folders that the configuration no longer names are owed nothing."""
        table = schema.seal_copies
        with self._engine.begin() as db:
            db.execute(table.delete().where(table.c.folder.not_in(list(folders))))

    def handed_through(self) -> dict[str, int]:
        """The number of the last seal that each folder was handed."""
        table = schema.seal_copies
        query = sa.select(table.c.folder, sa.func.max(table.c.number)).where(table.c.fault == "")
        with self._engine.connect() as db:
            return {row[0]: row[1] for row in db.execute(query.group_by(table.c.folder))}

    def failed_copies(self) -> list[FailedCopy]:
        """Copies that are owed and failed, by folder."""
        table = schema.seal_copies
        query = (
            sa.select(table.c.folder, table.c.number, table.c.fault)
            .where(table.c.fault != "")
            .order_by(table.c.folder, table.c.number)
        )
        with self._engine.connect() as db:
            return [FailedCopy(*row) for row in db.execute(query)]


class RowDigests:
    """Hashes of rows as they stand now; a context of one connection."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.connect()

    def __enter__(self) -> Callable[[str], bytes | None]:
        db = self._connection
        return lambda name: sealed_rows.digest_of(db, name)

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _document(db: sa.Connection, which: sa.ColumnElement[bool]) -> Document | None:
    seals, leaves = schema.seals, schema.seal_leaves
    row = db.execute(
        sa.select(seals.c.number, seals.c.form, seals.c.signature).where(which)
    ).first()
    if row is None:
        return None
    number, form, signature = row
    found = db.execute(
        sa.select(leaves.c.kind, leaves.c.name, leaves.c.digest)
        .where(leaves.c.number == number)
        .order_by(leaves.c.place)
    )
    sealed = tuple(Leaf(kind, name, decode_raw(digest)) for kind, name, digest in found)
    return Document(form.encode(), signature, sealed)
