"""Secrets are for their owner alone, and what is written belongs to who writes it."""

from collections.abc import Iterator
from pathlib import Path

from collector.wire.problem import Problem
from millprint.doctor.premises import Premises


def examine(premises: Premises) -> Iterator[Problem]:
    """Keys and passwords, configuration, and the owners of data files."""
    for path in sorted(premises.secrets()):
        if path.stat().st_mode & 0o077:
            yield Problem("secret-open", str(path), values={"mode": _mode(path)})
    for path in (premises.folder, *sorted(premises.folder.glob("*.toml"))):
        if path.exists() and path.stat().st_mode & 0o002:
            yield Problem("configuration-open", str(path), values={"mode": _mode(path)})
    for path in premises.databases():
        if path.stat().st_uid != path.parent.stat().st_uid:
            values = {"file": path.owner(), "folder": path.parent.owner()}
            yield Problem("data-of-another-owner", str(path), values=values)


def _mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"
