"""What waits in memory while the disk refuses: bounded, in order, and counted where it goes."""

from hypothesis import given
from hypothesis import strategies as st

from collector.pending import Pending
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
