"""Row 24: a time-series store dies for a day, is restored old, is wiped, and drops in silence.

What is in it afterwards is read back number by number and held against the journal. The mill's
footprints are read byte for byte before and after: they know nothing of it.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gateway.journal.stores.sqlite import Sqlite
from gateway.projecting.follower import Follower
from gateway.projecting.kept import Kept
from gateway.projecting.reading_back import JournalSeries
from gateway.projecting.reconcile import Comparison, Reconciler
from gateway.projecting.tags import Tags
from gateway.projections import Unanswered, names
from tests.api.given import SITE, START, World, footprint, world
from tests.faults.row import Dose, Row, joined
from tests.stores.engines import FLAGS, Server
from tests.stores.following import catch_up

_FAULT = "time-series store dead for a day, restored old, wiped, dropping in silence"
_DAY_MINUTES = 24 * 60
_FIRST = 150
_SPAN = START - timedelta(days=1), START + timedelta(days=4)


def projections(dose: Dose) -> Row:
    """Row 24."""
    return joined(_FAULT, *(_tried(name) for name in names() for _ in range(dose.times)))


def _tried(name: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        mill = world(Path(folder) / "config")
        server = Server(name, Path(folder) / "engine")
        try:
            return _Scene(mill, server).row()
        finally:
            server.kill()
            mill.close()


@dataclass
class _Found:
    """What was wrong after the stages of a scene.

    Attributes:
        stages: How many faults.
        numbers: How many numbers had to be there after the last one.
        lost: How many were not, over all stages.
        doubled: How many were there that should not.
        slowest_s: The longest time that it took to be whole again. [s]
        broken: What was promised and not kept.
    """

    stages: int = 0
    numbers: int = 0
    lost: int = 0
    doubled: int = 0
    slowest_s: float = 0.0
    broken: tuple[str, ...] = ()


class _Scene:
    """A mill, an engine, and what keeps them the same."""

    def __init__(self, mill: World, server: Server) -> None:
        self._mill, self._server = mill, server
        self._engine = server.engine(SITE)
        self._journal = mill.service.journal
        tags = Tags(SITE)
        self._follower = Follower(
            self._journal, self._engine, tags, Kept(Sqlite(mill.folder / "journal.db"))
        )
        self._reconciler = Reconciler(self._journal, self._engine, tags)
        self._found = _Found()

    def row(self) -> Row:
        """Every stage, one after the other."""
        self._engine.check()
        self._mill.passes(0, _FIRST)
        self._mill.closes_its_books()
        before = footprint(self._mill).content
        backup = self._server.folder / "backup"
        catch_up(self._follower)
        self._server.copy(backup)
        for stage in (
            self._dies_for_a_day,
            lambda: self._server.restore(backup),
            self._server.wipe,
        ):
            self._after(stage)
        if self._server.name == "victoria":
            self._drops()
        if footprint(self._mill).content != before:
            self._found.broken = ("a footprint changed with the time-series store",)
        found = self._found
        return Row(
            24,
            _FAULT,
            found.stages,
            found.numbers,
            found.lost,
            found.doubled,
            found.slowest_s,
            found.broken,
        )

    def _dies_for_a_day(self) -> None:
        """It is killed right after it has said that it took something, and away for a day."""
        self._mill.passes(_FIRST + 1, _FIRST + 10)
        catch_up(self._follower)
        self._server.kill()
        self._mill.passes(_FIRST + 11, _FIRST + _DAY_MINUTES)
        try:
            catch_up(self._follower)
        except Unanswered:
            self._server.start()
        else:
            self._found.broken = ("a dead engine took something",)

    def _drops(self) -> None:
        """It keeps one month and says success for what is older; then it is set right."""
        self._server.kill()
        self._server.flags = ("-search.latencyOffset=0s",)
        self._server.start()
        self._server.wipe()
        if self._compared().refused != self._found.numbers:
            self._found.broken += ("what it dropped in silence was not found whole",)
        self._server.flags = FLAGS
        self._after(self._server.wipe)

    def _after(self, fault: Callable[[], None]) -> None:
        """What is not as it should be, once a fault is over and it was reconciled."""
        fault()
        began = time.monotonic()
        self._engine.check()
        catch_up(self._follower)
        self._compared()
        found = self._found
        found.slowest_s = max(found.slowest_s, time.monotonic() - began)
        found.stages += 1
        here = JournalSeries(self._journal)
        found.numbers = 0
        for device, point in self._points():
            ours = here.between(device, point, *_SPAN)
            theirs = self._engine.between(device, point, *_SPAN)
            found.numbers += len(ours)
            found.lost += len(set(ours) - set(theirs))
            found.doubled += len(theirs) - len(set(ours) & set(theirs))

    def _compared(self) -> Comparison:
        return self._reconciler.reconcile(*_SPAN)

    def _points(self) -> Iterator[tuple[str, str]]:
        seen = {
            (device, point)
            for device, slot in self._journal.places(*_SPAN)
            for point in self._journal.numbers(device, slot)
        }
        return iter(sorted(seen))
