"""The plainest way to keep values in SQLite: one row a value, ordered by time. The ceiling."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import orjson


class PlainTable:
    """A time-first table; no identity, no chain, no validation, no acknowledgement."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(
            "CREATE TABLE samples (at TEXT, series INTEGER, value REAL, PRIMARY KEY (at, series)) "
            "WITHOUT ROWID"
        )
        self._series: dict[tuple[str, str], int] = {}

    def store(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Messages of devices, in one transaction."""
        series = self._series
        rows = [
            (reading["at"], series.setdefault((device, name), len(series)), value)
            for device, payload in messages
            for reading in orjson.loads(payload).get("readings", ())
            for name, value in reading["values"].items()
        ]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO samples VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
