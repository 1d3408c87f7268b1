"""One meter before several machines: the ladder of drivers divides it."""

import pytest

from api.ledger.plant import SharedMeter, Standby
from tests.ledger.given import MINUTE, SITE, Mill, at, carried, machine, plant, rules, run

METER = "hall.energy_kwh"
LADDER = ("rated-run-hours", "mass", "run-hours")


def hall(*runs, ladder=LADDER, **more):
    standby = Standby(more.pop("to", "next-batch"), more.pop("longest", 240) * MINUTE)
    shared = SharedMeter("hall", "electricity", METER, ("m-1", "m-2"), ladder, standby)
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
    assert rules(one.attribution(), METER) == {"run-hours"}


def test_what_a_shared_meter_shows_is_never_called_a_machines_own():
    assert "direct" not in rules(hall(ONE).attribution(), METER)


def test_machines_outside_the_group_take_nothing():
    assert hall(ONE, run("B9", 0, 60, machine="m-3")).carried(METER) == {"run B1": 60}


@pytest.mark.parametrize(
    ("facts", "rung", "amounts"),
    [
        ({"rated": {"m-1": "2", "m-2": "1"}}, "rated-run-hours", (20, 10)),
        ({"rated": {"m-2": "2"}, "masses": {"B1": "40", "B2": "10"}}, "mass", (20, 10)),
        ({"rated": {"m-2": "2"}, "masses": {"B2": "40"}}, "run-hours", (15, 15)),
        ({}, "run-hours", (15, 15)),
    ],
)
def test_the_next_rung_is_taken_only_where_the_signal_is_missing(facts, rung, amounts):
    one = hall(run("B1", 0, 60, machine="m-1"), TWO, **facts)

    assert one.carried(METER) == {"run B1": 30 + amounts[0], "run B2": amounts[1]}
    both = [p for p in one.attribution().postings if p.account.run.batch == "B2"]
    assert {posting.rule for posting in both} == {rung}


@pytest.mark.parametrize("ladder", [(), ("mass",)])
def test_a_ladder_without_any_signal_ends_with_equal_shares(ladder):
    one = hall(ONE, TWO, ladder=ladder)

    assert one.carried(METER) == {"run B1": 45, "run B2": 15}
    assert rules(one.attribution(), METER) == {"equal"}


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


# While none of the group runs.


def test_an_idle_groups_use_is_standby_of_the_batch_that_comes_first():
    one = hall(run("B1", 20, 60, machine="m-1"), run("B2", 40, 60, machine="m-2"))

    assert one.carried(METER)["standby B1"] == 20
    assert "group-standby" in rules(one.attribution(), METER)


def test_batches_that_come_together_share_the_groups_idling_evenly():
    one = hall(run("B1", 30, 60, machine="m-1"), run("B2", 30, 60, machine="m-2"))

    assert one.carried(METER) == {n + b: 15 for n in ("standby ", "run ") for b in ("B1", "B2")}


def test_batches_that_come_together_into_one_machine_share_its_part_by_mass():
    coming = [run(b, 30, 60, machine=m) for b, m in (("B1", "m-1"), ("B2", "m-1"), ("B3", "m-2"))]
    found = hall(*coming, masses={"B1": "30", "B2": "10", "B3": "1000"}).carried(METER)

    assert [found[f"standby B{n}"] for n in (1, 2, 3)] == [11.25, 3.75, 15]


def test_idling_of_a_group_longer_than_declared_is_overhead_but_for_its_last_part():
    one = hall(run("B1", 50, 60, machine="m-1"), longest=20)

    assert one.carried(METER) == {f"overhead {SITE}": 30, "standby B1": 20, "run B1": 10}


def test_idling_of_a_group_with_no_next_batch_yet_is_pending_and_then_overhead():
    past = run("B1", 0, 20, machine="m-1")

    assert hall(past).carried(METER) == {"run B1": 20, "standby hall": 40}
    assert hall(past, until=300).carried(METER) == {"run B1": 20, f"overhead {SITE}": 40}


def test_idling_of_a_group_that_is_declared_overhead_is_overhead():
    one = hall(run("B1", 20, 60, machine="m-1"), to="overhead")

    assert one.carried(METER) == {f"overhead {SITE}": 20, "run B1": 40}


def test_all_weights_zero_are_standby_of_the_batches_that_are_on():
    one = hall(ONE, TWO, rated={"m-1": "0", "m-2": "0"})

    assert one.carried(METER) == {"standby B1": 30 + 15, "standby B2": 15}
    assert rules(one.attribution(), METER) == {"group-standby"}


def test_all_weights_zero_are_overhead_where_standby_is():
    one = hall(ONE, TWO, rated={"m-1": "0", "m-2": "0"}, to="overhead")

    assert one.carried(METER) == {f"overhead {SITE}": 60}


def test_a_groups_idling_goes_to_the_working_shift_by_run_hours():
    facts = {"work_shifts": [(at(0), at(60))]}
    one = hall(
        run("B1", 0, 30, machine="m-1"),
        run("B2", 40, 50, machine="m-2"),
        to="shift",
        facts=facts,
    )

    assert one.carried(METER) == {
        "run B1": 30,
        "run B2": 10,
        "standby B1": 15,
        "standby B2": 5,
    }
