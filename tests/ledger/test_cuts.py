"""Where a meter's line is cut: at slots, and where its carrier changes hands."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.ledger.cuts import SLOT, by_slot, cuts, slot_edges, stretched
from api.ledger.plant import SharedMeter, Standby, Supply
from gateway.intervals import Counter, Measured
from tests.ledger.given import MINUTE, at, boiler, machine, plant, run

MILL = plant(
    machine("jet-01", electricity="one.energy_kwh", longest=20),
    machine("jet-02", electricity="two.energy_kwh", longest=20),
    machine("jet-03", electricity="three.energy_kwh", longest=20),
    shared=[SharedMeter("hall", "steam", "hall.mass_kg", ("jet-01", "jet-02"), ("mass",))],
    supplies=[Supply("grid", "electricity", ("main.energy_kwh",))],
    utilities=[boiler()],
)


def bounds(meter, *runs, start=0, end=60):
    found = cuts(MILL, runs, at(start), at(end))[meter]
    return [(one - at(0)).total_seconds() / 60 for one in found]


def test_a_meter_of_which_nothing_is_asked_but_an_instant_has_no_slots():
    nothing = Measured(Counter("main.energy_kwh", "kWh", None, MINUTE), (), (), ())

    assert by_slot(nothing) == {}
    assert by_slot(nothing, with_held=True) == {}


def test_every_meter_is_cut_at_quarters_of_an_hour():
    for meter in MILL.carrier_of():
        assert bounds(meter) == [0, 15, 30, 45, 60]


def test_a_period_off_the_quarters_begins_and_ends_where_it_is_asked():
    assert bounds("main.energy_kwh", start=7, end=40) == [7, 15, 30, 40]


def test_a_machines_own_meter_is_cut_at_its_runs_alone():
    one, other = run("B1", 40, 50), run("B2", 20, 52, machine="jet-02")

    assert bounds("one.energy_kwh", one, other) == [0, 15, 20, 30, 40, 45, 50, 60]


def test_a_machines_own_meter_is_cut_where_its_idling_begins_to_count():
    assert 23 in bounds("one.energy_kwh", run("B1", 43, 50))


def test_idling_before_a_run_after_the_period_is_cut_in_it():
    assert 55 in bounds("one.energy_kwh", run("B1", 75, 90))


def test_a_shared_meter_is_cut_at_the_runs_of_its_group_alone():
    found = bounds(
        "hall.mass_kg",
        run("B1", 41, 61),
        run("B2", 42, 61, machine="jet-02"),
        run("B3", 43, 61, machine="jet-03"),
    )

    assert {41, 42} <= set(found)
    assert 43 not in found


def test_edges_outside_the_period_cut_nothing():
    assert bounds("one.energy_kwh", run("B1", -100, 100)) == [0, 15, 30, 45, 60]


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_slot_edges_rise_from_start_to_end_and_never_lie_more_than_a_slot_apart(start, length):
    edges = slot_edges(at(start), at(start + length))

    assert (edges[0], edges[-1]) == (at(start), at(start + length))
    gaps = [(b - a).total_seconds() / 60 for a, b in pairwise(edges)]
    assert all(0 <= gap <= 15 for gap in gaps)
    assert all(edge.minute % 15 == 0 for edge in edges[1:-1])


def test_where_standby_goes_to_the_shift_its_edges_cut_and_where_batches_are_too_far():
    hall = SharedMeter(
        "hall", "steam", "hall.mass_kg", ("jet-01",), ("mass",), Standby("shift", 5 * MINUTE)
    )
    mill = plant(
        machine("jet-01", to="shift", longest=7, electricity="one.energy_kwh"), shared=[hall]
    )
    working = [(at(-100), at(33)), (at(33), at(100))]

    found = cuts(mill, [run("B1", 20, 40)], at(0), at(60), working)

    minutes = {
        meter: [(one - at(0)).total_seconds() / 60 for one in edges]
        for meter, edges in found.items()
    }
    assert minutes["one.energy_kwh"] == [0, 13, 15, 20, 30, 33, 40, 45, 47, 60]
    assert minutes["hall.mass_kg"] == [0, 15, 20, 30, 33, 40, 45, 60]


@given(st.lists(st.integers(0, 40), max_size=30))
def test_slots_that_follow_each_other_are_one_stretch(numbers):
    slots = [at(0) + n * SLOT for n in numbers]

    found = stretched(slots)

    inside = [a + n * SLOT for a, b in found for n in range((b - a) // SLOT)]
    assert inside == sorted(set(slots))
    assert all(before[1] < after[0] for before, after in pairwise(found))
