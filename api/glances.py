"""Glances: what the list of batches shows of a result; a kept one is unpacked once.

A page of a hundred batches is a hundred footprints of 11 kB, of which it shows five fields. A
revision never changes, so what was seen of it once is remembered.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from api.books import Books

_MOST = 10_000  # about 4 MB


class Glance(NamedTuple):
    """What is seen of a result at once."""

    accepted_kg: str | None
    status: str
    kgco2e: str
    kgco2e_per_kg: str | None
    problems: int


class Glances:
    """Glances at kept results; safe to ask from many threads."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int], Glance] = {}

    def of(self, batches: Sequence[str]) -> dict[str, Glance]:
        """Glances at the last footprints of batches; none of those that have none."""
        newest = self._books.results.newest_of(batches, "footprint")
        with self._lock:
            found = {name: self._seen[name, n] for name, n in newest.items()
                     if (name, n) in self._seen}  # fmt: skip
        unseen = {name: n for name, n in newest.items() if name not in found}
        for name, number, text in self._books.results.texts(unseen, "footprint"):
            found[name] = _of_text(text)
            with self._lock:
                self._seen[name, number] = found[name]
        with self._lock:
            for old in list(self._seen)[: max(0, len(self._seen) - _MOST)]:
                del self._seen[old]
        return found


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


def _of_text(text: bytes) -> Glance:
    seen = _SEEN.decode(text)
    total = seen.total
    return Glance(
        seen.accepted_kg, seen.status, total.kgco2e, total.kgco2e_per_kg, len(seen.problems)
    )


def glance(body: Mapping[str, Any]) -> Glance:
    """What is seen of a footprint at once."""
    total = body["total"]
    return Glance(
        accepted_kg=body["accepted_kg"],
        status=body["status"],
        kgco2e=total["kgco2e"],
        kgco2e_per_kg=total["kgco2e_per_kg"],
        problems=len(body["problems"]),
    )
