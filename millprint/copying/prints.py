"""Prints: what tables hold, in few words, so that two databases can be compared."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Tell = Callable[[str, int, int], None]
"""Told of which table how many rows of how many are done."""
Prints = Mapping[str, tuple[int, str]]
"""Of each table how many rows it has, and one hash over all of them."""
Pages = Iterable[list[tuple[Any, ...]]]
"""Rows, as many at once as memory may hold."""
Put = Callable[[list[tuple[Any, ...]]], object]
"""Where a page of rows goes."""


class Print:
    """One hash over rows, in whatever order they come: two databases may sort otherwise."""

    def __init__(self) -> None:
        self._rows = self._sum = 0

    def take(self, row: Iterable[Any]) -> None:
        """Take in a row of whole numbers, texts, bytes and nothings."""
        digest = hashlib.sha256()
        for value in row:
            plain = value.encode() if isinstance(value, str) else value
            body = plain if isinstance(plain, bytes) else repr(plain).encode()
            digest.update(b"%s %d " % (type(value).__name__.encode(), len(body)))
            digest.update(body)
        self._rows += 1
        self._sum = (self._sum + int.from_bytes(digest.digest())) % 2**256

    def found(self) -> tuple[int, str]:
        """How many rows were taken in, and their hash."""
        return self._rows, f"{self._sum:064x}"


def printed(pages: Pages, tell: Callable[[int], None], put: Put | None = None) -> tuple[int, str]:
    """Pass pages on, where they are to go somewhere; how many rows, and one hash over them."""
    seen = Print()
    for page in pages:
        for row in page:
            seen.take(row)
        if put is not None:
            put(page)
        tell(seen.found()[0])
    return seen.found()
