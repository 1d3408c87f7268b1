"""Mains, sub-mains and the roof: what no meter saw, and which electricity was the sun's."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from api.balance import _accounts_of
from api.ledger.meter import Meter
from api.ledger.plant import Supply
from api.ledger.solar import SOLAR
from tests.ledger import oracle_supplies
from tests.ledger.given import Mill, carried, machine, plant, run, so_many
from tests.ledger.oracle import SLOT, Jet, Scene
from tests.ledger.oracle_supplies import Tree
from tests.ledger.test_oracle import account_of, minute_of, quanta, registers, stays

MAIN, HALL, SUN, OUT = "main.import_kwh", "hall.energy_kwh", "pv.energy_kwh", "main.export_kwh"
ONE, TWO = "jet-01.energy_kwh", "jet-02.energy_kwh"


def flat(amount):
    return [(0, 0), (60, amount)]


def mill(*, hall_shares="stand", grid_shares="stand", sun=None, out=None, **shown):
    """A main; a hall's sub-main below it, jet-01 in the hall; jet-02 right below the main."""
    grid = Supply("grid", "electricity", (MAIN,), unmetered=grid_shares)
    roof = Supply("roof-pv", "electricity", (SUN,), "solar", OUT if out is not None else None)
    registers = {MAIN: 100, HALL: 40, ONE: 30, TWO: 50} | shown
    if sun is not None:
        registers[SUN] = sun
    if out is not None:
        registers[OUT] = out
    return Mill(
        replace(
            plant(
                machine("jet-01", electricity=ONE),
                machine("jet-02", electricity=TWO),
                supplies=[grid] if sun is None else [grid, roof],
            ),
            meters=(Meter(HALL, behind=MAIN, unmetered=hall_shares), Meter(ONE, behind=HALL)),
        ),
        [run("B1"), run("B2", machine="jet-02")],
        {meter: flat(amount) for meter, amount in registers.items()},
    )


def test_each_node_of_the_tree_has_its_own_remainder():
    one = mill()

    assert one.carried(HALL) == {f"unmetered {HALL}": 10}
    assert one.carried(MAIN) == {"unmetered grid": 10}


def test_a_shared_remainder_is_a_line_of_its_own_by_metered_amount():
    found = mill(grid_shares="share").attribution()

    assert carried(found, MAIN) == {"unmetered B1": 3.75, "unmetered B2": 6.25}
    assert {p.rule for p in found.postings if p.meter == MAIN} == {"unmetered-share"}


def test_a_sub_mains_remainder_is_shared_by_those_below_it_alone():
    found = mill(hall_shares="share").attribution()

    assert carried(found, HALL) == {"unmetered B1": 10}
    assert carried(found, MAIN) == {"unmetered grid": 10}


def test_where_nobody_took_anything_what_is_unmetered_stands():
    one = mill(grid_shares="share", **{ONE: 0, TWO: 0})

    assert one.carried(MAIN) == {"unmetered grid": 60}


def test_a_sub_mains_meters_that_show_too_much_name_the_sub_main():
    found = mill(**{ONE: 45}).attribution()

    assert [(p.code, p.where) for p in found.problems] == [("sub-meters-above-main", HALL)]


def test_declared_classes_decide_what_is_too_much():
    one = mill(**{ONE: 40.3})
    fine = (
        Meter(HALL, accuracy=Decimal("0.002"), behind=MAIN),
        Meter(ONE, accuracy=Decimal("0.002"), behind=HALL),
    )

    assert one.attribution().problems == ()
    one.plant = replace(one.plant, meters=fine)
    assert [p.where for p in one.attribution().problems] == [HALL]


def by_carrier(found, meter):
    amounts = defaultdict(Decimal)
    for one in found.postings:
        if one.meter == meter:
            amounts[one.carrier] += one.amount
    return {carrier: amount for carrier, amount in amounts.items() if amount}


def test_sun_of_ten_of_which_four_go_out_leaves_six_beside_three_from_the_grid():
    found = mill(sun=10, out=4, **{MAIN: 3, HALL: 0, ONE: 0, TWO: 9}).attribution()

    assert by_carrier(found, TWO) == {"electricity": 3, SOLAR: 6}
    assert carried(found, SUN) == {"exported roof-pv": 4}


def test_without_an_export_meter_no_more_sun_is_used_than_the_load_and_it_is_estimated():
    found = mill(sun=10, **{MAIN: 0, HALL: 0, ONE: 0, TWO: 6}).attribution()

    assert by_carrier(found, TWO) == {SOLAR: 6}
    assert carried(found, SUN) == {"exported roof-pv": 4}
    sun = [one for one in found.postings if one.carrier == SOLAR]
    assert all(one.estimated == one.amount for one in sun)


def test_sun_is_told_slot_by_slot_and_not_over_the_day():
    one = mill(sun=0, out=0, **{MAIN: 0, HALL: 0, ONE: 0, TWO: 0})
    one.registers = {
        **one.registers,
        SUN: [(0, 0), (15, 10), (60, 10)],  # the sun shines in the first quarter
        OUT: [(0, 0), (15, 10), (60, 10)],  # and all of it goes out
        MAIN: [(0, 0), (15, 0), (60, 10)],
        TWO: [(0, 0), (15, 0), (60, 10)],
    }

    found = one.attribution()

    assert by_carrier(found, TWO) == {"electricity": 10}
    assert carried(found, SUN) == {"exported roof-pv": 10}


def test_more_sent_out_than_was_made_is_a_problem_and_uses_no_sun():
    found = mill(sun=10, out=11).attribution()

    assert by_carrier(found, TWO) == {"electricity": 50}
    assert carried(found, SUN) == {"exported roof-pv": 10}
    assert [problem.code for problem in found.problems] == ["more-exported-than-generated"]


def test_of_two_roofs_without_export_meter_the_second_gets_what_load_is_left():
    one = mill(sun=10, **{MAIN: 0, HALL: 0, ONE: 0, TWO: 12})
    second = Supply("shed-pv", "electricity", ("shed.energy_kwh",), "solar")
    one.plant = replace(one.plant, supplies=(*one.plant.supplies, second))
    one.registers = {**one.registers, "shed.energy_kwh": flat(5)}

    found = one.attribution()

    assert by_carrier(found, TWO) == {SOLAR: 12}
    assert carried(found, "shed.energy_kwh") == {"exported shed-pv": 3}


def test_a_sub_main_behind_a_sub_main_closes_as_well():
    row = "row.energy_kwh"
    one = mill(**{row: 35})
    tree = (Meter(HALL, behind=MAIN), Meter(row, behind=HALL), Meter(ONE, behind=row))
    one.plant = replace(one.plant, meters=tree)

    assert one.carried(row) == {f"unmetered {row}": 5}
    assert one.carried(HALL) == {f"unmetered {HALL}": 5}
    accounts = _accounts_of(one.plant, one.measured(), one.attribution().postings)
    assert accounts[row] == {"run": 30, "unmetered": 5}
    assert accounts[HALL] == {"run": 30, "unmetered": 10}
    assert accounts[MAIN] == {"run": 80, "unmetered": 20}


@st.composite
def trees(draw):
    """One to three machines, up to two sub-mains below a main, perhaps a roof."""
    minutes = SLOT * draw(st.integers(1, 5))
    names = [f"jet-{n}" for n in range(draw(st.integers(1, 3)))]
    jets = {name: Jet({"electricity": f"{name}.energy_kwh"}, "next-batch", SLOT) for name in names}
    scene = Scene(
        minutes, jets, [s for n in names for s in draw(stays(n))], {}, known_until=minutes
    )
    subs = [f"hall-{n}.energy_kwh" for n in range(draw(st.integers(0, 2)))]
    below = {}
    for name in names:
        above = draw(st.sampled_from([None, *subs]))
        if above:
            below[f"{name}.energy_kwh"] = above
    subs = [sub for sub in subs if sub in below.values()]
    sun = draw(st.sampled_from([None, SUN]))
    export = draw(st.sampled_from([None, OUT])) if sun else None
    shares = set(draw(st.lists(st.sampled_from([MAIN, *subs]), unique=True)))
    meters = [*(f"{name}.energy_kwh" for name in names), *subs, MAIN, sun, export]
    scene.registers = {meter: draw(registers()) for meter in meters if meter}
    return Tree(scene, MAIN, below, subs, sun, export, shares)


def mill_of(tree):
    grid = Supply("grid", "electricity", (MAIN,), unmetered=terms(tree, MAIN))
    roof = Supply("roof-pv", "electricity", (SUN,), "solar", tree.export)
    subs = [Meter(sub, behind=MAIN, unmetered=terms(tree, sub)) for sub in tree.sub_mains]
    jets = [
        machine(name, to=jet.idle_to, longest=jet.idle_longest, **jet.meters)
        for name, jet in tree.scene.jets.items()
    ]
    return Mill(
        replace(
            plant(*jets, supplies=[grid, roof] if tree.sun else [grid]),
            meters=(*subs, *(Meter(meter, behind=above) for meter, above in tree.below.items())),
        ),
        [run(s.batch, s.start, s.end, machine=s.machine) for s in tree.scene.stays],
        {m: [(t, v / 100) for t, v in shown] for m, shown in tree.scene.registers.items()},
        until=tree.scene.known_until,
        period=(0, tree.scene.minutes),
    )


def terms(tree, node):
    return "share" if node in tree.shares else "stand"


def words(account):
    """A ledger's account in the oracle's words; a shared remainder has the machine's name."""
    if account.kind == "unmetered" and account.run is not None:
        start = minute_of(account.run.start)
        return ("unmetered", account.run.machine, account.run.batch, start)
    return account_of(account)


@settings(max_examples=so_many(120))
@given(trees())
def test_every_account_sun_and_grid_is_what_the_oracle_says_and_each_slot_closes(tree):
    found = mill_of(tree).attribution()

    both, sun, parts = defaultdict(Fraction), defaultdict(Fraction), defaultdict(int)
    for one in found.postings:
        slot = minute_of(one.start) // SLOT
        key = (slot, one.meter, words(one.account))
        parts[key] += 1
        both[key] += quanta(one.amount)
        if one.carrier == SOLAR and one.account.kind != "exported":
            sun[key] += quanta(one.amount)
        assert one.amount >= 0 or one.account.kind == "unmetered"
    for slot in range(tree.scene.minutes // SLOT):
        used, exported = oracle_supplies.sunlight(tree, slot)
        expected = oracle_supplies.carried(tree, slot)
        shone = oracle_supplies.solar(tree, slot)
        for meter, account in expected:
            key = (slot, meter, account)
            assert abs(both[key] - expected[meter, account]) <= parts[key], key
            assert abs(sun[key] - shone.get((meter, account), 0)) <= 1 + parts[key], key
            assert sun[key] <= max(both[key], 0), key
        assert sum(amount for key, amount in sun.items() if key[0] == slot) == used
        assert both[slot, SUN, ("exported", "roof-pv")] == exported
        here = sum(a for key, a in both.items() if key[0] == slot)
        shown = oracle_supplies.counted(tree, MAIN, slot)
        made = oracle_supplies.counted(tree, SUN, slot) if tree.sun else 0
        assert here == shown + made, slot
