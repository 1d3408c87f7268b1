"""API keys: who may ask. Only their hashes are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.books import schema
from collector.wire.reading import stamp

ROLES = ("engineer", "accountant", "certifier", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """Who holds an API key."""

    name: str
    role: str


class Keys:
    """The API keys."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def make(self, name: str, role: str, now: datetime) -> str:
        """Make an API key; the text is returned once and only its hash kept."""
        text = f"mp_{secrets.token_urlsafe(24)}"
        row = {
            "name": name,
            "role": role,
            "prefix": text[:8],
            "digest": _digest(text),
            "made": stamp(now),
        }
        with self._engine.begin() as db:
            db.execute(schema.keys.insert().values(row))
        return text

    def opened(self) -> str | None:
        """When the first key was made: since when there are books; None before."""
        with self._engine.connect() as db:
            return db.execute(sa.select(sa.func.min(schema.keys.c.made))).scalar()

    def holder(self, text: str) -> Key | None:
        """Whose key this is; None where it is nobody's or revoked."""
        query = sa.select(schema.keys.c.name, schema.keys.c.role).where(
            schema.keys.c.digest == _digest(text), schema.keys.c.revoked.is_(None)
        )
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return Key(*row) if row else None


def _digest(text: str) -> str:
    """A key has 192 random bits: one round of SHA-256 is enough to keep it by."""
    return hashlib.sha256(text.encode()).hexdigest()
