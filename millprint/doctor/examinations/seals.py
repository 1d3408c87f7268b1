"""Days are sealed, and somebody else holds the seals."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from api.books import Books
from collector.wire.problem import Problem
from collector.wire.reading import parse_stamp
from millprint.doctor.premises import Premises

_LATE = timedelta(days=2)


def examine(premises: Premises) -> Iterator[Problem]:
    """The seals, and the copies that others should have."""
    if premises.api is None:
        return
    where = f"{premises.folder}/api.toml  [seal]"
    if not premises.api.seal.copies:
        yield Problem("seal-held-by-nobody", f"{where} copies")
    if premises.books is None:
        return
    books = Books(premises.api.books)
    try:
        last = books.seals.last_entry()
        failed = {copy.folder for copy in books.seals.failed_copies()}
    except SQLAlchemyError:
        return  # the examination of the databases says what is wrong with them
    finally:
        books.close()
    if last is not None and abs(premises.now - parse_stamp(last.made)) > _LATE:
        yield Problem("seal-late", where, values={"day": str(last.day), "made": last.made})
    for folder in sorted(failed):
        yield Problem("seal-not-handed-over", folder)
