"""Rows that come with a seal: each is read once its hash was found among the seal's leaves."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from api.books.sealed_rows import KIND
from api.evidence.seal import Document, leaf_name
from api.sealing.upward import BATCHES, ENTRIES, RESULTS, SAID, VIEW, is_footprint
from collector.wire.problem import Problem, Refused
from collector.wire.reading import parse_stamp, unix_ms

_KEYS = {RESULTS: ("batch", "view", "revision"), ENTRIES: ("id",), BATCHES: ("id",)}
_SHORT = 120
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A revision of a batch's footprint.

    Attributes:
        batch: Which.
        revision: Its number.
        status: ``final``, or ``withdrawn`` where the batch never ran.
        ended_ms: End of the batch's last run. [ms since 1970]
        kgco2e: Its total, a decimal.
        accepted_kg: What was accepted, a decimal; None where nobody said.
        form: What was sealed.
    """

    batch: str
    revision: int
    status: str
    ended_ms: int
    kgco2e: str
    accepted_kg: str | None
    form: bytes

    @property
    def name(self) -> str:
        """The row's name in its seal."""
        return leaf_name(RESULTS, self.batch, VIEW, self.revision)


@dataclass(frozen=True, slots=True)
class WordRow:
    """What was said of a batch, or that something said was taken back.

    Attributes:
        name: The row's name in its seal.
        number: Of the entry; 0 for what was said before there were any.
        kind: ``batch`` or ``undone``.
        subject: The batch, or what was taken back: ``import 12``, ``entry 345``.
        article: The batch's article; empty where none is said.
        evidence: What marks the words of an import.
        form: What was sealed.
    """

    name: str
    number: int
    kind: str
    subject: str
    article: str
    evidence: str
    form: bytes


def rows_of(
    document: Document, lines: Iterable[bytes], where: str
) -> Iterator[ResultRow | WordRow]:
    """The rows of a seal.

    Args:
        document: The seal, which was found sound.
        lines: What came with it.
        where: What problems call the place.

    Raises:
        Refused: A row is none that the seal names, or of no kind that is known here; or a result
            that the seal names did not come.
    """
    due = {leaf.digest: leaf.name for leaf in document.leaves if leaf.kind == KIND}
    day = document.seal.day.isoformat()
    for line in lines:
        form = line.rstrip(b"\n")
        name = due.pop(hashlib.sha256(form).digest(), None)
        if name is None:
            values = {"row": form[:_SHORT].decode(errors="replace"), "day": day}
            raise Refused(Problem("group-row-strange", where, values=values))
        yield _row(name, form, where)
    missing = [name for name in due.values() if is_footprint(name)]
    if missing:
        names = ", ".join(sorted(missing)[:_MOST_NAMED])
        values = {"count": str(len(missing)), "rows": names, "day": day}
        raise Refused(Problem("group-rows-missing", where, values=values))


def _row(name: str, form: bytes, where: str) -> ResultRow | WordRow:
    try:
        row = orjson.loads(form)
        kind = row["row"]
        own = leaf_name(kind, *(row[column] for column in _KEYS[kind]))
        read = _result(row, form) if kind == RESULTS else _word(name, row, form)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        values = {"row": name, "why": str(fault)}
        raise Refused(Problem("group-row-unknown", where, values=values)) from fault
    if own != name:
        values = {"row": name, "why": f"it calls itself {own}"}
        raise Refused(Problem("group-row-unknown", where, values=values))
    return read


def _result(row: dict[str, Any], form: bytes) -> ResultRow:
    if row["view"] != VIEW:
        raise ValueError(f"view {row['view']!r} does not go up")
    body = orjson.loads(row["body"])
    accepted = body["accepted_kg"]
    return ResultRow(
        batch=str(row["batch"]),
        revision=int(row["revision"]),
        status=str(body["status"]),
        ended_ms=row.get("ended_ms") or _ended_ms(body),
        kgco2e=str(body["total"]["kgco2e"]),
        accepted_kg=None if accepted is None else str(accepted),
        form=form,
    )


def _ended_ms(body: dict[str, Any]) -> int:
    """When a batch ended whose result does not say so beside its body, as those of old."""
    return unix_ms(max(parse_stamp(run["end"]) for run in body["runs"]))


def _word(name: str, row: dict[str, Any], form: bytes) -> WordRow:
    if row["row"] == BATCHES:
        return WordRow(name, 0, SAID[0], str(row["id"]), str(row["article"]), "", form)
    if row["kind"] not in SAID:
        raise ValueError(f"entries of kind {row['kind']!r} do not go up")
    article = orjson.loads(row["body"]).get("article", "")
    number, subject = int(row["id"]), str(row["subject"])
    return WordRow(name, number, str(row["kind"]), subject, str(article), row["evidence"], form)
