"""Reviews: what somebody asked for and a second person has to confirm."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from api.books import schema
from api.rights import Who
from collector.wire.reading import stamp

WAITING, CONFIRMED, REFUSED = "waiting", "confirmed", "refused"


@dataclass(frozen=True, slots=True)
class Review:
    """Something that waits, or waited, for a second pair of eyes.

    Attributes:
        number: Its number.
        call: What is to be done.
        subject: About what.
        asked: With which values.
        asked_at: When it was asked for,
        asked_by: by whom,
        asked_role: with whose rights,
        asked_means: and by what he is known.
        state: ``waiting``, ``confirmed`` or ``refused``.
        decided_at: When the second person decided,
        decided_by: who that is,
        why: and why.
    """

    number: int
    call: str
    subject: str
    asked: dict[str, Any]
    asked_at: str
    asked_by: str
    asked_role: str
    asked_means: str
    state: str
    decided_at: str | None
    decided_by: str | None
    why: str | None

    @property
    def who(self) -> Who:
        """Who asked for it."""
        return Who(self.asked_by, self.asked_role, self.asked_means)


_REVIEW = tuple(schema.reviews.c[name] for name in Review.__slots__)


class Reviews:
    """The reviews."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def ask(self, call: str, subject: str, asked: dict[str, Any], who: Who, now: datetime) -> int:
        """Keep what is asked for until somebody decides; its number."""
        row = {
            "call": call,
            "subject": subject,
            "asked": orjson.dumps(asked).decode(),
            "asked_at": stamp(now),
            "asked_by": who.name,
            "asked_role": who.role,
            "asked_means": who.means,
            "state": WAITING,
        }
        with self._engine.begin() as db:
            made = db.execute(schema.reviews.insert().values(row))
            return int((made.inserted_primary_key or (0,))[0])

    def find(self, number: int) -> Review | None:
        """A review by its number."""
        return next(iter(self._select(schema.reviews.c.number == number, 1)), None)

    def newest(self, limit: int, *, decided: bool, before: int | None = None) -> list[Review]:
        """What waits, or was decided, the newest first; only those before a number, if given."""
        waits = schema.reviews.c.state == WAITING
        of = ~waits if decided else waits
        older = sa.true() if before is None else schema.reviews.c.number < before
        return self._select(sa.and_(of, older), limit)

    def decide(self, number: int, state: str, by: str, why: str, now: datetime) -> None:
        """Keep what the second person decided."""
        table = schema.reviews
        decided = {"state": state, "decided_at": stamp(now), "decided_by": by, "why": why}
        with self._engine.begin() as db:
            where = table.c.number == number, table.c.state == WAITING
            db.execute(table.update().where(*where).values(decided))

    def _select(self, where: sa.ColumnElement[bool], limit: int) -> list[Review]:
        query = sa.select(*_REVIEW).where(where).order_by(schema.reviews.c.number.desc())
        with self._engine.connect() as db:
            rows = db.execute(query.limit(limit)).all()
        return [_review(row) for row in rows]


def _review(row: sa.Row[Any]) -> Review:
    said = row._asdict()
    return Review(**(said | {"asked": orjson.loads(said["asked"])}))
