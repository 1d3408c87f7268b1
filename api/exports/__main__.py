"""``python -m api.exports FILE``: writes the order that stands on standard input."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.books import Books
from api.exporting import Order
from api.exports import form
from api.extract import TABLES, Extract


def main() -> None:
    """The process."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    books = Books(order.books)
    extract = Extract(
        about=order.about,
        site=order.site,
        zone=ZoneInfo(order.timezone),
        view=order.view,
        made=order.made,
        by=order.by,
        revision=order.revision,
        kgco2e=order.kgco2e,
        results=_results(books, order),
        kind=order.kind,
        digest=order.digest,
        declared=order.declared,
        closed=order.closed,
        waiting=order.waiting,
        estimates=books.entries.of("exemption"),
    )
    table = next(one for one in TABLES if one.name == order.table)
    try:
        form(order.form).write(extract, Path(sys.argv[1]), order.lang, table)
    except ValueError as fault:
        sys.exit(str(fault))
    except ImportError as fault:
        sys.exit(f"{fault.name} is not on this box: install millprint[{order.form}]")
    finally:
        books.close()


def _results(books: Books, order: Order) -> Iterator[Mapping[str, Any]]:
    """Every result of an order, with what was entered of its batch."""
    for batch, revision in order.kept:
        stored = books.results.find(batch, order.view, revision=revision)
        if stored is not None:
            yield _entered(books, msgspec.json.decode(stored.text))
    for body in order.so_far:
        yield _entered(books, body)


def _entered(books: Books, body: dict[str, Any]) -> Mapping[str, Any]:
    entry = books.batches.entered(body["batch"])
    said = (entry.article, entry.colour, entry.order) if entry else ("", "", "")
    return body | dict(zip(("article", "colour", "order"), said, strict=True))


if __name__ == "__main__":
    main()
