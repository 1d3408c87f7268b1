"""Drivers: what a shared amount is divided by; one fact about each, then what all share."""

from dataclasses import replace
from decimal import Decimal

import pytest

from api.ledger import drivers
from api.ledger.drivers import Case, Facts
from api.ledger.ladder import divide
from api.ledger.plant import Process, SharedMeter
from gateway.intervals import Curve
from tests.ledger.given import Mill, at, carried, machine, plant, rules, run, samples

METER = "hall.energy_kwh"
NEAR = Decimal("1e-8")
ONE, TWO = run("B1", 0, 60, machine="m-1"), run("B2", 0, 60, machine="m-2")
NAMES = [
    "area",
    "equal",
    "fixed",
    "length",
    "liquor",
    "mass",
    "mass-process",
    "passes",
    "pieces",
    "power",
    "rated-on-hours",
    "rated-run-hours",
    "run-hours",
    "signal",
]


def hall(*ladder, runs=(ONE, TWO), shares=None, processes=None, own=("mass",), **more):
    """An hour of two machines behind one meter that shows a unit a minute."""
    shared = SharedMeter("hall", "electricity", METER, ("m-1", "m-2"), ladder, shares=shares or {})
    machines = [replace(machine(name), drivers=own) for name in ("m-1", "m-2")]
    one = replace(plant(*machines, shared=[shared]), processes=processes or {})
    return Mill(one, runs, {METER: [(m, m) for m in range(0, 61, 5)]}, **more)


def curve(*shown, state=None):
    return Curve(samples(*shown), state=state)


def steady(value, until=60):
    return curve(*[(minute, value) for minute in range(0, until + 1, 5)])


def amounts(mill):
    found = mill.carried(METER)
    return [found.get(f"run B{n}") for n in (1, 2)]


def quantities(**kinds):
    return {"quantities": {k: {b: Decimal(v) for b, v in by.items()} for k, by in kinds.items()}}


def processes(**found):
    return {
        name.replace("_", "-"): Process(
            *[None if v is None else Decimal(v) for v in (coefficient, passes)], "the mill's trials"
        )
        for name, (coefficient, passes) in found.items()
    }


DRY = run("B2", 0, 60, machine="m-2", process="drying")
TWICE = {"masses": {"B1": "100", "B2": "100"}}
EACH = {
    "area": ("area", {"facts": quantities(area={"B1": 200, "B2": 100})}),
    "equal": ("equal", {}),
    "fixed": ("fixed", {"shares": {"m-1": Decimal("0.75"), "m-2": Decimal("0.25")}}),
    "length": ("length", {"facts": quantities(length={"B1": 4500, "B2": 1500})}),
    "liquor": (
        "liquor",
        {
            "facts": {
                "curves": {
                    ("m-1", "liquor"): steady(2000),
                    ("m-1", "temperature"): curve(*[(m, 30 + m) for m in range(0, 61, 5)]),
                    ("m-2", "liquor"): steady(1000),
                    ("m-2", "temperature"): curve(*[(m, 30 + m) for m in range(0, 61, 5)]),
                }
            }
        },
    ),
    "mass": ("mass", {"masses": {"B1": "300", "B2": "100"}}),
    "mass-process": (
        "mass-process",
        {
            **TWICE,
            "runs": (ONE, DRY),
            "processes": processes(dyeing_exhaust=("1.2", None), drying=("0.4", None)),
        },
    ),
    "passes": (
        "passes",
        {
            "runs": (ONE, DRY),
            "processes": processes(dyeing_exhaust=(None, 2), drying=(None, 1)),
        },
    ),
    "pieces": ("pieces", {"facts": quantities(pieces={"B1": 40, "B2": 20})}),
    "power": (
        "power:drive_kw",
        {
            "facts": {
                "curves": {("m-1", "drive_kw"): steady(40), ("m-2", "drive_kw"): steady(10)},
                "beside_kw": {"m-1": Decimal(5), "m-2": Decimal(5)},
            }
        },
    ),
    "rated-on-hours": (
        "rated-on-hours:pump_on",
        {
            "rated": {"m-1": "40", "m-2": "10"},
            "facts": {
                "curves": {
                    ("m-1", "pump_on"): steady(1),
                    ("m-2", "pump_on"): curve(*[(m, int(m < 30)) for m in range(0, 61, 5)]),
                },
                "beside_kw": {"m-1": Decimal(5), "m-2": Decimal(5)},
            },
        },
    ),
    "rated-run-hours": ("rated-run-hours", {"rated": {"m-1": "55", "m-2": "5"}}),
    "run-hours": ("run-hours", {}),
    "signal": (
        "signal:motor_on",
        {
            "facts": {
                "curves": {
                    ("m-1", "motor_on"): steady(1),
                    ("m-2", "motor_on"): curve(*[(m, int(m < 30)) for m in range(0, 61, 5)]),
                }
            }
        },
    ),
}
SHARES = {
    "area": (40, 20),
    "equal": (30, 30),
    "fixed": (45, 15),
    "length": (45, 15),
    "liquor": (40, 20),
    "mass": (45, 15),
    "mass-process": (45, 15),
    "passes": (40, 20),
    "pieces": (40, 20),
    "power": (45, 15),
    "rated-on-hours": (Decimal("49.5"), Decimal("10.5")),
    "rated-run-hours": (55, 5),
    "run-hours": (30, 30),
    "signal": (45, 15),
}


def test_every_file_among_the_drivers_is_one_of_them_and_has_its_fact_here():
    assert drivers.names() == NAMES == list(EACH) == list(SHARES)
    assert all(callable(drivers.driver(name).weigh) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_divides_by_what_it_is_named_after(name):
    rung, facts = EACH[name]
    one = hall(rung, **facts)

    assert amounts(one) == [pytest.approx(share, abs=NEAR) for share in SHARES[name]]
    assert rules(one.attribution(), METER) == {rung}


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("equal", "run-hours")])
def test_where_a_drivers_facts_are_missing_the_next_rung_divides(name):
    rung = EACH[name][0]

    found = hall(rung, "run-hours").attribution()

    assert rules(found, METER) == {"run-hours"}
    assert {posting.division.passed_over for posting in found.postings} == {(rung,)}


@pytest.mark.parametrize("name", NAMES)
def test_every_posting_names_rung_inputs_and_weights(name):
    rung, facts = EACH[name]

    for posting in hall(rung, **facts).attribution().postings:
        division = posting.division
        assert division.rung == posting.rule == rung
        assert [one.batch for one in division.runs] == ["B1", "B2"]
        assert all(isinstance(weight.value, Decimal) for weight in division.weights)
        assert name in ("equal", "run-hours") or all(w.inputs for w in division.weights)


@pytest.mark.parametrize("name", NAMES)
def test_a_division_does_not_depend_on_where_its_slices_are_cut(name):
    """Where the idling before a later run would begin to count, the slots are cut finer."""
    rung, facts = EACH[name]
    cut = (*facts.get("runs", (ONE, TWO)), run("B9", 247, 250, machine="m-1"))

    finer = hall(rung, **(facts | {"runs": cut}))

    assert at(7) in {posting.start for posting in finer.attribution().postings}
    assert amounts(finer) == [pytest.approx(one, abs=NEAR) for one in amounts(hall(rung, **facts))]


# Machines that count once.


@pytest.mark.parametrize("name", ["fixed", "liquor", "rated-run-hours", "run-hours", "signal"])
def test_two_batches_on_one_machine_share_what_it_counts(name):
    rung, facts = EACH[name]
    both = (ONE, run("B2", 0, 60, machine="m-2"), run("B3", 0, 60, machine="m-2"))
    masses = {"B2": "300", "B3": "100"}

    found = hall(rung, **(facts | {"runs": both, "masses": masses})).carried(METER)

    first, second = SHARES[name]
    assert found["run B1"] == pytest.approx(first, abs=NEAR)
    assert found["run B2"] == pytest.approx(second * Decimal("0.75"), abs=NEAR)
    assert found["run B3"] == pytest.approx(second * Decimal("0.25"), abs=NEAR)


def test_a_batchs_own_passes_go_before_those_of_its_process():
    declared = processes(dyeing_exhaust=(None, 2), drying=(None, 1))
    facts = quantities(passes={"B2": 4})

    found = hall("passes", runs=(ONE, DRY), processes=declared, facts=facts)

    assert amounts(found) == [20, 40]


def test_two_batches_on_one_machine_share_by_what_the_machine_declares():
    both = (ONE, run("B2", 0, 60, machine="m-2"), run("B3", 0, 60, machine="m-2"))
    facts = quantities(pieces={"B2": 9, "B3": 1})

    found = hall("run-hours", runs=both, own=("pieces", "mass"), facts=facts).carried(METER)

    assert found == {"run B1": 30, "run B2": 27, "run B3": 3}


def test_of_fixed_shares_only_those_of_machines_that_run_count():
    shares = {"m-1": Decimal("0.1"), "m-2": Decimal("0.9")}

    assert amounts(hall("fixed", runs=(ONE,), shares=shares)) == [60, None]


# Signals.


def test_a_signal_that_is_missing_for_a_slot_gives_way_in_that_slot_alone():
    gone = curve(*[(m, None if 15 <= m < 30 else 1) for m in range(0, 61, 5)])
    facts = {"curves": {("m-1", "motor_on"): gone, ("m-2", "motor_on"): steady(3)}}

    found = hall("signal:motor_on", "run-hours", facts=facts).attribution()

    by_slot = {(p.start, p.rule) for p in found.postings}
    assert by_slot == {
        (at(0), "signal:motor_on"),
        (at(15), "run-hours"),
        (at(30), "signal:motor_on"),
        (at(45), "signal:motor_on"),
    }
    assert carried(found, METER)["run B2"] == 3 * Decimal("11.25") + Decimal("7.5")


def test_a_signal_that_is_zero_for_all_is_standby_and_not_the_next_rung():
    facts = {"curves": {(name, "motor_on"): steady(0) for name in ("m-1", "m-2")}}

    assert hall("signal:motor_on", "run-hours", facts=facts).carried(METER) == {
        "standby B1": 30,
        "standby B2": 30,
    }


def test_cooling_is_no_credit():
    falling = curve(*[(m, 90 - m) for m in range(0, 61, 5)])
    facts = {
        "curves": {
            ("m-1", "liquor"): steady(2000),
            ("m-1", "temperature"): falling,
            ("m-2", "liquor"): steady(1000),
            ("m-2", "temperature"): curve(*[(m, 30 + m) for m in range(0, 61, 5)]),
        }
    }

    assert amounts(hall("liquor", facts=facts)) == [None, 60]


# Masses.


@pytest.mark.parametrize("wrong", ["0", "-3"])
@pytest.mark.parametrize("rung", ["mass", "mass-process"])
def test_a_mass_that_is_none_is_passed_over_and_said(wrong, rung):
    declared = processes(dyeing_exhaust=("1.2", None))
    one = hall(rung, "run-hours", masses={"B1": wrong, "B2": "5"}, processes=declared).attribution()

    assert rules(one, METER) == {"run-hours"}
    (problem,) = one.problems
    assert (problem.code, problem.where) == ("mass-not-positive", "B1")
    assert problem.values["mass"] == wrong


def test_a_mass_that_is_none_and_that_nobody_asks_for_is_no_problem():
    assert hall("run-hours", masses={"B1": "0"}).attribution().problems == ()


@pytest.mark.parametrize("kind", ["length", "area", "pieces", "passes"])
@pytest.mark.parametrize("wrong", [0, -1])
def test_a_quantity_that_is_none_is_missing(kind, wrong):
    facts = quantities(**{kind: {"B1": wrong, "B2": 5}})

    assert rules(hall(kind, "run-hours", facts=facts).attribution(), METER) == {"run-hours"}


def test_ten_tonnes_over_garments_of_half_a_kilogram_and_one():
    """The worked example of physical allocation in PACT's method: 3.33 and 6.67 t."""
    facts = Facts({"half": Decimal("0.5"), "one": Decimal(1)}, {}, {})
    runs = (run("half", machine="m-1"), run("one", machine="m-2"))
    facts = replace(facts, hours={(r.machine, r.batch): Decimal(1) for r in runs})

    division = divide(Case(at(0), at(60), runs, facts), ("mass",), {})

    whole = sum(weight.value for weight in division.weights)
    assert [round(10 * w.value / whole, 2) for w in division.weights] == [
        Decimal("3.33"),
        Decimal("6.67"),
    ]
