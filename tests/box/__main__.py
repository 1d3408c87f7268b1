"""``python -m tests.box``: what a box goes through in its life, on bare Debians of our own.

Installed, installed again, frozen; upgraded from the commit before, set back, taken away; enrolled,
lost, put back from its backup. Prints what was found, writes ``var/box.json``, and ends with 1
where a promise was broken. Needs root, debootstrap, and a way to Debian's packages and Python's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.box import lives
from tests.box.enrolled import enrolled
from tests.box.machine import bare, machine


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.box", description=__doc__)
    parser.add_argument("--suite", default="bookworm", choices=("bookworm", "trixie"))
    parser.add_argument("--from", dest="old", default="HEAD^", help="the commit to upgrade from")
    parser.add_argument("--bundle", type=Path, help="a bundle's folder, for a life without network")
    parser.add_argument(
        "--life", choices=("first", "second", "third", "bundled"), help="only this one"
    )
    parser.add_argument("--keep", type=Path, default=Path("var/box"), help="where Debians are kept")
    parser.add_argument("--json", type=Path, default=Path("var/box.json"))
    given = parser.parse_args()
    given.keep.mkdir(parents=True, exist_ok=True)
    debian = bare(given.suite, given.keep.resolve())
    found: dict[str, Any] = {"suite": given.suite, "upgraded_from": _commit(given.old)}
    wanted: dict[str, Callable[[lives.Box], dict[str, Any]]] = {
        "first": lives.installed,
        "second": lambda box: lives.upgraded(box, found["upgraded_from"]),
        "third": enrolled,
    }
    if given.bundle:
        wanted["bundled"] = lambda box: lives.bundled(box, given.bundle)
    for name, life in wanted.items():
        if given.life in (None, name):
            with (
                tempfile.TemporaryDirectory(dir=given.keep) as here,
                machine(debian, Path(here).resolve() / "machine") as one,
                lives.Box(one) as box,
            ):
                found |= life(box)
    _tell(found, given.json)


def _commit(name: str) -> str:
    command = ["git", "rev-parse", "--short", name]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _tell(found: dict[str, Any], file: Path) -> None:
    for name, value in found.items():
        sys.stdout.write(f"{name}: {value}\n")
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    broken = [
        name for name, kept in lives.PROMISES.items() if name in found and not kept(found[name])
    ]
    if broken:
        raise SystemExit(f"broken: {', '.join(broken)}")


if __name__ == "__main__":
    main()
