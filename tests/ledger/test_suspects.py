"""The product itself notices a meter that reads wrong, and names it."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from api.ledger.cuts import by_slot
from api.ledger.meter import Meter
from api.ledger.plant import Supply
from api.ledger.suspects import suspects
from tests.ledger.given import Mill, machine, plant

MAIN, HALL = "main.energy_kwh", "hall.energy_kwh"
SUBS = tuple(f"jet-0{n}.energy_kwh" for n in range(1, 6))
SLOTS = 7 * 96


def week(wrong=None, reads=1.0, *, subs=SUBS, slots=SLOTS, seed=1, unmetered=6.0):
    """A week of jets that go on and off, some load that nobody meters, and one meter that errs."""
    chance = random.Random(seed)
    shown = {meter: [(0, 0.0)] for meter in (MAIN, *subs)}
    on = dict.fromkeys(subs, 0.0)
    for slot in range(1, slots + 1):
        whole = unmetered * chance.uniform(0.7, 1.3)
        for place, meter in enumerate(subs):
            if chance.random() < 0.1:
                on[meter] = 0.0 if on[meter] else 5.0 + 3 * place
            amount = on[meter] * chance.uniform(0.6, 1.4)
            whole += amount
            rises(shown[meter], slot, amount * (reads if meter == wrong else 1.0))
        rises(shown[MAIN], slot, whole * (reads if wrong == MAIN else 1.0))
    jets = [machine(meter.partition(".")[0], electricity=meter) for meter in subs]
    grid = Supply("grid", "electricity", (MAIN,))
    return Mill(plant(*jets, supplies=[grid]), registers=shown, period=(0, 15 * slots))


def shown(mill):
    return {meter: by_slot(one) for meter, one in mill.measured().items()}


def rises(shown, slot, amount):
    """A register of two decimals, as a meter's face shows it."""
    shown.append((15 * slot, round(shown[-1][1] + amount, 2)))


def named(mill):
    return [(p.where, p.values["likely"]) for p in suspects(mill.plant, shown(mill))]


@pytest.mark.parametrize("seed", range(4))
def test_where_all_is_well_nobody_is_suspected(seed):
    assert named(week(seed=seed)) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_main_that_reads_ten_percent_low_is_named(seed):
    (problem,) = suspects((mill := week(MAIN, 0.9, seed=seed)).plant, shown(mill))

    assert problem.code == "meter-suspect"
    assert problem.where == MAIN
    assert float(problem.values["percent"]) == pytest.approx(90, abs=2)


@pytest.mark.parametrize("wrong", SUBS)
def test_a_sub_meter_that_reads_ten_percent_high_is_named(wrong):
    (problem,) = suspects((mill := week(wrong, 1.1)).plant, shown(mill))

    assert problem.where == wrong
    assert float(problem.values["percent"]) == pytest.approx(110, abs=4)


@pytest.mark.parametrize(("reads", "likely"), [(2.0, "CT ×2"), (0.5, "CT ÷2"), (1.5, "CT ×1.5"),
                                               (0.2, "CT ÷5"), (4.0, "CT ×4")])  # fmt: skip
def test_a_current_transformer_that_is_entered_wrong_is_named_with_its_ratio(reads, likely):
    assert named(week(SUBS[3], reads)) == [(SUBS[3], likely)]


def test_a_mains_current_transformer_is_named_with_its_ratio():
    assert named(week(MAIN, 0.5)) == [(MAIN, "CT ÷2")]


def test_a_suspect_behind_a_sub_main_is_looked_for_among_its_own():
    mill = week(SUBS[0], 1.1, subs=SUBS[:3])
    hall = replace(
        mill.plant,
        supplies=(Supply("grid", "electricity", ("grid.energy_kwh",)),),
        meters=(
            Meter(MAIN, behind="grid.energy_kwh"),
            *(Meter(meter, behind=MAIN) for meter in SUBS[:3]),
        ),
    )
    mill.plant = hall
    mill.registers = {**mill.registers, "grid.energy_kwh": mill.registers[MAIN]}

    assert (SUBS[0], "-") in named(mill)


def test_nothing_is_said_of_a_day_that_is_too_short_to_tell():
    assert named(week(SUBS[0], 1.1, slots=20)) == []


def test_nothing_is_said_of_meters_that_never_move_apart():
    mill = week(subs=SUBS[:2])
    mill.registers = {**mill.registers, SUBS[1]: mill.registers[SUBS[0]]}

    assert named(mill) == []


def test_one_sub_meter_alone_is_named_beside_its_main():
    (problem,) = suspects((mill := week(SUBS[0], 1.2, subs=SUBS[:1])).plant, shown(mill))

    assert problem.where == SUBS[0]
    assert problem.values["other"] == MAIN


def test_a_declared_class_widens_what_is_believed():
    mill = week(SUBS[2], 1.1)
    mill.plant = replace(mill.plant, meters=(Meter(SUBS[2], accuracy=Decimal("0.1")),))

    assert named(mill) == []
