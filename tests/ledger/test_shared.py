"""One meter before several machines: the ladder of drivers divides it."""

import pytest

from api.ledger import drivers
from api.ledger.plant import SharedMeter
from tests.ledger.given import SITE, Mill, carried, machine, plant, rules, run

METER = "hall.energy_kwh"
LADDER = ("rated-run-hours", "mass", "run-hours")


def hall(*runs, ladder=LADDER, **more):
    shared = SharedMeter("hall", "electricity", METER, ("m-1", "m-2"), ladder)
    return Mill(
        plant(machine("m-1"), machine("m-2"), machine("m-3"), shared=[shared]),
        runs,
        {METER: [(0, 0), (60, 60)]},
        **more,
    )


ONE, TWO = run("B1", 0, 60, machine="m-1"), run("B2", 30, 60, machine="m-2")


def test_while_one_machine_runs_all_of_it_is_that_ones():
    one = hall(ONE)

    assert one.carried(METER) == {"run B1": 60}
    assert rules(one.attribution(), METER) == {"direct"}


def test_while_none_runs_it_is_overhead():
    one = hall(run("B1", 0, 20, machine="m-1"))

    assert one.carried(METER) == {"run B1": 20, f"overhead {SITE}": 40}


def test_machines_outside_the_group_take_nothing():
    assert hall(ONE, run("B9", 0, 60, machine="m-3")).carried(METER) == {"run B1": 60}


@pytest.mark.parametrize(
    ("facts", "rung", "amounts"),
    [
        ({"rated": {"m-1": "2", "m-2": "1"}}, "rated-run-hours", (20, 10)),
        ({"rated": {"m-1": "2"}, "masses": {"B1": "40", "B2": "10"}}, "mass", (20, 10)),
        ({"masses": {"B1": "40"}}, "run-hours", (15, 15)),
        ({}, "run-hours", (15, 15)),
        ({"rated": {"m-1": "0", "m-2": "0"}}, "run-hours", (15, 15)),
    ],
)
def test_the_next_rung_is_taken_only_where_the_signal_is_missing(facts, rung, amounts):
    one = hall(ONE, TWO, **facts)

    assert one.carried(METER) == {"run B1": 30 + amounts[0], "run B2": amounts[1]}
    assert rules(one.attribution(), METER) == {"direct", rung}


@pytest.mark.parametrize("ladder", [(), ("mass",)])
def test_a_ladder_without_any_signal_ends_with_equal_shares(ladder):
    one = hall(ONE, TWO, ladder=ladder)

    assert one.carried(METER) == {"run B1": 45, "run B2": 15}
    assert rules(one.attribution(), METER) == {"direct", "equal"}


def test_one_rung_holds_for_the_whole_group_in_a_slice():
    three = [run(f"B{n}", 0, 60, machine=f"m-{n}") for n in (1, 2)]
    found = hall(*three, masses={"B1": "10"}).attribution()

    assert rules(found, METER) == {"run-hours"}


def test_a_run_that_begins_inside_a_slot_cuts_it():
    one = hall(ONE, run("B2", 53, 60, machine="m-2"))

    assert one.carried(METER) == {"run B1": 53 + 3.5, "run B2": 3.5}


def test_a_batch_that_nobody_could_name_is_held():
    found = hall(ONE, run("", 30, 60, machine="m-2")).attribution()

    assert carried(found, METER) == {"run B1": 45, "held m-2": 15}


def test_every_driver_can_be_loaded_by_its_name():
    assert drivers.names() == ["equal", "mass", "rated-run-hours", "run-hours"]
    assert all(callable(drivers.driver(name).weights) for name in drivers.names())
