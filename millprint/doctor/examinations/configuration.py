"""The configuration can stand: what `millprint check` says."""

from collections.abc import Iterator

from collector.wire.problem import Problem
from millprint.check import check
from millprint.doctor.premises import PARTS, Premises


def examine(premises: Premises) -> Iterator[Problem]:
    """All that is wrong with the folder, for the parts that are there."""
    parts = tuple(part for part in PARTS if (premises.folder / f"{part}.toml").is_file())
    if not parts:
        yield Problem("no-such-file", f"{premises.folder}/gateway.toml")
    yield from check(premises.folder, parts)
