"""What is kept of how a device is asked."""

from collector.cost import Cost
from collector.enquiry import _prepared
from tests.collector.playing import device


def test_plans_of_many_turnarounds_keep_what_takes_answers_apart_once():
    meter = device("a", 1, addresses=range(0, 400, 8))

    plans = [
        _prepared(meter.points, meter.profile.limits, Cost(us, 4), frozenset())
        for us in range(10_000, 20_000, 500)
    ]

    assert len(set(plans)) == 1
    assert len({id(block) for plan in plans for _, block in plan}) == len(plans[0])
