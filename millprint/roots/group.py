"""The group's centre: one process, the only writer of its database.

``python -m millprint.roots.group --config DIR``.
"""

import argparse
import contextlib
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError

from api.books.engines import named
from api.group import configuration
from api.group.app import application, centre
from api.group.configuration import GroupConfiguration
from api.group.store import Store
from collector.toml_files import say
from collector.wire.problem import Problem, Refused
from gateway.journal import Unavailable
from millprint import __version__, systemd
from millprint.door import listening
from millprint.roots import chores
from millprint.roots.answering import answer


def run(settings: GroupConfiguration) -> None:
    """Run until a signal.

    Raises:
        Refused: Its port is in use.
        Unavailable: Its database cannot be reached.
    """
    http = settings.http
    with contextlib.ExitStack() as house:
        where = f"group.toml  [http] port = {http.port}"
        door = house.enter_context(listening(http.host, http.port, where))
        store = Store(settings.books)
        house.callback(store.close)
        try:
            store.prepare()
        except OperationalError as fault:
            values = {"why": str(fault.orig)}
            where = named(settings.books)
            raise Unavailable(Problem("books-unreachable", where, values=values)) from fault
        calendar = house.enter_context(chores.calendar())
        app = application(
            centre(settings, store, lambda: datetime.now(UTC), __version__),
            hsts_days=http.tls.hsts_days if http.tls else 0,
        )
        systemd.tell(systemd.OPEN)
        answer(app, http.tls, door, calendar)


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-group", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        run(configuration.load(given.config))
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(1 if isinstance(refused, Unavailable) else 2) from None


if __name__ == "__main__":
    main()
