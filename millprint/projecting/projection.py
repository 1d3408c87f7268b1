"""A site's projections put together: journal, books and plant on one side, engines on the other."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api import configuration as api_configuration
from api import plant as plant_files
from api.books import Books
from api.meters import Meters
from collector.toml_files import say
from collector.wire.problem import Problem, Refused
from gateway import configuration as gateway_configuration
from gateway.journal import Journal
from gateway.journal.reader import Reader
from gateway.projecting.follower import READINGS, Follower, where
from gateway.projecting.kept import Kept
from gateway.projecting.reconcile import Comparison, Hour, Reconciler, slots_of
from gateway.projecting.tags import Tags
from gateway.projections import FOOTPRINT, INTERVAL, READING, STEP, Engine
from millprint.projecting.annotations import ANNOTATIONS, Annotations
from millprint.projecting.intervals import Intervals
from millprint.projecting.plant_tags import PlantTags

Told = Callable[[timedelta], None]
_ANNOTATE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """What a site's projections are made of.

    Attributes:
        journal: The readings.
        kept: How far each engine is filled.
        tags: What points are called.
        intervals: None where there are no books.
        annotations: None where there are no books.
    """

    journal: Journal
    kept: Kept
    tags: Tags
    intervals: Intervals | None = None
    annotations: Annotations | None = None


def engines(folder: Path) -> dict[str, Engine]:
    """The engines of a configuration folder; `Refused` where there is none."""
    found = dict(gateway_configuration.load(folder).engines)
    if not found:
        raise Refused(Problem("no-projection", f"{folder / 'gateway.toml'}  [projections]"))
    return found


def source(folder: Path) -> Source:
    """What a configuration folder's projections are made of; `Refused` where it cannot stand."""
    gateway = gateway_configuration.load(folder)
    if not gateway.journal.exists():
        values = {"path": str(gateway.journal)}
        raise Refused(Problem("no-journal", "gateway.toml  [journal]", values=values))
    journal, kept = Reader(gateway.journal), Kept(gateway.journal)
    if not (folder / "api.toml").exists():  # a gateway apart from its api
        return Source(journal, kept, Tags(gateway.site))
    plants = plant_files.load(folder)
    books = Books(api_configuration.load(folder).books)
    tags = Tags(gateway.site, PlantTags(plants))
    meters = Meters(journal, books)
    return Source(
        journal,
        kept,
        tags,
        Intervals(journal, meters, plants, tags, kept),
        Annotations(books, plants, kept),
    )


def compared(span: tuple[datetime, datetime], days: int) -> tuple[datetime, datetime]:
    """What is compared of a journal's span: the last so many days; 0: all, and a day around it."""
    start = max(span[0], span[1] - days * _DAY) if days else span[0] - _DAY
    return start, span[1] + _DAY


class Projection:
    """One engine, and what it is filled from."""

    def __init__(self, name: str, engine: Engine, of: Source) -> None:
        self.name, self.engine, self._of = name, engine, of
        self._follower = Follower(of.journal, engine, of.tags, of.kept)
        self._reconciler = Reconciler(of.journal, engine, of.tags)
        self._annotate_at = _LONG_AGO

    def refusal(self) -> str:
        """Why it may not be written to as it is set up; empty where it may."""
        found = self.engine.check()
        self._of.kept.say(self.engine.target, found[0].code if found else "")
        return "\n".join(say(problem) for problem in found)

    def follow(self, now: datetime) -> bool:
        """Send one page of everything that is behind; whether there was any."""
        steps = [self._follower.step()]
        if self._of.intervals is not None:
            steps.append(self._of.intervals.step(self.engine))
        if self._of.annotations is not None and now >= self._annotate_at:
            steps.append(self._of.annotations.step(self.engine, now))
            self._annotate_at = now if steps[-1] is not None else now + _ANNOTATE
        return any(step is not None for step in steps)

    def reconcile(self, days: int, now: datetime, told: Told = lambda _: None) -> Comparison:
        """Compare the last so many days (0: all), send what is missing, and keep what was found."""
        span = self._of.journal.span()
        if span is None:
            return Comparison()
        start, end = compared(span, days)
        position = where(self._of.journal, self._of.kept, self.engine.target, READINGS)
        found = self._reconciler.reconcile(
            start,
            end,
            leave=lambda: self._of.journal.changed_since(position)[1],
            told=told,
            lacking=self._send_around,
        )
        self._of.kept.compared(self.engine.target, now, found)
        return found

    def _send_around(self, hours: Collection[Hour]) -> None:
        """What lacks readings lacks what is made of them, and what was said at that time."""
        if self._of.intervals is not None:
            self._of.intervals.send(self.engine, slots_of(hours))
        self._of.kept.forget_annotations(self.engine.target, ANNOTATIONS)
        self._annotate_at = _LONG_AGO

    def rebuild(self, now: datetime, told: Told) -> int:
        """Make everything anew, from nothing; how many lines that were."""
        kept, target = self._of.kept, self.engine.target
        span = self._of.journal.span()
        kept.begin_anew(target)
        for measurement in (READING, INTERVAL, STEP, FOOTPRINT):
            self.engine.forget(measurement, {})
        # What comes while it lasts is followed from here on.
        kept.keep(target, READINGS, self._of.journal.position())
        sent = self._reconciler.refill(*span, told=told) if span else 0
        intervals, annotations = self._of.intervals, self._of.annotations
        if intervals is not None:
            sent += sum(iter(lambda: intervals.step(self.engine), None))
        if annotations is not None:
            sent += sum(iter(lambda: annotations.step(self.engine, now), None))
        return sent
