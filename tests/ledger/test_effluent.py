"""Effluent: what its treatment uses and emits goes to those whose wastewater it took."""

from decimal import Decimal

import pytest

from api.ledger.plant import Treatment, Utility
from tests.ledger.given import SITE, Mill, at, charged, machine, plant, run

POWER, VOLUME, ONE, TWO = "wwtp.energy_kwh", "wwtp.volume_m3", "jet-01.waste_m3", "jet-02.waste_m3"
COD_IN, COD_OUT, N_IN = "wwtp.cod_in_mg_l", "wwtp.cod_out_mg_l", "wwtp.tn_in_mg_l"
MEASURED = Treatment("anaerobic-reactor", COD_IN, COD_OUT, N_IN)


def flat(amount):
    return [(0, 0), (60, amount)]


def steady(value):
    return {at(15 * slot): Decimal(value) for slot in range(4)}


def mill(treatment=MEASURED, gauges=None, **shown):
    taken = {POWER: 80, VOLUME: 40, ONE: 30, TWO: 10} | shown
    jets = [machine("jet-01", wastewater=ONE), machine("jet-02", wastewater=TWO)]
    works = Utility("wwtp", "wastewater", VOLUME, (("electricity", POWER),), None, treatment)
    loads = {COD_IN: steady(1200), COD_OUT: steady(200), N_IN: steady(50)}
    return Mill(
        plant(*jets, utilities=[works]),
        [run("B1"), run("B2", machine="jet-02")],
        {meter: flat(amount) for meter, amount in taken.items()},
        windows={"wwtp": ((0, 60, True),)},
        gauges=loads if gauges is None else gauges,
    )


def by_input(found, carrier):
    amounts = {}
    for one in found.charges:
        if one.carrier == carrier:
            amounts[one.account.run.batch if one.account.run else one.account.name] = one.amount
    return amounts


def test_power_and_loads_go_by_volume():
    found = mill().attribution()

    assert charged(found, POWER) == {"run B1": 60, "run B2": 20}
    assert by_input(found, "cod_anaerobic_reactor") == {"B1": 30, "B2": 10}  # 40 m³ × 1 kg/m³
    assert by_input(found, "nitrogen_treated") == {"B1": Decimal("1.5"), "B2": Decimal("0.5")}
    assert found.problems == ()


def test_where_every_giver_is_measured_for_cod_it_goes_by_load():
    loads = ((ONE, "jet-01.cod_mg_l"), (TWO, "jet-02.cod_mg_l"))
    known = {"jet-01.cod_mg_l": steady(500), "jet-02.cod_mg_l": steady(4500)}
    one = mill(Treatment("aerobic", cod_of=loads), known)

    assert charged(one.attribution(), POWER) == {"run B1": 20, "run B2": 60}


def test_where_one_givers_load_is_missing_volume_counts_for_all():
    loads = ((ONE, "jet-01.cod_mg_l"), (TWO, "jet-02.cod_mg_l"))
    half = {"jet-01.cod_mg_l": steady(500), "jet-02.cod_mg_l": {at(0): Decimal(4500)}}
    one = mill(Treatment("aerobic", cod_of=loads), half)

    assert charged(one.attribution(), POWER) == {"run B1": 60, "run B2": 20}


@pytest.mark.parametrize(
    ("gauges", "missing"),
    [
        ({}, {"COD", "N"}),
        ({COD_IN: steady(1200), COD_OUT: steady(200)}, {"N"}),
        ({COD_IN: steady(1200), COD_OUT: {at(0): Decimal(1)}, N_IN: steady(50)}, {"COD"}),
    ],
)
def test_a_load_that_was_not_measured_throughout_is_a_problem_and_never_invented(gauges, missing):
    found = mill(gauges=gauges).attribution()

    assert {one.values["load"] for one in found.problems} == missing
    assert {one.code for one in found.problems} == {"effluent-load-missing"}
    carriers = {one.carrier for one in found.charges}
    assert ("nitrogen_treated" in carriers) == ("N" not in missing)


def test_without_a_volume_there_is_no_load_to_tell():
    one = mill()
    one.registers = {meter: shown for meter, shown in one.registers.items() if meter != VOLUME}

    (problem,) = one.attribution().problems
    assert problem.values == {"load": "volume"}


def test_what_comes_in_beside_metered_givers_is_a_line_of_its_own():
    found = mill(**{VOLUME: 50}).attribution()

    assert charged(found, POWER, "utility") == {"run B1": 48, "run B2": 16}
    assert charged(found, POWER, "distribution-loss") == {"run B1": 12, "run B2": 4}


def test_a_month_without_givers_is_overhead():
    found = mill(**{ONE: 0, TWO: 0}).attribution()

    assert charged(found, POWER) == {f"overhead {SITE}": 80}


def test_water_that_leaves_dirtier_than_it_came_removes_nothing():
    gauges = {COD_IN: steady(100), COD_OUT: steady(200), N_IN: steady(0)}

    assert by_input(mill(gauges=gauges).attribution(), "cod_anaerobic_reactor") == {}
