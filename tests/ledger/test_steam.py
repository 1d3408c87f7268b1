"""Steam: the formulation against its own verification tables, and heat as basis of a network."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ledger.heat import Header, kwh
from api.ledger.plant import Heat, Network, Supply
from api.ledger.steam import (
    enthalpy_kj_per_kg,
    saturation_pressure_kpa_abs,
    saturation_temperature_c,
    vapour_kj_per_kg,
    water_kj_per_kg,
    wet_steam_kj_per_kg,
)
from tests.ledger.given import Mill, at, boiler, charged, machine, plant, run

KPA = Decimal(1000)
WATER_AND_STEAM = ("Table 5", "Table 15", "computed")
"""Tables of regions 1 and 2; region 3 and 5 are beyond any mill's steam."""


def published():
    """Values of the release, and of two independent programs, by what they are of."""
    path = Path(__file__).parent / "published" / "if97.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["property"] in ("hf", "hg", "Tsat", "Tsat(p)", "psat(T)")
            or (row["property"] == "h" and any(name in row["source"] for name in WATER_AND_STEAM))
        ]


def computed(row):
    pressure = Decimal(row["p_MPa"]) * KPA
    match row["property"]:
        case "hf":
            return wet_steam_kj_per_kg(pressure, Decimal(0))
        case "hg":
            return wet_steam_kj_per_kg(pressure, Decimal(1))
        case "Tsat":
            return saturation_temperature_c(pressure)
        case "Tsat(p)":
            return saturation_temperature_c(pressure) + Decimal("273.15")
        case "psat(T)":
            return saturation_pressure_kpa_abs(Decimal(row["T_C_or_sat"])) / KPA
    temperature = Decimal(row["T_C_or_sat"])
    boils = saturation_temperature_c(pressure) if "computed" in row["source"] else Decimal(0)
    liquid = "Table 5" in row["source"] or temperature < boils
    return (water_kj_per_kg if liquid else vapour_kj_per_kg)(pressure, temperature)


@pytest.mark.parametrize(
    "row", published(), ids=lambda row: f"{row['property']} {row['p_MPa']} {row['T_C_or_sat']}"
)
def test_it_gives_the_published_value_to_its_last_digit(row):
    value = Decimal(row["value"])
    last_digit = Decimal(1).scaleb(int(value.as_tuple().exponent))

    assert abs(computed(row) - value) <= last_digit * Decimal("0.51")


def test_half_a_kelvin_below_saturation_is_steam_and_not_water():
    dry = enthalpy_kj_per_kg(Decimal(1000), None)

    assert dry == Decimal("2777.1195")
    assert enthalpy_kj_per_kg(Decimal(1000), Decimal("179.386")) == dry
    assert enthalpy_kj_per_kg(Decimal(1000), Decimal("184.8")) == dry


def test_five_kelvin_beyond_saturation_it_is_what_the_thermometer_says():
    assert enthalpy_kj_per_kg(Decimal(1000), Decimal(200)) == Decimal("2828.2675")
    assert enthalpy_kj_per_kg(Decimal(1000), Decimal(20)) < 90


def test_dryness_lies_between_water_and_steam():
    half = enthalpy_kj_per_kg(Decimal(1000), None, Decimal("0.5"))

    assert half == pytest.approx(
        (Decimal("762.683") + Decimal("2777.120")) / 2, abs=Decimal("0.001")
    )


@pytest.mark.parametrize(
    ("pressure", "temperature"), [(0, 20), (30_000, 20), (800, 900), (800, -1)]
)
def test_what_no_steam_main_holds_is_refused(pressure, temperature):
    with pytest.raises(ValueError, match="no steam main"):
        enthalpy_kj_per_kg(Decimal(pressure), Decimal(temperature))


@given(st.integers(10, 4000), st.integers(0, 100))
def test_drier_steam_holds_more_heat(pressure, percent):
    wetter, drier = (
        enthalpy_kj_per_kg(Decimal(pressure), None, Decimal(n) / 101)
        for n in (percent, percent + 1)
    )

    assert wetter < drier


NOMINAL = Heat(Decimal(1000), temperature_c=None)
SUBTRACTED = replace(NOMINAL, feed_heat="subtract", feed_kj_per_kg=Decimal("83.74"))


def flat(amount):
    return [(0, 0), (60, amount)]


def heated(heat, gauges=None, **shown):
    """A steam main from the park to two jets, one with a mass meter and one with a heat meter."""
    meters = {"park.mass_kg": 1000, "jet-01.mass_kg": 600, "jet-02.mass_kg": 400} | shown
    jets = [
        machine("jet-01", steam="jet-01.mass_kg"),
        machine(
            "jet-02", steam="jet-02.heat_kwh" if "jet-02.heat_kwh" in meters else "jet-02.mass_kg"
        ),
    ]
    return Mill(
        replace(
            plant(*jets, supplies=[Supply("park", "steam", ("park.mass_kg",))]),
            networks=(Network("steam", heat=heat),),
        ),
        [run("B1"), run("B2", machine="jet-02")],
        {
            m: flat(a)
            for m, a in meters.items()
            if m != "jet-02.mass_kg" or "jet-02.heat_kwh" not in meters
        },
        windows={"steam": ((0, 60, True),)},
        gauges=gauges or {},
    )


def test_bought_steam_is_priced_by_its_heat():
    found = heated(NOMINAL).attribution()

    assert {charge.unit for charge in found.charges} == {"kWh"}
    whole = sum(charge.amount for charge in found.charges)
    assert whole == kwh(1000 * Decimal("2777.1195"))


def test_feed_heat_is_subtracted_only_where_that_is_declared():
    found = heated(SUBTRACTED).attribution()

    assert sum(c.amount for c in found.charges) == kwh(
        1000 * (Decimal("2777.1195") - Decimal("83.74"))
    )


def test_a_consumer_with_a_heat_meter_is_believed_and_one_with_a_mass_meter_takes_the_headers():
    found = heated(NOMINAL, **{"jet-02.heat_kwh": 300}).attribution()

    taken_kj = {"run B1": 600 * Decimal("2777.1195"), "run B2": Decimal(300 * 3600)}
    whole = sum(c.amount for c in found.charges)
    useful = charged(found, "park.mass_kg")
    for account, kj in taken_kj.items():
        expected = whole * kj / sum(taken_kj.values())
        assert abs(useful[account] - expected) < Decimal("1e-6")


def test_the_header_is_asked_slot_by_slot():
    heat = replace(NOMINAL, pressure="header.pressure_kpa_abs")
    hot = {at(15 * n): Decimal(1000) for n in range(4)} | {at(0): Decimal(200)}
    found = heated(heat, {"header.pressure_kpa_abs": hot}).attribution()

    each = [250 * enthalpy_kj_per_kg(Decimal(200), None), 750 * Decimal("2777.1195")]
    assert sum(c.amount for c in found.charges) == kwh(sum(each))
    assert found.problems == ()


def test_a_header_that_is_silent_is_said_and_its_declared_state_taken():
    heat = replace(NOMINAL, pressure="header.pressure_kpa_abs")
    found = heated(heat, {"header.pressure_kpa_abs": {at(0): Decimal(200)}}).attribution()

    (problem,) = found.problems
    assert (problem.code, problem.values["slots"]) == ("header-silent", "3")


def test_condensate_is_credited_once_to_whoever_returned_it():
    mill = heated(NOMINAL, **{"jet-01.condensate_kg": 600})
    first, second = mill.plant.machines
    returns = replace(first, meters=(*first.meters, ("condensate", "jet-01.condensate_kg")))
    mill.plant = replace(mill.plant, machines=(returns, second))

    found = mill.attribution()

    back = Header(NOMINAL, {}).returned(Decimal(1))
    net = {"run B1": 600 * (Decimal("2777.1195") - back), "run B2": 400 * Decimal("2777.1195")}
    whole = sum(c.amount for c in found.charges)
    assert whole == kwh(1000 * Decimal("2777.1195"))  # what was bought is bought
    for account, kj in net.items():
        expected = whole * kj / sum(net.values())
        assert abs(charged(found, "park.mass_kg")[account] - expected) < Decimal("1e-6")


def test_own_boilers_and_bought_steam_make_one_network_by_heat():
    mill = heated(NOMINAL, **{"boiler.mass_kg": 500, "boiler.gas_m3_0c": 40})
    gas = (("natural_gas", "boiler.gas_m3_0c"),)
    mill.plant = replace(mill.plant, utilities=(boiler(uses=gas),))
    mill.windows = {"boiler-1": ((0, 60, True),)}

    found = mill.attribution()

    assert sum(charged(found, "boiler.gas_m3_0c").values()) == 40
    assert charged(found, "boiler.gas_m3_0c", "utility")["run B1"] == pytest.approx(
        Decimal(40) * 1000 / 1500 * Decimal("0.6"), abs=Decimal("1e-8")
    )
