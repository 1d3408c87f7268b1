"""Rule 21: splits share by accepted mass, merges add, re-dyes post to their parent."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger.genealogy import (
    MILLIGRAM,
    Event,
    Heir,
    Own,
    article_per_kg,
    carried,
    carried_by,
    cycle,
    family,
    kilograms,
)
from tests.ledger import oracle_genealogy
from tests.ledger.given import at
from tests.ledger.oracle_genealogy import Happening


def event(kind, minute, givers, *takers):
    heirs = tuple(
        Heir(name, None if kg is None else Decimal(kg)) for name, kg in (t for t in takers)
    )
    return Event(minute, kind, at(minute), tuple(givers.split()), heirs)


def own(batch, minute, kg):
    return Own(batch, at(minute), Decimal(kg))


def carry(events, *uses):
    return {name: total for name, total in carried(events, uses)[0].items() if total}


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


def test_a_total_can_be_followed_to_whom_it_came_from_and_went():
    events = [
        event("split", 60, "B1", ("B2", 100), ("B3", 300)),
        event("merge", 90, "B2", ("B4", 100)),
    ]

    one = carried_by("B2", events, [own("B1", 0, 80), own("B2", 70, 5)])

    assert one.total == 0
    assert [(h.giver, h.kind, h.share, h.kgco2e) for h in one.received] == [
        ("B1", "split", Decimal("0.25"), 20)
    ]
    assert [(h.taker, h.kind, h.kgco2e) for h in one.given] == [("B4", "merge", 25)]


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
def test_a_batch_that_would_descend_from_itself_is_a_cycle(events):
    assert set(cycle(events)) >= {"A"}


def test_a_part_that_stays_with_its_parent_is_no_cycle():
    assert cycle([event("split", 1, "A", ("A", 1), ("B", 1))]) == ()


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
    for batch, minute, milligrams in draw(
        st.lists(
            st.tuples(st.sampled_from(names), st.integers(0, 80), st.integers(0, 10**7)),
            max_size=8,
        )
    ):
        uses.append(own(batch, minute, Decimal(milligrams) * MILLIGRAM))
    return events, uses


@settings(max_examples=300)
@given(families())
def test_every_batch_carries_what_the_oracle_says_to_a_few_milligrams(found):
    events, uses = found
    happenings = [
        Happening(one.kind, one.number, list(one.parents),
                  [(heir.batch, int(heir.kg or 0)) for heir in one.heirs])
        for one in events
    ]  # fmt: skip
    minute_of = {one: round((one.at - at(0)).total_seconds() / 60) for one in uses}
    told = [(one.batch, minute_of[one], int(one.kgco2e / MILLIGRAM)) for one in uses]

    expected = oracle_genealogy.carried(happenings, told, 90)

    totals, _ = carried(events, uses)
    for name in {*totals, *expected}:
        milligrams = Fraction(totals.get(name, Decimal(0)) / MILLIGRAM)
        assert abs(milligrams - expected[name]) <= 2 * len(events)  # cut to a milligram each time


@given(families())
def test_over_a_family_what_is_carried_is_what_was_used_exactly(found):
    events, uses = found

    totals, handed = carried(events, uses)

    assert sum(totals.values(), Decimal(0)) == sum((one.kgco2e for one in uses), Decimal(0))
    for name, total in totals.items():
        came = sum((one.kgco2e for one in handed if one.taker == name), Decimal(0))
        went = sum((one.kgco2e for one in handed if one.giver == name), Decimal(0))
        used = sum((one.kgco2e for one in uses if one.batch == name), Decimal(0))
        assert total == used + came - went


@given(families(), st.integers())
def test_the_order_of_entry_changes_nothing(found, seed):
    events, uses = found
    chance = random.Random(seed)

    shuffled = carried(chance.sample(events, len(events)), chance.sample(uses, len(uses)))

    assert shuffled[0] == carried(events, uses)[0]


@given(families())
def test_renaming_batches_changes_nothing_but_their_names(found):
    events, uses = found

    def new(name):
        return f"{99 - int(name[1:])}缸{name[0]}"

    renamed = [
        replace(one, parents=tuple(new(name) for name in one.parents),
                heirs=tuple(replace(heir, batch=new(heir.batch)) for heir in one.heirs))
        for one in events
    ]  # fmt: skip
    retold = [replace(one, batch=new(one.batch)) for one in uses]

    before, after = carried(events, uses)[0], carried(renamed, retold)[0]

    assert {new(name): total for name, total in before.items()} == after


@given(families())
def test_each_batch_by_itself_is_told_the_same_as_all_together(found):
    """A footprint looks at forebears alone; nobody else's use may matter to it."""
    events, uses = found
    totals, _ = carried(events, uses)

    for name in totals:
        names, told = family(name, events)
        mine = [one for one in uses if one.batch in names]
        assert carried_by(name, told, mine).total == totals[name]
