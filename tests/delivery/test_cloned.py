"""Two collectors with one card, in whatever order things happen: the journal has what both read."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.spool import Stored
from collector.wire import topics
from collector.wire.reading import stamp
from gateway.journal import Arrival
from gateway.journal.reader import Reader
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.collector.spooled import BIRTHS, COLLECTOR, METER, SITE, at, meter, spool

EPOCH_BEGINS, LATER = at(-1), at(10**6)


class Twin:
    """One of two collectors whose cards were the same once."""

    def __init__(self, path: Path, first: int) -> None:
        self._path, self._next, self._sent = path, first, 0
        self.spool = spool(path)
        self.read: set[datetime] = set()

    def commits(self, _: Writer) -> None:
        """A reading more; each twin reads at instants of its own."""
        one = meter(self._next)
        self.spool.commit([one], BIRTHS, stamp(one.at))
        self.read.add(one.at)
        self._next += 1

    def sends(self, writer: Writer) -> None:
        """The next three windows in their order; from the start again where none are left."""
        found = self.spool.next_after(self._sent, 3)
        self._sent = found[-1].place if found else 0
        deliver(writer, found)

    def sends_live(self, writer: Writer) -> None:
        """Its newest window, before what waits."""
        deliver(writer, self.spool.next_after(self.spool.before_newest, 1))

    def hears(self, writer: Writer) -> None:
        """The journal's word."""
        self.spool.release(writer.acks(COLLECTOR))

    def starts_again(self, _: Writer) -> None:
        """The process ends and another one begins."""
        self.spool.close()
        self.spool, self._sent = spool(self._path), 0

    def settles(self, writer: Writer) -> None:
        """Everything is sent, and the journal heard, until nothing waits."""
        for _ in range(4):
            deliver(writer, self.spool.next_after(0, 10**6))
            self.hears(writer)
        assert self.spool.waiting() == 0


Steps: TypeAlias = list[tuple[int, Callable[[Twin, Writer], None]]]
STEPS = (Twin.commits, Twin.sends, Twin.sends_live, Twin.hears, Twin.starts_again)


def deliver(writer: Writer, messages: list[Stored]) -> None:
    arrivals = [Arrival(topics.parse(one.topic), one.topic, one.payload) for one in messages]
    writer.store(arrivals, LATER)


@contextmanager
def cloned() -> Iterator[tuple[Writer, Reader, tuple[Twin, Twin]]]:
    """A card that was copied while some of it waited, and the journal that had the rest."""
    with TemporaryDirectory(dir="/dev/shm") as name:  # nothing here is about the disk
        folder = Path(name)
        writer = Writer(Sqlite(folder / "journal.db"), site=SITE)
        first = Twin(folder / "a.spool", 0)
        first.commits(writer)
        first.sends(writer)
        first.hears(writer)
        first.commits(writer)
        first.spool.close()
        shutil.copy(folder / "a.spool", folder / "b.spool")
        twins = Twin(folder / "a.spool", 100), Twin(folder / "b.spool", 200)
        twins[0].read |= first.read
        journal = Reader(Sqlite(folder / "journal.db"))
        yield writer, journal, twins
        for twin in twins:
            twin.spool.close()
        writer.close()


def play(writer: Writer, twins: tuple[Twin, Twin], steps: Steps) -> None:
    for which, step in steps:
        step(twins[which], writer)
    for twin in (*twins, *twins):
        twin.settles(writer)


def lost(journal: Reader, twins: tuple[Twin, Twin]) -> set[datetime]:
    """Instants at which a twin has read, and of which the journal knows nothing."""
    stored = journal.readings(METER.device, EPOCH_BEGINS, LATER)
    return (twins[0].read | twins[1].read) - {one.at for one in stored}


def test_a_clone_that_starts_again_before_it_is_heard_keeps_what_it_read() -> None:
    steps = [
        (0, Twin.commits),
        (0, Twin.sends),
        (1, Twin.commits),
        (1, Twin.starts_again),
        (1, Twin.hears),
    ]
    with cloned() as (writer, journal, twins):
        play(writer, twins, steps)

        assert lost(journal, twins) == set()


def test_a_clone_that_fills_the_gap_behind_the_others_live_window_takes_nothing_from_it() -> None:
    steps = [
        (0, Twin.commits),
        (0, Twin.commits),
        (0, Twin.sends_live),
        (1, Twin.commits),
        (1, Twin.sends),
        (0, Twin.hears),
    ]
    with cloned() as (writer, journal, twins):
        play(writer, twins, steps)

        assert lost(journal, twins) == set()


def test_a_word_heard_twice_about_an_old_epoch_touches_nothing_of_the_new_one() -> None:
    steps = [
        *[(0, Twin.commits)] * 5,
        *[(0, Twin.sends)] * 2,
        (1, Twin.commits),
        (1, Twin.hears),
        (1, Twin.hears),
        (1, Twin.commits),
    ]
    with cloned() as (writer, journal, twins):
        play(writer, twins, steps)

        assert lost(journal, twins) == set()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(STEPS)), min_size=15, max_size=40))
def test_of_two_clones_no_reading_is_lost_whatever_happens_in_whatever_order(steps: Steps) -> None:
    with cloned() as (writer, journal, twins):
        play(writer, twins, steps)

        assert lost(journal, twins) == set()
