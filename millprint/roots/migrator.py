"""The migrator: brings the books to this version's form, and ends.

``python -m millprint.roots.migrator --config DIR``. A process of its own, since what it loads for
that would stay in the server's memory for as long as that runs.
"""

import argparse
from pathlib import Path

from api import configuration
from api.books import Books


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-migrator", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    books = Books(configuration.places(parser.parse_args().config).books)
    books.migrate()
    books.close()


if __name__ == "__main__":
    main()
