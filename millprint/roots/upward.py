"""Upward: sends the group's centre the seals that it does not have yet, and ends.

``python -m millprint.roots.upward --config DIR``. A process of its own, like the sealer: years of
results are packed and sent without the server noticing, and a line that hangs holds up nobody.
"""

import argparse
import logging
import sys
from pathlib import Path

from api import configuration
from api.books import Books
from api.sealing.upward import Upward
from collector.toml_files import say
from collector.wire.problem import Refused
from millprint import __version__


def send(folder: Path) -> bool:
    """Send what is owed; True where nothing is, or no centre is configured.

    Raises:
        Refused: The configuration cannot be worked with.
    """
    api = configuration.load(folder)
    if api.group is None:
        return True
    books = Books(api.books)
    try:
        return Upward(books.seals, api.group, __version__).send()
    finally:
        books.close()


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-upward", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        sent = send(given.config)
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(2) from None
    raise SystemExit(0 if sent else 1)


if __name__ == "__main__":
    main()
