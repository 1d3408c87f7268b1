"""Rule 21: splits share by accepted mass, merges add, re-dyes post to their parent."""

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger.exact import QUANTUM
from api.ledger.genealogy import (
    Event,
    Heir,
    article_per_kg,
    carried,
    circle,
    family,
    in_order,
    kilograms,
)
from api.ledger.lines import Input, Line, whole_of
from tests.ledger import oracle_genealogy
from tests.ledger.given import at, run, so_many
from tests.ledger.oracle_genealogy import Happening


def event(kind, minute, givers, *takers):
    heirs = tuple(
        Heir(name, None if kg is None else Decimal(kg)) for name, kg in (t for t in takers)
    )
    return Event(minute, kind, at(minute), tuple(givers.split()), heirs)


def own(batch, minute, kwh, meter="m.energy_kwh"):
    """A line of a batch: electricity, partly measured, and what was made for it of gas."""
    amount = Decimal(kwh)
    third = (amount / 3).quantize(QUANTUM)
    inputs = (Input("natural_gas", "gas.volume_m3_0c", "m3_0c", amount * 2),)
    return Line(
        run(batch, minute, minute + 5), False, "steam", meter, "kg", amount,
        third, Decimal(0), amount - third, "direct", "boiler-1", inputs,
    )  # fmt: skip


def by_batch(lines):
    found = {}
    for line in lines:
        found.setdefault(line.run.batch, []).append(line)
    return found


def carry(events, *uses):
    totals = {
        name: sum((line.amount for line in lines), Decimal(0))
        for name, lines in carried(events, by_batch(uses)).items()
    }
    return {name: total for name, total in totals.items() if total}


def test_a_split_shares_what_was_used_so_far_by_accepted_mass():
    events = [event("split", 60, "B1", ("B1-A", 100), ("B1-B", 300))]

    assert carry(events, own("B1", 0, 80), own("B1-A", 70, 5)) == {"B1-A": 25, "B1-B": 60}


def test_what_stays_with_the_parent_keeps_its_share_and_what_it_uses_later():
    events = [event("split", 60, "B1", ("B1", 100), ("B1-B", 300))]

    assert carry(events, own("B1", 0, 80), own("B1", 70, 5)) == {"B1": 25, "B1-B": 60}


def test_a_merge_adds():
    events = [event("merge", 60, "B1 B2", ("B3", 500))]

    assert carry(events, own("B1", 0, 30), own("B2", 10, 12), own("B3", 80, 8)) == {"B3": 50}


def test_a_redye_posts_to_its_parent_whenever_it_runs():
    events = [event("redye", 60, "B1-R", ("B1", None))]

    assert carry(events, own("B1", 0, 30), own("B1-R", 70, 12)) == {"B1": 42}


def test_a_redye_before_a_split_is_shared_and_one_after_it_is_not():
    events = [
        event("redye", 90, "B1-R", ("B1", None)),
        event("split", 60, "B1", ("B1", 100), ("B2", 100)),
    ]

    assert carry(events, own("B1", 0, 30), own("B1-R", 40, 10)) == {"B1": 20, "B2": 20}
    assert carry(events, own("B1", 0, 30), own("B1-R", 70, 10)) == {"B1": 25, "B2": 15}


def test_a_redye_of_a_redye_is_the_first_ones():
    events = [event("redye", 9, "R2", ("R1", None)), event("redye", 5, "R1", ("B1", None))]

    assert carry(events, own("R2", 70, 12)) == {"B1": 12}


def test_a_scrapped_batch_keeps_what_it_carries():
    assert carry([event("scrap", 60, "B1")], own("B1", 0, 30)) == {"B1": 30}


def test_what_a_batch_carries_says_who_used_it_and_where():
    events = [
        event("split", 60, "B1", ("B2", 100), ("B3", 300)),
        event("merge", 90, "B2", ("B4", 100)),
    ]

    lines = carried(events, by_batch([own("B1", 0, 80), own("B2", 70, 5)]))["B4"]

    assert [(one.run.batch, one.amount) for one in lines] == [("B1", 20), ("B2", 5)]
    assert lines[0].run == run("B1", 0, 5)
    assert [one.amount for one in lines[0].inputs] == [40]


def test_a_line_that_was_split_and_merged_again_is_one_line_and_whole():
    events = [
        event("split", 60, "B1", ("B2", 1), ("B3", 2)),
        event("merge", 90, "B2 B3", ("B4", 3)),
    ]

    assert carried(events, {"B1": [own("B1", 0, 80)]})["B4"] == (own("B1", 0, 80),)


# Kilograms.


def test_kilograms_count_once():
    split = event("split", 60, "B1", ("B1", 100), ("B2", 300))
    gone = event("split", 60, "B1", ("B3", 100), ("B2", 300))

    assert kilograms("B1", Decimal(400), [split]) == 100
    assert kilograms("B1", Decimal(400), [gone]) == 0
    assert kilograms("B2", Decimal(300), [split]) == 300
    assert kilograms("B1-R", Decimal(90), [event("redye", 5, "B1-R", ("B1", None))]) == 0
    assert kilograms("B1", Decimal(400), [event("redye", 5, "B1-R", ("B1", None))]) == 400
    assert kilograms("B1", Decimal(400), [event("scrap", 5, "B1")]) == 0
    assert kilograms("B1", Decimal(400), []) == 400


def test_what_is_merged_into_a_batch_that_ran_before_comes_on_top_of_its_own():
    merged = [event("merge", 60, "B2", ("B1", 250))]
    unknown = [event("merge", 60, "B2", ("B1", None))]

    assert kilograms("B1", Decimal(400), merged, at(5)) == 650
    assert kilograms("B1", Decimal(250), merged, at(70)) == 250
    assert kilograms("B1", Decimal(640), merged) == 640
    assert kilograms("B1", None, merged, at(5)) is None
    assert kilograms("B1", Decimal(400), unknown, at(5)) is None


def test_an_articles_accepted_kilograms_answer_for_what_was_scrapped():
    accepted, scrapped = (Decimal(300), Decimal(100)), (Decimal(60), Decimal(0))

    assert article_per_kg([accepted, scrapped]) == (360, 100, Decimal("3.6"))
    assert article_per_kg([scrapped]) == (60, 0, None)


# Who matters, and what cannot be.


def test_a_footprint_depends_on_forebears_and_their_redyes_and_on_no_heir():
    events = [
        event("split", 10, "B1", ("B2", 1), ("B3", 1)),
        event("redye", 20, "R1", ("B1", None)),
        event("merge", 30, "B2", ("B9", 1)),
        event("redye", 40, "R3", ("B3", None)),
    ]

    assert set(family("B2", events)[0]) == {"B2", "B1", "R1"}
    assert set(family("B9", events)[0]) == {"B9", "B2", "B1", "R1"}
    assert family("B7", events) == (("B7",), ())


@pytest.mark.parametrize(
    "events",
    [
        [event("merge", 1, "A", ("B", 1)), event("merge", 2, "B", ("A", 1))],
        [event("redye", 1, "A", ("B", None)), event("redye", 2, "B", ("A", None))],
        [event("split", 1, "A", ("B", 1), ("C", 1)), event("merge", 2, "C", ("A", 1))],
    ],
)
def test_a_batch_that_would_descend_from_itself_is_a_circle(events):
    assert set(circle(events)) >= {"A"}


def test_a_part_that_stays_with_its_parent_is_no_circle():
    assert circle([event("split", 1, "A", ("A", 1), ("B", 1))]) == ()


def test_events_that_go_in_a_circle_have_no_order():
    events = [event("merge", 1, "A", ("B", 1)), event("merge", 1, "B", ("A", 1))]

    with pytest.raises(ValueError, match="circle"):
        in_order(events)


def test_an_event_says_whom_it_is_about_and_what_each_heir_takes():
    one = event("split", 1, "A", ("A", 1), ("B", 3))
    unknown = event("split", 1, "A", ("B", None), ("C", None))

    assert one.names == {"A", "B"}
    assert [one.share(heir) for heir in one.heirs] == [Decimal("0.25"), Decimal("0.75")]
    assert [unknown.share(heir) for heir in unknown.heirs] == [Decimal("0.5")] * 2


def test_what_a_part_is_a_part_of_can_be_found_again():
    events = [event("split", 60, "B1", ("B2", 1), ("B3", 3))]
    used = [own("B1", 0, 80), own("B1", 10, 7)]

    for part in carried(events, {"B1": used})["B2"]:
        assert whole_of(part, used).amount == 4 * part.amount


def test_batches_that_were_on_at_once_stand_in_one_order_whatever_the_order_of_entry():
    events = [event("redye", 1, "R1", ("B2", None))]
    uses = [own("B2", 0, 1), own("R1", 0, 1)]

    assert carried(events, by_batch(uses)) == carried(events, by_batch(uses[::-1]))


# For any family.

MOST = 9


@st.composite
def families(draw):
    """Batches 0 to 8; who hands on, hands on to higher ones: nobody descends from himself."""
    events, uses = [], []
    for place in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["split", "split", "merge"]))
        giver = draw(st.integers(0, MOST - 3))
        above = st.lists(st.integers(giver + 1, MOST - 1), min_size=1, max_size=3, unique=True)
        minute = draw(st.integers(0, 10)) * 6 + place  # nobody hands on twice at once
        if kind == "split":
            takers = [*draw(above), *draw(st.sampled_from([[], [giver]]))]
            masses = draw(st.lists(st.integers(0, 500), min_size=4, max_size=4))
            parts = [(f"B{one}", kg) for one, kg in zip(takers, masses, strict=False)]
            events.append(event("split", minute, f"B{giver}", *parts))
        else:
            others = draw(st.sets(st.integers(0, giver), max_size=3)) | {giver}
            (heir, *_) = draw(above)
            givers = " ".join(f"B{one}" for one in sorted(others))
            events.append(event("merge", minute, givers, (f"B{heir}", 100)))
    redyed = draw(st.sets(st.integers(0, 2), max_size=2))
    events += [event("redye", one, f"R{one}", (f"B{one * 2}", None)) for one in redyed]
    names = [f"B{one}" for one in range(MOST)] + ["R0", "R1", "R2"]
    found = draw(
        st.lists(
            st.tuples(st.sampled_from(names), st.integers(0, 80), st.integers(1, 10**12)),
            max_size=8,
            unique_by=lambda use: use[:2],
        )
    )
    uses = [own(batch, minute, Decimal(quanta) * QUANTUM) for batch, minute, quanta in found]
    return events, uses


def minute_of(line):
    return round((line.run.start - at(0)).total_seconds() / 60)


@settings(max_examples=so_many(150))
@given(families())
def test_every_batch_carries_what_the_oracle_says_to_a_few_quanta(found):
    events, uses = found
    happenings = [
        Happening(one.kind, one.number, list(one.parents),
                  [(heir.batch, int(heir.kg or 0)) for heir in one.heirs])
        for one in events
    ]  # fmt: skip
    told = [(one.run.batch, minute_of(one), int(one.amount / QUANTUM)) for one in uses]

    expected = oracle_genealogy.carried(happenings, told, 90)

    totals = Counter()
    for name, lines in carried(events, by_batch(uses)).items():
        for line in lines:
            totals[name, line.run.batch] += Fraction(line.amount / QUANTUM)
    for key in {*totals, *expected}:
        assert abs(totals[key] - expected[key]) <= 2 * len(events) * len(uses)  # cut each time


@settings(max_examples=so_many(100))
@given(families())
def test_over_a_family_every_amount_that_was_used_is_carried_once_exactly(found):
    events, uses = found

    lines = [line for own in carried(events, by_batch(uses)).values() for line in own]

    for use in uses:
        parts = [line for line in lines if line.run == use.run]
        for name in ("amount", "measured", "interpolated", "estimated"):
            assert sum((getattr(one, name) for one in parts), Decimal(0)) == getattr(use, name)
        made = sum((one.amount for part in parts for one in part.inputs), Decimal(0))
        assert made == use.inputs[0].amount
    assert {line.run for line in lines} <= {use.run for use in uses}


@settings(max_examples=so_many(100))
@given(families())
def test_no_part_is_negative_and_its_quality_adds_up_to_it(found):
    events, uses = found

    for lines in carried(events, by_batch(uses)).values():
        for one in lines:
            assert min(one.amount, one.measured, one.interpolated, one.estimated) >= 0
            assert one.measured + one.interpolated + one.estimated == one.amount


@settings(max_examples=so_many(100))
@given(families(), st.integers())
def test_the_order_of_entry_changes_nothing(found, seed):
    events, uses = found
    chance = random.Random(seed)

    shuffled = carried(chance.sample(events, len(events)), by_batch(chance.sample(uses, len(uses))))

    assert shuffled == carried(events, by_batch(uses))


@settings(max_examples=so_many(100))
@given(families())
def test_renaming_batches_changes_nothing_but_their_names(found):
    events, uses = found

    def new(name):
        return f"{99 - int(name[1:])}缸{name[0]}"

    def retold(line):
        return line._replace(run=replace(line.run, batch=new(line.run.batch)))

    renamed = [
        replace(one, parents=tuple(new(name) for name in one.parents),
                heirs=tuple(replace(heir, batch=new(heir.batch)) for heir in one.heirs))
        for one in events
    ]  # fmt: skip

    before = carried(events, by_batch(uses))
    after = carried(renamed, by_batch([retold(one) for one in uses]))

    def lines(found):
        return sorted(found, key=repr)

    assert {new(name): lines(map(retold, own)) for name, own in before.items()} == {
        name: lines(own) for name, own in after.items()
    }


@settings(max_examples=so_many(100))
@given(families())
def test_each_batch_by_itself_is_told_the_same_as_all_together(found):
    """A footprint looks at forebears alone; nobody else's use may matter to it."""
    events, uses = found
    together = carried(events, by_batch(uses))

    for name, lines in together.items():
        names, told = family(name, events)
        mine = by_batch([one for one in uses if one.run.batch in names])
        assert carried(told, mine).get(name, ()) == lines
