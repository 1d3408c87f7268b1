"""Seals that others hold: files that were handed out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api.evidence.seal import Document, read_document
from collector.wire.problem import Problem, Refused


@dataclass(frozen=True, slots=True)
class Held:
    """A seal in a file."""

    path: Path
    document: Document


def held_seals(paths: Iterable[Path]) -> list[Held]:
    """The seals of files, and of all ``*.json`` in folders; `Refused` where one is no seal."""
    return [_read(path) for path in _files(paths)]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.json"))
        else:
            yield path


def _read(path: Path) -> Held:
    try:
        return Held(path, read_document(path.read_bytes()))
    except (OSError, ValueError) as fault:
        raise Refused(Problem("not-a-seal", str(path), values={"why": str(fault)})) from fault
