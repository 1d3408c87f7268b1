"""A roof, shared remainders and steam by heat, from the journal to footprint and balance."""

from decimal import Decimal

import pytest

from tests.api.given import PLANT, at, footprint

# The power meter of the boiler house counts the roof here: 0.1 kWh a minute, none of it sent out.
ROOF = """
[supplies.roof-pv]
carrier = "electricity"
source = "solar"
meter = "boiler-1-power.energy_kwh"

[networks.steam]
basis = "heat"
pressure_kpa_abs = 800
feed_heat = "ignore"
"""
WITH_ROOF = (
    PLANT.replace(', electricity = "boiler-1-power.energy_kwh" }', " }").replace(
        'meter = "main-1.energy_import_kwh"',
        'meter = "main-1.energy_import_kwh"\nunmetered = "share"',
    )
    + ROOF
)


@pytest.fixture
def sunny(fresh):
    mill = fresh(WITH_ROOF)
    mill.passes(0, 150)
    mill.closes_its_books()
    return mill


def lines(body):
    return [line for run in body["runs"] for line in run["lines"]]


def test_lines_tell_what_came_from_the_roof_and_what_from_the_grid(sunny):
    body = footprint(sunny).json()

    assert body["status"] == "final"
    of = {
        name: sum(
            Decimal(line["amount"])
            for line in lines(body)
            if line["carrier"] == name and line["from"] == "jet-01-power.energy_import_kwh"
        )
        for name in ("electricity", "electricity_solar")
    }
    shown = 35 + Decimal(35) / 2  # what its meter counts from minute 5 to 40
    assert of["electricity"] + of["electricity_solar"] == shown
    assert 0 < of["electricity_solar"] < of["electricity"]


def test_what_is_unmetered_is_a_line_of_its_own_where_it_is_shared(sunny):
    body = footprint(sunny).json()

    shared = [line for line in lines(body) if line["rule"] == "unmetered-share"]
    assert {line["from"] for line in shared} == {"main-1.energy_import_kwh"}
    assert {line["carrier"] for line in shared} == {"electricity", "electricity_solar"}


def test_the_balance_closes_with_a_roof_in_it(sunny):
    period = {"from": at(0).isoformat(), "to": at(120).isoformat()}
    body = sunny.caller().get("/balance", **period).json()

    for meter in body["meters"]:
        assert Decimal(meter["difference"]) == 0, meter["meter"]
    roof = next(one for one in body["supplies"] if one["supply"] == "roof-pv")
    assert (roof["carrier"], Decimal(roof["amount"])) == ("electricity_solar", 12)
    assert body["problems"] == []


def test_a_footprint_with_a_roof_is_explained(sunny):
    body = sunny.caller().get("/batches/B2601/explain").json()

    rules = {line["rule"] for line in body["lines"]}
    assert {"direct", "unmetered-share"} <= rules
    assert "no meter behind it did" in body["text"]


def test_supplies_come_to_what_batches_and_others_carry_by_carrier(sunny):
    """Grid and sun alike: what is not on a batch's line stands idle, held or unmetered."""
    period = {"from": at(0).isoformat(), "to": at(150).isoformat()}
    supplies = sunny.caller().get("/balance", **period).json()["supplies"]
    for name in ("grid", "roof-pv"):
        one = next(found for found in supplies if found["supply"] == name)
        to = sum(Decimal(account["amount"]) for account in one["to"])
        assert to == Decimal(one["amount"])
