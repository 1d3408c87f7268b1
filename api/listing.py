"""The list of batches: those that ran, and those that came of others and never ran themselves."""

from datetime import datetime

from api.books import Books
from api.books.batches import BatchEntry
from api.books.spans import BatchSpan, Search
from collector.wire.reading import unix_ms

Place = tuple[int, str]
"""Where a batch stands in the list: its beginning [unix ms] and its name."""


def listed(
    books: Books, limit: int, after: Place | None = None, search: Search | None = None
) -> list[BatchSpan]:
    """Batches, the newest first.

    Args:
        books: Where they are known.
        limit: At most so many.
        after: The place of the last one that was given before.
        search: Which are looked for.
    """
    ran = books.runs.spans(limit, after, search)
    came = books.genealogy.came_of_others()
    alone = came.keys() - books.runs.ran(came)
    parts = [_part(batch, came[batch]) for batch in alone]
    later = [
        one
        for one in parts
        if (after is None or _order(place(one)) > _order(after))
        and _is_sought(books, one, search or Search())
    ]
    return sorted([*ran, *later], key=lambda one: _order(place(one)))[:limit] if later else ran


def place(one: BatchSpan) -> Place:
    """Where a batch stands in the list."""
    return unix_ms(one.start), one.id


def _part(batch: str, at: datetime) -> BatchSpan:
    """A batch that is there from an instant on, and on no machine."""
    return BatchSpan(batch, at, at, (), going_on=False)


def _is_sought(books: Books, one: BatchSpan, search: Search) -> bool:
    """Whether a batch that was on no machine is as searched."""
    entry = books.batches.entered(one.id) or BatchEntry(one.id, "", None)
    said = (entry.article, entry.colour, entry.order)
    named = any(_has(text, search.text) for text in (one.id, *said))
    sought = zip(said, (search.article, search.colour, search.order), strict=True)
    named = named and all(_has(text, part) for text, part in sought)
    since = search.start is None or one.start >= search.start
    until = search.end is None or one.start < search.end
    return named and since and until and not search.machine


def _has(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()


def _order(at: Place) -> tuple[int, str]:
    return -at[0], at[1]
