"""A machine's own meter goes to its runs, and its idling where the plant says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.intervals import Swap
from tests.ledger.given import Mill, at, carried, machine, plant, rules, run

METER = "jet-01.energy_kwh"
HOUR = {METER: [(0, 100), (60, 160)]}  # a kilowatt-hour a minute


def mill(*runs, registers=HOUR, **more):
    facts = {"to": "next-batch", "longest": 240} | {
        key: more.pop(key) for key in ("to", "longest") if key in more
    }
    return Mill(plant(machine(electricity=METER, **facts)), runs, registers, **more)


def test_what_a_machine_uses_while_a_batch_is_on_is_the_batchs():
    one = mill(run("B1", 0, 25), run("B2", 25, 60))

    assert one.carried(METER) == {"run B1": 25, "run B2": 35}
    assert rules(one.attribution(), METER) == {"direct"}


def test_each_process_of_a_batch_is_a_run_of_its_own():
    found = mill(run("B1", 0, 20, process="scouring"), run("B1", 20, 60)).attribution()

    by_process = {}
    for posting in found.postings:
        process = posting.account.run.process
        by_process[process] = by_process.get(process, 0) + posting.amount
    assert by_process == {"scouring": 20, "dyeing-exhaust": 40}


def test_idling_before_a_batch_is_its_standby_and_never_its_run():
    one = mill(run("B1", 20, 60))

    assert one.carried(METER) == {"standby B1": 20, "run B1": 40}


def test_idling_between_two_batches_is_the_next_ones():
    assert mill(run("B1", 0, 20), run("B2", 40, 60)).carried(METER) == {
        "run B1": 20,
        "standby B2": 20,
        "run B2": 20,
    }


def test_idling_longer_than_declared_is_overhead_but_for_its_last_part():
    one = mill(run("B1", 50, 60), longest=20)

    assert one.carried(METER) == {"overhead jet-01": 30, "standby B1": 20, "run B1": 10}
    assert rules(one.attribution(), METER) == {"standby-too-long", "standby", "direct"}


def test_idling_counts_from_before_the_period():
    assert mill(run("B1", 70, 90), longest=20).carried(METER) == {
        "overhead jet-01": 50,
        "standby B1": 10,
    }


def test_idling_that_is_declared_overhead_is_overhead():
    one = mill(run("B1", 20, 60), to="overhead")

    assert one.carried(METER) == {"overhead jet-01": 20, "run B1": 40}


def test_idling_with_no_next_batch_yet_is_pending():
    one = mill(run("B1", 0, 20))

    assert one.carried(METER) == {"run B1": 20, "standby jet-01": 40}


def test_idling_that_no_batch_followed_in_time_is_overhead():
    one = mill(run("B1", 0, 20), until=260)

    assert one.carried(METER) == {"run B1": 20, "standby jet-01": 40}
    later = mill(run("B1", 0, 20), until=300)
    assert later.carried(METER) == {"run B1": 20, "overhead jet-01": 40}


def test_what_a_batch_used_that_nobody_could_name_is_held():
    assert mill(run("", 0, 20), run("B1", 20, 60)).carried(METER) == {
        "held jet-01": 20,
        "run B1": 40,
    }


def test_another_machines_runs_do_not_matter():
    assert mill(run("B1", machine="jet-02")).carried(METER) == {"standby jet-01": 60}


# Standby that goes to the working shift.

EARLY, LATE = (at(-60), at(30)), (at(30), at(120))


def shifts(*runs, working=(EARLY, LATE), **more):
    return mill(*runs, to="shift", facts={"work_shifts": list(working)}, **more)


def test_idling_goes_to_the_batches_of_its_shift_by_run_hours():
    one = shifts(run("B1", -30, 0), run("B2", 10, 20), run("B3", 50, 60))

    assert one.carried(METER) == {
        "standby B1": 15,  # of 20 minutes of the early shift: 30 minutes to 10
        "standby B2": 5,
        "run B2": 10,
        "standby B3": 20,
        "run B3": 10,
    }


def test_of_a_batch_over_the_change_of_shifts_each_shift_takes_its_part():
    one = shifts(run("B1", 10, 50), run("B2", -40, 0))

    found = one.carried(METER)
    assert found["run B1"] == 40
    assert found["standby B1"] == pytest.approx(10 * Decimal(20) / 60 + 10, abs=Decimal("1e-8"))


def test_idling_outside_every_shift_is_overhead():
    one = shifts(run("B1", 0, 20), working=[(at(-60), at(30))])

    assert one.carried(METER) == {"run B1": 20, "standby B1": 10, "overhead jet-01": 30}
    assert "standby-outside-shifts" in rules(one.attribution(), METER)


def test_idling_of_a_shift_further_from_its_batches_than_declared_is_overhead():
    one = shifts(run("B1", 0, 5), longest=10, working=[(at(-60), at(120))], until=200)

    assert one.carried(METER) == {"run B1": 5, "standby B1": 10, "overhead jet-01": 45}


def test_idling_of_a_shift_without_a_batch_is_pending_until_it_is_over():
    assert shifts(working=[(at(0), at(60))], until=59).carried(METER) == {"standby jet-01": 60}
    assert shifts(working=[(at(0), at(60))], until=60).carried(METER) == {"overhead jet-01": 60}


def test_a_register_that_fell_is_nobodys_until_somebody_decides():
    one = mill(run("B1"), registers={METER: [(0, 100), (30, 130), (31, 5), (60, 34)]})

    found = one.attribution()

    assert carried(found, METER) == {"run B1": 59}
    assert [problem.code for problem in found.problems] == ["register-fell"]


def test_what_a_register_must_have_counted_since_it_began_again_is_held():
    shown = {METER: [(0, 100), (30, 130), (31, 5), (46, 20), (60, 34)]}

    found = mill(run("B1"), registers=shown, limits={METER: "100"}).attribution()

    assert carried(found, METER) == {"run B1": 59, f"held {METER}": 5}
    assert "undecided" in rules(found, METER)


def test_after_a_persons_decision_nothing_is_held():
    shown = {METER: [(0, 100), (30, 130), (31, 5), (46, 20), (60, 34)]}
    decided = {METER: [Swap(at(30.5), Decimal("130.5"), Decimal("4.5"))]}

    one = mill(run("B1"), registers=shown, limits={METER: "100"}, swaps=decided)

    assert one.carried(METER) == {"run B1": 60}
    assert one.attribution().problems == ()


def test_what_lies_in_a_long_gap_is_shared_in_it_and_marked_estimated():
    found = mill(run("B1", 0, 30), run("B2", 30, 60)).attribution()

    assert {posting.estimated for posting in found.postings} == {Decimal(15)}
    assert {posting.measured for posting in found.postings} == {0}


# Several batches at once.


def both(**more):
    return mill(run("B1", 0, 40), run("B2", 20, 60), **more)


def test_several_batches_at_once_share_by_mass():
    one = both(masses={"B1": "300", "B2": "100"})

    assert one.carried(METER) == {"run B1": 20 + 15, "run B2": 20 + 5}
    assert rules(one.attribution(), METER) == {"direct", "mass"}


def test_a_batch_that_stays_longer_takes_its_mass_for_all_of_its_time():
    """Mass × overlap ÷ run duration: half of B2's time here is half of its mass."""
    one = mill(
        run("B1", 0, 60), run("B2", 30, 90), run("B2", 90, 150), masses={"B1": "60", "B2": "60"}
    )

    assert one.carried(METER) == {"run B1": 30 + 20, "run B2": 10}


def test_batches_that_come_together_share_the_idling_before_them_by_mass():
    one = mill(run("B1", 20, 60), run("B2", 20, 60), masses={"B1": "30", "B2": "10"})

    found = one.carried(METER)
    assert (found["standby B1"], found["standby B2"]) == (15, 5)


def test_a_machine_that_declares_a_driver_is_divided_by_it():
    one = both(masses={"B1": "300", "B2": "100"})
    one.plant = replace(
        one.plant, machines=(replace(one.plant.machines[0], drivers=("pieces", "mass")),)
    )
    one.facts = {"quantities": {"pieces": {"B1": Decimal(10), "B2": Decimal(30)}}}

    assert one.carried(METER) == {"run B1": 20 + 5, "run B2": 20 + 15}
    assert rules(one.attribution(), METER) == {"direct", "pieces"}


@pytest.mark.parametrize("masses", [{}, {"B1": "300"}, {"B1": "0", "B2": "0"}])
def test_batches_whose_mass_nobody_knows_share_equally(masses):
    one = both(masses=masses)

    assert one.carried(METER) == {"run B1": 30, "run B2": 30}
    assert rules(one.attribution(), METER) == {"direct", "equal"}
