"""Entering a batch: its article and its accepted mass, by one who may."""

import pytest

from tests.api.given import World


@pytest.fixture
def mill(fresh) -> World:
    return fresh()


def test_a_batch_that_is_entered_is_there(mill: World):
    ask = mill.caller()

    answer = ask.post("/batches", {"id": "缸号-9", "article": "T-shirt", "accepted_kg": "478.5"})

    assert answer.status_code == 201
    assert answer.headers["location"] == "/api/v1/batches/%E7%BC%B8%E5%8F%B7-9"
    assert ask.asks("GET", answer.headers["location"]).json() == {
        "id": "缸号-9",
        "article": "T-shirt",
        "colour": "",
        "order": "",
        "accepted_kg": "478.5",
        "runs": [],
    }


def test_the_same_again_changes_nothing_and_other_values_are_in_conflict(mill: World):
    ask = mill.caller()
    entry = {"id": "B1", "article": "", "accepted_kg": "478.5"}

    assert ask.post("/batches", entry).status_code == 201
    assert ask.post("/batches", entry).status_code == 201
    conflict = ask.post("/batches", entry | {"accepted_kg": "480"})

    assert conflict.status_code == 409
    assert "B1" in conflict.json()["detail"]
    assert ask.get("/batches/B1").json()["accepted_kg"] == "478.5"


@pytest.mark.parametrize(("role", "status"), [("certifier", 403), (None, 401)])
def test_who_may_not_write_enters_nothing(mill: World, role, status):
    assert mill.caller(role).post("/batches", {"id": "B1"}).status_code == status
    assert mill.caller().get("/batches/B1").status_code == 404


@pytest.mark.parametrize("role", ["engineer", "accountant", "admin"])
def test_who_may_write_enters_a_batch(mill: World, role):
    assert mill.caller(role).post("/batches", {"id": "B1"}).status_code == 201


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({}, "id"),
        ({"id": ""}, "id"),
        ({"id": "<script>"}, "id"),
        ({"id": "../x"}, "id"),
        ({"id": "B1\x00"}, "id"),
        ({"id": "B1\n"}, "id"),
        ({"id": "x" * 41}, "id"),
        ({"id": 5}, "id"),
        ({"id": "B1", "article": "a" * 81}, "article"),
        ({"id": "B1", "artikel": "x"}, "artikel"),
        ({"id": "B1", "accepted_kg": 478.5}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "heavy"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": ""}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "0"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "-1"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "NaN"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "Infinity"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "1e30"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "1e-30"}, "accepted_kg"),
        ({"id": "B1", "accepted_kg": "1." + 100 * "0"}, "accepted_kg"),
        ([], ""),
        ("B1", ""),
    ],
)
def test_an_entry_that_cannot_be_is_refused_and_changes_nothing(mill: World, entry, field):
    answer = mill.caller().post("/batches", entry)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.json()["detail"]
    assert mill.caller().get("/batches/B1").status_code == 404


def test_a_body_that_is_no_json_is_refused(mill: World):
    answer = mill.caller().asks("POST", "/api/v1/batches", content=b"{", headers={
        "content-type": "application/json"
    })  # fmt: skip

    assert answer.status_code == 422


def test_what_was_entered_is_the_mass_that_counts(mill: World):
    mill.caller().post("/batches", {"id": "B2601", "accepted_kg": "100"})
    mill.passes(0, 90)
    mill.closes_its_books()

    body = mill.caller().get("/batches/B2601/footprint").json()

    assert (body["accepted_kg"], body["accepted_kg_from"]) == ("100", "entered")
