"""What a spool's file holds, read from a copy of it: every message of every window."""

import json
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.answers import value_of
from tests.faults.evidence import Link, sent_link


def messages(spool: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every message with its topic. The file itself is not touched; its process must be dead."""
    with tempfile.TemporaryDirectory() as name:
        for path in spool.parent.glob(f"{spool.name}*"):
            if path.name in (spool.name, f"{spool.name}-wal"):
                shutil.copy(path, name)
        db = sqlite3.connect(Path(name) / spool.name)
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = [row for (table,) in tables for row in db.execute(f"SELECT * FROM {table}")]
        db.close()
    return list(_parsed(rows))


def _parsed(rows: list[tuple[object, ...]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for body in (one for row in rows for one in row if isinstance(one, bytes)):
        try:
            lines = zlib.decompress(body).splitlines()
        except zlib.error:
            continue  # a hash, a proof
        for line in lines:
            _, _, topic, payload = line.split(b" ", 3)
            yield topic.decode(), json.loads(payload)


def links(spool: Path) -> dict[str, list[Link]]:
    """Every record's link, by epoch."""
    found: dict[str, list[Link]] = {}
    for topic, message in messages(spool):
        device, birth = topic.split("/")[4], message.get("birth", "")
        own = found.setdefault(message["epoch"], [])
        own += [sent_link(one, device, birth) for one in _records(message)]
    return found


def numbered(spool: Path) -> dict[tuple[str, int], tuple[str, int] | None]:
    """The value of every record that waits, by epoch and number; None where it has none."""
    found: dict[tuple[str, int], tuple[str, int] | None] = {}
    for topic, message in messages(spool):
        for record in _records(message):
            reading = record | {"device": topic.split("/")[4]}
            value = None if "kind" in record else value_of(reading)
            found[message["epoch"], record["seq"]] = value
    return found


def _records(message: dict[str, Any]) -> list[dict[str, Any]]:
    return list(message.get("readings", message.get("records", ())))


def values(spool: Path) -> set[tuple[str, int]]:
    """The value of every reading that waits."""
    return {value for value in numbered(spool).values() if value is not None}
