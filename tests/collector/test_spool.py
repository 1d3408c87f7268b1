"""The spool: what is committed waits in its order until the journal has it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.spool import Spool, Unwritten
from collector.spool.open_spool import Commit
from collector.wire.acknowledgement import EpochAck
from collector.wire.anchor import Anchor
from collector.wire.counts import Count, Counts, read_counts
from collector.wire.reading import Reading, stamp
from tests.collector.spooled import (
    METER,
    START,
    Books,
    at,
    books,
    commit,
    commit_meters,
    everything,
    flip,
    meter,
    plc,
    room,
    rows,
    spool,
)

numbers = st.integers(0, 60)
acks = st.builds(
    lambda through, gaps: (through, tuple((min(g), max(g)) for g in gaps)),
    numbers,
    st.lists(st.tuples(numbers, numbers), max_size=3),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.spool"


def test_a_window_is_numbered_device_by_device_each_by_time(path: Path) -> None:
    one = spool(path)

    commit(one, meter(1), plc(1, 3), meter(0))

    found = [(r.device, r.at) for r in books(one).readings()]
    assert found == [("jet-01-plc", at(1)), ("jet-01-power", at(0)), ("jet-01-power", at(1))]


def test_a_clock_that_is_set_back_inside_a_window_reverses_no_readings(path: Path) -> None:
    one = spool(path)

    commit(one, meter(1), replace(meter(2), at=at(0)))

    assert [(r.up_ms, r.at) for r in books(one).readings()] == [
        (meter(1).up_ms, at(1)),
        (meter(2).up_ms, at(0)),
    ]


def test_a_spool_opened_again_goes_on_with_its_numbers_and_its_chain(path: Path) -> None:
    one = spool(path)
    commit_meters(one, 0, 4)
    epoch = one.epoch
    one.close()

    again = spool(path)
    commit_meters(again, 5, 9)

    assert again.epoch == epoch
    assert books(again).numbers(epoch) == set(range(1, 12))
    assert books(again).breaks(epoch) == []


def test_a_birth_is_told_once_an_epoch(path: Path) -> None:
    one = spool(path)

    commit_meters(one, 0, 3)

    assert [r.kind for r in books(one).records.values()] == ["birth"] + ["reading"] * 4


def test_an_anchor_is_a_record_of_its_window(path: Path) -> None:
    one = spool(path)

    one.commit([meter(0)], {METER.device: METER}, "2026-03-02T00:00:00.000Z", _anchor())

    assert [r.kind for r in books(one).records.values()] == ["birth", "reading", "anchor"]


def test_a_released_spool_keeps_one_window_to_number_on_from(path: Path) -> None:
    one = spool(path)
    commit_meters(one, 0, 9)
    assert len(everything(one)) == 11  # handed out to be sent

    one.release([EpochAck(one.epoch, 11)])

    assert one.waiting() == 0
    assert everything(one) == []
    one.close()
    assert rows(path) == 1


def test_an_ack_of_another_epoch_releases_nothing(path: Path) -> None:
    one = spool(path)
    commit_meters(one, 0, 4)

    one.release([EpochAck("f" * 32, 6)])

    assert one.waiting() == 6


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(acks, max_size=6))
def test_nothing_at_or_above_the_first_missing_is_let_go_whatever_the_acks_say(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[int, tuple[tuple[int, int], ...]]]
) -> None:
    one = spool(tmp_path_factory.mktemp("spool") / "a.spool")
    commit_meters(one, 0, 49)
    first_missing = 1
    epoch = one.epoch
    written = {seq for _, seq in Books().take(everything(one)).records}

    for through, missing in words:
        one.release([EpochAck(epoch, through, missing)])
        commit(one, plc(50, 1))  # deletes
        if one.epoch != epoch:
            break  # the ack knew of numbers that were never sent: they are numbered anew
        bound = min([through + 1, *(low for low, _ in missing[:1])])
        first_missing = max(first_missing, bound)
        assert written - books(one).numbers(epoch) <= set(range(1, first_missing))
    one.close()


def test_what_is_read_ahead_is_whole_windows_and_only_what_is_asked_for(path: Path) -> None:
    one = spool(path)
    commit(one, meter(0), plc(0, 1), room(0))
    commit(one, meter(1), plc(1, 1), room(1))

    found = one.next_after(0, 1)
    behind = one.next_after(found[-1].place, 1, lambda _epoch, _first, last: last == 9)

    assert [(m.first, m.last) for m in found] == [(n, n) for n in range(1, 7)]
    assert [(m.first, m.last) for m in behind] == [(9, 9)]


def test_two_collectors_do_not_write_one_spool(path: Path) -> None:
    one, other = spool(path), spool(path)
    commit_meters(one, 0, 0)

    with pytest.raises(Unwritten, match="locked"):
        commit_meters(other, 1, 1)

    assert one.waiting() == 2
    one.close()


def test_a_spool_of_another_name_numbers_anew_and_keeps_what_waits(path: Path) -> None:
    one = spool(path)
    commit_meters(one, 0, 1)
    epoch = one.epoch
    one.close()

    renamed = Spool(path, site="keqiao", collector="b", max_mb=10)
    commit_meters(renamed, 2, 2)

    assert renamed.epoch != epoch
    assert {m.topic.split("/")[3] for m in everything(renamed)} == {"a", "b"}


def test_the_newest_instant_is_remembered_across_a_start(path: Path) -> None:
    one = spool(path)
    commit_meters(one, 0, 3)
    one.close()

    assert spool(path).newest_at == at(3)


def test_a_window_that_cannot_be_written_now_is_written_later_and_once(path: Path) -> None:
    path.parent.joinpath("blocked").write_text("a file where a folder should be")
    one = spool(path.parent / "blocked" / "a.spool")

    with pytest.raises(Unwritten):
        commit(one, meter(0))
    path.parent.joinpath("blocked").unlink()
    one._again_at = 0.0  # a second later
    commit(one, meter(0), meter(1))

    assert [r.at for r in books(one).readings()] == [at(0), at(1)]


def test_the_spool_stays_within_its_bytes(path: Path) -> None:
    one = spool(path, max_mb=0.3)

    for number in range(0, 8000, 40):
        commit(one, *(meter(n) for n in range(number, number + 40)))
        whole = sum(f.stat().st_size for f in path.parent.iterdir())
        assert whole <= 300_000, number


def test_sqlite_itself_finds_nothing_wrong(path: Path) -> None:
    one = spool(path, max_mb=0.1)
    for number in range(0, 2000, 20):
        commit(one, *(meter(n) for n in range(number, number + 20)))
    one.close()

    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def _anchor() -> Anchor:
    return Anchor("b0", 1000, START, "kernel")


def test_a_commit_of_nothing_leaves_the_newest_window_as_it_is(tmp_path: Path) -> None:
    one = spool(tmp_path / "a.spool")
    commit_meters(one, 0, 2)
    before = everything(one)

    one.commit([], {}, stamp(at(3)))

    assert everything(one) == before
    one.close()


def test_a_commit_that_failed_and_is_there_after_all_is_not_overwritten(tmp_path: Path) -> None:
    one = spool(tmp_path / "a.spool")
    readings = [meter(n) for n in range(3)]
    commit(one, *readings)
    before = everything(one)
    # What is remembered of a commit whose fsync failed although it had reached the file.
    remember_failed(one, window(*readings))

    commit(one, *readings)

    assert everything(one) == before
    one.close()


def test_what_failed_before_it_was_written_is_not_taken_for_the_commit_before(path: Path) -> None:
    one, waiting = spool(path), [meter(3), meter(4)]
    commit_meters(one, 0, 2)

    refuse_births(one)
    with pytest.raises(Unwritten):
        commit(one, *waiting)
    commit(one, *waiting, meter(5))

    assert [r.at for r in books(one).readings()] == [at(n) for n in range(6)]
    one.close()


def test_a_commit_that_is_there_after_all_comes_once_however_often_the_next_fails(
    path: Path,
) -> None:
    one = spool(path)
    readings = [meter(n) for n in range(3)]
    commit(one, *readings)
    remember_failed(one, window(*readings))

    for _ in range(2):
        refuse_births(one)
        with pytest.raises(Unwritten):
            commit(one, *readings, meter(3))
    commit(one, *readings, meter(3), meter(4))

    assert [r.at for r in books(one).readings()] == [at(n) for n in range(5)]
    one.close()


def test_a_commit_that_is_there_after_all_comes_once_though_the_file_is_salvaged_in_between(
    path: Path,
) -> None:
    one, waiting = spool(path), [meter(3), meter(4)]
    commit_meters(one, 0, 2)
    commit(one, *waiting)
    remember_failed(one, window(*waiting))
    one.close()
    flip(path, [3])  # SQLite no longer knows it

    commit(one, *waiting, meter(5))

    assert sorted(r.at for r in books(one).readings()) == [at(n) for n in range(6)]
    assert list(path.parent.glob("a.spool.damaged-*"))
    one.close()


def test_counts_that_came_since_are_kept_where_the_commit_before_is_there_after_all(
    path: Path,
) -> None:
    one, before, since = spool(path), counted(0), counted(900_000)
    first = window(meter(0), counts=[before])
    one.commit(first.readings, first.births, first.now, None, first.counts)
    remember_failed(one, first)

    one.commit([*first.readings, meter(1)], first.births, first.now, None, [before, since])

    kinds = [record.kind for _, record in sorted(books(one).records.items())]
    told = [
        read_counts(r.body) for _, r in sorted(books(one).records.items()) if r.kind == "counts"
    ]
    assert kinds == ["birth", "reading", "counts", "reading", "counts"]
    assert told == [before, since]
    one.close()


def window(*readings: Reading, counts: Sequence[Counts] = ()) -> Commit:
    """What a commit of the meter's readings holds."""
    return Commit(readings, {METER.device: METER}, stamp(at(0)), None, counts)


def remember_failed(one: Spool, what: Commit) -> None:
    """What is remembered of the newest commit where its fsync failed though it was written."""
    one._unsure = (one._do(lambda opened: opened.head.h), what)


def refuse_births(one: Spool) -> None:
    """A read fails in the midst of the next commit, before anything is written."""

    def denied(_action: int, table: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if table == "births" else sqlite3.SQLITE_OK

    one._do(lambda opened: opened.file._db.set_authorizer(denied))


def counted(from_up_ms: int) -> Counts:
    start = at(0) + timedelta(milliseconds=from_up_ms)
    end = start + timedelta(minutes=15)
    devices = {METER.device: Count(90, 90, {}, {}, {})}
    return Counts("b0", from_up_ms, from_up_ms + 900_000, start, end, devices)
