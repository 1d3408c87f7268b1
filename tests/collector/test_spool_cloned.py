"""A card that was cloned or set back: what is ours is numbered anew before anything is let go."""

import shutil
from pathlib import Path

import pytest

from collector.spool import Spool
from collector.wire.acknowledgement import EpochAck
from tests.collector.spooled import Books, at, books, commit_meters, everything, spool

ANOTHERS = b"of another life " * 2
"""The hash of somebody else's record."""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A spool with ten readings, numbered 2 to 11, of which five wait."""
    path = tmp_path / "a.spool"
    one = spool(path)
    commit_meters(one, 0, 9)
    one.release([ours(one, 6)])
    one.close()
    return path


def ours(one: Spool, through: int) -> EpochAck:
    """The word of a journal that has our records up to a number."""
    return EpochAck(one.epoch, through, h=books(one).records[one.epoch, through].h)


def test_a_card_set_back_numbers_anew_what_it_read_since(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch
    commit_meters(one, 50, 52)  # under numbers that the journal has from another life

    one.release([EpochAck(epoch, 13, h=ANOTHERS)])

    found = books(one)
    assert one.epoch != epoch
    assert [r.at for r in found.readings()] == [at(n) for n in (5, 6, 7, 8, 9, 50, 51, 52)]
    assert {e for e, _ in found.records} == {one.epoch}
    assert found.gone[epoch] == set(range(7, 15))
    assert found.breaks(one.epoch) == []
    one.close()


def test_a_card_set_back_and_started_twice_before_it_is_heard_loses_nothing(card: Path) -> None:
    one = spool(card)
    commit_meters(one, 50, 70)
    one.close()
    again = spool(card)

    again.release([EpochAck(again.epoch, 20, h=ANOTHERS)])
    commit_meters(again, 71, 71)

    assert _ats(again) == {at(n) for n in (5, 6, 7, 8, 9, *range(50, 72))}
    again.close()


def test_what_the_journal_counts_of_ours_is_let_go(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch

    one.release([ours(one, 9)])

    assert one.waiting() == 2
    assert one.epoch == epoch
    one.close()


def test_the_word_of_an_older_gateway_that_names_no_hash_is_taken(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch

    one.release([EpochAck(epoch, 9)])

    assert one.waiting() == 2
    assert one.epoch == epoch
    one.close()


def test_an_older_word_that_comes_again_renews_nothing(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch
    word = ours(one, 9)
    one.release([ours(one, 11)])

    one.release([word])

    assert one.waiting() == 0
    assert one.epoch == epoch
    one.close()


def test_a_journal_that_knows_more_than_was_ever_sent_shows_it(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch

    one.release([EpochAck(epoch, 200, h=ANOTHERS)])
    commit_meters(one, 50, 50)

    assert one.epoch != epoch
    assert _ats(one) == {at(n) for n in (5, 6, 7, 8, 9, 50)}
    one.close()


def test_both_of_two_cloned_cards_number_anew_what_waits(card: Path, tmp_path: Path) -> None:
    clone_path = tmp_path / "b.spool"
    shutil.copy(card, clone_path)
    one, clone = spool(card), spool(clone_path)
    epoch = one.epoch
    assert clone.epoch == epoch
    commit_meters(one, 20, 24)
    commit_meters(clone, 30, 34)
    word = EpochAck(epoch, 16, (), 12, ours(one, 16).h)

    for each in (one, clone):
        each.release([word])

    assert len({epoch, one.epoch, clone.epoch}) == 3
    for each, first in ((one, 20), (clone, 30)):
        assert _ats(each) == {at(n) for n in (5, 6, 7, 8, 9, *range(first, first + 5))}
        each.close()


def test_a_conflict_lets_nothing_go_before_it_is_committed_again(card: Path) -> None:
    one = spool(card)
    epoch = one.epoch
    commit_meters(one, 20, 24)
    one.release([EpochAck(epoch, 16, (), 14)])
    one.close()

    again = spool(card)

    assert _ats(again) == {at(n) for n in (5, 6, 7, 8, 9, *range(20, 25))}
    assert again.epoch != epoch
    again.close()


def test_the_same_conflict_told_again_changes_nothing(card: Path) -> None:
    one = spool(card)
    commit_meters(one, 20, 24)
    word = [EpochAck(one.epoch, 16, (), 12)]
    one.release(word)
    renewed = one.epoch

    one.release(word)
    commit_meters(one, 25, 25)

    assert one.epoch == renewed
    assert _ats(one) == {at(n) for n in (5, 6, 7, 8, 9, *range(20, 26))}
    one.close()


def _ats(one: Spool) -> set[object]:
    return {r.at for r in Books().take(everything(one)).readings()}
