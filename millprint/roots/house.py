"""The house: keeps collector and server running on one machine.

``python -m millprint.roots.house --config DIR [--server-only]``. It imports nothing but the
standard library, so that what stands by for years is small.
"""

import argparse
import signal
import sys
import threading
import tomllib
from pathlib import Path

from millprint.children import Child, Household, python

_WATCH_S = 0.5
BAD_CONFIGURATION = 2


def keep(household: Household) -> int:
    """Keep children running until SIGTERM or SIGINT, then stop them; the exit code.

    SIGHUP is passed on to those that read their configuration again.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if any(child.rereads for child in household.children):
        signal.signal(signal.SIGHUP, lambda *_: household.hang_up())
    try:
        while not stop.wait(_WATCH_S):
            bad = household.watch()
            if bad:
                sys.stderr.write(f"{bad} cannot run with this configuration; see above.\n")
                return BAD_CONFIGURATION
        return 0
    finally:
        household.stop()


def _projects(folder: Path) -> bool:
    """Whether a time-series store is configured; what is wrong with the file the server says."""
    try:
        said = tomllib.loads((folder / "gateway.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return "projections" in said


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-house", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    parser.add_argument("--server-only", action="store_true", help="collectors stand elsewhere")
    given = parser.parse_args()
    folder = ("--config", str(given.config))
    children = [Child("server", python("millprint.roots.server", *folder))]
    if not given.server_only:
        collector = python("millprint.roots.collector", *folder)
        children.append(Child("collector", collector, rereads=True))
    if _projects(given.config):
        children.append(Child("projector", python("millprint.roots.projector", *folder)))
    household = Household(children)
    household.start()
    raise SystemExit(keep(household))


if __name__ == "__main__":
    main()
