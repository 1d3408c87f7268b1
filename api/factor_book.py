"""The factor book: what people entered of the mill's own factors, beside those of files.

A factor that was entered is a word like any other: its last one counts, an import of many is taken
back as one, and nothing is ever deleted.
"""

from collections.abc import Iterable, Mapping

from api import factor_files
from api.books import Books
from api.ledger.factors import Catalogue
from api.pricing import Pricer

KIND = "factor"
Row = Mapping[str, str]


class FactorBook:
    """Puts what was entered into the catalogue that the pricer uses.

    Args:
        books: Where it was entered.
        pricer: Has the catalogue of the files until then.
    """

    def __init__(self, books: Books, pricer: Pricer) -> None:
        self._books, self._pricer = books, pricer
        self.files = pricer.catalogue
        self.follow()

    def follow(self) -> None:
        """Price by what stands entered now."""
        rows = self.standing()
        self._pricer.use(self.beside(rows.values()) if rows else self.files)

    def standing(self) -> dict[str, Row]:
        """The rows that count, by their names."""
        return {name: word.body for name, word in self._books.said.standing(KIND).items()}

    def beside(self, rows: Iterable[Row]) -> Catalogue:
        """The catalogue with these rows beside those of the files; `Refused` where it cannot be."""
        return factor_files.joined(self.files, rows)
