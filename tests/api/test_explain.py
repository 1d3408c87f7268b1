"""Explain: every kilogram back to the register readings that it comes from."""

from decimal import Decimal

import pytest

from tests.api.given import World, values

BATCHES = ["B2601", "缸号-7", "C1"]


def explained(mill: World, batch: str):
    return mill.caller().get(f"/batches/{batch}/explain").json()


@pytest.mark.parametrize("batch", BATCHES)
def test_the_register_differences_of_a_line_are_its_amount(mill: World, batch):
    lines = explained(mill, batch)["lines"]

    assert lines
    for line in lines:
        if line["rule"] == "distribution-loss":
            assert (line["register"], Decimal(line["amount"])) == ([], 0)
            continue
        differences = [Decimal(one["difference"]) for one in line["register"]]
        assert sum(differences) == Decimal(line["amount"])
        assert sum(Decimal(one["carried"]) for one in line["register"]) == Decimal(line["amount"])


@pytest.mark.parametrize("batch", BATCHES)
def test_a_difference_is_that_of_the_values_at_both_ends(mill: World, batch):
    for line in explained(mill, batch)["lines"]:
        for one in line["register"]:
            between = Decimal(one["end"]["value"]) - Decimal(one["start"]["value"])
            assert Decimal(one["difference"]) == between


@pytest.mark.parametrize("batch", BATCHES)
def test_the_lines_are_those_of_the_footprint(mill: World, batch):
    body = mill.caller().get(f"/batches/{batch}/footprint").json()
    lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]

    told = {line["id"]: line for line in explained(mill, batch)["lines"]}

    assert len(told) == len(lines)
    for line in lines:
        assert {key: told[line["id"]][key] for key in line} == line


def test_the_readings_at_both_ends_are_named(mill: World):
    (line,) = [
        line
        for line in explained(mill, "C1")["lines"]
        if line["carrier"] == "electricity" and not line["idle"]
    ]

    (register,) = line["register"]
    first = values("jet-02-power", 20)["energy_import_kwh"]
    assert register["meter"] == "jet-02-power.energy_import_kwh"
    assert register["start"]["at"] == "2026-03-02T00:20:00.000Z"
    assert Decimal(register["start"]["before"]["value"]) == Decimal(str(first))
    assert register["end"]["at"] == "2026-03-02T01:10:00.000Z"


def test_it_names_the_revision_and_says_everything_as_text_too(mill: World):
    body = explained(mill, "B2601")

    assert (body["batch"], body["revision"], body["status"]) == ("B2601", 1, "final")
    assert "Batch B2601, revision 1, final" in body["text"]
    for line in body["lines"]:
        assert line["sentence"] in body["text"]
        for one in line["register"]:
            assert one["start"]["value"] in body["text"]
    assert "Factor cn_elec_fp_2024_national" in body["text"]


def test_a_batch_that_is_still_running_can_be_explained(fresh):
    mill = fresh()
    mill.passes(0, 30)
    mill.closes_its_books()

    body = explained(mill, "B2601")

    assert (body["revision"], body["status"]) == (0, "running")
    assert body["lines"]


def test_each_view_is_explained_by_its_own_factors(mill: World):
    ask = mill.caller()

    texts = [
        ask.get("/batches/B2601/explain", view=view).json()["text"]
        for view in ("footprint", "inventory")
    ]

    assert "cn_elec_fp_2024_national" in texts[0]
    assert "cn_elec_fp_2024_national" not in texts[1]
    assert "cn_grid_avg_" in texts[1]


def test_it_is_said_in_chinese_too(mill: World):
    body = mill.caller().get("/batches/B2601/explain", lang="zh").json()

    assert "批次 B2601，第 1 版，最终" in body["text"]
    assert "的表底数为" in body["text"]
    assert "选用理由" in body["text"]
    assert all(line["sentence"] in body["text"] for line in body["lines"])


def test_it_shows_the_windows_of_the_utilities_and_every_revision(mill: World):
    body = mill.caller().get("/batches/B2601/explain").json()

    assert {one["utility"] for one in body["windows"]} == {"boiler-1"}
    assert [one["revision"] for one in body["revisions"]] == [1]
    assert body["agrees_with_revision"] is True


def test_a_shared_meter_shows_what_part_of_a_difference_a_batch_carries(mill: World):
    for line in explained(mill, "B2601")["lines"]:
        for one in line["register"]:
            whole, carried = Decimal(one["difference"]), Decimal(one["carried"])
            if whole:
                assert Decimal(one["weight"]) == (carried / whole).quantize(Decimal("0.0001"))
