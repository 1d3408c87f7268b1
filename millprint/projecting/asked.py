"""What a person asks of projections: compare them, or make them anew; with a bar that moves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import Progress

from collector.wire.problem import Problem, Refused
from gateway.projecting.reconcile import Comparison
from gateway.projections import Unanswered
from millprint.projecting.projection import Projection, compared, engines, source

_DAY = timedelta(days=1)


class Asked:
    """The engines of a configuration folder, one after the other.

    Args:
        folder: The configuration folder.
        bar: Where days that are done are shown.
        now: The time.

    Raises:
        Refused: The configuration, or an engine, cannot be worked with.
    """

    def __init__(self, folder: Path, bar: Progress, now: datetime) -> None:
        self._bar, self._now = bar, now
        self._of, self._engines = source(folder), engines(folder)

    def reconcile(self, days: int) -> dict[str, Comparison]:
        """What was found of each; of the last so many days, 0 for everything."""
        start, end = compared(self._of.journal.span() or (self._now, self._now), days)
        found = {}
        for name in self._engines:
            with self._ready(name) as projection:
                told = self._days(f"{name}: comparing", end - start)
                found[name] = projection.reconcile(days, self._now, told)
        return found

    def rebuild(self) -> dict[str, int]:
        """Each made anew; how many lines that were."""
        first, last = self._of.journal.span() or (self._now, self._now)
        found = {}
        for name in self._engines:
            with self._ready(name) as projection:
                told = self._days(f"{name}: sending", last - first)
                found[name] = projection.rebuild(self._now, told)
        return found

    @contextmanager
    def _ready(self, name: str) -> Iterator[Projection]:
        """An engine that may be written to; what it does not answer is `Refused`."""
        projection = Projection(name, self._engines[name], self._of)
        try:
            problems = self._engines[name].check()
            if problems:
                raise Refused(*problems)
            yield projection
        except Unanswered as fault:
            values = {"why": str(fault)}
            raise Refused(Problem("engine-away", f"[projections.{name}]", None, values)) from fault

    def _days(self, what: str, length: timedelta) -> Callable[[timedelta], None]:
        task = self._bar.add_task(what, total=max(1.0, length / _DAY))
        return lambda done: self._bar.advance(task, done / _DAY)
