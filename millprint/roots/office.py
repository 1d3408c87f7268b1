"""The office: the api's part of the server, which computes, tells of alarms, and answers."""

import contextlib
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import OperationalError

from api.app import application
from api.books import Books
from api.books.engines import named
from api.books.form import is_newest
from api.outline import Outline
from api.report import Reporter
from api.service import Service, serve
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Reading
from gateway.configuration import GatewayConfiguration
from gateway.ingest import Ingest
from gateway.journal import Journal, Unavailable
from gateway.live import Live
from gateway.projecting.kept import Kept
from gateway.projecting.reading_back import JournalSeries, LongFrom
from gateway.projecting.standing import standings
from gateway.projections import Series, Standing
from millprint import __version__
from millprint.children import python, start
from millprint.enrolment.registrar import ChildRegistrar
from millprint.roots.answering import answer
from millprint.roots.api_files import ApiFiles
from millprint.roots.messengers import telling


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


class Office:
    """The api around one journal.

    Args:
        folder: The configuration folder.
        files: What it says to the api.
        gateway: What it says to the gateway.
        journal: The journal.
        data_clock: Whether the newest reading says what time it is.
    """

    def __init__(
        self,
        folder: Path,
        files: ApiFiles,
        gateway: GatewayConfiguration,
        journal: Journal,
        *,
        data_clock: bool,
    ) -> None:
        self._folder, self._files, self._gateway = folder, files, gateway
        self._journal, self._data_clock = journal, data_clock

    def service(self, live: Live, ingest: Ingest | None, house: contextlib.ExitStack) -> Service:
        """What answers, with its books open until the house is closed.

        Raises:
            Refused: There is no journal, or the books are not of a form that is known.
        """
        if not self._gateway.journal.exists():
            values = {"path": str(self._gateway.journal)}
            raise Refused(Problem("no-journal", "gateway.toml  [journal]", values=values))
        files = self._files
        books = Books(files.settings.books)
        house.callback(books.close)
        if not _newest(books):
            start(python("millprint.roots.migrator", "--config", str(self._folder))).wait()
        books.migrate()  # it is done, or this says why it cannot be
        reporter = Reporter(self._journal, books, files.plants, files.catalogue)
        return serve(
            self._journal,
            books,
            reporter,
            ears=_Ears(live, ingest, self._standings, data_clock=self._data_clock),
            now=_data_clock(reporter) if self._data_clock else _wall_clock,
            version=__version__,
            registrar=ChildRegistrar(files.settings.enrolment.folder),
            tariff=files.settings.tariff,
            outline=Outline(self._journal, self._gateway.journal.folder / "outline.db"),
            alarms=files.alarms,
            four_eyes=files.settings.four_eyes,
            series=self._series(),
        )

    def work(
        self,
        service: Service,
        door: socket.socket,
        calendar: BackgroundScheduler,
        house: contextlib.ExitStack,
    ) -> None:
        """Compute, tell and answer until a signal."""
        house.callback(service.bookkeeper.stop)
        service.bookkeeper.start()
        house.callback(service.watch.stop)
        service.watch.start()
        gateway = self._gateway
        house.enter_context(telling(service, self._files.alarms, gateway.mqtt, gateway.site))
        tls = self._files.settings.tls
        app = application(service, hsts_days=tls.hsts_days if tls else 0)
        answer(app, tls, door, calendar)

    def _standings(self) -> tuple[Standing, ...]:
        gateway = self._gateway
        if not gateway.engines or not gateway.journal.exists():
            return ()
        return standings(gateway.engines, self._journal, self._kept)

    @cached_property
    def _kept(self) -> Kept:
        return Kept(self._gateway.journal)

    def _series(self) -> Series:
        near, engine = JournalSeries(self._journal), self._gateway.answers
        return LongFrom(near, self._gateway.engines[engine]) if engine else near


def _newest(books: Books) -> bool:
    try:
        return is_newest(books.engine)
    except OperationalError as fault:
        values = {"why": str(fault.orig)}
        raise Unavailable(Problem("books-unreachable", named(books.url), values=values)) from fault


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _data_clock(reporter: Reporter) -> Callable[[], datetime]:
    return lambda: reporter.meters.known_until(reporter.plants[-1])
