"""A footprint's lines, and their sums: what is printed adds up to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ledger.factors import Part, Price
from api.ledger.footprint import footprint
from api.ledger.lines import emissions_of, lines_of, priced
from api.ledger.plant import SharedMeter, Utility
from tests.ledger.given import GWP, Mill, boiler, factor, machine, plant, run

POWER, STEAM, GAS = "jet-01.energy_kwh", "jet-01.mass_kg", "boiler.gas_m3_0c"


def price(carrier, *parts):
    """A price of some kilograms of gases per unit."""
    return Price(
        carrier,
        tuple(
            Part(factor(f"{carrier}-{gas}", carrier=carrier, gas=gas, value=value), GWP[gas], "why")
            for gas, value in parts
        ),
        direct_only=False,
    )


PRICES = {
    ("electricity", ""): price("electricity", ("CO2e", "0.5777")),
    ("natural_gas", ""): price("natural_gas", ("CO2", "2.16219"), ("CH4", "0.000038931")),
}


def jet(*runs, **more):
    """A jet with power and steam, and its boiler, over an hour."""
    facts = {
        "plant": plant(machine(electricity=POWER, steam=STEAM), utilities=[boiler(output=None)]),
        "runs": runs or (run("B1"),),
        "registers": {
            POWER: [(0, 0), (60, 100)],
            STEAM: [(0, 0), (60, 200)],
            GAS: [(0, 0), (60, 10)],
            "boiler.energy_kwh": [(0, 0), (60, 4)],
        },
        "windows": {"boiler-1": [(0, 60, True)]},
    } | more
    return Mill(**facts)


def lines(mill, batch="B1", prices=PRICES):
    found = mill.attribution()
    makers = {one.makes: one.id for one in mill.plant.utilities}
    return priced(lines_of(batch, found.postings, found.charges, makers, {}), prices)


def result(mill, batch="B1", prices=PRICES):
    return footprint(lines(mill, batch, prices))


def test_a_line_is_an_amount_times_its_factor():
    (power,) = [line for line in lines(jet()) if line.carrier == "electricity"]

    assert (power.amount, power.kgco2e, power.meter) == (100, Decimal("57.77"), POWER)
    assert (power.rule, power.idle, power.utility) == ("direct", False, "")


def test_steam_is_priced_by_what_the_boiler_used_for_it():
    (steam,) = [line for line in lines(jet()) if line.carrier == "steam"]

    assert (steam.amount, steam.utility) == (200, "boiler-1")
    assert {one.carrier: one.amount for one in steam.inputs} == {
        "natural_gas": 10,
        "electricity": 4,
    }
    expected = Decimal("21.6219") + Decimal("0.011601") + Decimal("2.3108")
    assert steam.kgco2e == expected


def test_what_was_lost_on_the_way_is_a_line_without_amount():
    mill = jet(plant=plant(machine(electricity=POWER, steam=STEAM), utilities=[boiler()]))
    mill.registers = {**mill.registers, "boiler.mass_kg": [(0, 0), (60, 250)]}

    found = {line.rule: line for line in lines(mill) if line.carrier == "steam"}

    assert found["direct"].amount == 200
    assert found["distribution-loss"].amount == 0
    assert [one.amount for one in found["direct"].inputs] == [8, Decimal("3.2")]
    assert [one.amount for one in found["distribution-loss"].inputs] == [2, Decimal("0.8")]


def test_idling_before_a_run_is_a_line_of_its_own():
    found = [line for line in lines(jet(run("B1", 30, 60))) if line.carrier == "electricity"]

    assert [(line.idle, line.rule, line.amount) for line in found] == [
        (True, "standby", 50),
        (False, "direct", 50),
    ]


def test_a_batch_carries_nothing_of_another_and_nothing_that_is_held():
    mill = jet(run("B1", 0, 15), run("B2", 15, 30), run("", 30, 60))

    assert sum(line.amount for line in lines(mill) if line.carrier == "electricity") == 25
    assert lines(mill, batch="B9") == ()
    assert all(line.run.batch == "B2" for line in lines(mill, batch="B2"))


def test_two_carriers_that_are_made_are_each_priced_by_their_own_maker():
    """A jet takes steam and compressed air; neither line may hold the other's inputs."""
    air = Utility(
        "compressor-1",
        "compressed_air",
        None,
        (("electricity", "comp.energy_kwh"),),
        boiler().balance_over,
    )
    mill = jet(
        plant=plant(
            machine(electricity=POWER, steam=STEAM, compressed_air="jet-01.air_m3_0c"),
            utilities=[boiler(output=None), air],
        )
    )
    mill.registers = {
        **mill.registers,
        "jet-01.air_m3_0c": [(0, 0), (60, 50)],
        "comp.energy_kwh": [(0, 0), (60, 6)],
    }
    mill.windows = dict.fromkeys(("boiler-1", "compressor-1"), ((0, 60, True),))

    found = {line.carrier: line for line in lines(mill)}

    assert [one.meter for one in found["compressed_air"].inputs] == ["comp.energy_kwh"]
    assert [one.meter for one in found["steam"].inputs] == [GAS, "boiler.energy_kwh"]
    power = sum(
        one.amount for line in found.values() for one in line.inputs if one.carrier == "electricity"
    )
    assert power == 100 + 4 + 6


def test_two_boilers_make_one_line():
    second = boiler(id="boiler-2", output=None, uses=(("natural_gas", "second.gas_m3_0c"),))
    mill = jet(
        plant=plant(
            machine(electricity=POWER, steam=STEAM), utilities=[boiler(output=None), second]
        )
    )
    mill.registers = {**mill.registers, "second.gas_m3_0c": [(0, 0), (60, 3)]}
    mill.windows = dict.fromkeys(("boiler-1", "boiler-2"), ((0, 60, True),))

    (steam,) = [line for line in lines(mill) if line.carrier == "steam"]

    amounts = {one.meter: one.amount for one in steam.inputs}
    assert amounts == {GAS: 10, "boiler.energy_kwh": 4, "second.gas_m3_0c": 3}


def test_what_no_factor_prices_is_listed_and_is_never_a_zero():
    found = result(jet(), prices={("electricity", ""): PRICES["electricity", ""]})

    assert [(share.name, share.amount) for share in found.exempted] == [("natural_gas", 10)]
    assert {one.name for one in found.by_supply} == {"electricity", "natural_gas"}


def test_a_price_without_parts_prices_nothing():
    found = result(jet(), prices={("electricity", ""): Price("electricity", (), direct_only=False)})

    assert found.total == 0
    assert {share.name for share in found.exempted} == {"electricity", "natural_gas"}


def test_every_factor_that_was_used_is_named_once_with_its_reason():
    found = result(jet())

    assert [(one.id, why) for one, why in found.factors] == [
        ("electricity-CO2e", "why"),
        ("natural_gas-CH4", "why"),
        ("natural_gas-CO2", "why"),
    ]


def test_kilograms_of_a_gas_are_given_where_the_factor_splits_them():
    gases = {share.gas: share.kg for share in result(jet()).by_gas}

    assert gases == {"CH4": Decimal("0.000389"), "CO2": Decimal("21.6219"), "CO2e": None}


def test_a_shared_meters_line_is_not_counted_as_metered():
    shared = SharedMeter("hall", "electricity", "hall.energy_kwh", ("jet-01", "jet-02"), ("equal",))
    mill = Mill(
        plant(
            machine(electricity=POWER),
            machine("jet-02"),
            shared=[shared],
        ),
        (run("B1"), run("B2", machine="jet-02")),
        {POWER: [(0, 0), (60, 30)], "hall.energy_kwh": [(0, 0), (60, 140)]},
    )

    assert result(mill).metered_share == Decimal("0.3000")


def test_a_batch_without_lines_carries_nothing():
    found = footprint(())

    assert (found.total, found.by_process, found.metered_share) == (0, (), 0)


numbers = st.integers(0, 10**9).map(lambda n: n / 1000)


@st.composite
def mills(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 59), max_size=4)))
    edges = [0, *cuts, 60]
    runs = [
        run(batch, start, end, process=process)
        for start, end, batch, process in zip(
            edges,
            edges[1:],
            draw(st.lists(st.sampled_from(["B1", "B2", None]), min_size=5, max_size=5)),
            draw(st.lists(st.sampled_from(["scouring", "dyeing"]), min_size=5, max_size=5)),
            strict=False,
        )
        if batch
    ]
    meters = (POWER, STEAM, GAS, "boiler.energy_kwh", "boiler.mass_kg")
    mill = jet(*runs, plant=plant(machine(electricity=POWER, steam=STEAM), utilities=[boiler()]))
    mill.runs = runs
    mill.registers = {meter: [(0, 0), (60, draw(numbers))] for meter in meters}
    mill.windows = {"boiler-1": [(0, 30, True), (30, 60, draw(st.booleans()))]}
    return mill


@given(mills(), st.sampled_from(["B1", "B2"]))
def test_every_sum_adds_up_to_the_total_exactly(mill, batch):
    found = result(mill, batch)

    assert found.total == sum((line.kgco2e for line in found.lines), Decimal(0))
    for shares in (found.by_process, found.by_carrier, found.by_supply, found.by_gas):
        assert sum((one.kgco2e for one in shares), Decimal(0)) == found.total


@given(mills())
def test_what_batches_carry_of_a_supply_is_what_its_meters_showed_less_what_others_carry(mill):
    found = mill.attribution()
    makers = {"steam": "boiler-1"}
    inputs = [
        one
        for batch in ("B1", "B2")
        for line in lines_of(batch, found.postings, found.charges, makers, {})
        for one in line.inputs
        if one.meter == POWER
    ]

    shown = sum(piece.amount for piece in mill.measured()[POWER].slices)
    others = sum(
        (p.amount for p in found.postings if p.meter == POWER and p.account.run is None), Decimal(0)
    )
    assert sum((one.amount for one in inputs), Decimal(0)) == shown - others


@pytest.mark.parametrize("amount", ["0", "1", "123456.789012345", "-5.5"])
def test_an_emission_is_cut_to_a_milligram(amount):
    for emission in emissions_of(Decimal(amount), PRICES["natural_gas", ""]):
        assert emission.kgco2e == emission.kgco2e.quantize(Decimal("1e-6"))
        exact = Decimal(amount) * emission.part.factor.value * emission.part.gwp
        assert abs(emission.kgco2e - exact) <= Decimal("5e-7")
