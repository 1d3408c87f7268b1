"""API keys: who may ask. Only their hashes are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import stamp


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, without its text.

    Attributes:
        id: Its number.
        name: Who holds it.
        role: Whose rights it gives.
        prefix: How its text begins.
        made: When it was made.
        made_by: By whom; None where nobody noted that yet.
        until: From when on it gives none any more; None where it has no end.
        revoked: When it was taken back.
    """

    id: int
    name: str
    role: str
    prefix: str
    made: str
    made_by: str | None
    until: str | None
    revoked: str | None

    def holds(self, now: datetime) -> bool:
        """Whether it lets anybody in."""
        return self.revoked is None and (self.until is None or stamp(now) < self.until)


_KEY = tuple(schema.keys.c[name] for name in Key.__slots__)
_OF_A_TEXT = sa.select(*_KEY).where(schema.keys.c.digest == sa.bindparam("digest"))
"""Asked with every request, so it is put together once."""


class Keys:
    """The API keys."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def make(
        self, name: str, role: str, now: datetime, *, by: str = "", until: datetime | None = None
    ) -> str:
        """Make an API key; the text is returned once and only its hash kept."""
        text = f"mp_{secrets.token_urlsafe(24)}"
        row = {
            "name": name,
            "role": role,
            "prefix": text[:8],
            "digest": digest_of(text),
            "made": stamp(now),
            "made_by": by or None,
            "until": stamp(until) if until else None,
        }
        with self._engine.begin() as db:
            db.execute(schema.keys.insert().values(row))
        return text

    def all(self) -> list[Key]:
        """Every key that was ever made, the newest first."""
        query = sa.select(*_KEY).order_by(schema.keys.c.id.desc())
        with self._engine.connect() as db:
            return [Key(*row) for row in db.execute(query)]

    def find(self, number: int) -> Key | None:
        """A key by its number."""
        with self._engine.connect() as db:
            row = db.execute(sa.select(*_KEY).where(schema.keys.c.id == number)).first()
        return Key(*row) if row else None

    def revoke(self, number: int, now: datetime) -> None:
        """Take a key back, for ever; one that was is left as it is."""
        table = schema.keys
        where = sa.and_(table.c.id == number, table.c.revoked.is_(None))
        with self._engine.begin() as db:
            db.execute(table.update().where(where).values(revoked=stamp(now)))

    def opened(self) -> str | None:
        """When the first key was made: since when there are books; None before."""
        with self._engine.connect() as db:
            return db.execute(sa.select(sa.func.min(schema.keys.c.made))).scalar()

    def holder(self, text: str, now: datetime) -> Key | None:
        """The key of that text; None where there is none, or it lets nobody in any more."""
        with self._engine.connect() as db:
            row = db.execute(_OF_A_TEXT, {"digest": digest_of(text)}).first()
        key = Key(*row) if row else None
        return key if key is not None and key.holds(now) else None


def digest_of(text: str) -> str:
    """Keys, sessions and codes are all random bits: one round of SHA-256 is enough to keep them."""
    return hashlib.sha256(text.encode()).hexdigest()
