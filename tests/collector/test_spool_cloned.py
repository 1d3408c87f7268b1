"""A card that was cloned or set back: what is ours is numbered anew before anything is let go."""

import shutil
from pathlib import Path

import pytest

from collector.spool import Spool
from collector.wire.acknowledgement import EpochAck
from tests.collector.spooled import Books, at, books, commit_meters, everything, spool


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A spool with ten readings, of which five wait, set back to before ten more were sent."""
    path = tmp_path / "a.spool"
    one = spool(path)
    commit_meters(one, 0, 9)
    assert everything(one)
    one.release([EpochAck(one.epoch, 6)])
    one.close()
    return path


def test_a_card_set_back_numbers_anew_what_it_read_since(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch
    commit_meters(one, 50, 52)  # under numbers that the journal has from another life

    one.release([EpochAck(epoch, 13)])

    found = books(one)
    assert one.epoch != epoch
    assert [r.at for r in found.readings()] == [at(50), at(51), at(52)]
    assert {e for e, _ in found.records} == {one.epoch}
    assert found.gone[epoch] == {12, 13, 14}
    assert found.breaks(one.epoch) == []
    one.close()


def test_a_journal_that_knows_more_than_was_ever_sent_shows_it(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch

    one.release([EpochAck(epoch, 200)])
    commit_meters(one, 50, 50)

    assert one.epoch != epoch
    assert [r.at for r in books(one).readings()] == [at(50)]
    one.close()


def test_a_cloned_card_numbers_anew_from_the_conflict_on(card: Path, tmp_path: Path) -> None:
    clone_path = tmp_path / "b.spool"
    shutil.copy(card, clone_path)
    one, clone = spool(card), spool(clone_path)
    epoch = one.epoch
    assert clone.epoch == epoch
    for each, numbers in ((one, (20, 24)), (clone, (30, 34))):
        commit_meters(each, *numbers)
        assert everything(each)

    for each in (one, clone):
        each.release([EpochAck(epoch, 16, (), 12)])

    assert len({epoch, one.epoch, clone.epoch}) == 3
    for each, first in ((one, 20), (clone, 30)):
        assert [r.at for r in books(each).readings()] == [at(first + n) for n in range(5)]
        each.close()


def test_a_conflict_lets_nothing_go_before_it_is_committed_again(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch
    commit_meters(one, 20, 24)
    assert everything(one)
    one.release([EpochAck(epoch, 16, (), 14)])
    one.close()

    again = spool(card)

    assert _ats(again) >= {at(n) for n in range(22, 25)}
    assert again.epoch != epoch
    again.close()


def test_the_same_conflict_told_again_changes_nothing(card: Path) -> None:
    one = spool(card)
    commit_meters(one, 20, 24)
    assert everything(one)
    word = [EpochAck(one.epoch, 16, (), 12)]
    one.release(word)
    renewed = one.epoch

    one.release(word)
    commit_meters(one, 25, 25)

    assert one.epoch == renewed
    assert _ats(one) == {at(n) for n in range(20, 26)}
    one.close()


def _ats(one: Spool) -> set[object]:
    return {r.at for r in Books().take(everything(one)).readings()}
