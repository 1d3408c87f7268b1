"""Tallies are the physical side: small, kept, and priced alike whether new or kept."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
from hypothesis import given
from hypothesis import strategies as st

from api import factor_files
from api.books.tallies import packed
from api.ledger.accounts import Run
from api.ledger.factors import Catalogue, Price, Prices, Question
from api.ledger.footprint import footprint
from api.ledger.genealogy import Event, Heir
from api.ledger.lines import Input, Line, priced, together
from api.ledger.tally import (
    Origin,
    Tally,
    carried,
    form_of,
    from_form,
    intakes_from_form,
    withdrawn,
)
from collector.toml_files import SHIPPED
from collector.wire.problem import Problem
from tests.ledger.given import GWP, at, factor, run

ASKED = datetime(2026, 6, 1, tzinfo=UTC)
CATALOGUE = factor_files.catalogue(SHIPPED / "factors")
CARRIERS = (("electricity", "kWh"), ("natural_gas", "m3_0c"), ("water", "m3"), ("wood", "kg"))

ORIGINS = (Origin("B1", "CN-ZJ-keqiao", at(0)), Origin("B0", "CN-ZJ", at(1)))
EVENTS = (
    Event(3, "split", at(9), ("B0",), (Heir("B1", Decimal("2.5")), Heir("B2", None)), "wang", "w"),
)

amounts = st.decimals("-1000", "1000000", places=9, allow_nan=False, allow_infinity=False)


@st.composite
def lines(draw, runs: tuple[Run, ...]) -> Line:
    inputs = tuple(
        Input(carrier, f"meter.{carrier}", unit, draw(amounts))
        for carrier, unit in draw(st.lists(st.sampled_from(CARRIERS), min_size=1, max_size=3))
    )
    carrier, unit = draw(st.sampled_from(CARRIERS))
    parts = [draw(amounts) for _ in range(3)]
    return Line(
        run=draw(st.sampled_from(runs)),
        idle=draw(st.booleans()),
        carrier=carrier,
        meter=f"meter.{carrier}",
        unit=unit,
        amount=sum(parts, Decimal(0)),
        measured=parts[0],
        interpolated=parts[1],
        estimated=parts[2],
        rule=draw(st.sampled_from(["direct", "mass", "standby", "distribution-loss"])),
        utility=draw(st.sampled_from(["", "boiler-1"])),
        inputs=inputs,
    )


@st.composite
def tallies(draw) -> Tally:
    runs = tuple(run("B1", start, start + 9) for start in (0, 10, 20))
    found = tuple(draw(st.lists(lines(runs), max_size=6)))
    problems = (Problem("meter-silent", "jet-01", at(3), {"since": "-"}),)
    kg = draw(st.none() | st.just(Decimal("478.5")))
    scope = at(-5), at(60)
    kin = draw(st.sampled_from([((), ()), (ORIGINS, EVENTS)]))
    if kin[0]:
        found += (found[0]._replace(run=run("B0", 1, 4)),) if found else ()
        runs += tuple({line.run for line in found} - set(runs))
    return Tally("B1", "CN-ZJ-keqiao", runs, True, found, kg, "entered", scope, problems, *kin)


def prices_of(tally: Tally, catalogue: Catalogue, view: str) -> dict[tuple[str, str], Price]:
    wanted = dict.fromkeys(key for one in tally.intakes for key in one.wanted)
    return Prices(catalogue).of(tuple(wanted), asked(view))[0]


def asked(view: str) -> Question:
    return Question(view, "location", "CN-ZJ-keqiao", at(0), ASKED)


@given(tallies())
def test_a_tally_that_was_kept_is_the_same(tally):
    form = orjson.loads(orjson.dumps(form_of(tally)))

    assert from_form(form) == tally
    assert intakes_from_form(form) == tally.intakes


@given(tallies(), st.sampled_from(["footprint", "inventory"]))
def test_what_it_carries_is_what_its_footprint_says(tally, view):
    prices = prices_of(tally, CATALOGUE, view)
    total = sum((carried(one, prices) for one in tally.intakes), Decimal(0))

    assert total == footprint(priced(tally.lines, prices)).total


@given(tallies())
def test_pricing_by_one_catalogue_and_then_by_another_leaves_nothing_of_the_first(tally):
    cheap = Catalogue((factor("cheap", value="0.1"),), {"ar6": GWP}, "cheap")
    first, second = (prices_of(tally, one, "footprint") for one in (CATALOGUE, cheap))

    again = priced(priced(tally.lines, first), second)

    assert again == priced(tally.lines, second)


@given(tallies())
def test_lines_of_two_pieces_of_time_come_to_what_each_of_them_does(tally):
    both = together([*tally.lines, *tally.lines])

    def sums(found) -> list[Decimal]:
        names = ("amount", "measured", "interpolated", "estimated")
        own = [sum((getattr(one, name) for one in found), Decimal(0)) for name in names]
        return [*own, sum((one.amount for line in found for one in line.inputs), Decimal(0))]

    assert sums(both) == [2 * one for one in sums(tally.lines)]


def test_a_withdrawn_batch_keeps_its_name_and_period_and_carries_nothing():
    tally = Tally("B1", "CN", (run("B1"),), False, (), None, "", (at(0), at(60)), ())

    found = withdrawn(tally)

    assert (found.batch, found.runs, found.lines, found.final) == ("B1", (), (), True)
    assert found.ended == at(60)
    assert [problem.code for problem in found.problems] == ["batch-withdrawn"]


def test_a_tally_as_a_jet_makes_it_takes_a_kilobyte_or_two(tmp_path: Path):
    from tests.bench.reprice import tally

    assert len(packed(tally(7))) < 2000


def test_biogenic_carbon_is_said_in_kilograms_and_is_no_part_of_the_total():
    wood = Line(
        run("B1"), False, "wood", "m.wood_kg", "kg", *[Decimal(100)] * 2, Decimal(0), Decimal(0),
        "direct", "", (Input("wood", "m.wood_kg", "kg", Decimal(100)),),
    )  # fmt: skip
    prices, _ = Prices(CATALOGUE).of([("wood", "kg")], asked("footprint"))

    found = footprint(priced([wood], prices))

    assert found.biogenic_kg == Decimal("174.72")
    assert {share.gas for share in found.by_gas} == {"CH4 non-fossil", "N2O"}
    assert found.total == sum((share.kgco2e for share in found.by_gas), Decimal(0))
    assert found.total < 10
