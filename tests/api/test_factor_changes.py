"""Factors that change: newer ones wait for a person, put-right ones say so, past answers stay."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.api.given import World, footprint, world
from tests.api.test_factor_files import ROW

OWN = ROW | {
    "id": "own-grid",
    "region": "CN-ZJ-keqiao",
    "value": "0.4",
    "data_from": "2025-01-01",
    "published": "2026-01-15",
    "evidence": "letter.pdf",
    "primary": "yes",
}
LATER = datetime(2026, 9, 1, tzinfo=UTC)
WHY = {"why": "the new publication"}


def own(mill: World, *rows: dict[str, str]) -> None:
    """The mill's own factors, with the letter that proves them, read at the next start."""
    folder = mill.folder / "factors"
    folder.mkdir(exist_ok=True)
    (folder / "letter.pdf").write_bytes(b"signed and stamped")
    with (folder / "own.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(OWN))
        writer.writeheader()
        writer.writerows(rows)
    mill.starts_again()


@pytest.fixture(scope="module")
def hour_closed(tmp_path_factory, first_hour) -> Iterator[World]:
    """The first hour, with its books closed."""
    mill = world(tmp_path_factory.mktemp("finished") / "config", past=first_hour)
    mill.closes_its_books()
    yield mill
    mill.close()


@pytest.fixture
def mill(fresh, hour_closed) -> World:
    """The same, to do with as one likes."""
    return fresh(past=hour_closed)


def closes_march(mill: World) -> None:
    mill.passes(60, 150)
    mill.closes_its_books()
    mill.clock[0] = datetime(2026, 4, 2, tzinfo=UTC)
    assert mill.caller("accountant").post("/periods/2026-03/close", WHY).status_code == 201


def pending(mill: World):
    return mill.caller().get("/restatements").json()["restatements"]


def changes(mill: World):
    return mill.caller().get("/factors/changes").json()["changes"]


def test_a_mills_own_factor_comes_before_every_other_and_keeps_its_evidence(fresh):
    mill = fresh(after_an_hour=True)
    own(mill, OWN)
    mill.closes_its_books()

    body = footprint(mill).json()

    used = {one["id"]: one for one in body["factors"]}
    assert "cn_elec_fp_2024_national" not in used
    assert used["own-grid"]["evidence"].startswith("letter.pdf sha256:")
    assert Decimal(body["primary_data_share"]) > 0


def test_a_row_that_was_known_already_and_is_put_right_revises_by_itself(mill):
    first = footprint(mill).content

    own(mill, OWN)
    mill.closes_its_books()

    body = footprint(mill).json()
    assert (body["revision"], body["reason"]) == (2, "factor")
    assert Decimal(body["difference"]["kgco2e"]) < 0
    assert footprint(mill, revision=1).content == first


def test_a_row_that_is_put_right_after_closing_waits_and_is_posted_whole(mill):
    closes_march(mill)
    first = footprint(mill).content

    own(mill, OWN)
    mill.closes_its_books()

    (waits,) = pending(mill)
    assert waits["reason"] == "factor"
    assert footprint(mill).content == first
    mill.caller("accountant").post(f"/restatements/{waits['id']}/post", WHY)
    body = footprint(mill).json()
    assert (body["revision"], body["reason"]) == (2, "factor")
    told = {(one["batch"], one["view"]): one["kgco2e_to"] for one in waits["batches"]}
    assert told["B2601", "footprint"] == body["total"]["kgco2e"]
    assert pending(mill) == []


def test_a_row_that_is_put_right_twice_waits_once(mill):
    closes_march(mill)
    own(mill, OWN)
    mill.closes_its_books()
    (first,) = pending(mill)

    own(mill, OWN | {"value": "0.45"})
    mill.closes_its_books()

    (second,) = pending(mill)
    assert second["id"] != first["id"]
    assert second["batches"] != first["batches"]


def test_a_row_that_is_put_back_waits_no_longer(mill):
    closes_march(mill)
    own(mill, OWN)
    mill.closes_its_books()
    assert len(pending(mill)) == 1

    own(mill)
    mill.closes_its_books()

    assert pending(mill) == []


def test_a_row_is_put_right_in_each_view_by_when_that_views_result_was_made(mill):
    """A publication that only one view took leaves the other one's factors where they were."""
    newer = OWN | {"published": "2026-08-01"}
    own(mill, newer)
    mill.clock[0] = LATER
    mill.closes_its_books()
    (change,) = changes(mill)
    mill.caller("accountant").post(f"/restatements/{change['id']}/post", WHY)
    inventory = OWN | {"views": "inventory", "id": "inventory-grid", "component": "direct"}
    later = inventory | {"id": "inventory-later", "published": "2026-07-01", "value": "0.9"}
    later |= {"data_from": "2025-06-01"}

    own(mill, newer | {"value": "0.3"}, inventory, later)
    mill.closes_its_books()

    for view, used in (("footprint", "own-grid"), ("inventory", "inventory-grid")):
        body = footprint(mill, view=view).json()
        assert body["reason"] == "factor", view
        assert used in {one["id"] for one in body["factors"]}


def test_a_newer_publication_waits_and_lists_what_it_touches_and_by_how_much(mill):
    first = footprint(mill).content

    own(mill, OWN | {"published": "2026-08-01"})
    mill.clock[0] = LATER
    mill.closes_its_books()

    assert footprint(mill).content == first
    (change,) = changes(mill)
    (line,) = change["batches"]
    assert (line["batch"], line["view"], line["from_revision"]) == ("B2601", "footprint", 1)
    electricity = [
        Decimal(one["amount"])
        for one in footprint(mill).json()["by_supply"]
        if one["carrier"] == "electricity"
    ]
    expected = electricity[0] * (Decimal("0.4") - Decimal("0.5777"))
    assert Decimal(line["difference"]) == pytest.approx(expected, abs=Decimal("0.00001"))
    (moved,) = change["detail"]["carriers"]
    assert (moved["from"], moved["to"]) == (["cn_elec_fp_2024_national"], ["own-grid"])


def test_a_newer_publication_that_is_posted_prices_the_kept_amounts(mill):
    own(mill, OWN | {"published": "2026-08-01"})
    mill.clock[0] = LATER
    mill.closes_its_books()
    (change,) = changes(mill)

    answer = mill.caller("accountant").post(f"/restatements/{change['id']}/post", WHY)

    assert answer.status_code == 200
    body = footprint(mill).json()
    assert (body["revision"], body["reason"]) == (2, "factor-publication")
    assert body["total"]["kgco2e"] == change["batches"][0]["kgco2e_to"]
    assert footprint(mill, view="inventory").json()["revision"] == 1
    assert changes(mill) == []


def test_a_newer_publication_that_is_rejected_does_not_come_again(mill):
    own(mill, OWN | {"published": "2026-08-01"})
    mill.clock[0] = LATER
    mill.closes_its_books()
    (change,) = changes(mill)
    mill.caller("accountant").post(f"/restatements/{change['id']}/reject", WHY)

    mill.starts_again()
    mill.closes_its_books()

    assert changes(mill) == []


def test_looking_again_makes_no_second_restatement(mill):
    own(mill, OWN | {"published": "2026-08-01"})
    mill.clock[0] = LATER
    mill.closes_its_books()
    mill.starts_again()
    mill.closes_its_books()

    assert len(changes(mill)) == 1


def test_late_data_does_not_bring_in_a_newer_factor_unasked(mill):
    own(mill, OWN | {"published": "2026-08-01"})
    mill.clock[0] = LATER
    mill.caller().post("/batches", {"id": "B2601", "accepted_kg": "480"})
    mill.closes_its_books()

    body = footprint(mill).json()

    assert (body["revision"], body["reason"]) == (2, "correction")
    assert "own-grid" not in {one["id"] for one in body["factors"]}


@pytest.mark.parametrize("edition", ["ar4", "ar5", "ar6"])
def test_gases_that_stand_apart_are_characterised_anew(mill, edition):
    body = footprint(mill, gwp=edition).json()

    potentials = mill.service.catalogue.editions[edition]
    for one in body["by_gas"]:
        if one["kg"] is not None and one["gas"] != "CO2":
            assert Decimal(one["kgco2e"]) == pytest.approx(
                Decimal(one["kg"]) * potentials[one["gas"]], abs=Decimal("0.001")
            )
    assert body["gwp"]["edition"] == edition
    assert body["gwp"]["sets_in_factors"] == ["not stated in the text read"]


def test_the_market_method_never_borrows_a_location_factor(mill):
    market = footprint(mill, view="inventory", method="market").json()
    location = footprint(mill, view="inventory").json()

    assert "cn_grid_2023_national_ex_market_nonfossil" in {f["id"] for f in market["factors"]}
    assert market["total"] != location["total"]
    missing = footprint(mill, method="market").json()
    assert "electricity" in {one["carrier"] for one in missing["exempted"]}


def test_a_measured_calorific_value_prices_the_gas_by_its_heat(fresh):
    heat = OWN | {
        "id": "ncv",
        "carrier": "natural_gas",
        "unit": "m3_0c",
        "views": "footprint inventory",
        "component": "calorific",
        "method": "",
        "gas": "GJ",
        "value": "0.036",
        "value_unit": "GJ/m3",
    }
    mill = fresh(after_an_hour=True)
    own(mill, heat)
    mill.closes_its_books()

    used = {one["gas"]: one for one in footprint(mill).json()["factors"] if "ncv*" in one["id"]}

    assert set(used) == {"CO2", "CH4", "N2O"}
    assert Decimal(used["CO2"]["value"]) == Decimal("0.036") * Decimal("55.539")
    assert Decimal(used["CH4"]["value"]) == Decimal("0.036") * Decimal("0.001")


@pytest.mark.parametrize("evidence", ["", "nowhere.pdf", "../2026-01-01.toml"])
def test_an_own_factor_without_evidence_does_not_load(fresh, evidence):
    from collector.wire.problem import Refused

    mill = fresh()

    with pytest.raises(Refused) as found:
        own(mill, OWN | {"evidence": evidence})
    assert found.value.problems[0].code == "bad-factor"


def test_refrigerant_that_was_topped_up_is_a_line_of_its_batch(mill):
    entry = {
        "batch": "B2601",
        "carrier": "r-410a",
        "unit": "kg",
        "amount": "0.5",
        "at": "2026-03-02T00:20:00Z",
        "why": "the cooler of jet-01 leaked",
    }

    assert mill.caller().post("/emissions", entry).json()["priced"] is True
    mill.closes_its_books()

    body = footprint(mill).json()
    (line,) = [one for run in body["runs"] for one in run["lines"] if one["rule"] == "declared"]
    assert (body["revision"], body["reason"]) == (2, "correction")
    assert Decimal(line["kgco2e"]) == Decimal("2255.5") / 2


def test_soda_ash_without_a_factor_is_exempted_and_never_a_zero(mill):
    entry = {"batch": "B2601", "carrier": "soda_ash", "unit": "kg", "amount": "12"}
    entry |= {"at": "2026-03-02T00:20:00Z", "why": "neutralisation"}

    assert mill.caller().post("/emissions", entry).json()["priced"] is False
    mill.closes_its_books()

    exempted = {one["carrier"]: one for one in footprint(mill).json()["exempted"]}
    assert exempted["soda_ash"]["kgco2e"] is None


def test_biogenic_carbon_stands_beside_the_total(tmp_path: Path):
    from api import factor_files
    from collector.toml_files import SHIPPED

    rows = {one.id: one for one in factor_files.load(SHIPPED / "factors")}
    potentials = factor_files.warming_potentials(SHIPPED / "factors")

    assert potentials[rows["ipcc2006_wood_ef_co2"].gas] == 0
    assert potentials[rows["ipcc2006_wood_ef_ch4"].gas] == Decimal("27.0")
