"""Seals that others hold: files that were handed out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api.evidence.seal import Document, read_document
from collector.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class Held:
    """A seal in a file."""

    path: Path
    document: Document


def held_seals(paths: Iterable[Path], site: str) -> tuple[list[Held], list[Problem]]:
    """Seals of a site, and what of these files is no seal.

    Args:
        paths: Files, or folders of which every ``*.json`` is read.
        site: Whose; a certifier's folder may hold seals of others, which are passed over.
    """
    held, problems = [], []
    for path in _files(paths):
        try:
            document = read_document(path.read_bytes())
        except (OSError, ValueError) as fault:
            problems.append(Problem("not-a-seal", str(path), values={"why": str(fault)}))
        else:
            held += [Held(path, document)] if document.seal.site == site else []
    return held, problems


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.json"))
        else:
            yield path
