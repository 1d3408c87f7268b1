"""Before and after: what a certifier looks at again once something was done to save."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.api.given import World, at, footprint
from tests.api.office import office, total

MEASURE = {
    "what": "The stenter's exhaust heats its fresh air",
    "of": "machine",
    "name": "jet-01",
    "since": at(45).isoformat(),
    "why": "half of the heat went up the chimney",
    "evidence": "order 4711",
}
BOTH = {
    "from": at(0).isoformat(),
    "to": at(45).isoformat(),
    "then_from": at(45).isoformat(),
    "then_to": at(150).isoformat(),
}


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A mill of whose T-shirts one batch ended before the 45th minute, and one after it."""
    one = office(tmp_path_factory.mktemp("office") / "config")
    assert one.caller().post("/improvements", MEASURE).status_code == 201
    yield one
    one.close()


def compared(mill: World, **asked: str) -> dict[str, Any]:
    answer = mill.caller("certifier").get("/comparison", **BOTH | asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_an_article_is_compared_by_the_kilogram_and_the_difference_adds_up(mill: World):
    body = compared(mill, of="article", name="T-shirt")

    before, after = (total(mill, "B2601") / 400, total(mill, "缸号-7") / 100)
    change = body["kgco2e_per_kg"]
    exact = Decimal("1e-6")
    assert Decimal(change["before"]) == before.quantize(exact)
    assert Decimal(change["after"]) == after.quantize(exact)
    assert Decimal(change["mix"]) + Decimal(change["own"]) == Decimal(change["by"])
    assert (body["before"]["batches"], body["after"]["batches"]) == (1, 1)
    # The first was scoured and dyed, the second dyed alone: another route is another product.
    assert Decimal(change["own"]) == 0
    avoided = -Decimal(change["by"]) * 100
    assert Decimal(body["avoided_kgco2e"]) == avoided


def test_a_machine_takes_its_idling_along_and_a_process_does_not(mill: World):
    on, doing = (
        compared(mill, of=of, name=name)
        for of, name in (("machine", "jet-01"), ("process", "dyeing-exhaust"))
    )

    whole = footprint(mill).json()
    assert Decimal(on["before"]["kgco2e"]) == Decimal(whole["total"]["kgco2e"])
    dyed = next(one for one in whole["by_process"] if one["process"] == "dyeing-exhaust")
    assert Decimal(doing["before"]["kgco2e"]) == Decimal(dyed["kgco2e"])


def test_what_was_saved_is_told_of_each_carrier(mill: World):
    body = compared(mill, of="machine", name="jet-01")

    steam = next(one for one in body["carriers"] if one["carrier"] == "steam")
    assert (steam["unit"], Decimal(steam["before"]), Decimal(steam["after"])) == (
        "kg", Decimal("1.75"), Decimal(6),
    )  # fmt: skip


def test_the_register_says_what_where_since_when_by_whom_why_and_what_proves_it(mill: World):
    (kept,) = mill.caller("certifier").get("/improvements").json()["improvements"]

    assert {key: kept[key] for key in ("what", "of", "name", "why", "evidence", "by")} == {
        key: said for key, said in MEASURE.items() if key != "since"
    } | {"by": "engineer"}
    assert kept["since"] == "2026-03-02T00:45:00.000Z"
    assert kept["entered_at"]


def test_a_measure_is_compared_with_as_long_before_it_and_stands_beside_its_subject(mill: World):
    (kept,) = mill.caller().get("/improvements").json()["improvements"]

    body = mill.caller().get(f"/improvements/{kept['id']}/comparison", days=1).json()

    assert body["improvement"] == kept
    assert (body["before"]["to"], body["after"]["from"]) == (kept["since"], kept["since"])
    assert body["after"]["to"] == "2026-03-02T02:30:00.000Z"  # now
    assert compared(mill, of="machine", name="jet-01")["measures"] == [kept]
    assert compared(mill, of="machine", name="jet-02")["measures"] == []


def test_a_measure_of_tomorrow_is_not_compared_yet(mill: World):
    later = MEASURE | {"since": at(600).isoformat(), "name": "jet-02"}
    number = mill.caller().post("/improvements", later).json()["id"]

    answer = mill.caller().get(f"/improvements/{number}/comparison")

    assert answer.status_code == 409
    assert answer.json()["problems"][0]["code"] == "improvement-not-yet"


def test_a_period_without_batches_has_nothing_to_compare(mill: World):
    body = compared(mill, of="article", name="T-shirt", then_from=at(140).isoformat())

    assert (body["kgco2e_per_kg"], body["avoided_kgco2e"], body["carriers"]) == (None, None, [])


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"of": "machine", "name": "jet-09"}, 404),
        ({"of": "article", "name": "Sock"}, 404),
        ({"of": "mill", "name": "all"}, 422),
        ({"of": "machine", "name": "jet-01", "to": at(-1).isoformat()}, 422),
    ],
)
def test_what_cannot_be_compared_is_refused(mill: World, asked: dict[str, str], status: int):
    assert mill.caller().get("/comparison", **BOTH | asked).status_code == status


def test_a_certifier_enters_no_measure_and_no_machine_has_one_that_is_not_there(mill: World):
    assert mill.caller("certifier").post("/improvements", MEASURE).status_code == 403
    assert mill.caller().post("/improvements", MEASURE | {"name": "jet-9"}).status_code == 404
