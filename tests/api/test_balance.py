"""The balance: meter to accounts and supplies to accounts, and nothing is left over."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.given import Caller, World, at, reading, values


def balance(ask: Caller, start: float, end: float):
    period = {"from": at(start).isoformat(), "to": at(end).isoformat()}
    return ask.get("/balance", **period).json()


def meters(body):
    return {one["meter"]: one for one in body["meters"]}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-60, 170), st.integers(1, 120))
def test_the_difference_is_zero_for_every_meter_and_any_period(ask: Caller, start, length):
    body = balance(ask, start, start + length)

    for meter in body["meters"]:
        assert Decimal(meter["difference"]) == 0, meter["meter"]
        accounts = sum(Decimal(one["amount"]) for one in meter["accounts"])
        assert accounts == Decimal(meter["posted"]) == Decimal(meter["register"])
        assert Decimal(meter["register"]) == Decimal(meter["end"]) - Decimal(meter["start"])


def test_every_meter_of_the_plant_stands_in_it(ask: Caller, mill: World):
    plant = mill.service.reporter.plants[-1]

    assert set(meters(balance(ask, 0, 120))) == set(plant.carrier_of())


def test_a_meter_shows_the_difference_of_its_register(ask: Caller):
    main = meters(balance(ask, 0, 120))["main-1.energy_import_kwh"]

    shown = [values("main-1", minute)["energy_import_kwh"] for minute in (0, 120)]
    assert Decimal(main["register"]) == Decimal(str(shown[1])) - Decimal(str(shown[0]))


def test_a_supply_says_where_it_went(ask: Caller):
    supplies = {one["supply"]: one for one in balance(ask, 0, 120)["supplies"]}

    grid = {one["account"]: Decimal(one["amount"]) for one in supplies["grid"]["to"]}
    assert set(grid) == {"held", "run", "standby", "unmetered", "utility"}
    assert sum(grid.values()) == Decimal(supplies["grid"]["amount"])
    assert supplies["water"]["kgco2e"] is None
    assert Decimal(supplies["gas"]["kgco2e"]) > 0


def test_the_steam_that_was_made_is_what_was_taken_and_what_was_lost(ask: Caller):
    made = meters(balance(ask, 0, 120))["boiler-1-steam.mass_kg"]

    accounts = {one["account"]: Decimal(one["amount"]) for one in made["accounts"]}
    assert accounts == {"consumers": 2000, "distribution-loss": 60}


def test_a_period_of_31_days_may_be_asked_and_no_longer(fresh):
    ask, start = fresh().caller(), datetime(2026, 3, 1, tzinfo=UTC).isoformat()

    month = ask.get("/balance", **{"from": start, "to": "2026-04-01T00:00:00+00:00"})
    assert month.status_code == 200
    longer = ask.get("/balance", **{"from": start, "to": "2026-04-01T00:00:00.001+00:00"})
    assert longer.status_code == 422


def test_a_meter_that_never_spoke_stands_there_with_nothing(fresh):
    mill = fresh()
    mill.passes(0, 30, without=["boiler-1-power"])

    body = balance(mill.caller(), 0, 30)

    assert Decimal(meters(body)["boiler-1-power.energy_kwh"]["register"]) == 0
    assert all(Decimal(one["difference"]) == 0 for one in body["meters"])


@pytest.mark.parametrize("device", ["main-1", "jet-01-power", "boiler-1-gas"])
def test_a_register_that_fell_closes_as_well(fresh, device):
    mill = fresh()
    mill.passes(0, 30, without=[device])
    (name,) = [point for point in values(device, 0) if not point.endswith("_kw")]
    shown = [values(device, minute) | {name: minute / 4} for minute in range(15, 31)]
    mill.sends(*[reading(device, minute) for minute in range(15)])
    mill.sends(*[reading(device, 15 + n, one) for n, one in enumerate(shown)])

    for meter in balance(mill.caller(), 0, 30)["meters"]:
        assert Decimal(meter["difference"]) == 0, meter["meter"]
