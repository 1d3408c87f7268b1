"""What else a journal's file says, beside the readings of the oracle: hashes and other records."""

import base64
import json
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.evidence import Link


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of one collector.

    Attributes:
        collector: Whose.
        name: The epoch.
        through: Up to which number the journal accounts for it.
        links: All its records that the journal has, readings and others.
    """

    collector: str
    name: str
    through: int
    links: tuple[Link, ...]

    def others(self) -> list[dict[str, Any]]:
        """Forms of its records that are no readings."""
        forms = [json.loads(link.form) for link in self.links]
        return [form for form in forms if "kind" in form]


def epochs(journal: Path) -> list[Epoch]:
    """Every epoch of a journal."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True, isolation_level=None)
    db.execute("BEGIN")
    links: dict[int, list[Link]] = {}
    for table in ("unplaced", "records"):
        for stream, seq, form, h in db.execute(f"SELECT stream, seq, form, h FROM {table}"):
            links.setdefault(stream, []).append(Link(seq, form, h))
    for (body,) in db.execute(
        "SELECT body FROM segments UNION ALL SELECT body FROM chunks WHERE body IS NOT NULL"
    ):
        for line in zlib.decompress(body).split(b"\n"):
            _, stream, seq, _, h, form = line.split(b" ", 5)
            link = Link(int(seq), form, base64.urlsafe_b64decode(h + b"="))
            links.setdefault(int(stream), []).append(link)
    through = dict(db.execute("SELECT stream, last FROM accounted WHERE first = 0"))
    streams = db.execute("SELECT id, collector, epoch FROM streams").fetchall()
    db.close()
    return [
        Epoch(collector, name, through[number], tuple(links.get(number, ())))
        for number, collector, name in streams
    ]


def watermarks(journal: Path) -> dict[str, int]:
    """Up to which number each epoch is accounted for; nothing while it is being laid out."""
    return dict(
        _asked(
            journal,
            "SELECT s.epoch, a.last FROM streams s JOIN accounted a ON a.stream = s.id "
            "WHERE a.first = 0",
        )
    )


def quarantined(journal: Path) -> int:
    """How many messages were set aside."""
    return int(_asked(journal, "SELECT count(*) FROM quarantine")[0][0])


def _asked(journal: Path, question: str) -> list[tuple[Any, ...]]:
    if not journal.exists():
        return []
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        return db.execute(question).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        db.close()


def sound(journal: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    answer = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return bool(answer == "ok")
