"""What a footprint says: sums that add up, and the same amounts for all who share them."""

from dataclasses import replace
from decimal import Decimal
from itertools import count
from threading import Event, Thread

import orjson
import pytest

from tests.api.given import JET_01, PLANT, World, at, footprint, on, reading, values


def test_every_sum_of_a_footprint_adds_up_as_printed(mill: World):
    for batch in ("B2601", "缸号-7", "C1"):
        body = footprint(mill, batch).json()
        total = Decimal(body["total"]["kgco2e"])
        lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]

        assert sum(Decimal(one["kgco2e"] or 0) for one in lines) == total
        for name in ("by_process", "by_carrier", "by_supply", "by_gas"):
            assert sum(Decimal(one["kgco2e"] or 0) for one in body[name]) == total, name


def test_numbers_that_people_account_with_are_decimal_strings(mill: World):
    body = footprint(mill).content

    def floats(value):
        if isinstance(value, dict):
            return [one for inner in value.values() for one in floats(inner)]
        if isinstance(value, list):
            return [one for inner in value for one in floats(inner)]
        return [value] if isinstance(value, float) else []

    assert floats(orjson.loads(body)) == []


def test_water_without_a_factor_is_listed_and_never_a_zero(mill: World):
    body = footprint(mill).json()

    exempted = {one["carrier"]: one["why"] for one in body["exempted"]}
    assert exempted == {"water": "factor-missing", "natural_gas": "upstream-missing"}
    water = [line for run in body["runs"] for line in run["lines"] if line["carrier"] == "water"]
    assert {line["kgco2e"] for line in water} == {None}
    assert "factor-missing" in {problem["code"] for problem in body["problems"]}


def test_what_all_batches_and_nobody_carry_is_what_the_supply_meters_showed(mill: World):
    """The mill's gas: batches, what is held, and what idling has no batch yet."""
    carried = Decimal(0)
    for batch in ("B2601", "缸号-7", "C1"):
        by_supply = {one["carrier"]: one for one in footprint(mill, batch).json()["by_supply"]}
        carried += Decimal(by_supply["natural_gas"]["amount"])
    ask = mill.caller()
    period = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T02:30:00Z"}
    meters = {one["meter"]: one for one in ask.get("/balance", **period).json()["meters"]}

    shown = Decimal(meters["boiler-1-gas.volume_m3_0c"]["register"])
    assert 0 < carried < shown


@pytest.mark.parametrize(
    ("device", "minute"),
    [
        ("boiler-1-gas", 30),
        ("boiler-1-gas", 45),
        ("boiler-1-gas", 60),
        ("boiler-1-gas", 90),
        ("jet-01-power", 50),
    ],
)
def test_one_spurious_zero_changes_no_amount_wherever_it_falls(fresh, device, minute):
    """Also where a window begins or ends: a register's value is the same for all who ask."""
    mill = fresh()
    mill.passes(0, 91, without=[device])
    (name,) = [point for point in values(device, 0) if not point.endswith("_kw")]
    zero = values(device, minute) | {name: 0}
    mill.sends(*[reading(device, m, zero if m == minute else None) for m in range(92)])
    mill.closes_its_books()

    body = footprint(mill, "缸号-7").json()

    assert supplied(body, "natural_gas") == pytest.approx(Decimal("65.7"), abs=Decimal(3))
    assert supplied(body, "electricity") == pytest.approx(Decimal("57.2"), abs=Decimal(3))


def supplied(body, carrier: str) -> Decimal:
    (one,) = [share for share in body["by_supply"] if share["carrier"] == carrier]
    return Decimal(one["amount"])


# Drivers whose facts lie outside a batch's own period.

SHARED = (
    PLANT.replace('steam = "jet-02-steam.mass_kg"\n', "").replace(
        'steam = "jet-01-steam.mass_kg"\n', ""
    )
    + """
[shared.steam-main]
carrier = "steam"
meter = "jet-01-steam.mass_kg"
machines = ["jet-01", "jet-02"]
drivers = ["mass", "run-hours"]
"""
)


def steam_of(mill: World, batch: str) -> Decimal:
    body = footprint(mill, batch).json()
    lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
    return sum((Decimal(one["amount"]) for one in lines if one["carrier"] == "steam"), Decimal(0))


def test_batches_that_share_a_meter_carry_all_of_it_between_them(fresh):
    mill = fresh(SHARED, after_an_hour=True)
    for batch, kg in (("B2601", "500"), ("C1", "300"), ("缸号-7", "200")):
        mill.caller().post("/batches", {"id": batch, "accepted_kg": kg})
    mill.passes(61, 150)
    mill.closes_its_books()

    carried = sum(steam_of(mill, batch) for batch in ("B2601", "C1", "缸号-7"))

    shown = [Decimal(str(values("jet-01-steam", m)["mass_kg"])) for m in range(151)]
    used = [shown[m + 1] - shown[m] for m in range(150) if on(JET_01, m) not in ("", "<script>")]
    assert carried == sum(used)


# Y is dyed, taken off, and dyed again beside X; V holds jet-02 until X comes.
Y_AGAIN = (("Y", 5, 15), ("Y", 50, 80))
V_THEN_X = (("V", 20, 58), ("X", 60, 75))


def test_a_batch_that_came_back_weighs_the_same_for_all_that_share_with_it(fresh):
    mill = fresh(SHARED)
    for batch, kg in (("Y", "600"), ("X", "100"), ("V", "50")):
        mill.caller().post("/batches", {"id": batch, "accepted_kg": kg})
    mill.passes(0, 120, without=["jet-01-plc", "jet-02-plc", "jet-01-steam"])
    for minute in range(121):
        mill.sends(
            reading("jet-01-plc", minute, {"batch_id": on(Y_AGAIN, minute)}),
            reading("jet-02-plc", minute, {"batch_id": on(V_THEN_X, minute)}),
            reading("jet-01-steam", minute, {"mass_kg": 10 * minute}),
        )
    mill.closes_its_books()

    carried = {batch: steam_of(mill, batch) for batch in ("Y", "X", "V")}

    # A quarter of an hour of X beside Y: 100 kg in 15 minutes against 600 kg in 40.
    assert carried["X"] == pytest.approx(Decimal(150) * 400 / (400 + 900), abs=Decimal("1e-6"))
    # Idling before Y and before V is theirs: five minutes each.
    assert sum(carried.values()) == 10 * (10 + 30 + 30 + 5 + 5)


STEAM_HALL = (
    PLANT.replace('steam = "jet-02-steam.mass_kg"\n', "")
    + """
[shared.other-hall]
carrier = "steam"
meter = "jet-02-steam.mass_kg"
machines = ["jet-02"]
drivers = ["equal"]
"""
)


def test_steam_that_another_hall_took_is_charged_to_that_hall(fresh):
    """B2601 is not on the hall's machines, and yet must not pay for their steam."""
    own, hall = fresh(after_an_hour=True), fresh(STEAM_HALL, after_an_hour=True)
    found = []
    for mill in (own, hall):
        mill.closes_its_books()
        found.append(supplied(footprint(mill).json(), "natural_gas"))

    assert found[0] == found[1]


def test_a_footprint_that_is_asked_for_while_its_run_grows_is_whole(fresh):
    mill = fresh()
    mill.passes(0, 30)
    mill.closes_its_books()
    stated = [one for one in mill.books.runs.stated(batch="B2601") if one.run.going_on]
    asked = Event()

    def grow() -> None:
        for minute in count(1):
            end = at(20 + minute % 10)
            longer = [replace(one, run=replace(one.run, end=end)) for one in stated]
            mill.books.runs.replace("jet-01", stated[0].run.start, longer, [], frozenset())
            if asked.is_set():
                return

    grower = Thread(target=grow)
    grower.start()
    bodies = [footprint(mill).json() for _ in range(12)]
    asked.set()
    grower.join()

    for body in bodies:
        lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
        carried = sum(Decimal(one["kgco2e"] or 0) for one in lines)
        assert carried == Decimal(body["total"]["kgco2e"])
