"""The server: gateway and api in one process, the only writer of journal and books.

``python -m millprint.roots.server --config DIR [--part gateway|api] [--clock data]``. The demo's
clock is its data: the newest reading says what time it is, since its mill outruns the world.
"""

import argparse
import contextlib
import logging
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler

from api import alarm_files, factor_files
from api import configuration as api_configuration
from api import plant as plant_files
from api.app import application
from api.books import Books
from api.books.form import is_newest
from api.configuration import ApiConfiguration, TlsSettings
from api.ledger.plant import Plant
from api.outline import Outline
from api.report import Reporter
from api.service import Service, serve
from collector.toml_files import SHIPPED, say
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Reading, stamp
from gateway import configuration as gateway_configuration
from gateway.configuration import GatewayConfiguration
from gateway.ingest import Ingest
from gateway.journal import Damaged, Journal
from gateway.journal.sqlite_reader import SqliteJournal
from gateway.journal.sqlite_writer import SqliteWriter
from gateway.journal.timeline import AHEAD
from gateway.live import Live
from gateway.projecting.kept import Kept
from gateway.projecting.reading_back import JournalSeries, LongFrom
from gateway.projecting.standing import standings
from gateway.projections import Series, Standing
from millprint import __version__, systemd
from millprint.children import python, start
from millprint.door import door_of
from millprint.enrolment.registrar import ChildRegistrar
from millprint.roots.messengers import telling

PARTS = ("gateway", "api")
_RECENT = timedelta(minutes=5)
_SETTLED = timedelta(minutes=2)
_ONCE = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
"""Of a calendar job, in UTC: what was missed while we were down is done once."""

log = logging.getLogger("millprint")


class _Ears:
    """The gateway's moment, as the api sees it; without a gateway in this process, silence."""

    def __init__(
        self,
        live: Live,
        ingest: Ingest | None,
        projections: Callable[[], tuple[Standing, ...]],
        *,
        data_clock: bool,
    ) -> None:
        self._live, self._ingest, self._data_clock = live, ingest, data_clock
        self.projections = projections

    def reading(self, device: str) -> Reading | None:
        return self._live.reading(device)

    def states(self) -> dict[str, str]:
        return self._live.states()

    def broker_up(self) -> bool:
        return self._ingest is None or self._ingest.up

    def behind(self) -> int:
        return self._ingest.counts.behind if self._ingest else 0

    def lag_s(self) -> float:
        # Where readings say what time it is, none is late.
        return self._ingest.counts.lag_s if self._ingest and not self._data_clock else 0.0

    def fault(self) -> str:
        return self._ingest.counts.fault if self._ingest else ""

    def waiting(self) -> dict[str, int]:
        return self._live.waiting()


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
        self._gateway: GatewayConfiguration = gateway_configuration.load(folder)
        self._journal = SqliteJournal(self._gateway.journal)  # opened when it is first read
        self._api: ApiConfiguration | None = None
        self._plants: tuple[Plant, ...] = ()
        if "api" in parts:
            self._api = api_configuration.load(folder)
            self._plants = plant_files.load(folder)
            self._catalogue = factor_files.catalogue(SHIPPED / "factors", folder / "factors")
            self._alarms = alarm_files.load(folder)
        self._folder, self._parts, self._data_clock = folder, parts, data_clock

    def run(self) -> None:
        """Run until a signal."""
        with contextlib.ExitStack() as house:
            door = house.enter_context(door_of(self._api)) if self._api else None
            live = Live()
            ingest = self._ingest(live) if "gateway" in self._parts else None
            ears = _Ears(live, ingest, self._standings, data_clock=self._data_clock)
            service = self._service(ears, house)
            now = service.now if service else _wall_clock
            calendar = BackgroundScheduler(timezone=UTC)
            house.callback(calendar.shutdown, wait=False)
            calendar.start()
            if ingest is not None:
                house.callback(ingest.stop)
                ingest.start()
                _pack_often(calendar, ingest, now)
                _reconcile_nightly(calendar, self._folder, self._gateway)
            systemd.tell(systemd.OPEN)
            if self._api is None or service is None or door is None:
                threading.Event().wait()
                return
            _seal_daily(calendar, self._folder, service.now if self._data_clock else None)
            _examine_daily(calendar, service)
            house.callback(service.bookkeeper.stop)
            service.bookkeeper.start()
            house.callback(service.watch.stop)
            service.watch.start()
            gateway = self._gateway
            house.enter_context(telling(service, self._alarms, gateway.mqtt, gateway.site))
            _answer(service, self._api.tls, door, calendar)

    def _standings(self) -> tuple[Standing, ...]:
        gateway = self._gateway
        if not gateway.engines or not gateway.journal.exists():
            return ()
        return standings(gateway.engines, self._journal, self._kept)

    @cached_property
    def _kept(self) -> Kept:
        return Kept(self._gateway.journal)

    def _series(self, journal: Journal) -> Series:
        near, engine = JournalSeries(journal), self._gateway.answers
        return LongFrom(near, self._gateway.engines[engine]) if engine else near

    def _ingest(self, live: Live) -> Ingest:
        gateway = self._gateway
        # Where readings say what time it is, none can be ahead of it.
        ahead = None if self._data_clock else AHEAD
        writer = SqliteWriter(
            gateway.journal, site=gateway.site, ahead=ahead, moved=gateway.devices
        )
        return Ingest(gateway.mqtt, site=gateway.site, writer=writer, live=live, now=_wall_clock)

    def _service(self, ears: _Ears, house: contextlib.ExitStack) -> Service | None:
        if self._api is None:
            return None
        if not self._gateway.journal.exists():
            values = {"path": str(self._gateway.journal)}
            raise Refused(Problem("no-journal", "gateway.toml  [journal]", values=values))
        books = Books(self._api.books)
        house.callback(books.close)
        if not is_newest(books.engine):
            start(python("millprint.roots.migrator", "--config", str(self._folder))).wait()
        books.migrate()  # it is done, or this says why it cannot be
        journal = self._journal
        reporter = Reporter(journal, books, self._plants, self._catalogue)
        now = _data_clock(reporter) if self._data_clock else _wall_clock
        return serve(
            journal,
            books,
            reporter,
            self._catalogue,
            ears=ears,
            now=now,
            version=__version__,
            registrar=ChildRegistrar(self._api.enrolment.folder),
            tariff=self._api.tariff,
            outline=Outline(journal, self._gateway.journal.with_name("outline.db")),
            alarms=self._alarms,
            four_eyes=self._api.four_eyes,
            series=self._series(journal),
        )


def _pack_often(calendar: BackgroundScheduler, ingest: Ingest, now: Callable[[], datetime]) -> None:
    calendar.add_job(lambda: ingest.pack(now() - _RECENT), "cron", minute="*/5", **_ONCE)


def _examine_daily(calendar: BackgroundScheduler, service: Service) -> None:
    """A journal too large to be checked at its opening is checked at night."""
    calendar.add_job(service.journal.examine, "cron", hour=3, minute=17, **_ONCE)


def _reconcile_nightly(
    calendar: BackgroundScheduler, folder: Path, gateway: GatewayConfiguration
) -> None:
    """Compare the time-series stores with the journal: each night a week, on Sundays all of it.

    A store that is found empty is made anew by that, whatever has become of it.
    """

    def compare(days: int) -> None:
        command = python("millprint.roots.projector", "--config", str(folder))
        if start([*command, "--reconcile", str(days)]).wait():
            log.error("a time-series store is not what the journal says; /health says more")

    if gateway.engines:
        night = {"hour": 2, "minute": 41}
        calendar.add_job(compare, "cron", [7], day_of_week="mon-sat", **night, **_ONCE)
        calendar.add_job(compare, "cron", [0], day_of_week="sun", **night, **_ONCE)


def _seal_daily(
    calendar: BackgroundScheduler, folder: Path, clock: Callable[[], datetime] | None
) -> None:
    """Seal and hand out every hour what is due or owed by then, and soon after a start.

    Where another clock than the wall's is given, an hour may be over in minutes.
    """

    def seal() -> None:
        now = ("--now", stamp(clock())) if clock else ()
        code = start(python("millprint.roots.sealer", "--config", str(folder), *now)).wait()
        if code:
            log.error("the sealer ended with %d; it is tried again later", code)

    calendar.add_job(seal, "cron", minute="*/5" if clock else "12", **_ONCE)
    calendar.add_job(seal, "date", run_date=_wall_clock() + _SETTLED, **_ONCE)


def _answer(
    service: Service, tls: TlsSettings | None, door: socket.socket, calendar: BackgroundScheduler
) -> None:
    config = uvicorn.Config(
        application(service, hsts_days=tls.hsts_days if tls else 0),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    config.load()
    if tls is not None:
        # A certificate is changed while we run; each handshake takes what was loaded last.
        config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        config.ssl.load_cert_chain(tls.certificate, tls.key)
        again = partial(config.ssl.load_cert_chain, tls.certificate, tls.key)
        calendar.add_job(again, "cron", minute="*/10", **_ONCE)
    uvicorn.Server(config).run(sockets=[door])


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _data_clock(reporter: Reporter) -> Callable[[], datetime]:
    return lambda: reporter.meters.known_until(reporter.plants[-1])


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
    except Damaged as damaged:
        sys.stderr.write("\n".join(say(problem) for problem in damaged.problems) + "\n")
        raise SystemExit(
            1
        ) from None  # whoever keeps the process may try again, once it is restored
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
