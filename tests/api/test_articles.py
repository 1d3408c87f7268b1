"""The declared value of an article: its spread, and how it is refused where too much is out."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.api.given import PLANT, World, at, footprint, world
from tests.api.office import SHARED, T_SHIRT, declared, enter, estimates, office, total


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The office's mill, with estimates of all that is left out."""
    one = office(tmp_path_factory.mktemp("office") / "config")
    estimates(one)
    yield one
    one.close()


@pytest.fixture(scope="module")
def unestimated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same, and nobody has said anything of what is left out."""
    one = office(tmp_path_factory.mktemp("bare") / "config")
    yield one
    one.close()


@pytest.fixture
def own(tmp_path, unestimated: World) -> Iterator[World]:
    """The same, to do with as a test likes."""
    one = world(tmp_path / "own", SHARED, past=unestimated)
    yield one
    one.close()


def codes(body) -> list[str]:
    return [one["code"] for one in body["problems"]]


def test_an_article_s_value_is_its_batches_emissions_over_their_accepted_kilograms(mill: World):
    body = declared(mill)

    assert (body["status"], body["problems"]) == ("declared", [])
    emitted = sum(total(mill, batch) for batch in T_SHIRT)
    assert (Decimal(body["kgco2e"]), body["accepted_kg"]) == (emitted, "500")
    assert Decimal(body["kgco2e_per_kg"]) == (emitted / 500).quantize(Decimal("1e-6"))
    assert {one["batch"]: one["accepted_kg"] for one in body["batches"]} == T_SHIRT


def test_the_spread_is_between_the_batches_and_weighs_them_by_mass(mill: World):
    body = declared(mill)

    each = {batch: total(mill, batch) / Decimal(kg) for batch, kg in T_SHIRT.items()}
    exact = Decimal("1e-6")
    assert Decimal(body["spread"]["low"]) == min(each.values()).quantize(exact)
    assert Decimal(body["spread"]["high"]) == max(each.values()).quantize(exact)
    # Of two, with weights 4/5 and 1/5: sqrt(4/25) of what lies between.
    between = max(each.values()) - min(each.values())
    assert abs(Decimal(body["spread"]["standard_deviation"]) - between * 2 / 5) <= exact


def test_a_single_batch_is_a_batch_value(mill: World):
    assert declared(mill, "Jacket")["status"] == "batch-value"


def test_what_nobody_estimated_is_unknown_and_refuses(unestimated: World):
    body = declared(unestimated)

    assert (body["status"], body["kgco2e_per_kg"]) == ("refused", None)
    assert codes(body) == ["declared-unknown"]
    said = body["problems"][0]["text_en"]
    assert "upstream-missing natural_gas" in said
    assert "factor-missing water" in said
    assert body["exempted"]["share"] is None


def test_more_than_three_hundredths_left_out_refuse_and_say_what_is_missing(own: World):
    estimates(own, per_unit="0.5")

    body = declared(own)

    assert (body["status"], body["kgco2e_per_kg"]) == ("refused", None)
    assert codes(body) == ["declared-exempted"]
    assert Decimal(body["exempted"]["share"]) > Decimal("0.03")
    assert "upstream-missing natural_gas" in body["problems"][0]["text_en"]


def test_the_last_estimate_counts_and_all_of_them_stay(own: World):
    estimates(own, per_unit="0.5")
    estimates(own)

    assert declared(own)["status"] == "declared"
    kept = own.caller().get("/exemptions").json()["exemptions"]
    assert [one["kgco2e_per_unit"] for one in kept] == ["0.5", "0.5", "0.01", "0.2"]
    assert {(one["by"], one["source"]) for one in kept} == {("accountant", "made up")}


def test_what_stands_unmetered_is_left_out_too(tmp_path):
    one = office(tmp_path / "config", PLANT)
    estimates(one)

    body = declared(one)

    one.close()
    assert codes(body) == ["declared-exempted"]
    stands = next(left for left in body["exempted"]["left_out"] if left["why"] == "unmetered")
    assert Decimal(stands["kgco2e"]) > 0


def test_a_scrapped_batch_has_no_kilograms_to_declare_by(own: World):
    estimates(own)
    assert own.caller().post("/batches/C1/scrap", {"reason": "off shade"}).status_code == 201
    own.closes_its_books()

    body = declared(own, "Jacket")

    assert codes(body) == ["declared-no-batch"]
    assert body["batches"][0]["accepted_kg"] == "0"


def test_a_batch_of_unknown_mass_is_named(fresh):
    one = fresh(SHARED)
    one.passes(0, 150)
    one.caller().post("/batches", {"id": "C1", "article": "Jacket"})
    one.closes_its_books()

    body = declared(one, "Jacket")

    assert "declared-mass-missing" in codes(body)
    assert body["problems"][0]["values"] == {"batches": "C1"}


def test_a_batch_that_is_not_final_is_named_and_is_not_in_the_value(fresh):
    one = fresh(after_an_hour=True)
    enter(one, **T_SHIRT)
    one.closes_its_books()
    open_ones = {batch for batch in T_SHIRT if footprint(one, batch).json()["status"] != "final"}

    body = declared(one, **{"from": at(0).isoformat(), "to": at(600).isoformat()})

    assert set(body["open"]) <= open_ones
    assert {row["batch"] for row in body["batches"]} == set(T_SHIRT) - open_ones


def test_twelve_months_are_meant_where_nobody_says_when(mill: World):
    body = declared(mill)

    assert (body["from"][:16], body["to"][:16]) == ("2025-03-02T02:30", "2026-03-02T02:30")
    early = {"from": "2025-01-01T00:00:00Z", "to": "2025-06-01T00:00:00Z"}
    assert codes(declared(mill, **early)) == ["declared-no-batch"]


def test_articles_are_listed_and_an_unknown_one_is_not_there(mill: World):
    ask = mill.caller()

    listed = ask.get("/articles").json()["articles"]

    assert listed == [{"article": "Jacket", "batches": 1}, {"article": "T-shirt", "batches": 2}]
    assert ask.get("/articles/Shirt/declared").status_code == 404


@pytest.mark.parametrize(
    ("role", "more", "status"),
    [("engineer", {}, 403), ("certifier", {}, 403), ("accountant", {"kgco2e_per_unit": "-1"}, 422)],
)
def test_only_an_accountant_estimates_and_no_estimate_is_negative(
    mill: World, role: str, more: dict[str, str], status: int
):
    said = {"omitted": "factor-missing", "carrier": "water", "unit": "m3"}
    said |= {"kgco2e_per_unit": "0.2", "source": "made up", "why": "for a test"}

    assert mill.caller(role).post("/exemptions", said | more).status_code == status
