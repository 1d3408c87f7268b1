"""The projector: fills time-series stores from the journal, each on a thread of its own.

``python -m millprint.roots.projector --config DIR``. A process of its own, since an engine that is
slow, dead or behind by months must cost neither ingest nor pages anything. With
``--reconcile DAYS`` it compares so many days (0: everything) once, and ends.
"""

import argparse
import logging
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from typing_extensions import override

from collector.toml_files import say
from collector.wire.problem import Refused
from gateway.projections import Unanswered
from millprint.projecting.projection import Projection, engines, source
from millprint.roots.server import give_up

_EVERY_S = 5.0
_PATIENCE_S = (2.0, 60.0)  # after a fault, longer each time

log = logging.getLogger("projector")


class Keeper(threading.Thread):
    """Keeps one engine filled, for ever."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(name=f"projection {name}", daemon=True)
        self._folder, self._engine_name = folder, name

    @override
    def run(self) -> None:
        """Follow; after a fault, wait and check the engine again."""
        of = source(self._folder)  # books and journal have connections by thread
        engine = engines(self._folder)[self._engine_name]
        projection = Projection(self._engine_name, engine, of)
        wait = _PATIENCE_S[0]
        while True:
            try:
                refusal = projection.refusal()
                if refusal:
                    log.error("%s", refusal)
                else:
                    wait = _PATIENCE_S[0]
                    _follow(projection)
            except Unanswered as fault:
                of.kept.say(engine.target, "engine-away")
                log.warning("%s", fault)
            threading.Event().wait(wait)
            wait = min(2 * wait, _PATIENCE_S[1])


def _follow(projection: Projection) -> None:
    """Fill an engine until it does not answer.

    What it took before it went away, the last time, may be gone with it.
    """
    log.info("%s is filled", projection.name)
    doubted = True
    while True:
        if projection.follow(datetime.now(UTC)):
            continue
        if doubted:
            log.info("%s: %s", projection.name, projection.reconcile(1, datetime.now(UTC)))
            doubted = False
        threading.Event().wait(_EVERY_S)


def reconcile(folder: Path, days: int, now: datetime) -> bool:
    """Compare every engine with the journal; whether all are whole.

    Args:
        folder: The configuration folder.
        days: The last so many; 0: everything.
        now: The time.
    """
    of = source(folder)
    found = [
        _is_whole(Projection(name, engine, of), days, now)
        for name, engine in engines(folder).items()
    ]
    return all(found)


def _is_whole(projection: Projection, days: int, now: datetime) -> bool:
    try:
        refusal = projection.refusal()
        if refusal:
            log.error("%s", refusal)
            return False
        found = projection.reconcile(days, now)
    except Unanswered as fault:
        log.warning("%s", fault)
        return False
    log.info("%s: %s", projection.name, found)
    return not found.refused and not found.foreign


def main() -> None:
    """The process."""
    threading.excepthook = give_up
    parser = argparse.ArgumentParser(prog="millprint-projector", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    parser.add_argument("--reconcile", type=int, metavar="DAYS", help="compare, and end")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        if given.reconcile is not None:
            raise SystemExit(
                0 if reconcile(given.config, given.reconcile, datetime.now(UTC)) else 1
            )
        keepers = [Keeper(given.config, name) for name in engines(given.config)]
        source(given.config)
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(2) from None
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()


if __name__ == "__main__":
    main()
