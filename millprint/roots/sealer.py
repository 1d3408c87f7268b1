"""The sealer: seals the days that are due, hands the seals out, and ends.

``python -m millprint.roots.sealer --config DIR``. A process of its own, since reading a day over
again takes seconds that the ingest would miss.
"""

import argparse
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from api import configuration as api_configuration
from api import plant as plant_files
from api.books import Books
from api.sealing import key
from api.sealing.copies import hand_out
from api.sealing.sealer import Sealed, Sealer
from collector.toml_files import SHIPPED, say
from collector.wire.problem import Refused
from collector.wire.reading import parse_stamp
from gateway import configuration as gateway_configuration
from gateway.journal.reader import Reader
from millprint import __version__

log = logging.getLogger("api")


def seal(folder: Path, now: datetime) -> None:
    """Seal what is due at a site, and hand out what is owed.

    Args:
        folder: The configuration folder.
        now: The time.

    Raises:
        Refused: The configuration, or the key, cannot be worked with.
    """
    gateway, api = gateway_configuration.load(folder), api_configuration.load(folder)
    zone = plant_files.load(folder)[-1].timezone
    what = Sealed(gateway.site, zone, folder, SHIPPED / "factors", __version__)
    books = Books(api.books)
    try:
        sealer = Sealer(Reader(gateway.journal), books, key.load_or_make(api.seal.key), what)
        for made in sealer.seal_due(now):
            log.info("%s is sealed: %d leaves", made.seal.day, made.seal.leaves)
        elsewhere = (api.group.url,) if api.group else ()
        hand_out(books.seals, api.seal.folder, api.seal.copies, elsewhere)
    finally:
        books.close()


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-sealer", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    parser.add_argument("--now", type=parse_stamp, help="what time it is; else the clock says")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        seal(given.config, given.now or datetime.now(UTC))
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
