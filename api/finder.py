"""The finder: keeps the books' runs in step with what machines said and what people entered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from api.books import Books
from api.books.entries import Decision
from api.books.marks import CORRECTED, LATE
from api.books.run_entries import numbered
from api.ledger.accounts import Run
from api.ledger.announced import doubtful
from api.ledger.corrections import Entry, Stated, effective, overlaps
from api.ledger.plant import Machine, Plant
from api.ledger.runs import find_runs
from collector.wire.problem import Problem
from gateway.journal import Journal

_MARK = "runs-found"
_ENTERED = "runs-entered"
_INSTANT = timedelta(milliseconds=1)
_PLANNED_FOR = timedelta(days=30)


class Clash(Exception):
    """Runs that cannot be on a machine at once: an entry, and what it contradicts."""

    def __init__(self, entry: Entry, other: Stated) -> None:
        super().__init__(f"{entry.machine}: {entry.batch} and {other.run.batch} at once")
        self.entry, self.other = entry, other


@dataclass(frozen=True, slots=True)
class News:
    """What became other in a round.

    Attributes:
        slots: Slots of the journal that changed.
        late: Batches that the readings touched by way of runs.
        corrected: Batches that what people entered touched.
    """

    slots: frozenset[datetime]
    late: frozenset[str]
    corrected: frozenset[str]


class Finder:
    """Finds runs anew from the earliest slot that changed, and states them as people corrected.

    Attributes:
        changed: Devices and slots that changed in the last round.
    """

    def __init__(self, journal: Journal, books: Books, plants: Sequence[Plant]) -> None:
        self._journal, self._books, self._plants = journal, books, plants
        self._position = self._kept = books.marks.position(_MARK)
        self.changed: tuple[tuple[str, datetime], ...] = ()
        self._entered = self._entered_kept = books.marks.position(_ENTERED)
        self._writing = Lock()  # people enter while the bookkeeper finds
        self._said: dict[str, tuple[Problem, ...]] = {}
        self._stated: dict[str, tuple[Problem, ...]] = {}

    @property
    def problems(self) -> dict[str, tuple[Problem, ...]]:
        """What is wrong with the runs, by machine."""
        said, stated = self._said.copy(), self._stated.copy()
        return {
            name: said.get(name, ()) + stated.get(name, ()) for name in sorted({*said, *stated})
        }

    @property
    def position(self) -> int:
        """How far the journal was followed."""
        return self._position

    def advance(self) -> News:
        """Take in what changed in the journal since the last time; `keep` makes it last."""
        self._position, changed = self._journal.changed_since(self._position)
        self.changed = changed
        late: set[str] = set()
        with self._writing:
            for machine in self._plants[-1].machines:
                device = (machine.batch or "").partition(".")[0]
                slots = [slot for name, slot in changed if name == device]
                if slots:
                    late |= self._find(machine, min(slots))
            late |= self._go_on({name for name, _ in changed})
            corrected = self._catch_up()
        every = frozenset(slot for _, slot in changed)
        return News(every, frozenset(late), frozenset(corrected))

    def unseen(self) -> frozenset[datetime]:
        """Slots that changed since: no run was looked for in what came there."""
        return frozenset(slot for _, slot in self._journal.changed_since(self._position)[1])

    def keep(self) -> None:
        """Remember how far the journal was followed, once all that follows from it is kept."""
        if self._position != self._kept:
            self._books.marks.keep(_MARK, self._position)
            self._kept = self._position
        if self._entered != self._entered_kept:
            self._books.marks.keep(_ENTERED, self._entered)
            self._entered_kept = self._entered

    def go_back(self) -> None:
        """Take in again, the next time, what followed from nothing that is kept."""
        self._position, self._entered = self._kept, self._entered_kept

    def enter(
        self, entries: Sequence[Entry], words: Sequence[Decision] = ()
    ) -> tuple[list[Entry], set[str]]:
        """Take in what people say, all of it or nothing.

        Args:
            entries: Of runs.
            words: What is kept with them, such as the import that brought them.

        Returns:
            The entries with their numbers, and the batches that it touches.

        Raises:
            Clash: Of people's own words two cannot both be true.
        """
        with self._writing:
            found = numbered(entries, self._books.run_entries.next_number())
            for entry, other in self._clashes(found):
                raise Clash(entry, other)
            self._books.run_entries.add(found, words)
            return found, self._restate_all(found)

    def clashes(self, entries: Sequence[Entry]) -> list[tuple[Entry, Stated]]:
        """Of these entries, those that cannot be true beside others, and one of the others."""
        with self._writing:
            return self._clashes(numbered(entries, self._books.run_entries.next_number()))

    def _machine(self, name: str) -> Machine:
        """The same; one that a later plant no longer has still had its runs."""
        return self._plants[-1].machine(name) or Machine(name, "")

    def _find(self, machine: Machine, changed: datetime) -> set[str]:
        before = self._books.runs.found_before(machine.id, changed)
        memory = max(machine.settle, machine.restart)
        covers = before is not None and (before.going_on or before.end >= changed - memory)
        since = before.start if before is not None and covers else changed
        batch_device, _, batch_point = (machine.batch or "").partition(".")
        latest = self._journal.latest(batch_device)
        if latest is None:
            return set()
        until = latest.at + _INSTANT
        batches = self._journal.samples(batch_device, batch_point, since, until)
        step_device, _, step_point = (machine.step or "").partition(".")
        steps = self._journal.samples(step_device, step_point, since, until) if machine.step else []
        runs, problems = find_runs(machine, batches, steps, latest.at)
        self._books.runs.replace_found(machine.id, since, runs)
        planned = self._books.batches.planned(latest.at - _PLANNED_FOR)
        entered = self._books.batches.names() if planned else set()
        self._said[machine.id] = (*problems, *doubtful(runs, entered, planned))
        return self._restate(machine, since, LATE)

    def _go_on(self, devices: set[str]) -> set[str]:
        """Runs that somebody began and nobody ended reach as far as their machine's readings."""
        found: set[str] = set()
        for name, since in self._books.runs.going_on().items():
            machine = self._machine(name)
            if devices & _devices(machine):
                found |= self._restate(machine, since, LATE)
        return found

    def _catch_up(self) -> set[str]:
        """What was entered since the last time, also where we were ended in the middle of it."""
        news = self._books.run_entries.after(self._entered)
        found = self._restate_all(news)
        self._entered = max([self._entered, *(one.number for one in news)])
        return found

    def _restate_all(self, entries: Sequence[Entry]) -> set[str]:
        every = [told for one in entries for told in self._told_of(one)]
        since = self._books.runs.beginning({one.run for one in every})
        for one in every:
            at = min(one.anchor, one.start or one.anchor)
            since[one.machine] = min(at, since.get(one.machine, at))
        found: set[str] = set()
        for name, at in since.items():
            found |= self._restate(self._machine(name), at, CORRECTED)
        return found

    def _told_of(self, entry: Entry) -> list[Entry]:
        if entry.kind == "undo" and entry.file is not None:
            return self._books.run_entries.of_file(entry.file)
        return [] if entry.kind == "dismiss" else [entry]

    def _restate(self, machine: Machine, since: datetime, reasons: frozenset[str]) -> set[str]:
        """State the runs that count anew; the batches that this touches wait from then on."""
        since = self._books.runs.quiet(machine.id, since)
        entries = self._books.run_entries.of_machine(machine.id, since)
        every, problems = self._effective(machine, since, entries)
        before = self._books.runs.stated(machine=machine.id, since=since)
        stated = [replace(one, place=0) for one in every if one.run.start >= since]
        touched = self._touched(machine, set(before) ^ set(stated))
        if stated != before:
            self._books.runs.replace(machine.id, since, stated, touched, reasons)
        self._stated[machine.id] = (*problems, *self._elsewhere(machine, stated, since))
        return touched

    def _touched(self, machine: Machine, other: set[Stated]) -> set[str]:
        """Whose runs became other, and who shares with them or idled before."""
        batches = {one.run.batch for one in other}
        # Who runs next had idled since, or has now.
        spans = [(one.run.start, one.run.end + machine.standby.longest) for one in other]
        for start, end in joined(spans):
            batches.update(self._books.results.touched(start, end))
        return batches - {""}

    def _effective(
        self, machine: Machine, since: datetime, entries: Sequence[Entry]
    ) -> tuple[list[Stated], tuple[Problem, ...]]:
        found = self._books.runs.found(machine.id, since)
        latest = [self._journal.latest(device) for device in _devices(machine)]
        until = max((one.at for one in latest if one), default=since)
        stated, problems = effective(machine, found, entries, until)
        return list(stated), problems

    def _clashes(self, news: Sequence[Entry]) -> list[tuple[Entry, Stated]]:
        by_machine: dict[str, list[Entry]] = {}
        for one in news:
            if one.kind in ("add", "edit"):
                by_machine.setdefault(one.machine, []).append(one)
        return [
            clash
            for name, own in by_machine.items()
            for clash in self._clashes_on(self._machine(name), own)
        ]

    def _clashes_on(self, machine: Machine, news: Sequence[Entry]) -> list[tuple[Entry, Stated]]:
        """Where people's words would contradict each other; a PLC's give way."""
        since = min(min(one.anchor, one.start or one.anchor) for one in news)
        since = self._books.runs.quiet(machine.id, since)
        known = self._books.run_entries.of_machine(machine.id, since)
        known += self._books.run_entries.of_runs([one.run for one in news if one.kind == "edit"])
        entries = {one.number: one for one in (*known, *news)}
        stated, _ = self._effective(machine, since, list(entries.values()))
        mine = {one.run: one for one in news}
        return [
            (mine[own.id], rival)
            for one, other in overlaps(machine, stated)
            for own, rival in ([(other, one)] if other.id in mine else [(one, other)])
            if own.id in mine
        ]

    def _elsewhere(
        self, machine: Machine, stated: Sequence[Stated], since: datetime
    ) -> list[Problem]:
        """Batches that another machine has at the same time."""
        own = {one.run.batch for one in stated if one.run.batch}
        others: dict[str, list[Run]] = {}
        for run in self._books.runs.elsewhere(machine.id, own, since):
            others.setdefault(run.batch, []).append(run)
        found = {
            (one.run.batch, other.machine): max(one.run.start, other.start)
            for one in stated
            for other in others.get(one.run.batch, ())
            if max(one.run.start, other.start) < min(one.run.end, other.end)
        }
        return [
            Problem("batch-on-two-machines", machine.id, at, {"batch": batch, "other": other})
            for (batch, other), at in found.items()
        ]


def joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same time in as few spans as it takes."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _devices(machine: Machine) -> set[str]:
    refs = [meter for _, meter in machine.meters]
    refs += [ref for ref in (machine.batch, machine.running, machine.step) if ref]
    return {ref.partition(".")[0] for ref in refs}
