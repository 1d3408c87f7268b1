"""A spool whose card fails: it is put aside, what is good of it goes on, what is lost is said."""

import random
import sqlite3
from pathlib import Path

import pytest

from collector.spool import Spool, Unwritten
from collector.spool.file import SpoolFile
from collector.spool.open_spool import OpenSpool
from collector.spool.salvage import salvage
from collector.spool.wal import found_wal, wal_of
from collector.wire.acknowledgement import EpochAck
from tests.collector.spooled import (
    COLLECTOR,
    SITE,
    Books,
    at,
    books,
    commit,
    commit_meters,
    everything,
    flip,
    meter,
    spool,
)
from tests.faults.intact import Undamaged

COUNT = 300


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed spool with 300 readings in windows of five, the first ten released."""
    path = tmp_path / "a.spool"
    one = spool(path)
    for number in range(0, COUNT, 5):
        commit(one, *(meter(n) for n in range(number, number + 5)))
    assert everything(one)
    one.release([EpochAck(one.epoch, 11)])
    one.close()
    return path


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("a.spool.damaged-*Z"))


def accounts(path: Path) -> tuple[str, Books, Spool]:
    """The old epoch, and what the spool says after it was opened and went on."""
    one = spool(path)
    commit_meters(one, COUNT, COUNT + 2)
    found = books(one)
    (old,) = {epoch for epoch, _ in found.records} - {one.epoch}
    return old, found, one


def test_a_flipped_bit_costs_its_own_window_and_the_rest_goes_on(path: Path) -> None:
    db = sqlite3.connect(path)
    (body,) = db.execute("SELECT body FROM windows ORDER BY place LIMIT 1 OFFSET 20").fetchone()
    db.close()
    flip(path, [path.read_bytes().index(body[:200]) + 100])
    one = spool(path)

    assert everything(one)  # the damage is found while reading

    old, found, _ = one.epoch, books(one), one.close()
    (lost,) = found.gone.values()
    assert found.why() == {"spool-damaged"}
    assert len(lost) == 5
    assert next(iter(found.gone)) != old
    assert len(aside(path)) == 1


@pytest.mark.parametrize("seed", range(12))
def test_whatever_bits_flip_every_number_known_is_salvaged_or_declared_gone(
    path: Path, seed: int
) -> None:
    drawn = random.Random(seed)
    size = path.stat().st_size
    flip(path, [drawn.randrange(size) for _ in range(drawn.choice((1, 3, 30)))])

    one = spool(path)
    commit_meters(one, COUNT, COUNT + 2)
    found = books(one)

    assert [r.at for r in found.readings() if r.at >= at(COUNT)] == [
        at(COUNT + n) for n in range(3)
    ]
    for old in {epoch for epoch, _ in found.records} - {one.epoch}:
        known = found.numbers(old) | found.gone.get(old, set())
        assert known == set(range(min(known), max(known) + 1))
        assert min(known) <= 12
    one.close()


@pytest.mark.parametrize("share", [0.9, 0.5, 0.1])
def test_a_truncated_spool_gives_what_is_left_of_it(path: Path, share: float) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(int(size * share))

    one = spool(path)
    commit_meters(one, COUNT, COUNT)

    assert len(books(one).readings()) >= 1
    assert len(aside(path)) == 1
    one.close()


def test_a_spool_whose_first_page_is_gone_is_salvaged_whole(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[:1024] = bytes(1024)
    path.write_bytes(bytes(content))

    _, found, one = accounts(path)

    assert sorted(r.at for r in found.readings()) == [at(n) for n in range(10, COUNT + 3)]
    one.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be one" * 100, b"x" * 10]
)
def test_a_file_that_is_no_spool_is_put_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    one = spool(path)

    commit_meters(one, 0, 1)

    assert one.waiting() == 3
    assert len(aside(path)) == 1
    one.close()


def test_somebody_elses_database_is_put_aside(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE windows (place INTEGER)")
    db.commit()
    db.close()
    one = spool(path)

    commit_meters(one, 0, 1)

    assert one.waiting() == 3
    one.close()


def test_half_a_wal_loses_only_its_end(path: Path) -> None:
    one = spool(path)
    commit_meters(one, COUNT, COUNT + 20)
    wal = path.with_name("a.spool-wal").read_bytes()
    main = path.read_bytes()
    one.close()
    path.write_bytes(main)
    path.with_name("a.spool-wal").write_bytes(wal[: len(wal) // 2])

    again = spool(path)
    commit_meters(again, COUNT + 21, COUNT + 21)

    found = [r.at for r in books(again).readings()]
    assert found[: COUNT - 10] == [at(n) for n in range(10, COUNT)]
    assert found[-1] == at(COUNT + 21)
    assert books(again).breaks(again.epoch) != [1]
    again.close()


def test_only_the_newest_of_the_damaged_files_are_kept(path: Path) -> None:
    for number in range(5):
        path.write_bytes(b"damaged %d" % number)
        one = spool(path)
        commit_meters(one, 0, 0)
        one.close()

    assert len(aside(path)) == 3


def test_a_salvage_cut_off_before_its_last_step_is_finished(path: Path) -> None:
    path.rename(path.with_name("a.spool.salvaged"))

    one = spool(path)

    assert one.waiting() == COUNT + 1 - 11
    one.close()


def test_a_spool_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "card"
    blocked.write_text("not mounted")
    one = spool(blocked / "a.spool")

    for _ in range(3):
        with pytest.raises(Unwritten):
            one.waiting()
    blocked.unlink()
    one._again_at = 0.0

    assert one.waiting() == 0
    one.close()


def test_a_renewed_epoch_is_the_one_that_goes_on_after_a_start(path: Path) -> None:
    flip(path, range(20_000, 20_100))
    one = spool(path)
    assert everything(one)
    epoch = one.epoch
    one.close()

    again = spool(path)
    commit_meters(again, COUNT, COUNT)

    assert again.epoch == epoch
    assert books(again).breaks(epoch) == []
    again.close()


def killed(path: Path, windows: int) -> tuple[str, Path]:
    """The epoch and the files of a spool whose process was killed: what is newest is in its WAL."""
    one = spool(path)
    epoch = one.epoch
    commit_meters(one, 0, windows - 1)
    dead = path.parent / "dead" / "a.spool"
    dead.parent.mkdir()
    for end in ("", "-wal"):
        file = path.with_name(path.name + end)
        dead.with_name(file.name).write_bytes(file.read_bytes())
    one.close()
    return epoch, dead


def test_what_stands_in_the_wal_behind_a_bit_that_flipped_is_found(tmp_path: Path) -> None:
    epoch, dead = killed(tmp_path / "a.spool", 20)
    wal = dead.with_name("a.spool-wal")
    before = Undamaged(dead)
    flip(wal, [wal.stat().st_size // 2])

    one = spool(dead)
    commit_meters(one, 30, 30)
    found = books(one)

    lost = set(range(1, 22)) - found.numbers(epoch)
    assert len(lost) <= 1
    assert found.gone.get(epoch, set()) == lost
    assert {(epoch, seq) for seq in found.numbers(epoch)} >= before.held()
    one.close()


def test_a_window_that_only_sqlite_does_not_read_is_no_damage(tmp_path: Path) -> None:
    epoch, dead = killed(tmp_path / "a.spool", 20)
    wal = dead.with_name("a.spool-wal")
    flip(wal, [wal.stat().st_size - 1048 + 16])  # the checksum of the last page

    one = spool(dead)

    assert one.epoch == epoch
    assert books(one).numbers(epoch) == set(range(1, 22))
    assert not aside(dead)
    one.close()


def test_windows_to_which_no_inner_page_leads_are_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(0, len(content), 1024):
        if content[page] == 0x05:
            content[page : page + 1024] = random.Random(page).randbytes(1024)
    path.write_bytes(bytes(content))

    _, found, one = accounts(path)

    assert sorted(r.at for r in found.readings()) == [at(n) for n in range(10, COUNT + 3)]
    one.close()


def test_what_stands_in_the_wal_of_an_empty_file_is_found(tmp_path: Path) -> None:
    epoch, dead = killed(tmp_path / "a.spool", 30)
    dead.write_bytes(b"")  # SQLite removes the WAL of such a one

    one = spool(dead)
    commit_meters(one, COUNT, COUNT)

    assert books(one).numbers(epoch) == set(range(1, 32))
    assert one.epoch != epoch
    assert len(aside(dead)) == 1
    one.close()


@pytest.mark.parametrize("seed", range(12))
def test_no_record_on_an_intact_page_is_lost_or_declared_gone(tmp_path: Path, seed: int) -> None:
    drawn = random.Random(seed)
    path = tmp_path / "a.spool"
    with_old = spool(path)
    commit_meters(with_old, 0, drawn.choice((0, 50)))
    with_old.close()
    epoch, dead = killed(path, drawn.choice((5, 60)))
    before = Undamaged(dead)
    ends = [end for end in ("", "-wal") if dead.with_name(f"a.spool{end}").stat().st_size]
    damaged = dead.with_name(f"a.spool{drawn.choice(ends)}")
    size = damaged.stat().st_size
    flip(damaged, [drawn.randrange(size) for _ in range(drawn.choice((1, 5, 40)))])

    one = spool(dead)
    commit_meters(one, COUNT, COUNT)
    found = books(one)

    held = {seq for name, seq in before.held() if name == epoch}
    assert held <= found.numbers(epoch)
    assert not held & found.gone.get(epoch, set())
    one.close()


def opened_and_cut(dead: Path) -> None:
    """What a start does until a power cut: SQLite has opened the file, and let go of its WAL."""
    found_wal(dead)
    SpoolFile(dead, 10**8).close()
    assert not wal_of(dead)


def test_a_start_cut_off_after_it_opened_a_damaged_wal_loses_nothing_of_it(tmp_path: Path) -> None:
    epoch, dead = killed(tmp_path / "a.spool", 20)
    wal = dead.with_name("a.spool-wal")
    before = Undamaged(dead)
    flip(wal, [wal.stat().st_size // 2])
    held = before.held()
    opened_and_cut(dead)

    one = spool(dead)
    commit_meters(one, 30, 30)

    assert {(epoch, seq) for seq in books(one).numbers(epoch)} >= held
    one.close()
    assert [file.name for file in dead.parent.glob("*wal-found*")] == []


@pytest.mark.parametrize("steps", [1, 2])
def test_a_salvage_cut_off_anywhere_is_done_again_and_tells_the_same(
    path: Path, tmp_path: Path, steps: int
) -> None:
    flip(path, range(20_000, 20_100))
    cut = tmp_path / "cut" / "a.spool"
    cut.parent.mkdir()
    cut.write_bytes(path.read_bytes())
    fresh, losses = salvage(cut, 10**8, b"")
    assert losses
    if steps == 2:
        file = SpoolFile(fresh, 10**8)
        OpenSpool(file, SITE, COLLECTOR).tell_losses(losses)
        file.close()
        cut.rename(cut.with_name("a.spool.damaged-Z"))

    old, told, one = accounts(path)
    same, again, other = accounts(cut)

    assert same == old
    assert again.gone[old] == told.gone[old]
    before = set(range(COUNT + 2))
    assert again.numbers(old) & before == told.numbers(old) & before
    one.close()
    other.close()
