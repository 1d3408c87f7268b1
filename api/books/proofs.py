"""Proofs: files that prove what a person enters, such as a supplier's letter; kept by hash."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from api.books.entries import Decision
from api.books.said import Awaiting, enter, read
from api.evidence.seal import encode_raw

PROOF = "proof"


class Proofs:
    """The files; who sent one, and when, is an entry, so that it is sealed and logged."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def keep(self, name: str, body: bytes, by: str, now: datetime) -> Decision:
        """Keep a file for ever; its entry is about its SHA-256 in hexadecimal digits."""
        raw = hashlib.sha256(body).digest()
        word = Decision(PROOF, raw.hex(), now, {"name": name, "bytes": len(body)}, by, "", "")
        table, digest = schema.seal_files, encode_raw(raw)
        with self._engine.begin() as db:
            there = sa.select(table.c.digest).where(table.c.digest == digest)
            if db.execute(there).first() is None:
                db.execute(table.insert().values(digest=digest, body=body))
            enter(db, [word], now, Awaiting())
            return read(db, *_about(word.subject))[-1]

    def every(self) -> Sequence[Decision]:
        """The entries of all files, the first one first."""
        with self._engine.connect() as db:
            return read(db, schema.entries.c.kind == PROOF)

    def named(self) -> dict[str, str]:
        """The hash of each file by its name: the last one of that name."""
        return {word.body["name"]: word.subject for word in self.every()}

    def content(self, digest: str) -> bytes | None:
        """A file by its SHA-256; None where none has it, or what stands there was edited."""
        with self._engine.connect() as db:
            return _content(db, digest) if read(db, *_about(digest)) else None


def lost(db: sa.Connection) -> Iterator[str]:
    """SHA-256 of the files that an entry names, and that are gone or were edited."""
    table = schema.entries
    query = sa.select(table.c.subject).where(table.c.kind == PROOF).distinct()
    for digest in db.execute(query.order_by(table.c.subject)).scalars().all():
        if _content(db, digest) is None:
            yield digest


def _content(db: sa.Connection, digest: str) -> bytes | None:
    files = schema.seal_files
    try:
        raw = encode_raw(bytes.fromhex(digest))
    except ValueError:  # the entry was edited
        return None
    body = db.execute(sa.select(files.c.body).where(files.c.digest == raw)).scalar()
    found = b"" if body is None else bytes(body)
    return found if hashlib.sha256(found).hexdigest() == digest else None


def _about(digest: str) -> tuple[sa.ColumnElement[bool], ...]:
    table = schema.entries
    return table.c.kind == PROOF, table.c.subject == digest
