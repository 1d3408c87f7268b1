"""Where to save: only what the data show, the costliest first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.golden import Golden
from api.rates import Rate
from api.savings import Saving, above_golden, counted, idling, pauses, ranked, rework
from api.tariff import Tariff
from tests.api.given import TARIFF, Caller

START = datetime(2026, 3, 2, tzinfo=UTC)


def line(carrier: str = "electricity", amount: str = "10", kgco2e: str = "5"):
    unit = "kWh" if carrier == "electricity" else "kg"
    return {"carrier": carrier, "amount": amount, "unit": unit, "kgco2e": kgco2e, "inputs": []}


def final(batch: str, per_kg: str = "2", *, idle=(), runs=(), **more):
    return {
        "batch": batch,
        "status": "final",
        "problems": [],
        "accepted_kg": "100",
        "total": {"kgco2e_per_kg": per_kg},
        "by_process": [],
        "idle": list(idle),
        "runs": list(runs),
    } | more


def test_idling_is_counted_machine_by_machine():
    idle = [{"machine": "jet-01"} | line(), {"machine": "jet-02"} | line(amount="1")]

    found = {one.where: one for one in idling([("", final("B1", idle=idle))], TARIFF)}

    assert found["jet-01"].amounts == {("electricity", "kWh"): Decimal(10)}
    assert found["jet-01"].money == Decimal("7.00")
    assert found["jet-02"].money == Decimal("0.70")
    assert found["jet-01"].shown() == [("B1", Decimal(5))]


def test_only_what_is_above_the_golden_batch_is_a_saving():
    goldens = {("red", ""): Golden("B0", Decimal("1.5"), 10)}
    known = [("red", final("B1", "2")), ("red", final("B2", "1.4")), ("blue", final("B3", "9"))]

    found = above_golden(known, goldens, Tariff())

    assert [(one.where, one.kgco2e, one.money) for one in found] == [("red", Decimal(50), None)]
    assert found[0].shown() == [("B1", Decimal(50))]


def test_the_money_above_the_golden_batch_is_the_same_part_of_it():
    goldens = {("red", ""): Golden("B0", Decimal("1.5"), 10)}
    run = {"process": "dyeing", "lines": [line(amount="100")]}

    found = above_golden([("red", final("B1", "2", runs=[run]))], goldens, TARIFF)

    assert found[0].money == Decimal("17.50")


def test_rework_is_what_the_batch_dyed_again_took_itself():
    event = {"kind": "redye", "to": [{"batch": "B2"}]}
    own = {"process": "dyeing", "lines": [line(kgco2e="7")]}
    before = {"process": "dyeing", "batch": "B1", "lines": [line(kgco2e="100")]}
    known = [
        ("", final("B2", runs=[own, before], genealogy=[event])),
        ("", final("B3", runs=[own])),
    ]

    (found,) = rework(known, TARIFF)

    assert found.kgco2e == Decimal(7)
    assert list(found.evidence) == ["B2"]


def test_the_costliest_comes_first_and_nothing_is_no_saving():
    dear = Saving("idle", "a", kgco2e=Decimal(1), money=Decimal(9))
    cheap = Saving("idle", "b", kgco2e=Decimal(99), money=Decimal(2))
    unpriced = Saving("idle", "c", kgco2e=Decimal(5))

    assert ranked([unpriced, cheap, Saving("idle", "d"), dear]) == [dear, cheap, unpriced]


def test_what_a_register_counted_for_nothing_is_worth_its_rate():
    rate = Rate("kWh", Decimal("0.5"), Decimal("0.7"))

    one = counted("nothing-ran", "compressor", "c-1.energy_kwh", Decimal(10), ("electricity", rate))

    assert (one.kgco2e, one.money) == (Decimal("5.0"), Decimal("7.0"))
    assert list(one.evidence) == ["c-1.energy_kwh"]


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@given(
    st.lists(
        st.tuples(st.integers(-50, 250), st.integers(0, 60)).map(lambda r: (r[0], r[0] + r[1])),
        max_size=20,
    )
)
def test_a_minute_is_a_pause_exactly_where_no_run_is_on(runs):
    found = pauses([(at(a), at(b)) for a, b in runs], at(0), at(200))

    for minute in range(200):
        free = not any(a <= minute < b for a, b in runs)
        assert free == any(a <= at(minute) < b for a, b in found), minute
    assert all(a < b for a, b in found)


@pytest.mark.parametrize("days", [0, 32])
def test_no_more_than_a_month_is_looked_at(ask: Caller, days: int):
    assert ask.get("/savings", days=str(days)).status_code == 422


def test_a_mill_says_what_its_machines_used_while_idle(ask: Caller):
    body = ask.get("/savings", days="7").json()

    assert body["currency"] == "CNY"
    idle = [one for one in body["savings"] if one["kind"] == "idle"]
    assert idle
    assert all(Decimal(one["money"]) > 0 for one in idle)
    assert all(one["evidence"] for one in idle)
