"""How near the ledger comes to the truth on a mill that the demo's simulator plays.

docs/ledger-accuracy.md has the numbers of more and larger mills.
"""

from functools import cache

import pytest

from tests.ledger.accuracy import (
    CARRIERS,
    HALLS,
    RUNGS,
    Played,
    errors,
    own,
    p95,
    play,
    rms,
    shared,
    unmetered_error,
)

Pairs = list[tuple[float, float]]


@cache
def played() -> list[Played]:
    return [play(seed, 6, HALLS["two jets"]) for seed in (1, 2, 3)]


@cache
def many() -> list[Played]:
    """So many batches that what 95 % of them do not exceed says something: over a hundred."""
    return [play(seed, 8, HALLS["two jets"]) for seed in range(1, 13)]


@cache
def on_own(carrier: str) -> Pairs:
    return [pair for one in played() for pair in errors(one, own(one), carrier)]


@cache
def by(carrier: str, *rungs: str) -> Pairs:
    return [pair for one in played() for pair in errors(one, shared(one, carrier, *rungs), carrier)]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_on_own_meters_a_batchs_carrier_is_right_to_half_a_percent(carrier):
    assert p95(on_own(carrier)) <= 0.005


def test_what_nobody_metered_is_right_to_half_a_percent_of_what_came_in():
    assert max(map(unmetered_error, played())) <= 0.005


@pytest.mark.parametrize(
    ("carrier", "rungs", "most"),
    [
        pytest.param("electricity", ("power:drive_kw",), 0.08, marks=pytest.mark.long),
        ("electricity", ("signal:drive_kw",), 0.08),
        pytest.param("electricity", ("rated-on-hours:pump_on",), 0.15, marks=pytest.mark.long),
        ("electricity", ("rated-run-hours",), 0.15),
        ("steam", ("liquor",), 0.08),
    ],
)
def test_on_a_shared_meter_a_rung_is_as_near_as_promised(carrier, rungs, most):
    pairs = [pair for one in many() for pair in errors(one, shared(one, carrier, *rungs), carrier)]

    assert len(pairs) > 100
    assert p95(pairs) <= most


@pytest.mark.parametrize(
    ("carrier", "rung"), [("electricity", "power:drive_kw"), ("steam", "liquor")]
)
def test_what_is_promised_of_every_hall_holds_among_six_unlike_jets(carrier, rung):
    six = play(1, 6, HALLS["six jets"])

    assert p95(errors(six, shared(six, carrier, rung), carrier)) <= 0.08


@pytest.mark.parametrize(
    ("carrier", "rungs"),
    [(carrier, one) for carrier in CARRIERS for one in RUNGS[carrier] if carrier != "water"]
    + [("water", ("signal:inlet_open",))],
)
def test_no_rung_is_worse_than_sharing_by_mass(carrier, rungs):
    assert rms(by(carrier, *rungs)) <= rms(by(carrier, "mass"))
