"""The support bundle: what somebody far away needs to understand a fault, and no secret.

No reading, no batch, no key: versions, configuration without comments and secrets, the ends of the
logs, what the server says of its health, what was found, and how much there is of everything.
"""

import io
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from api.assemble import problem_body
from collector.wire.problem import Problem, Refused
from gateway.journal.reader import Reader
from millprint import __version__
from millprint.doctor.examinations import server
from millprint.doctor.premises import Premises
from millprint.doctor.redaction import Redactor

_TAIL_BYTES = 200_000
_JOURNAL_LINES = "2000"


def write(premises: Premises, findings: Sequence[Problem], target: Path) -> list[str]:
    """Write a bundle; the names of what is in it.

    Raises:
        Refused: The file exists or cannot be written.
    """
    redactor = Redactor(secret_files(premises))
    names = []
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            for name, body in _parts(premises, findings, redactor):
                head = tarfile.TarInfo(name)
                said = body.encode()
                head.size, head.mode = len(said), 0o600
                head.mtime = int(premises.now.timestamp())
                tar.addfile(head, io.BytesIO(said))
                names.append(name)
    except OSError as fault:
        values = {"why": str(fault.strerror)}
        raise Refused(Problem("bundle-unwritten", str(target), values=values)) from fault
    return names


def secret_files(premises: Premises) -> list[Path]:
    """Files of an installation of which no line may leave it."""
    inside = (path for path in premises.folder.rglob("*") if path.suffix != ".toml")
    closed = {path for path in inside if path.is_file() and not path.stat().st_mode & 0o077}
    return sorted(path for path in premises.secrets() | closed if path.stat().st_size < _TAIL_BYTES)


def _parts(
    premises: Premises, findings: Sequence[Problem], redactor: Redactor
) -> Iterator[tuple[str, str]]:
    yield "versions.json", _json(_versions())
    yield "findings.json", redactor.text(_json([problem_body(one) for one in findings]))
    for path in sorted((*premises.folder.glob("*.toml"), *premises.folder.glob("*/*.toml"))):
        place = path.relative_to(premises.folder).with_suffix(".json")
        yield f"configuration/{place}", _json(_configuration(path, redactor))
    yield "counts.json", redactor.text(_json(_counts(premises)))
    health = server.health(premises)
    if health is not None:
        yield "health.json", redactor.text(_json(health))
    for name, text in _logs(premises):
        yield f"logs/{name}", redactor.text(text)


def _versions() -> dict[str, object]:
    return {
        "millprint": __version__,
        "python": sys.version,
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(),
        "packages": {
            one.metadata["Name"]: one.version
            for one in sorted(distributions(), key=lambda one: str(one.metadata["Name"]).lower())
        },
    }


def _configuration(path: Path, redactor: Redactor) -> object:
    """Comments are left out: people note in them what they must not forget."""
    try:
        return redactor.table(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        return {"unreadable": type(fault).__name__}


def _counts(premises: Premises) -> dict[str, Any]:
    found: dict[str, Any] = {"files": {}, "disks": {}, "rows": {}}
    for path in sorted(premises.folder.rglob("*")):
        if path.is_file():
            found["files"][str(path.relative_to(premises.folder))] = path.stat().st_size
    for folder in premises.data_folders():
        found["disks"][str(folder)] = shutil.disk_usage(folder)._asdict()
    for path in premises.databases():
        found["rows"][path.name] = _rows(path)
    if premises.journal is not None:
        found["chains"] = [
            {"collector": one.collector, "through": one.ack.through, "missing": one.ack.missing}
            for one in Reader(premises.journal).chains()
        ]
    return found


def _rows(path: Path) -> dict[str, int] | str:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            names = [
                name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")
            ]
            count = "SELECT count(*) FROM "
            return {name: db.execute(f'{count}"{name}"').fetchone()[0] for name in names}
    except sqlite3.Error as fault:
        return str(fault)


def _logs(premises: Premises) -> Iterator[tuple[str, str]]:
    for path in sorted(premises.folder.rglob("*.log")):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
        yield path.relative_to(premises.folder).as_posix().replace("/", "-"), text
    if shutil.which("journalctl"):
        command = ["journalctl", "-u", "millprint*", "-u", "mosquitto", "-n", _JOURNAL_LINES]
        said = subprocess.run(
            [*command, "--no-pager"], capture_output=True, text=True, timeout=60, check=False
        )
        yield "journal.log", said.stdout


def _json(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1)
