"""Flows: what enters the mill goes somewhere, band by band."""

from collections import defaultdict
from decimal import Decimal

import pytest

from api.flows import Band, Flow, few_batches
from tests.api.given import Caller, at


@pytest.fixture(scope="module")
def body(ask: Caller):
    return ask.get("/balance", **{"from": at(0).isoformat(), "to": at(120).isoformat()}).json()


def kilograms(body, end: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in body["flows"]:
        found[one[end]] += Decimal(one["kgco2e"] or 0)
    return found


def test_what_leaves_a_supply_is_what_it_brought(body):
    out = kilograms(body, "start")

    for supply in body["supplies"]:
        if supply["kgco2e"]:
            gap = out[f"supply:{supply['supply']}"] - Decimal(supply["kgco2e"])
            held = sum(Decimal(one["amount"]) for one in supply["to"] if one["account"] == "held")
            assert abs(gap) < Decimal("0.001"), (supply["supply"], held)


def test_a_utility_and_a_process_let_out_as_many_kilograms_as_they_take_in(body):
    into, out = kilograms(body, "end"), kilograms(body, "start")

    inner = [node for node in into if node.startswith(("utility:", "process:"))]
    assert inner
    for node in inner:
        assert abs(into[node] - out[node]) < Decimal("0.01"), node


def test_steam_flows_from_its_boiler_in_kilograms_and_carries_what_making_it_emitted(body):
    steam = [one for one in body["flows"] if one["carrier"] == "steam"]

    ends = {one["end"] for one in steam if one["start"] == "utility:boiler-1"}
    assert "process:dyeing-exhaust" in ends
    assert all(one["unit"] == "kg" for one in steam)
    assert any(Decimal(one["kgco2e"] or 0) > 0 for one in steam)


def test_water_without_a_factor_flows_without_kilograms(body):
    water = [one for one in body["flows"] if one["carrier"] == "water"]

    assert water
    assert {one["kgco2e"] for one in water} == {None}


def test_batches_that_carry_least_stand_together():
    kept = {
        Band("process:dyeing", f"batch:B{n}", "electricity", "kWh"): Flow(Decimal(1), Decimal(n))
        for n in range(5)
    }

    found = few_batches(kept, 2)

    ends = {band.end: flow for band, flow in found.items()}
    assert set(ends) == {"batch:B4", "batch:B3", "batches:3"}
    assert ends["batches:3"].kgco2e == Decimal(3)
    assert ends["batches:3"].amount == Decimal(3)
