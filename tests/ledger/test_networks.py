"""Networks: makers that feed each other, in loops too, share what they used exactly."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.ledger import networks
from api.ledger.plant import Network, Supply
from tests.ledger import oracle_networks
from tests.ledger.given import SITE, Mill, at, boiler, charged, machine, plant, run, so_many
from tests.ledger.oracle import SLOT, Jet, Scene
from tests.ledger.oracle_networks import Maker, Works
from tests.ledger.test_oracle import account_of, minute_of, quanta, registers, stays

NETS = ("compressed_air", "steam", "water")
ENDINGS = {"compressed_air": "m3_0c", "steam": "kg", "water": "m3", "electricity": "kwh"}
HOUR = ((0, 60, True),)


def flat(amount):
    return [(0, 0), (60, amount)]


def made(name, makes, uses, output=None):
    return boiler(id=name, makes=makes, output=output, uses=tuple(uses.items()))


def loop(**changed):
    """A boiler that takes water from the works, works that take steam, and a jet that takes both.

    The boiler burns 100 of gas and gives 40 of steam to the jet, 10 to the works; the works use
    30 of power and give 90 of water to the jet, 10 to the boiler.
    """
    amounts = {
        "boiler.gas_m3_0c": 100,
        "boiler.water_m3": 10,
        "works.energy_kwh": 30,
        "works.mass_kg": 10,
        "jet-01.mass_kg": 40,
        "jet-01.water_m3": 90,
    } | changed
    utilities = [
        made("boiler", "steam", {"natural_gas": "boiler.gas_m3_0c", "water": "boiler.water_m3"}),
        made("works", "water", {"electricity": "works.energy_kwh", "steam": "works.mass_kg"}),
    ]
    jet = machine("jet-01", steam="jet-01.mass_kg", water="jet-01.water_m3")
    return Mill(
        plant(jet, utilities=utilities),
        [run("B1")],
        {meter: flat(amount) for meter, amount in amounts.items()},
        windows={"boiler": HOUR},
    )


def by_carrier(found, meter):
    amounts = defaultdict(Decimal)
    for one in found.charges:
        if one.meter == meter:
            amounts[one.makes] += one.amount
    return {name: float(amount) for name, amount in amounts.items()}


def test_what_goes_round_in_a_loop_comes_out_of_it_whole():
    found = loop().attribution()

    # Of steam 1/5 goes to the works, of water 1/10 back: 1 / (1 - 1/50) of each comes through.
    assert charged(found, "boiler.gas_m3_0c") == {"run B1": 100}
    assert charged(found, "works.energy_kwh") == {"run B1": 30}
    gas = by_carrier(found, "boiler.gas_m3_0c")
    assert gas["steam"] == pytest.approx(100 * 50 / 49 * 4 / 5)
    assert gas["water"] == pytest.approx(100 * 50 / 49 * 1 / 5 * 9 / 10)


def test_networks_that_feed_each_other_share_one_window_and_others_do_not():
    one = loop().plant
    air = made("air", "compressed_air", {"electricity": "air.energy_kwh"})
    one = replace(one, utilities=(*one.utilities, air))

    assert networks.joined(one) == (("steam", "water"), ("compressed_air",))


def test_a_loop_that_nobody_takes_from_goes_to_overhead_and_says_so():
    found = loop(**{"jet-01.mass_kg": 0, "jet-01.water_m3": 0}).attribution()

    assert charged(found, "boiler.gas_m3_0c") == {f"overhead {SITE}": 100}
    assert charged(found, "works.energy_kwh") == {f"overhead {SITE}": 30}
    assert {one.code for one in found.problems} == {"loop-feeds-itself"}


def test_a_chain_to_a_utility_that_nobody_takes_from_is_standby_and_no_loop():
    mill = loop(**{"jet-01.mass_kg": 0, "jet-01.water_m3": 0, "boiler.water_m3": 0})

    found = mill.attribution()

    assert charged(found, "boiler.gas_m3_0c") == {f"overhead {SITE}": 100}
    assert found.problems == ()


def test_an_open_window_takes_the_last_closed_ones_amounts_per_unit_in_a_loop_too():
    mill = loop()
    mill.windows = {"boiler": ((0, 30, True), (30, 60, False))}
    mill.registers = {**mill.registers, "boiler.gas_m3_0c": [(0, 0), (30, 50), (60, 51)]}

    found = mill.attribution()

    assert charged(found, "boiler.gas_m3_0c", "utility-last-window") == {"run B1": 50}
    assert charged(found, "boiler.gas_m3_0c", "utility") == {"run B1": 50}


def test_bought_steam_feeds_the_same_network_as_the_boilers():
    mill = loop(**{"main.mass_kg": 25})
    supply = Supply("park", "steam", ("main.mass_kg",))
    mill.plant = replace(mill.plant, supplies=(supply,))

    found = mill.attribution()

    assert charged(found, "main.mass_kg") == {"run B1": 25}
    assert mill.carried("main.mass_kg") == {"utility park": 25}


def test_losses_go_to_overhead_where_that_is_declared():
    gas = {"natural_gas": "boiler.gas_m3_0c"}
    jet = machine("jet-01", steam="jet-01.mass_kg")
    shown = {"boiler.gas_m3_0c": 100, "boiler.made_kg": 50, "jet-01.mass_kg": 40}
    mill = Mill(
        replace(
            plant(jet, utilities=[made("boiler", "steam", gas, "boiler.made_kg")]),
            networks=(Network("steam", losses="overhead"),),
        ),
        [run("B1")],
        {meter: flat(amount) for meter, amount in shown.items()},
        windows={"boiler": HOUR},
    )

    found = mill.attribution()

    assert charged(found, "boiler.gas_m3_0c", "utility") == {"run B1": 80}
    assert charged(found, "boiler.gas_m3_0c", "distribution-loss") == {f"overhead {SITE}": 20}


def test_meters_that_show_more_than_was_made_are_a_problem_and_no_negative():
    mill = loop()
    utilities = (
        replace(mill.plant.utilities[0], output="boiler.made_kg"),
        *mill.plant.utilities[1:],
    )
    mill.plant = replace(mill.plant, utilities=utilities)
    mill.registers = {**mill.registers, "boiler.made_kg": flat(40)}

    found = mill.attribution()

    (problem,) = found.problems
    assert (problem.code, problem.where) == ("more-taken-than-made", "steam")
    assert all(one.amount >= 0 for one in found.charges)


def test_recovered_heat_lowers_the_pool_once_and_earns_the_donor_nothing():
    jets = [machine("jet-01", hot_water="jet-01.hot_m3"), machine("donor", wastewater="d.w_m3")]
    heater = made("heater", "hot_water", {"natural_gas": "heater.gas_m3_0c"}, "heater.hot_m3")
    recovery = made("recovery", "hot_water", {"electricity": "pump.energy_kwh"}, "recovery.hot_m3")
    shown = {"jet-01.hot_m3": 100, "heater.gas_m3_0c": 40, "heater.hot_m3": 80,
             "pump.energy_kwh": 2, "recovery.hot_m3": 20, "d.w_m3": 50}  # fmt: skip
    mill = Mill(
        plant(*jets, utilities=[heater, recovery]),
        [run("B1"), run("B2", machine="donor")],
        {meter: flat(amount) for meter, amount in shown.items()},
        windows={"heater": HOUR},
    )

    found = mill.attribution()

    assert charged(found, "heater.gas_m3_0c") == {"run B1": 40}  # 0.4 a m³, where it was 0.5
    assert charged(found, "pump.energy_kwh") == {"run B1": 2}


def test_the_quality_of_an_input_travels_with_its_charges():
    mill = loop()
    mill.registers = {**mill.registers, "boiler.gas_m3_0c": [(0, 0), (30, 50), (45, 75), (60, 100)]}

    found = mill.attribution()

    own = [one for one in found.charges if one.meter == "boiler.gas_m3_0c"]
    assert sum(one.estimated for one in own) == 50  # the half hour without a reading
    assert sum(one.interpolated for one in own) == 50
    assert sum(one.measured for one in own) == 0


@st.composite
def works(draw):
    """Up to three networks whose makers use each other's carriers, power and gas, at random."""
    minutes = SLOT * draw(st.integers(2, 5))
    names = [f"jet-{n}" for n in range(draw(st.integers(1, 2)))]
    nets = draw(st.lists(st.sampled_from(NETS), min_size=1, max_size=3, unique=True))
    jets = {}
    for name in names:
        taken = draw(st.lists(st.sampled_from(nets), unique=True))
        meters = {carrier: f"{name}.{carrier}_{ENDINGS[carrier]}" for carrier in taken}
        jets[name] = Jet(meters, draw(st.sampled_from(["next-batch", "overhead"])), SLOT)
    makers = {}
    for place, carrier in enumerate([*nets, *draw(st.lists(st.sampled_from(nets), max_size=1))]):
        name = f"maker-{place}"
        uses = draw(st.lists(st.sampled_from(["electricity", *nets]), unique=True))
        output = draw(st.sampled_from([None, f"{name}.out_{ENDINGS[carrier]}"]))
        uses = {one: f"{name}.{one}_{ENDINGS[one]}" for one in uses}
        makers[name] = Maker(carrier, uses, output)
    scene = Scene(
        minutes, jets, [s for n in names for s in draw(stays(n))], {}, known_until=minutes
    )
    cut = SLOT * draw(st.integers(1, minutes // SLOT - 1))
    scene.windows = [(0, cut, True), (cut, minutes, True)]
    bought = {nets[0]: f"bought.{nets[0]}_{ENDINGS[nets[0]]}"} if draw(st.booleans()) else {}
    meters = [m for jet in jets.values() for m in jet.meters.values()]
    for maker in makers.values():
        meters += [*maker.uses.values(), *([maker.output] if maker.output else [])]
    scene.registers = {meter: draw(registers()) for meter in [*meters, *bought.values()]}
    overhead = set(draw(st.lists(st.sampled_from(nets), unique=True)))
    return Works(scene, makers, bought, overhead)


def mill_of(one):
    utilities = [
        made(name, maker.makes, maker.uses, maker.output) for name, maker in one.makers.items()
    ]
    jets = [
        machine(name, to=jet.idle_to, longest=jet.idle_longest, **jet.meters)
        for name, jet in one.scene.jets.items()
    ]
    supplies = [Supply(f"bought-{c}", c, (meter,)) for c, meter in one.bought.items()]
    found = replace(
        plant(*jets, utilities=utilities, supplies=supplies),
        networks=tuple(Network(carrier, losses="overhead") for carrier in one.to_overhead),
    )
    return Mill(
        found,
        [run(s.batch, s.start, s.end, machine=s.machine) for s in one.scene.stays],
        {m: [(t, v / 100) for t, v in shown] for m, shown in one.scene.registers.items()},
        until=one.scene.known_until,
        period=(0, one.scene.minutes),
        windows=dict.fromkeys(one.makers, one.scene.windows),
    )


@settings(max_examples=so_many(100))
@given(works())
def test_every_charge_is_what_the_oracle_says_and_every_input_closes(one):
    mill = mill_of(one)
    found = mill.attribution()

    measured = mill.measured()
    amounts = defaultdict(Fraction)
    sums = defaultdict(Decimal)
    for charge in found.charges:
        amounts[minute_of(charge.start), charge.meter, account_of(charge.account)] += quanta(
            charge.amount
        )
        sums[charge.meter, charge.start] += charge.amount
        assert charge.amount > 0
        assert charge.amount >= charge.estimated >= 0
    for start, end, _ in one.scene.windows:
        expected = oracle_networks.charged(one, range(start, end))
        keys = {(m, a) for m, a in expected} | {(m, a) for s, m, a in amounts if s == start}
        for meter, account in keys:
            difference = abs(amounts[start, meter, account] - expected[meter, account])
            assert difference <= 2 * len(one.makers) + 2, (start, meter, account)
        for meter in {meter for meter, _ in expected}:
            inside = [
                p for p in measured[meter].slices if at(start) <= p.start and p.end <= at(end)
            ]
            assert sums[meter, at(start)] == sum((p.amount for p in inside), Decimal(0))


@settings(max_examples=25)
@given(works())
def test_renaming_makers_changes_no_sum(one):
    renamed = replace(one, makers={f"x-{name}": maker for name, maker in one.makers.items()})

    before, after = (mill_of(which).attribution() for which in (one, renamed))

    assert [(c.meter, c.account, c.amount) for c in before.charges] == [
        (c.meter, c.account, c.amount) for c in after.charges
    ]
