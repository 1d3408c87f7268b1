"""A machine's own meter goes to its runs, and its idling where the plant says."""

from decimal import Decimal

import pytest

from tests.ledger.given import Mill, carried, machine, plant, rules, run

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


def test_a_register_that_fell_is_nobodys_until_somebody_decides():
    one = mill(run("B1"), registers={METER: [(0, 100), (30, 130), (31, 5), (60, 34)]})

    found = one.attribution()

    assert carried(found, METER) == {"run B1": 59}
    assert [problem.code for problem in found.problems] == ["register-fell"]


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


@pytest.mark.parametrize("masses", [{}, {"B1": "300"}, {"B1": "0", "B2": "0"}])
def test_batches_whose_mass_nobody_knows_share_equally(masses):
    one = both(masses=masses)

    assert one.carried(METER) == {"run B1": 30, "run B2": 30}
    assert rules(one.attribution(), METER) == {"direct", "equal"}
