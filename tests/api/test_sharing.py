"""From the journal to shares: signals, quantities, running time in gaps, decisions and limits."""

from dataclasses import replace
from decimal import Decimal

import pytest

from api.ledger.meter import Meter
from tests.api.given import PLANT, World, at, footprint, reading
from tests.api.test_footprints import SHARED

POWER = "jet-01-power.energy_import_kwh"
BY_SIGNAL = (
    SHARED.replace('"mass", "run-hours"', '"signal:draw", "mass"')
    .replace("line = ", 'signals = { draw = "jet-01-power.power_kw" }\nline = ', 1)
    .replace(
        'batch = "jet-02-plc', 'signals = { draw = "jet-02-power.power_kw" }\nbatch = "jet-02-plc'
    )
)


def steam_of(mill: World, batch: str) -> dict[str, Decimal]:
    """What a batch carries of the shared steam meter, by rung."""
    found: dict[str, Decimal] = {}
    pieces = mill.service.reporter.derive(batch).pieces
    for one in (posting for piece in pieces for posting in piece.attribution.postings):
        if one.carrier == "steam" and one.account.run and one.account.run.batch == batch:
            found[one.rule] = found.get(one.rule, Decimal(0)) + one.amount
    return found


def test_a_shared_meter_is_divided_by_what_gauges_showed(fresh):
    mill = fresh(BY_SIGNAL)
    mill.passes(0, 120, without=["jet-01-steam"])
    mill.sends(*[reading("jet-01-steam", m, {"mass_kg": 10 * m}) for m in range(121)])
    mill.closes_its_books()

    # C1 is there from 20 to 70: beside B2601 until 40, alone until 50, beside 缸号-7 after.
    expected = 10 * (40 * Decimal(15) / (Decimal("60.5") + 15) + 10)
    assert steam_of(mill, "C1") == {"signal:draw": pytest.approx(expected, abs=Decimal("1e-6"))}


def test_where_a_gauge_was_not_read_the_next_rung_divides_those_slots(fresh):
    mill = fresh(BY_SIGNAL)
    mill.passes(0, 120, without=["jet-01-steam", "jet-02-power"])
    mill.sends(*[reading("jet-01-steam", m, {"mass_kg": 10 * m}) for m in range(121)])
    mill.sends(*[reading("jet-02-power", m) for m in range(121) if not 29 < m < 46])
    mill.closes_its_books()

    # From 44 to 46 nobody knows the draw any more: the slots' parts that touch it are equal, of
    # C1 alone until 45 (from 40 on) and alone until 50.
    rules = steam_of(mill, "C1")
    assert set(rules) == {"signal:draw", "equal"}
    assert rules["equal"] == 10 * (5 + 5)


def test_a_quantity_is_what_a_machine_showed_last_of_the_batch(fresh):
    mill = fresh(PLANT.replace("line = ", 'length = "jet-01-plc.fabric_kg"\nline = ', 1))
    mill.passes(0, 120)
    mill.closes_its_books()
    reporter = mill.service.reporter

    shift = reporter.shifts.around(reporter.plants[0], at(0), at(120))

    assert shift.quantities["length"] == {
        "B2601": Decimal("478.5"),
        "缸号-7": Decimal("478.5"),
    }


def test_a_meter_that_was_silent_while_the_controller_was_read_is_shared_by_running_time(fresh):
    mill = fresh(PLANT)
    mill.passes(0, 120, without=["jet-01-power"])
    mill.sends(reading("jet-01-power", 0), reading("jet-01-power", 120))
    mill.closes_its_books()

    body = footprint(mill, "B2601").json()

    lines = [line for run in body["runs"] for line in run["lines"]]
    power = [one for one in lines if one["carrier"] == "electricity"]
    # 120 kWh and half a kilowatt-hour in each of 75 minutes, over those 75; 35 are B2601's.
    expected = (120 + Decimal(75) / 2) * 35 / 75
    assert sum(Decimal(one["amount"]) for one in power) == pytest.approx(
        expected, abs=Decimal("1e-6")
    )
    assert {one["quality"]["estimated"] for one in power} == {"1.0000"}


def test_a_decision_about_a_swap_reaches_the_register(fresh):
    mill = fresh(PLANT)
    mill.passes(0, 120, without=["jet-01-power"])
    shown = [(m, 1000 + m if m <= 60 else m - 60) for m in range(121)]
    mill.sends(*[reading("jet-01-power", m, {"energy_import_kwh": v}) for m, v in shown])
    reporter = mill.service.reporter
    plant = reporter.plants[0]

    def counted(of=plant):
        (piece,) = reporter.meters.measure(of, [POWER], [], at(60), at(61))[POWER].slices
        return piece.amount, piece.held

    assert counted() == (0, 0)
    assert counted(replace(plant, meters=(Meter(POWER, limit=Decimal(60)),))) == (0, 1)

    swap = {"at": at(60).isoformat(), "old_last": "1060", "new_first": "0", "why": "changed"}
    assert mill.caller().post(f"/meters/{POWER}/swaps", swap).status_code == 201
    assert counted() == (1, 0)
