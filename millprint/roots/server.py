"""The server: gateway and api in one process, the only writer of journal and books.

``python -m millprint.roots.server --config DIR [--part gateway|api] [--clock data]``. The demo's
clock is its data: the newest reading says what time it is, since its mill outruns the world.

Readings are taken in before the api is even loaded, which takes a Pi seconds.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from collector.toml_files import say
from collector.wire.problem import Refused
from gateway import configuration as gateway_configuration
from gateway.ingest import Ingest
from gateway.journal import Damaged, Unavailable
from gateway.journal.reader import Reader
from gateway.journal.timeline import AHEAD
from gateway.journal.writer import Writer
from gateway.live import Live
from millprint import systemd
from millprint.door import door_of
from millprint.roots import api_files

PARTS = ("gateway", "api")

log = logging.getLogger("millprint")


class Server:
    """What runs in the process: the parts asked for, around one configuration folder.

    Args:
        folder: The configuration folder.
        parts: ``gateway``, ``api``, or both.
        data_clock: Whether the newest reading says what time it is.

    Raises:
        Refused: It cannot run; nothing has been started.
    """

    def __init__(self, folder: Path, parts: tuple[str, ...], *, data_clock: bool) -> None:
        self._gateway = gateway_configuration.load(folder)
        self._files = api_files.load(folder) if "api" in parts else None
        self._folder, self._parts, self._data_clock = folder, parts, data_clock

    def run(self) -> None:
        """Run until a signal."""
        with contextlib.ExitStack() as house:
            live, files = Live(), self._files
            door = house.enter_context(door_of(files.settings)) if files else None
            ingest = self._ingest(live, house) if "gateway" in self._parts else None
            # Loaded here: readings come in meanwhile.
            from millprint.roots import chores

            calendar = house.enter_context(chores.calendar())
            if files is None or door is None:
                chores.of_the_gateway(calendar, self._folder, self._gateway, ingest, _wall_clock)
                systemd.tell(systemd.OPEN)
                threading.Event().wait()
                return
            from millprint.roots.office import Office

            journal = Reader(self._gateway.journal)  # opened when it is first read
            office = Office(
                self._folder, files, self._gateway, journal, data_clock=self._data_clock
            )
            service = office.service(live, ingest, house)
            chores.of_the_gateway(calendar, self._folder, self._gateway, ingest, service.now)
            chores.of_the_api(
                calendar,
                self._folder,
                journal,
                service.now if self._data_clock else None,
                grouped=files.settings.group is not None,
            )
            systemd.tell(systemd.OPEN)
            office.work(service, door, calendar, house)

    def _ingest(self, live: Live, house: contextlib.ExitStack) -> Ingest:
        """Takes readings in until the house is closed."""
        gateway = self._gateway
        # Where readings say what time it is, none can be ahead of it.
        ahead = None if self._data_clock else AHEAD
        writer = Writer(gateway.journal, site=gateway.site, ahead=ahead, moved=gateway.devices)
        ingest = Ingest(gateway.mqtt, site=gateway.site, writer=writer, live=live, now=_wall_clock)
        house.callback(ingest.stop)
        ingest.start()
        return ingest


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def give_up(what: threading.ExceptHookArgs) -> None:
    """End the process where one of its threads has failed: whoever keeps it starts it again.

    A server that no longer stores, or no longer computes, must not go on answering as if it did.
    """
    name = what.thread.name if what.thread else "a thread"
    log.critical("%s has failed; the server ends", name, exc_info=what.exc_value)
    os._exit(1)  # what was not committed was not acknowledged


def main() -> None:
    """The process."""
    threading.excepthook = give_up
    parser = argparse.ArgumentParser(prog="millprint-server", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    parser.add_argument("--part", choices=PARTS, help="only this part; default both")
    parser.add_argument("--clock", choices=("wall", "data"), default="wall")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    for quiet in ("apscheduler", "alembic"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until uvicorn takes the signals over
    parts = (given.part,) if given.part else PARTS
    try:
        Server(given.config, parts, data_clock=given.clock == "data").run()
    except (Damaged, Unavailable) as fault:
        sys.stderr.write("\n".join(say(problem) for problem in fault.problems) + "\n")
        raise SystemExit(
            1
        ) from None  # whoever keeps the process may try again, once it is restored
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
