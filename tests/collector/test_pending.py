"""What waits in memory while the disk refuses: bounded, in order, and counted where it goes."""

from hypothesis import given
from hypothesis import strategies as st

from collector.pending import MOST_VALUES, Pending, window_ms
from tests.collector.spooled import meter


@given(st.lists(st.sampled_from(["add", "refused"]), max_size=60))
def test_what_was_added_is_there_in_its_order_or_counted(steps: list[str]) -> None:
    pending = Pending(most_values=30)  # ten readings of three
    added = 0

    for step in steps:
        if step == "add":
            pending.add(meter(added), added)
            added += 1
        else:
            pending.put_back(pending.take())
    left = pending.take()

    assert len(left) + pending.dropped == added
    assert len(left) <= 10
    assert left == [(meter(n), n) for n in range(pending.dropped, added)]


@given(st.integers(100, 60_000), st.floats(0.01, 1e6))
def test_a_window_is_as_asked_and_leaves_half_of_memory_for_a_disk_that_refuses(
    asked_ms: int, values_s: float
) -> None:
    found_ms = window_ms(asked_ms, values_s)

    held = values_s * found_ms / 1000
    assert found_ms <= asked_ms
    assert held <= MOST_VALUES / 2
    assert found_ms == asked_ms or held >= MOST_VALUES / 2 - values_s / 1000


def test_a_window_of_nobody_is_as_asked() -> None:
    assert window_ms(5000, 0) == 5000
