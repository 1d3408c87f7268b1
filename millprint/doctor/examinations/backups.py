"""There is a backup, and not only of last year."""

from collections.abc import Iterator
from datetime import timedelta

from collector.wire.problem import Problem
from collector.wire.reading import stamp
from millprint.doctor.premises import Premises
from millprint.keeping import site

_OLD = timedelta(days=35)


def examine(premises: Premises) -> Iterator[Problem]:
    """When the last one was made."""
    if premises.api is None or not premises.api.books.startswith("sqlite"):
        return
    made = site.last_backup(premises.api)
    if made is None:
        yield Problem("backup-missing", str(premises.folder))
    elif premises.now - made > _OLD:
        yield Problem("backup-old", str(premises.folder), values={"made": stamp(made)})
