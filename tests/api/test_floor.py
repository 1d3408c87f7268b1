"""The floor: one description for all who look, beside golden batches, with what idling costs."""

import gzip
from decimal import Decimal

import orjson
import pytest
from sqlalchemy import event

from api import configuration
from api.floor import Floor
from api.rates import rates, spent_on
from api.tariff import Tariff
from collector.wire.problem import Refused
from tests.api.given import TARIFF, Caller, World, footprint, world


def line(carrier: str, amount: str, kgco2e: str | None, unit: str, inputs=()):
    return {
        "carrier": carrier,
        "amount": amount,
        "unit": unit,
        "kgco2e": kgco2e,
        "inputs": list(inputs),
    }


def body(*lines):
    return {"runs": [{"lines": list(lines)}], "idle": []}


def test_a_kilogram_of_steam_is_worth_what_it_was_in_the_final_batches():
    gas = {"carrier": "natural_gas", "amount": "10", "unit": "m3_0c"}
    steam = line("steam", "100", "25", "kg", [gas])

    found = rates([body(steam), body(steam)], TARIFF)

    assert found["steam"].kgco2e == Decimal("0.25")
    assert found["steam"].money == Decimal("0.36")


def test_what_nobody_says_the_price_of_has_none():
    assert spent_on(line("water", "4", None, "m3"), TARIFF) is None
    assert rates([body(line("water", "4", None, "m3"))], TARIFF)["water"].money is None


def test_a_price_is_for_its_unit_alone():
    assert TARIFF.per("electricity", "kWh") == Decimal("0.70")
    assert TARIFF.per("electricity", "MWh") is None
    assert Tariff().per("electricity", "kWh") is None


def test_rates_of_a_mill_price_what_its_machines_draw(mill: World):
    final = footprint(mill).json()
    known = rates([final], TARIFF)

    said = Floor(mill.service).machine(mill.service.reporter.plants[-1].machines[0], known)

    power = next(one for one in said["gauges"] if one["quantity"] == "power")
    drawn = Decimal(repr(power["value"]))
    assert Decimal(said["per_hour"]["money"]) == (drawn * known["electricity"].money).quantize(
        Decimal("0.01")
    )


def test_a_meter_that_was_looked_at_before_it_was_born_shows_its_first_reading_at_once(fresh):
    young = fresh()
    floor, jet = Floor(young.service), young.service.reporter.plants[-1].machines[0]
    assert floor.machine(jet, {})["gauges"] == []

    young.passes(0, 1)

    assert "power" in [one["quantity"] for one in floor.machine(jet, {})["gauges"]]


def test_a_mill_without_rates_looks_for_them_once_a_look(tmp_path):
    young = world(tmp_path / "config")
    young.passes(0, 30)
    asked: list[str] = []
    event.listen(young.books.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    Floor(young.service).all()

    assert len(young.service.reporter.plants[-1].machines) == 2
    assert len([one for one in asked if "EXISTS" in one]) == 1
    young.close()


def test_the_packed_floor_is_the_plain_one(mill: World):
    said = Floor(mill.service).all()

    assert gzip.decompress(said.packed) == said.plain
    assert orjson.loads(said.plain)["currency"] == "CNY"


def test_all_who_ask_at_once_get_the_same_bytes(mill: World):
    floor = Floor(mill.service)

    assert floor.all() is floor.all()


def test_a_machine_that_ran_says_its_last_batch(ask: Caller):
    machines = {one["id"]: one for one in ask.get("/machines").json()["machines"]}

    assert machines["jet-02"]["batch"] is None
    assert machines["jet-02"]["last_batch"] == "C1"


@pytest.mark.parametrize(("price", "allowed"), [("0.7", True), ("0", True), ("-1", False)])
def test_a_price_is_no_less_than_nothing(tmp_path, price: str, allowed: bool):
    (tmp_path / "api.toml").write_text(
        '[http]\nport = 8420\n[books]\nurl = "sqlite:///b.db"\n'
        f'[prices]\ncurrency = "CNY"\nelectricity_kwh = {price}\n',
        encoding="utf-8",
    )

    if allowed:
        tariff = configuration.load(tmp_path).tariff
        assert tariff.per("electricity", "kWh") == Decimal(price)
    else:
        with pytest.raises(Refused) as refused:
            configuration.load(tmp_path)
        assert [problem.code for problem in refused.value.problems] == ["bad-price"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "260"}, {"B2601"}),
        ({"q": "缸"}, {"缸号-7"}),
        ({"q": "%"}, set()),
        ({"machine": "jet-02"}, {"C1"}),
        ({"q": "B2601", "machine": "jet-02"}, set()),
        ({"from": "2026-03-02T00:45:00Z", "to": "2026-03-02T01:25:00Z"}, {"缸号-7", "C1"}),
    ],
)
def test_batches_are_found_by_what_is_known_of_them(ask: Caller, asked, found):
    body = ask.get("/batches", **asked).json()

    assert {one["id"] for one in body["batches"]} == found


def test_a_search_goes_on_where_its_page_ended(ask: Caller):
    first = ask.get("/batches", limit="1", machine="jet-01")

    link = first.headers["Link"]
    assert "machine=jet-01" in link
    assert first.json()["batches"][0]["id"] not in {"C1"}
