"""What the main meter saw and no other did is unmetered: signed, and never clipped."""

from decimal import Decimal

from api.ledger.plant import SharedMeter, Supply
from api.ledger.supplies import meters_behind
from tests.ledger.given import Mill, boiler, carried, machine, plant, run

MAIN = "main.energy_kwh"
GRID = Supply("grid", "electricity", (MAIN,))


def mill(main, *subs):
    """A main meter and machines behind it, by what each used over an hour."""
    names = [f"jet-0{n + 1}" for n in range(len(subs))]
    meters = [f"{name}.energy_kwh" for name in names]
    return Mill(
        plant(
            *[machine(n, electricity=m) for n, m in zip(names, meters, strict=True)],
            supplies=[GRID],
        ),
        [run(f"B{n}", machine=name) for n, name in enumerate(names)],
        {MAIN: main, **dict(zip(meters, subs, strict=True))},
    )


def flat(amount):
    return [(0, 0), (60, amount)]


def test_the_remainder_is_the_main_less_all_behind_it():
    assert mill(flat(100), flat(30), flat(20)).carried(MAIN) == {"unmetered grid": 50}


def test_a_remainder_may_be_negative_in_a_slot_and_is_not_clipped():
    one = mill([(0, 0), (15, 0), (30, 40), (60, 40)], flat(40))

    found = one.attribution()

    amounts = [posting.amount for posting in found.postings if posting.meter == MAIN]
    assert amounts == [-10, 30, -10, -10]
    assert found.problems == ()


def test_sub_meters_that_show_more_than_the_main_are_a_problem():
    found = mill(flat(100), flat(60), flat(50)).attribution()

    assert carried(found, MAIN) == {"unmetered grid": -10}
    (problem,) = found.problems
    assert (problem.code, problem.where) == ("sub-meters-above-main", "grid")
    assert problem.values["left"].startswith("-10")
    assert problem.values["through"].startswith("100")


def test_sub_meters_within_the_permissible_error_are_none():
    assert mill(flat(100), flat(101)).attribution().problems == ()


def test_main_and_sub_meters_close_exactly():
    one = mill([(0, 0.1), (7, 33.33), (60, 77.7)], [(0, 3), (11, 9.99), (60, 31.3)])

    found = one.attribution()

    posted = sum(sum(carried(found, meter).values(), Decimal(0)) for meter in one.registers)
    assert posted == Decimal("77.6")


def test_utilities_and_shared_meters_stand_behind_the_main_and_outputs_do_not():
    one = plant(
        machine("jet-01", electricity="jet-01.energy_kwh", steam="jet-01.mass_kg"),
        shared=[SharedMeter("hall", "electricity", "hall.energy_kwh", ("jet-01",), ("equal",))],
        supplies=[GRID],
        utilities=[boiler()],
    )

    assert meters_behind(one, GRID) == (
        "jet-01.energy_kwh",
        "hall.energy_kwh",
        "boiler.energy_kwh",
    )


def test_a_supply_that_is_counted_where_it_is_used_has_no_remainder():
    gas = Supply("gas", "natural_gas", ("stenter.gas_m3_0c",))
    one = Mill(
        plant(machine("stenter", natural_gas="stenter.gas_m3_0c"), supplies=[gas]),
        [run("B1", machine="stenter")],
        {"stenter.gas_m3_0c": flat(10)},
    )

    assert one.carried("stenter.gas_m3_0c") == {"run B1": 10}


def test_a_supply_that_is_counted_by_a_shared_meter_has_no_remainder_either():
    one = Mill(
        plant(
            machine("jet-01"),
            shared=[SharedMeter("hall", "electricity", MAIN, ("jet-01",), ("equal",))],
            supplies=[GRID],
        ),
        [run("B1")],
        {MAIN: flat(10)},
    )

    assert one.carried(MAIN) == {"run B1": 10}


def test_of_two_mains_side_by_side_the_sum_less_all_behind_them_is_left():
    one = mill(flat(60), flat(30))
    other = "second.energy_kwh"
    one.plant = plant(*one.plant.machines, supplies=[Supply("grid", "electricity", (MAIN, other))])
    one.registers = {**one.registers, other: flat(40)}

    found = one.attribution()

    left = carried(found, MAIN)["unmetered grid"] + carried(found, other)["unmetered grid"]
    assert left == 60 + 40 - 30
