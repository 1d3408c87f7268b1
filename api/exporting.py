"""Exporting: which results, and a child process that writes them while the server goes on."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from api.books import Books
from api.books.periods import Statement

_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is to write, and whence.

    Attributes:
        books: URL of the books.
        form: Such as ``xlsx``.
        table: Which table, where a file of this form holds but one.
        lang: ``en`` or ``zh``.
        about: Month, batch or period.
        site: The mill.
        timezone: Its time zone.
        view: ``footprint`` or ``inventory``.
        made: When it was asked for.
        by: Version of the software.
        kept: Batches and the revisions of them that are exported.
        so_far: Results that are not kept yet.
        revision: Of the month's kept totals.
        kgco2e: The kept total, a decimal.
        kind: ``batch``, ``article``, ``month`` or ``period``.
        digest: SHA-256 of what is exported, where that is kept.
        declared: What is declared of an article.
        closed: Who closed the month, when and why; empty where it is open.
        waiting: How many restatements touch it and wait for a decision.
    """

    books: str
    form: str
    table: str
    lang: str
    about: str
    site: str
    timezone: str
    view: str
    made: str
    by: str
    kept: tuple[tuple[str, int], ...]
    so_far: tuple[dict[str, Any], ...] = ()
    revision: int | None = None
    kgco2e: str | None = None
    kind: str = "period"
    digest: str | None = None
    declared: dict[str, Any] | None = None
    closed: tuple[str, ...] = ()
    waiting: int = 0


class Unwritten(Exception):
    """The child could not write the file; says why."""


def write(order: Order, out: Path) -> None:
    """Write an order's file in a child process.

    Raises:
        Unwritten: It does not fit into its form, or took too long.
    """
    words = [sys.executable, "-m", "api.exports", str(out)]
    try:
        done = subprocess.run(
            words, input=msgspec.json.encode(order), capture_output=True, timeout=_PATIENCE_S,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unwritten(f"it took longer than {_PATIENCE_S:g} s; export a shorter period") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Unwritten(said[-1] if said else f"its process ended with {done.returncode}")


def of_statement(statement: Statement) -> dict[str, Any]:
    """What a month's kept totals say of its batches, as an order's fields."""
    body: Mapping[str, Any] = msgspec.json.decode(statement.body)
    return {
        "kept": tuple((one["batch"], one["revision"]) for one in body["batches"]),
        "revision": statement.revision,
        "kgco2e": body["batches_kgco2e"],
        "digest": statement.digest,
    }


def of_period(books: Books, view: str, start: datetime, end: datetime) -> dict[str, Any]:
    """The last revisions of the batches that ended in a period, as an order's fields."""
    found = books.results.last_of_each(view, (start, end))
    return {"kept": tuple((one.batch, one.revision) for one in found)}
