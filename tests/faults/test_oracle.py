"""The oracle sees what is missing and what stands there twice, packed or not."""

import sqlite3
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.spool import Spool
from collector.wire import topics
from collector.wire.birth import Birth, Point
from collector.wire.reading import ClockState, Kind, Reading, stamp
from gateway.journal import Arrival
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.faults.oracle import EVERY, Verdict, judge
from tests.faults.row import Dose
from tests.faults.shuffled import delivery

START = datetime(2026, 3, 2, tzinfo=UTC)
DEVICES = ("jet-01-power", "jet-02-power")
POINT = Point("energy_import_kwh", "kWh", Kind.COUNTER)
INSTANTS = 400
END = START + (INSTANTS - 1) * EVERY
SOUND = Verdict(readings=2 * INSTANTS, lost=0, doubled=0)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Two devices and more than an hour, of which the first hour is packed."""
    births = {name: Birth(name, "test", 1, 10_000, "1", "1", (POINT,)) for name in DEVICES}
    spool = Spool(tmp_path / "a.spool", site="keqiao", collector="a", max_mb=10)
    writer = Writer(Sqlite(tmp_path / "journal.db"), site="keqiao")
    window = [
        Reading(name, START + n * EVERY, ClockState.SYNCHRONISED, "b0", n, {POINT.name: n})
        for n in range(INSTANTS)
        for name in DEVICES
    ]
    spool.commit(window, births, stamp(END))
    stored = spool.next_after(0, 10_000)
    writer.store([Arrival(topics.parse(m.topic), m.topic, m.payload) for m in stored], END)
    writer.pack(START + timedelta(hours=1))
    writer.close()
    spool.close()
    return tmp_path / "journal.db"


def verdict(journal: Path, starts: int = 1) -> Verdict:
    return judge(journal, DEVICES, START, END, starts)


def test_a_journal_that_has_everything_is_sound(journal: Path) -> None:
    assert verdict(journal) == SOUND


def rewrite(journal: Path, table: str, lines: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of the last body of a table."""
    db = sqlite3.connect(journal)
    number, body = db.execute(f"SELECT id, body FROM {table} ORDER BY id DESC LIMIT 1").fetchone()
    changed = zlib.compress(b"\n".join(lines(zlib.decompress(body).split(b"\n"))))
    db.execute(f"UPDATE {table} SET body = ? WHERE id = ?", (changed, number))
    db.commit()
    db.close()


@pytest.mark.parametrize("table", ["segments", "chunks"])
def test_a_reading_that_vanishes_is_lost_as_a_reading_and_as_a_number(
    journal: Path, table: str
) -> None:
    rewrite(journal, table, lambda lines: lines[1:])

    assert verdict(journal) == Verdict(2 * INSTANTS, lost=2, doubled=0)


def test_a_reading_under_a_second_number_is_doubled_unless_a_start_explains_it(
    journal: Path,
) -> None:
    rewrite(journal, "segments", lambda lines: [*lines, lines[0]])

    assert verdict(journal).doubled == 1


def test_one_instant_may_stand_there_twice_for_each_new_start_of_the_collector(
    journal: Path,
) -> None:
    rewrite(journal, "segments", lambda lines: [*lines, lines[0].replace(b'"seq":', b'"seq":9')])

    assert verdict(journal, starts=1).doubled == 1
    assert verdict(journal, starts=2).doubled == 0


def test_messages_doubled_and_shuffled_leave_the_same_journal() -> None:
    row = delivery(Dose(seed=1, times=1, stop_s=0, bound_s=0))

    assert row.harmless
    assert row.readings > 0
