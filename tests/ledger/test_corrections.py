"""The runs that count: people's words beside a PLC's, and corrections that overwrite nothing."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger.corrections import Entry, effective, overlaps, shown_id
from api.ledger.plant import Machine
from tests.ledger import oracle_runs
from tests.ledger.given import DYEING, at, run, so_many
from tests.ledger.oracle_runs import Said

JET = Machine("jet-01", DYEING)
PAIR = replace(JET, holds=2)
WANG = {"source": "http", "by": "wang", "reason": "as on the card"}


def entry(number, kind="add", *, of="", **said):
    facts = {"batch": None, "process": None, "start": None, "end": None, "anchor": None} | said
    start, end, anchor = facts["start"], facts["end"], facts["anchor"]
    start, end = (None if one is None else at(one) for one in (start, end))
    anchor = start or at(0) if anchor is None else at(anchor)
    process = DYEING if kind == "add" and not facts["process"] else facts["process"]
    facts |= {"start": start, "end": end, "anchor": anchor, "process": process}
    facts |= {"machine": "jet-01", "run": of or f"e{number}", "kind": kind, "number": number}
    return Entry(**({"kg": None, "said": "", "entered": at(0)} | WANG | facts))


def add(number, batch, start, end=None, **more):
    return entry(number, batch=batch, start=start, end=end, **more)


def on_shown(number, shown, kind="edit", **said):
    minute = (shown.start - at(0)).total_seconds() / 60
    return entry(number, kind, of=shown_id(shown), said=shown.said, anchor=minute, **said)


def counting(found=(), entries=(), *, machine=JET, until=100):
    stated, _ = effective(machine, found, entries, at(until))
    return [
        (one.run.batch, minutes(one.run.start), minutes(one.run.end), one.source) for one in stated
    ]


def codes(found=(), entries=(), *, machine=JET):
    return [problem.code for problem in effective(machine, found, entries, at(100))[1]]


def minutes(when):
    return round((when - at(0)).total_seconds() / 60)


# Entered.


def test_what_nobody_entered_is_what_the_plc_showed():
    assert counting([run("B1", 0, 20), run("B2", 30, 60)]) == [
        ("B1", 0, 20, "plc"),
        ("B2", 30, 60, "plc"),
    ]


def test_what_was_entered_counts_where_there_is_no_plc():
    assert counting(entries=[add(1, "B1", 5, 25)]) == [("B1", 5, 25, "http")]


def test_a_run_that_nobody_ended_goes_on_as_far_as_readings_reach():
    (one,), _ = effective(JET, [], [add(1, "B1", 5)], at(70))

    assert (one.run.going_on, one.run.end) == (True, at(70))


def test_a_run_that_nobody_ended_ends_where_the_next_begins():
    assert counting(entries=[add(1, "B1", 5), add(2, "B2", 40)]) == [
        ("B1", 5, 40, "http"),
        ("B2", 40, 100, "http"),
    ]


def test_it_goes_on_again_when_the_next_is_deleted():
    """A scan at the wrong machine, taken back, leaves nothing behind."""
    entries = [add(1, "B1", 5), add(2, "B2", 40), entry(3, "delete", of="e2", anchor=40)]

    assert counting(entries=entries) == [("B1", 5, 100, "http")]


def test_a_run_that_nobody_ended_ends_where_the_plc_shows_another():
    assert counting([run("B2", 60, 80)], [add(1, "B1", 5)]) == [
        ("B1", 5, 60, "http"),
        ("B2", 60, 80, "plc"),
    ]


def test_an_end_is_a_row_of_its_own():
    entries = [add(1, "B1", 5), entry(2, "edit", of="e1", end=30)]

    assert counting(entries=entries) == [("B1", 5, 30, "http")]


# People's words and a PLC's.


def test_what_was_entered_wins_over_the_plc_where_they_overlap_and_it_is_said():
    found, entries = [run("B7", 0, 60)], [add(1, "B1", 20, 40)]

    assert counting(found, entries) == [
        ("B7", 0, 20, "plc"),
        ("B1", 20, 40, "http"),
        ("B7", 40, 60, "plc"),
    ]
    assert codes(found, entries) == ["run-overruled"]


def test_the_same_batch_from_both_is_one_run_and_no_problem():
    found, entries = [run("B1", 2, 58)], [add(1, "B1", 0, 60)]

    assert counting(found, entries) == [("B1", 0, 60, "http")]
    assert codes(found, entries) == []


# Corrections of what a PLC showed.


def test_a_mistyped_batch_is_corrected_for_the_whole_stay():
    steps = [run("B24O9", 0, 10, process="scouring"), run("B24O9", 10, 50), run("B3", 60, 70)]

    found = counting(steps, [on_shown(1, steps[0], batch="B2409")])

    assert found == [("B2409", 0, 10, "correction"), ("B2409", 10, 50, "correction"),
                     ("B3", 60, 70, "plc")]  # fmt: skip


def test_a_correction_holds_while_the_run_goes_on():
    grown = replace(run("B24O9", 0, 90), going_on=True)

    correction = on_shown(1, run("B24O9", 0, 30), batch="B2409")

    assert counting([grown], [correction]) == [("B2409", 0, 90, "correction")]


def test_a_correction_finds_its_run_when_late_data_moved_its_start():
    correction = on_shown(1, run("B1", 10, 30), end=40)

    assert counting([run("B1", 5, 30)], [correction]) == [("B1", 5, 40, "correction")]
    assert counting([run("B1", 12, 30)], [correction]) == [("B1", 12, 40, "correction")]


def test_a_correction_of_what_is_no_longer_there_is_a_problem():
    assert codes([run("B7", 10, 30)], [on_shown(1, run("B1", 10, 30), end=40)]) == [
        "correction-without-run"
    ]


def test_a_deleted_run_is_gone_and_its_time_is_idle():
    one = run("B1", 10, 30)

    assert counting([one], [on_shown(1, one, "delete")]) == []


def test_a_run_that_a_person_made_longer_takes_the_time_from_its_neighbour():
    one, other = run("B1", 0, 30), run("B2", 30, 60)

    assert counting([one, other], [on_shown(1, one, end=40)]) == [
        ("B1", 0, 40, "correction"),
        ("B2", 40, 60, "plc"),
    ]


def test_the_last_correction_of_a_field_counts():
    entries = [
        add(1, "B1", 0, 30),
        entry(2, "edit", of="e1", end=40),
        entry(3, "edit", of="e1", batch="B2"),
        entry(4, "edit", of="e1", end=35),
    ]

    assert counting(entries=entries) == [("B2", 0, 35, "http")]


def test_an_import_that_was_undone_is_as_if_it_had_not_been():
    entries = [
        add(1, "B1", 0, 30),
        add(2, "B2", 40, 50, file=7),
        entry(3, "edit", of="e1", end=35, file=7),
        entry(4, "undo", of="-", file=7),
    ]

    assert counting(entries=entries) == [("B1", 0, 30, "http")]
    assert len(counting(entries=entries[:3])) == 2


# Several at once.


def test_two_batches_at_once_on_a_machine_that_holds_one_are_a_problem():
    assert codes(entries=[add(1, "B1", 0, 30), add(2, "B2", 20, 50)]) == ["runs-overlap"]


def test_a_machine_that_holds_two_has_two_and_no_third():
    two = [add(1, "B1", 0, 30), add(2, "B2", 20, 50)]

    assert codes(entries=two, machine=PAIR) == []
    assert codes(entries=[*two, add(3, "B3", 25, 40)], machine=PAIR) == ["runs-overlap"]


def test_one_batch_twice_at_once_is_a_problem_anywhere():
    twice = [add(1, "B1", 0, 30), add(2, "B1", 20, 50)]

    assert codes(entries=twice, machine=PAIR) == ["runs-overlap"]


def test_a_third_batch_in_a_machine_that_holds_two_ends_the_first_that_nobody_ended():
    three = [add(1, "B1", 0), add(2, "B2", 20), add(3, "B3", 50)]

    assert counting(entries=three, machine=PAIR) == [
        ("B1", 0, 50, "http"),
        ("B2", 20, 100, "http"),
        ("B3", 50, 100, "http"),
    ]


def test_a_machine_that_holds_two_has_the_plcs_batch_and_another():
    found, entries = [run("B7", 0, 60)], [add(1, "B1", 20, 40)]

    assert counting(found, entries, machine=PAIR) == [
        ("B7", 0, 60, "plc"),
        ("B1", 20, 40, "http"),
    ]


# For any mill.

BATCHES = ["B1", "B2", "B3"]


@st.composite
def shown_runs(draw):
    """What a PLC shows: one batch after the other."""
    end, found = 0, []
    for gap, length, batch in draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20), st.sampled_from(BATCHES)),
                 max_size=5)
    ):  # fmt: skip
        start, end = end + gap, end + gap + length
        found.append(run(batch, start, end))
    return found


@st.composite
def spoken(draw):
    """What people say: additions with or without an end, some deleted."""
    said = []
    for number, (batch, start, length, deleted) in enumerate(
        draw(
            st.lists(
                st.tuples(
                    st.sampled_from(BATCHES),
                    st.integers(0, 70),
                    st.integers(1, 30) | st.none(),
                    st.booleans(),
                ),
                max_size=5,
                unique_by=lambda one: one[1],
            )
        ),
        1,
    ):
        end = None if length is None else start + length
        said.append(Said(number, batch, start, end, deleted=deleted))
    return said


def entries_of(said):
    made = [add(one.number, one.batch, one.start, one.end) for one in said]
    made += [
        entry(100 + one.number, "delete", of=f"e{one.number}", anchor=one.start)
        for one in said
        if one.deleted
    ]
    return made


@settings(max_examples=so_many(300))
@given(shown_runs(), spoken())
def test_minute_by_minute_the_runs_that_count_are_what_the_oracle_says(found, said):
    stated, _ = effective(JET, found, entries_of(said), at(90))

    shown = [Said(0, one.batch, minutes(one.start), minutes(one.end), hand=False) for one in found]
    expected = oracle_runs.on(120, said + shown, 90)
    for minute in range(120):
        on = {one.run.batch for one in stated if one.run.start <= at(minute) < one.run.end}
        assert on == expected[minute], minute


@given(shown_runs(), spoken(), st.randoms(use_true_random=False))
def test_the_order_in_which_entries_are_handed_in_changes_nothing(found, said, chance):
    entries = entries_of(said)
    shuffled = random.Random(chance.random()).sample(entries, len(entries))

    assert effective(JET, found, shuffled, at(90)) == effective(JET, found, entries, at(90))


@given(shown_runs(), spoken())
def test_renaming_batches_changes_nothing_but_their_names(found, said):
    names = {"B1": "zz", "B2": "缸号-7", "B3": "A"}
    renamed = [replace(one, batch=names[one.batch], said=names[one.said]) for one in found]
    retold = [replace(one, batch=names[one.batch]) for one in said]

    before = effective(JET, found, entries_of(said), at(90))[0]
    after = effective(JET, renamed, entries_of(retold), at(90))[0]

    assert [(names[one.run.batch], one.run.start, one.run.end, one.id) for one in before] == [
        (one.run.batch, one.run.start, one.run.end, one.id) for one in after
    ]


@given(shown_runs(), spoken())
def test_a_plc_and_a_person_never_both_count(found, said):
    stated, _ = effective(JET, found, entries_of(said), at(90))

    plc = [one for one in stated if one.source == "plc"]
    for one, other in overlaps(JET, stated):
        assert one not in plc
        assert other not in plc
