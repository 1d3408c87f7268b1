"""A full spool: counters are thinned around what batches need, then the oldest goes."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.spool import Spool, Unwritten
from collector.spool.scribe import Head, Scribe
from collector.spool.thinning import SLOT_MS, Thinned, thin
from collector.spool.window import Window
from collector.wire import chain
from collector.wire.reading import Kind, Reading
from tests.collector.spooled import (
    BIRTHS,
    COLLECTOR,
    SITE,
    Books,
    at,
    books,
    commit,
    everything,
    meter,
    plc,
    room,
    spool,
)

EPOCH = "e" * 32
SLOT = 90  # readings of 10 s in 15 minutes


def kind_of(device: str, name: str) -> Kind | None:
    point = BIRTHS[device].point(name)
    return point.kind if point else None


def windows(commits: Sequence[Sequence[Reading]]) -> list[Window]:
    head = Head(EPOCH, 0, 0, chain.genesis(SITE, COLLECTOR, EPOCH))
    made = []
    for readings in commits:
        scribe = Scribe(SITE, COLLECTOR, head)
        for device in sorted({one.device for one in readings}):
            mine = [one for one in readings if one.device == device]
            scribe.readings(device, BIRTHS[device].hash, mine)
        made.append(scribe.window(base=1, newest_ms=0))
        head = scribe.head
    return made


def left(thinned: Thinned) -> Books:
    return Books().take(m for window in thinned.windows for m in window.messages())


def test_of_a_counter_one_reading_in_15_minutes_stays_the_first_and_the_last() -> None:
    kept = left(thin(windows([[meter(n)] for n in range(3 * SLOT)]), kind_of))

    assert [r.at for r in kept.readings()] == [at(0), at(SLOT), at(2 * SLOT), at(3 * SLOT - 1)]


def test_around_a_change_of_step_every_counter_keeps_its_readings() -> None:
    steps = [1] * 30 + [2] * 30
    kept = left(thin(windows([[meter(n), plc(n, s)] for n, s in enumerate(steps)]), kind_of))

    plcs = [r.at for r in kept.readings() if r.device == "jet-01-plc"]
    meters = [r.at for r in kept.readings() if r.device == "jet-01-power"]
    assert plcs == [at(n) for n in (0, 1, 28, 29, 30, 31, 58, 59)]
    assert meters == [at(n) for n in (0, 29, 30, 31, 59)]


def test_what_has_gauges_only_goes_first() -> None:
    kept = left(thin(windows([[room(n), meter(n)] for n in range(20)]), kind_of))

    assert {r.device for r in kept.readings()} == {"jet-01-power"}


def test_a_device_that_nobody_knows_any_more_is_thinned_and_not_dropped() -> None:
    kept = left(thin(windows([[meter(n)] for n in range(20)]), lambda *_: None))

    assert [r.at for r in kept.readings()] == [at(0), at(19)]


@given(
    steps=st.lists(st.integers(0, 2), min_size=1, max_size=120),
    size=st.integers(1, 40),
    devices=st.sets(st.sampled_from(["meter", "plc", "room"]), min_size=1),
)
def test_kept_and_declared_gone_is_everything_and_the_chain_goes_on_across_the_gaps(
    steps: list[int], size: int, devices: set[str]
) -> None:
    readings = {
        "meter": [meter(n * 7) for n in range(len(steps))],
        "plc": [plc(n * 7, step) for n, step in enumerate(steps)],
        "room": [room(n * 7) for n in range(len(steps))],
    }
    commits = [
        [one for name in devices for one in readings[name][first : first + size]]
        for first in range(0, len(steps), size)
    ]

    made = windows(commits)
    before = Books().take(m for w in made for m in w.messages())
    thinned = thin(made, kind_of)

    kept = left(thinned)
    gone = {n for span in thinned.gone for n in range(span.first, span.last + 1)}
    kept.hashes = {(EPOCH, span.last): span.h for span in thinned.gone if span.h}
    assert kept.numbers(EPOCH) | gone == before.numbers(EPOCH)
    assert not kept.numbers(EPOCH) & gone
    assert all(kept.records[key] == before.records[key] for key in kept.records)
    assert kept.breaks(EPOCH) == []
    assert len(kept.hashes) == len(thinned.gone)


@given(steps=st.lists(st.integers(0, 1), min_size=3, max_size=60))
def test_no_change_of_a_state_is_lost_and_none_is_made_up(steps: list[int]) -> None:
    kept = left(thin(windows([[plc(n, s)] for n, s in enumerate(steps)]), kind_of))

    shown = {r.at: r.values["step"] for r in kept.readings()}
    for n in range(1, len(steps)):
        if steps[n] != steps[n - 1]:
            assert shown[at(n - 1)] == steps[n - 1]
            assert shown[at(n)] == steps[n]


def fill(one: Spool, first: int, last: int) -> None:
    """A window each 5 minutes: a meter, a room, and a PLC whose step changes now and then."""
    for n in range(first, last, 30):
        commit(one, *(f(m) for m in range(n, n + 30) for f in (meter, room)), plc(n, n // 600))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Spool:
    """A spool that was offline for twelve hours and holds half of that unthinned."""
    one = spool(tmp_path_factory.mktemp("full") / "a.spool", max_mb=0.25)
    fill(one, 0, 4320)
    return one


def test_a_full_spool_thins_its_oldest_and_keeps_its_newest(full: Spool) -> None:
    kept = books(full)

    assert kept.why() == {"thinned"}
    meters = [r.at for r in kept.readings() if r.device == "jet-01-power"]
    assert meters[0] == at(0)
    assert meters[-180:] == [at(n) for n in range(4320 - 180, 4320)]


def test_a_full_spool_says_of_every_number_that_it_is_there_or_gone(full: Spool) -> None:
    kept = books(full)

    there, gone = kept.numbers(full.epoch), kept.gone[full.epoch]
    assert not there & gone
    assert there | gone == set(range(1, max(there) + 1))
    assert kept.breaks(full.epoch) == []


def test_in_pieces_of_quarters_too_no_more_than_one_reading_in_15_minutes_stays() -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:  # 4000 commits, and not about the disk
        one = spool(Path(folder) / "a.spool", max_mb=0.6)
        for n in range(4000):
            commit(one, meter(n))
        found = books(one)
        one.close()

    assert found.why() == {"thinned"}
    slots = Counter(r.up_ms // SLOT_MS for r in found.readings())
    thinned = [slots[slot] for slot in range(4000 // SLOT) if slots[slot] < SLOT]
    assert len(thinned) > 10
    assert sorted(thinned)[:-1] == [1] * (len(thinned) - 1)


def test_what_is_thinned_already_is_dropped_in_the_end_and_said_to_be(tmp_path: Path) -> None:
    one = spool(tmp_path / "a.spool", max_mb=0.1)

    fill(one, 0, 6000)

    kept = books(one)
    there, gone = kept.numbers(one.epoch), kept.gone[one.epoch]
    assert kept.why() == {"thinned", "spool-full"}
    assert there | gone == set(range(1, max(there) + 1))
    assert not there & gone
    births = {r.device for r in kept.records.values() if r.kind == "birth"}
    assert births == set(BIRTHS)
    one.close()


def test_a_window_too_large_for_the_file_is_refused_and_polling_may_go_on(tmp_path: Path) -> None:
    one = spool(tmp_path / "a.spool", max_mb=0.1)

    commit(one, *(meter(n) for n in range(40)))
    with pytest.raises(Unwritten, match="full"):
        commit(one, *(meter(n) for n in range(40, 4000)))
    commit(one, *(meter(n) for n in range(4000, 4040)))

    assert [r.at for r in books(one).readings()] == [
        at(n) for n in [*range(40), *range(4000, 4040)]
    ]


def test_room_is_made_in_strides_and_not_at_every_commit(tmp_path: Path) -> None:
    one = spool(tmp_path / "a.spool", max_mb=0.25)
    commits = range(0, 4320, 12)

    changed = set()
    for n in commits:
        commit(one, *(meter(m) for m in range(n, n + 12)), *(room(m) for m in range(n, n + 12)))
        changed.add(one.changes)

    assert 1 < len(changed) < len(commits) / 10
    assert everything(one)
