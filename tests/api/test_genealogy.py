"""Splits, merges, re-dyes and scraps as named people enter them, and what they do to footprints."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.api.given import MINUTE, World, at, footprint, world

REASON = {"reason": "as on the card"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory, first_hour) -> Iterator[World]:
    """A mill that every refusal leaves as it was."""
    one = entered(world(tmp_path_factory.mktemp("kept") / "config", past=first_hour))
    yield one
    one.close()


@pytest.fixture
def mill(tmp_path: Path, kept: World) -> Iterator[World]:
    """The same, to do with as a test likes."""
    one = world(tmp_path / "config", past=kept)
    yield one
    one.close()


def entered(one: World) -> World:
    """Two batches of an article, both final."""
    one.passes(61, 120)
    one.caller().post("/batches", {"id": "B2601", "article": "T-shirt", "accepted_kg": "400"})
    one.caller().post("/batches", {"id": "C1", "article": "T-shirt", "accepted_kg": "250"})
    one.closes_its_books()
    return one


def post(mill: World, path: str, **body):
    answer = mill.caller().post(path, REASON | body)
    assert answer.status_code == 201, answer.text
    mill.closes_its_books()
    return answer.json()["event"]


def split(mill: World, *parts, minute=45):
    named = [{"batch": name, "kg": kg} for name, kg in parts]
    return post(mill, "/batches/B2601/split", parts=named, at=at(minute).isoformat())


def kg(body):
    return Decimal(body["total"]["kgco2e"])


def adds_up(body):
    lines = [line for run in body["runs"] for line in run["lines"]] + body["idle"]
    assert sum(Decimal(line["kgco2e"] or 0) for line in lines) == kg(body)
    assert sum(Decimal(one["kgco2e"]) for one in body["carried_from"]) == kg(body)


def kwh(*bodies):
    """Electricity of some footprints' own and relatives' meters, by run."""
    found = {}
    for body in bodies:
        for run in body["runs"]:
            for line in run["lines"]:
                if line["carrier"] == "electricity":
                    key = run["start"], line["from"]
                    found[key] = found.get(key, Decimal(0)) + Decimal(line["amount"])
    return found


def test_a_split_shares_by_accepted_mass_and_every_line_can_be_followed(mill: World):
    before = footprint(mill).json()

    event = split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    parent, one, other = (footprint(mill, n).json() for n in ("B2601", "B2601-A", "B2601-B"))
    assert kwh(one, other) == kwh(before)
    assert abs(kg(one) + kg(other) - kg(before)) <= Decimal("0.00002")  # a milligram a line
    assert kg(parent) == 0
    assert [body["accepted_kg"] for body in (parent, one, other)] == ["0", "100", "300"]
    assert {run["batch"] for run in one["runs"]} == {"B2601"}
    (told,) = one["genealogy"]
    assert told == {
        "event": event, "kind": "split", "at": "2026-03-02T00:45:00.000Z", "from": ["B2601"],
        "to": [{"batch": "B2601-A", "kg": "100", "share": "0.250000000"},
               {"batch": "B2601-B", "kg": "300", "share": "0.750000000"}],
        "by": "engineer", "why": "as on the card",
    }  # fmt: skip
    listed = {one["id"]: one["became"] for one in mill.caller().get("/batches").json()["batches"]}
    assert (listed["B2601"], listed["C1"]) == (["B2601-A", "B2601-B"], [])
    for body in (parent, one, other):
        adds_up(body)
    per_kg = {body["total"]["kgco2e_per_kg"] for body in (one, other)}
    assert len({round(Decimal(one), 5) for one in per_kg}) == 1


def test_a_family_is_revised_in_one_transaction_so_that_it_adds_up_at_every_instant(mill: World):
    mill.clock[0] += MINUTE

    split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    heads = [footprint(mill, n).json() for n in ("B2601", "B2601-A", "B2601-B")]
    assert len({body["computed_at"] for body in heads}) == 1
    assert len({body["made_with"]["priced_as_of"] for body in heads}) == 1
    (change,) = {mill.books.results.find(one["batch"], "footprint").change for one in heads}
    assert change is not None


def test_what_was_looked_at_before_a_relative_was_entered_is_not_kept(mill: World):
    """A split comes between a look at the batch and the transaction: else it would count twice."""
    revisions, before = mill.service.revisions, footprint(mill).content
    looked = revisions.look("B2601", frozenset(["late-data"]))
    mill.caller().post(
        "/batches/B2601/split",
        REASON | {"parts": [{"batch": "A", "kg": "1"}, {"batch": "B", "kg": "2"}]},
    )

    assert revisions.settle([looked], {}) == set()
    assert mill.books.results.find("A", "footprint") is None
    assert footprint(mill, revision=1).content == before
    assert footprint(mill, revision=2).status_code == 404


def test_a_family_is_explained_down_to_the_registers_of_its_forebear(mill: World):
    split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    told = mill.caller().get("/batches/B2601-A/explain").json()

    assert told["agrees_with_revision"]
    direct = [one for one in told["lines"] if one["rule"] == "direct"]
    assert {one["handed"]["batch"] for one in direct} == {"B2601"}
    assert {one["handed"]["part"] for one in direct} == {"0.2500"}
    assert all(one["register"] for one in direct)
    assert "Split at 2026-03-02T00:45:00.000Z: B2601 became B2601-A (100 kg" in told["text"]
    assert "0.2500 of the" in told["text"]


def test_a_relatives_past_revisions_stay_byte_for_byte(mill: World):
    first = footprint(mill).content
    mill.clock[0] += MINUTE

    event = split(mill, ("B2601-A", "100"), ("B2601", "300"))
    second = footprint(mill, "B2601-A").content
    mill.clock[0] += MINUTE
    mill.caller().post(f"/genealogy/{event}/undo", REASON)
    mill.closes_its_books()

    assert footprint(mill, revision=1).content == first
    assert footprint(mill, "B2601-A", revision=1).content == second
    assert (
        footprint(mill, revision=3).json()["total"] == footprint(mill, revision=1).json()["total"]
    )
    assert footprint(mill, "B2601-A").json()["status"] == "withdrawn"
    changes = {mill.books.results.find(n, "footprint").change for n in ("B2601", "B2601-A")}
    assert len(changes) == 1


def test_the_kept_amounts_of_a_family_are_priced_anew_without_measuring(mill: World):
    split(mill, ("B2601-A", "100"), ("B2601", "300"))

    body = footprint(mill, "B2601-A", gwp="ar5").json()

    assert body["reason"] == "priced-anew"
    assert body["carried_from"][0]["batch"] == "B2601"
    adds_up(body)


def test_it_makes_a_revision_that_says_so_and_the_part_is_final_as_its_parent_is(mill: World):
    assert footprint(mill).json()["revision"] == 1

    split(mill, ("B2601-A", "100"), ("B2601", "300"))

    assert (footprint(mill).json()["revision"], footprint(mill).json()["status"]) == (2, "final")
    part = footprint(mill, "B2601-A").json()
    assert (part["revision"], part["status"]) == (1, "final")
    assert footprint(mill).json()["reason"] == "genealogy"
    assert "genealogy" not in footprint(mill, revision=1).json()


def test_a_part_is_computed_anew_when_its_parent_is(mill: World):
    split(mill, ("B2601-A", "100"), ("B2601", "300"))
    run = mill.caller().get("/batches/B2601/runs").json()["runs"][1]["id"]

    mill.caller().post(f"/runs/{run}/corrections", {"end": at(42).isoformat()} | REASON)
    mill.closes_its_books()

    assert footprint(mill, "B2601-A").json()["revision"] == 2


def test_a_merge_adds(mill: World):
    both = [footprint(mill, name).json() for name in ("B2601", "C1")]
    whole = sum(map(kg, both))

    post(mill, "/batches/M1/merge", **{"from": ["B2601", "C1"]})

    body = footprint(mill, "M1").json()
    assert (kg(body), body["accepted_kg"]) == (whole, "650")
    assert kwh(body) == kwh(*both)
    assert kg(footprint(mill, "C1").json()) == 0
    adds_up(body)
    told = mill.caller().get("/batches/M1/explain").json()
    assert "B2601, C1 became M1" in told["text"]
    for line in (one for one in told["lines"] if one["rule"] == "direct"):
        carried = sum(Decimal(one["carried"]) for one in line["register"])
        assert carried == Decimal(line["amount"])
    windows = [(one["utility"], one["start"]) for one in told["windows"]]
    assert len(windows) == len(set(windows))


def test_a_batch_that_is_merged_into_one_that_ran_brings_its_kilograms_along(mill: World):
    post(mill, "/batches/B2601/merge", **{"from": ["C1"]})

    assert footprint(mill).json()["accepted_kg"] == "650"
    assert footprint(mill, "C1").json()["accepted_kg"] == "0"


def test_a_redye_posts_to_its_parent_and_the_kilograms_count_once(mill: World):
    whole = kg(footprint(mill).json()) + kg(footprint(mill, "C1").json())

    post(mill, "/batches/C1/redye", parent="B2601")

    parent, again = footprint(mill).json(), footprint(mill, "C1").json()
    assert (kg(parent), parent["accepted_kg"]) == (whole, "400")
    assert (kg(again), again["accepted_kg"], again["total"]["kgco2e_per_kg"]) == (0, "0", None)
    adds_up(parent)
    adds_up(again)


def test_a_redye_that_still_runs_keeps_its_parent_open_until_it_is_done(fresh):
    one = fresh(after_an_hour=True)
    one.closes_its_books()
    first = footprint(one).json()
    assert first["status"] == "final"

    one.caller().post("/batches/缸号-7/redye", REASON | {"parent": "B2601"})
    one.closes_its_books()
    assert (footprint(one).json()["status"], footprint(one).json()["revision"]) == ("running", 0)
    assert footprint(one, revision=1).json() == first

    one.passes(61, 120)
    one.closes_its_books()
    parent, again = footprint(one).json(), footprint(one, "缸号-7").json()
    assert (parent["status"], parent["revision"]) == ("final", 2)
    assert {run.get("batch", "B2601") for run in parent["runs"]} == {"B2601", "缸号-7"}
    assert kg(parent) > kg(first)
    assert kg(again) == 0
    assert parent["computed_at"] == again["computed_at"]


def test_a_scrapped_batch_keeps_what_it_carries_and_its_article_answers_for_it(mill: World):
    emitted = kg(footprint(mill).json()) + kg(footprint(mill, "C1").json())

    post(mill, "/batches/C1/scrap")

    assert kg(footprint(mill, "C1").json()) > 0
    day = {"from": at(0).isoformat(), "to": at(600).isoformat()}
    body = mill.caller().get("/articles/T-shirt/footprint", **day).json()
    assert (Decimal(body["kgco2e"]), body["accepted_kg"]) == (emitted, "400")
    per_kg = (emitted / 400).quantize(Decimal("1e-6"))
    assert Decimal(body["kgco2e_per_kg"]) == per_kg


def test_an_article_counts_the_parts_of_its_batches_and_not_their_parents_twice(mill: World):
    day = {"from": at(0).isoformat(), "to": at(600).isoformat()}
    before = mill.caller().get("/articles/T-shirt/footprint", **day).json()

    split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    after = mill.caller().get("/articles/T-shirt/footprint", **day).json()
    assert after["accepted_kg"] == before["accepted_kg"]
    difference = Decimal(after["kgco2e"]) - Decimal(before["kgco2e"])
    assert abs(difference) <= Decimal("0.00002")  # a milligram a line
    assert len(after["batches"]) == 4


def test_an_article_of_which_a_batch_is_still_open_keeps_its_views_apart(fresh):
    one = fresh(after_an_hour=True)
    one.caller().post("/batches", {"id": "缸号-7", "article": "T-shirt", "accepted_kg": "400"})
    one.closes_its_books()
    day = {"from": at(0).isoformat(), "to": at(600).isoformat()}

    for view in ("footprint", "inventory"):
        body = one.caller().get("/articles/T-shirt/footprint", **day, view=view).json()

        assert Decimal(body["kgco2e"]) == kg(footprint(one, "缸号-7", view=view).json()) > 0


def test_an_event_is_undone_and_stays_visible(mill: World):
    before = footprint(mill).json()["total"]
    event = split(mill, ("B2601-A", "100"), ("B2601", "300"))

    ask = mill.caller()
    assert ask.post(f"/genealogy/{event}/undo", REASON).json() == {"event": event, "undone": True}
    mill.closes_its_books()

    assert footprint(mill).json()["total"] == before
    assert footprint(mill, "B2601-A").status_code in (200, 404)
    events = ask.get("/batches/B2601/genealogy").json()["events"]
    assert [(one["kind"], one["undone"], one["by"]) for one in events] == [
        ("split", True, "engineer"),
        ("undo", False, "engineer"),
    ]
    assert ask.post(f"/genealogy/{event}/undo", REASON).status_code == 404


PARTS = [{"batch": "A", "kg": "100"}, {"batch": "B", "kg": "300"}]


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/batches/B9/split", {"parts": PARTS}, 404, "B9"),
        ("/batches/B2601/split", {"parts": PARTS[:1]}, 422, "parts"),
        ("/batches/B2601/split", {"parts": PARTS + PARTS}, 422, "parts"),
        ("/batches/B2601/split", {"parts": [*PARTS, {"batch": "C", "kg": "1"}]}, 422, "parts"),
        ("/batches/B2601/split", {"parts": [*PARTS, {"batch": "C", "kg": "-1"}]}, 422, "kg"),
        ("/batches/B2601/split", {"parts": [*PARTS, {"batch": "<b>", "kg": "1"}]}, 422, "batch"),
        ("/batches/B2601/split", {"parts": PARTS, "at": at(999).isoformat()}, 422, "at"),
        ("/batches/B2601/split", {"parts": PARTS, "reason": ""}, 422, "reason"),
        ("/batches/M1/merge", {"from": ["B2601", "B9"]}, 404, "B9"),
        ("/batches/C1/merge", {"from": ["B2601", "C1"]}, 422, "from"),
        ("/batches/C1/redye", {"parent": "C1"}, 422, "parent"),
        ("/batches/C1/redye", {"parent": "B9"}, 404, "B9"),
        ("/batches/B9/scrap", {}, 404, "B9"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field_and_changes_nothing(
    kept: World, path, body, status, field
):
    answer = kept.caller().post(path, REASON | body)

    assert answer.status_code == status, answer.text
    assert field in answer.json()["detail"]
    assert kept.caller().get("/batches/B2601/genealogy").json() == {"events": []}


def test_a_batch_that_would_descend_from_itself_is_refused(mill: World):
    post(mill, "/batches/M1/merge", **{"from": ["B2601"]})

    answer = mill.caller().post("/batches/B2601/merge", {"from": ["M1"]} | REASON)

    assert answer.status_code == 422
    assert "forebears" in answer.json()["detail"]


def test_a_batch_is_dyed_again_for_one_parent_only(mill: World):
    post(mill, "/batches/C1/redye", parent="B2601")

    for path, body in (("redye", {"parent": "缸号-7"}), ("split", {"parts": PARTS})):
        answer = mill.caller().post(f"/batches/C1/{path}", REASON | body)
        assert answer.status_code == 422, path
