"""The list of batches: those that ran, and those that came of others, each once and in order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.given import World, at, footprint, world
from tests.api.test_genealogy import REASON, entered, split


@pytest.fixture(scope="module")
def kept(tmp_path_factory, first_hour) -> Iterator[World]:
    """Two batches, both final."""
    one = entered(world(tmp_path_factory.mktemp("listed") / "config", past=first_hour))
    yield one
    one.close()


@pytest.fixture
def mill(tmp_path: Path, kept: World) -> Iterator[World]:
    """The same, to do with as a test likes."""
    one = world(tmp_path / "config", past=kept)
    yield one
    one.close()


def rows(mill: World, limit: int):
    """Every row of the list of batches, page by page."""
    found, more = [], {}
    while True:
        answer = mill.caller().get("/batches", limit=limit, **more)
        found += answer.json()["batches"]
        if "next" not in answer.links:
            return found
        more = {"after": answer.links["next"]["url"].rpartition("after=")[2]}


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_part_that_never_ran_itself_stands_in_the_list_from_its_split_on(mill: World, limit):
    before = [one["id"] for one in rows(mill, 50)]
    split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    found = rows(mill, limit)

    assert [one["id"] for one in found if one["id"] in before] == before
    assert sorted({one["id"] for one in found} - {*before}) == ["B2601-A", "B2601-B"]
    assert [one["start"] for one in found] == sorted((o["start"] for o in found), reverse=True)
    part = next(one for one in found if one["id"] == "B2601-A")
    assert (part["machines"], part["start"], part["status"]) == (
        [],
        "2026-03-02T00:45:00.000Z",
        "final",
    )
    assert part["kgco2e"] == footprint(mill, "B2601-A").json()["total"]["kgco2e"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"q": "b2601-a"}, {"B2601-A"}),
        ({"q": "2601-"}, {"B2601-A", "B2601-B"}),
        ({"q": "B2601-A", "machine": "jet-01"}, set()),
        ({"q": "B2601-A", "from": at(46).isoformat()}, set()),
        ({"q": "B2601-A", "from": at(45).isoformat(), "to": at(46).isoformat()}, {"B2601-A"}),
    ],
)
def test_a_part_that_never_ran_itself_is_found_as_others_are(mill: World, search, found):
    split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    told = mill.caller().get("/batches", **search).json()["batches"]

    assert {one["id"] for one in told} == found


def test_a_part_of_a_split_that_was_undone_is_no_row(mill: World):
    event = split(mill, ("B2601-A", "100"), ("B2601-B", "300"))

    mill.caller().post(f"/genealogy/{event}/undo", REASON)

    assert not {"B2601-A", "B2601-B"} & {one["id"] for one in rows(mill, 50)}
