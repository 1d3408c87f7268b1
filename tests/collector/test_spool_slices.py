"""What a full spool opens at once to thin it: bounded by what is written, however well it packs."""

from collector.spool.room import _slice
from collector.spool.window import Stored, Window, pack


def window(place: int, size: int) -> Window:
    body = pack([Stored("e", place, place, place, "t", b"x" * size)])
    return Window(place, "e", place, place, 1, 0, False, b"", body)


def test_an_hour_of_fifty_points_that_stand_still_was_529_mb_of_memory_when_it_was_thinned():
    opened = list(_slice(window(place, 400_000) for place in range(1, 200)))

    assert len(opened) == 2


def test_one_window_is_opened_whatever_it_holds():
    assert len(list(_slice(iter([window(1, 5_000_000), window(2, 10)])))) == 1
