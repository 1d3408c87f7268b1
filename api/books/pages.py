"""Pages: a question about very many, asked about some of them at a time."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Asked = TypeVar("Asked")

PAGE = 500
"""As many as every database takes in one question."""


def in_pages(asked: Iterable[Asked]) -> Iterator[list[Asked]]:
    """All that is asked about, as many at a time as a database takes in one question."""
    every = list(asked)
    for first in range(0, len(every), PAGE):
        yield every[first : first + PAGE]
