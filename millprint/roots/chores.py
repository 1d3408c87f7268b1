"""Chores: what the server does by the calendar, in UTC, and never polling."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from collector.wire.reading import stamp
from gateway.configuration import GatewayConfiguration
from gateway.ingest import Ingest
from gateway.journal import Journal
from millprint.children import python, start

_RECENT = timedelta(minutes=5)
_SETTLED = timedelta(minutes=2)
ONCE = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
"""Of a calendar job: what was missed while we were down is done once."""

log = logging.getLogger("millprint")


@contextlib.contextmanager
def calendar() -> Iterator[BackgroundScheduler]:
    """A calendar that is kept until it is left."""
    found = BackgroundScheduler(timezone=UTC)
    found.start()
    try:
        yield found
    finally:
        found.shutdown(wait=False)


def of_the_gateway(
    jobs: BackgroundScheduler,
    folder: Path,
    gateway: GatewayConfiguration,
    ingest: Ingest | None,
    now: Callable[[], datetime],
) -> None:
    """Pack what was taken in, and compare the time-series stores; nothing without an ingest."""
    if ingest is None:
        return
    jobs.add_job(lambda: ingest.pack(now() - _RECENT), "cron", minute="*/5", **ONCE)
    _reconcile_nightly(jobs, folder, gateway)


def of_the_api(
    jobs: BackgroundScheduler,
    folder: Path,
    journal: Journal,
    clock: Callable[[], datetime] | None,
    *,
    grouped: bool,
) -> None:
    """Seal, and send that up where mills are grouped; check a journal at night that is large.

    One that is small is checked at its opening.
    """
    _seal_daily(jobs, folder, clock)
    if grouped:
        _send_hourly(jobs, folder)
    jobs.add_job(journal.examine, "cron", hour=3, minute=17, **ONCE)


def _reconcile_nightly(
    jobs: BackgroundScheduler, folder: Path, gateway: GatewayConfiguration
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
        jobs.add_job(compare, "cron", [7], day_of_week="mon-sat", **night, **ONCE)
        jobs.add_job(compare, "cron", [0], day_of_week="sun", **night, **ONCE)


def _seal_daily(
    jobs: BackgroundScheduler, folder: Path, clock: Callable[[], datetime] | None
) -> None:
    """Seal and hand out every hour what is due or owed by then, and soon after a start.

    Where another clock than the wall's is given, an hour may be over in minutes.
    """

    def seal() -> None:
        now = ("--now", stamp(clock())) if clock else ()
        code = start(python("millprint.roots.sealer", "--config", str(folder), *now)).wait()
        if code:
            log.error("the sealer ended with %d; it is tried again later", code)

    jobs.add_job(seal, "cron", minute="*/5" if clock else "12", **ONCE)
    jobs.add_job(seal, "date", run_date=datetime.now(UTC) + _SETTLED, **ONCE)


def _send_hourly(jobs: BackgroundScheduler, folder: Path) -> None:
    """Send the group's centre every hour what it does not have, and soon after a start."""

    def send() -> None:
        if start(python("millprint.roots.upward", "--config", str(folder))).wait():
            log.error("the group's centre does not have all seals; /health says more")

    jobs.add_job(send, "cron", minute="27", **ONCE)
    jobs.add_job(send, "date", run_date=datetime.now(UTC) + 2 * _SETTLED, **ONCE)
