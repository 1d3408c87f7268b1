"""Repricing: kept tallies at other prices; nothing is measured again (rule 17)."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.books import Books
from api.composing import Composer, New, Waiting

PAGE = 500
"""So many batches are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Repricing:
    """Composes a page of batches anew, from what is kept of them.

    Attributes:
        books: Where that is kept.
        composer: Makes the results.
        asked: By when factors were published that are used; None: by when each result was made.
        reasons: Why.
        at: When it is computed.
    """

    books: Books
    composer: Composer
    asked: str | None
    reasons: frozenset[str]
    at: str

    def __call__(self, page: Mapping[str, tuple[str, ...]]) -> list[New]:
        """The results of some batches, in the views that each is to be composed in."""
        return [
            new
            for one in _kept(self.books, page, self.asked, self.reasons)
            for new in self.composer.results_of(one, self.at)
        ]


def _kept(
    books: Books, page: Mapping[str, tuple[str, ...]], asked: str | None, reasons: frozenset[str]
) -> list[Waiting]:
    """Batches as they are kept, to be priced by what was published by then, or by their time."""
    lasts = books.results.heads(list(page))
    wanted = {
        batch: number
        for batch, last in lasts.items()
        if last and (number := last["footprint"].tally)
    }
    tallies = books.tallies.several(wanted.items())
    return [
        Waiting(
            batch,
            reasons,
            lasts[batch],
            tallies.get((batch, number)),
            kept=number,
            views=page[batch],
            asked=asked,
        )
        for batch, number in wanted.items()
    ]
