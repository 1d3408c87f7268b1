"""Which row prices a carrier, and why: narrowest region, latest published, never stretched."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from api.ledger.factors import Question, clashes, price
from tests.ledger.given import GWP, factor


def asked(*rows, carrier="electricity", unit="kWh", **changed):
    """The price, and what is wrong; asked in March 2026 about March 2026 in Zhejiang."""
    facts = {
        "view": "footprint",
        "method": "location",
        "region": "CN-ZJ",
        "about": datetime(2026, 3, 2, tzinfo=UTC),
        "asked": datetime(2026, 3, 3, tzinfo=UTC),
    } | changed
    return price(carrier, unit, rows, GWP, Question(**facts))


def chosen(*rows, **changed):
    found, _ = asked(*rows, **changed)
    return sorted(part.factor.id for part in found.parts)


def per_unit(*rows, **changed):
    found, _ = asked(*rows, **changed)
    return sum((part.kgco2e for part in found.parts), Decimal(0))


def codes(*rows, **changed):
    return [problem.code for problem in asked(*rows, **changed)[1]]


# Region.


def test_the_narrowest_region_prices():
    rows = [
        factor("world", region="GLOBAL"),
        factor("china", region="CN"),
        factor("zhejiang", region="CN-ZJ"),
    ]

    assert chosen(*rows) == ["zhejiang"]
    assert chosen(*rows, region="CN-JS") == ["china"]
    assert chosen(*rows, region="VN") == ["world"]


def test_a_narrower_region_comes_before_a_later_year():
    assert chosen(factor("zj", region="CN-ZJ", year=2021), factor("cn", year=2024)) == ["zj"]


def test_a_neighbours_factor_prices_nothing():
    rows = [factor("js", region="CN-JS"), factor("c", region="C"), factor("zjx", region="CN-ZJX")]

    assert chosen(*rows) == []
    assert codes(*rows) == ["factor-missing"]


# Time.


def test_the_latest_year_prices():
    assert chosen(factor("2022", year=2022), factor("2023", year=2023)) == ["2023"]


def test_what_is_not_yet_published_prices_nothing_yet():
    rows = [
        factor("2023", year=2023, published="2025-01-17"),
        factor("2024", year=2024, published="2025-10-24"),
    ]

    assert chosen(*rows, asked=datetime(2025, 10, 23, 23, 59, tzinfo=UTC)) == ["2023"]
    assert chosen(*rows, asked=datetime(2025, 10, 24, tzinfo=UTC)) == ["2024"]
    assert codes(*rows, asked=datetime(2025, 1, 16, tzinfo=UTC)) == ["factor-missing"]


def test_before_its_first_data_year_a_factor_is_missing_and_that_is_a_problem():
    row = factor(year=2023)
    eve = datetime(2022, 12, 31, 23, 59, tzinfo=UTC)

    found, problems = asked(row, about=eve)

    assert found.parts == ()
    assert [(p.code, p.where) for p in problems] == [("factor-missing", "electricity")]
    assert dict(problems[0].values) == {
        "carrier": "electricity",
        "unit": "kWh",
        "region": "CN-ZJ",
        "view": "footprint",
    }
    assert chosen(row, about=datetime(2023, 1, 1, tzinfo=UTC)) == ["grid-2024"]


def test_the_reason_of_the_choice_is_kept():
    found, _ = asked(factor("2022", year=2022), factor("2023", year=2023, published="2025-01-17"))

    assert found.parts[0].why == (
        "narrowest region for CN-ZJ is CN; data year 2023 is the latest published (2025-01-17) "
        "when it was computed; 1 other row(s) stood back"
    )


# Unit, view, method.


def test_a_factor_per_another_unit_prices_nothing():
    row = factor("gas", carrier="natural_gas", unit="m3_0c", method="")

    assert chosen(row, carrier="natural_gas", unit="m3_0c") == ["gas"]
    assert codes(row, carrier="natural_gas", unit="m3_20c") == ["factor-missing"]


def test_views_are_never_mixed():
    rows = [
        factor("co2", views=("inventory",), component="direct", gas="CO2", value="0.4974"),
        factor("lca", views=("footprint",), value="0.5777"),
    ]

    assert chosen(*rows) == ["lca"]
    assert chosen(*rows, view="inventory") == ["co2"]
    assert codes(rows[0]) == ["factor-missing"]
    assert codes(rows[1], view="inventory") == ["factor-missing"]


def test_methods_are_never_mixed():
    rows = [factor("grid"), factor("residual", method="market")]

    assert chosen(*rows) == ["grid"]
    assert chosen(*rows, method="market") == ["residual"]


# Components and gases.

CO2 = {"carrier": "natural_gas", "unit": "m3_0c", "method": "", "component": "direct"}


def gas(name, **changed):
    return factor(name, **(CO2 | changed))


def gas_asked(*rows, **changed):
    return asked(*rows, carrier="natural_gas", unit="m3_0c", **changed)


def test_gases_are_priced_apart_and_added_by_their_warming_potential():
    found, _ = gas_asked(
        gas("co2", gas="CO2", value="2"),
        gas("ch4", gas="CH4", value="0.001"),
        gas("n2o", gas="N2O", value="0.0001"),
    )

    assert {p.factor.gas: p.kgco2e for p in found.parts} == {
        "CO2": Decimal(2),
        "CH4": Decimal("0.0298"),
        "N2O": Decimal("0.0273"),
    }


def test_a_footprint_of_direct_factors_alone_says_that_its_upstream_part_is_missing():
    found, problems = gas_asked(gas("co2", gas="CO2"))

    assert found.direct_only
    assert [problem.code for problem in problems] == ["upstream-missing"]


def test_direct_and_upstream_make_a_whole():
    found, problems = gas_asked(gas("co2", gas="CO2"), gas("wtt", component="upstream"))

    assert sorted(p.factor.id for p in found.parts) == ["co2", "wtt"]
    assert (found.direct_only, problems) == (False, [])


def test_an_inventory_needs_no_upstream_part():
    found, problems = gas_asked(gas("co2", gas="CO2", views=("inventory",)), view="inventory")

    assert (found.direct_only, problems) == (False, [])


def test_a_life_cycle_factor_stands_alone():
    found, _ = gas_asked(
        gas("lca", component="life_cycle"), gas("co2", gas="CO2"), gas("up", component="upstream")
    )

    assert [p.factor.id for p in found.parts] == ["lca"]


def test_a_factor_of_all_gases_is_not_added_to_those_of_each():
    each = [gas("co2", gas="CO2", value="2"), gas("ch4", gas="CH4", value="0.001")]
    every = gas("all", value="2.1")

    assert {p.factor.id for p in gas_asked(*each, every)[0].parts} in ({"co2", "ch4"}, {"all"})


@pytest.mark.parametrize(
    ("every", "each", "ids"),
    [
        ({"region": "CN-ZJ"}, {"region": "CN"}, {"all"}),
        ({"region": "CN"}, {"region": "CN-ZJ"}, {"co2", "ch4"}),
        ({"year": 2024}, {"year": 2023}, {"all"}),
        ({"year": 2023}, {"year": 2024}, {"co2", "ch4"}),
    ],
)
def test_the_narrower_and_later_says_whether_gases_stand_apart(every, each, ids):
    rows = [gas("all", **every), gas("co2", gas="CO2", **each), gas("ch4", gas="CH4", **each)]

    assert {p.factor.id for p in gas_asked(*rows)[0].parts} == ids


def test_without_any_row_the_price_is_missing_and_never_zero():
    found, problems = asked()

    assert (found.parts, found.direct_only) == ((), False)
    assert [problem.code for problem in problems] == ["factor-missing"]


# What a catalogue may not hold.


def test_a_co2_only_grid_factor_is_refused_in_footprints():
    row = factor("co2", gas="CO2", component="direct", views=("inventory", "footprint"))

    assert [(p.code, p.where) for p in clashes([row])] == [("co2-factor-in-footprint", "co2")]


def test_a_co2_only_factor_of_a_fuel_is_none_of_these():
    assert clashes([gas("co2", gas="CO2", views=("inventory", "footprint"))]) == []


def test_two_rows_that_claim_the_same_place_are_refused():
    (problem,) = clashes([factor("one"), factor("other")])

    assert (problem.code, problem.where) == ("factors-overlap", "other")
    assert problem.values == {"other": "one"}


@pytest.mark.parametrize(
    "changed",
    [
        {"year": 2023},
        {"region": "CN-ZJ"},
        {"carrier": "steam"},
        {"unit": "MJ"},
        {"views": ("inventory",)},
        {"component": "upstream"},
        {"method": "market"},
        {"gas": "CH4"},
    ],
)
def test_rows_that_differ_in_one_thing_stand_beside_each_other(changed):
    assert clashes([factor("one"), factor("other", **changed)]) == []


def test_rows_that_share_one_view_of_two_overlap():
    rows = [gas("a", views=("inventory", "footprint")), gas("b", views=("inventory",))]

    assert [problem.code for problem in clashes(rows)] == ["factors-overlap"]
