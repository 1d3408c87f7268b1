"""A write that is sent again is done once."""

import threading
from datetime import timedelta

import httpx
import pytest

from tests.api.given import Caller, World

BATCH = {"id": "B9", "article": "T-shirt", "accepted_kg": "400"}
SPLIT = {"parts": [{"batch": "B2601", "kg": "300"}, {"batch": "B2601-2", "kg": "100"}]}


def send(who: Caller, key: str, body: object = BATCH, path: str = "/batches") -> httpx.Response:
    return who.asks("POST", f"/api/v1{path}", json=body, headers={"Idempotency-Key": key})


@pytest.fixture
def mill(fresh) -> World:
    one: World = fresh(after_an_hour=True)
    one.closes_its_books()
    return one


def test_the_same_key_and_body_are_answered_the_same_and_done_once(mill: World):
    who, split = mill.caller(), SPLIT | {"reason": "two lots for two customers"}

    first, again = (send(who, "k1", split, "/batches/B2601/split") for _ in range(2))

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(who.get("/batches/B2601/genealogy").json()["events"]) == 1


def test_without_a_key_a_write_that_is_sent_again_is_a_second_one(mill: World):
    who, body = mill.caller(), {"parent": "B2601", "reason": "dyed again"}

    answers = [who.post("/batches/C1/redye", body).status_code for _ in range(2)]

    assert answers == [201, 422]


def test_what_was_entered_is_answered_as_before_after_a_restart(mill: World):
    headers = mill.key()
    first = send(Caller(mill.app, headers), "k1")
    mill.starts_again()

    again = send(Caller(mill.app, headers), "k1")

    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"] == "/api/v1/batches/B9"


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(mill: World):
    who = mill.caller()
    send(who, "k1")

    answer = send(who, "k1", BATCH | {"id": "B10"})

    assert answer.status_code == 422
    assert "'k1' was another request's" in answer.json()["detail"]
    assert who.get("/batches/B10").status_code == 404


def test_the_same_key_at_another_place_is_refused(mill: World):
    who = mill.caller()
    send(who, "k1", {"reason": "soiled"}, "/batches/B2601/scrap")

    assert send(who, "k1", {"reason": "soiled"}, "/batches/C1/scrap").status_code == 422


def test_a_key_is_its_holders_own(mill: World):
    send(mill.caller("engineer"), "k1")

    answer = send(mill.caller("accountant"), "k1", BATCH | {"id": "B10"})

    assert answer.status_code == 201


def test_what_was_refused_may_be_put_right_under_the_same_key(mill: World):
    who = mill.caller()

    refused, done = send(who, "k1", BATCH | {"accepted_kg": "0"}), send(who, "k1")

    assert (refused.status_code, done.status_code) == (422, 201)


def test_nobody_is_answered_what_others_wrote_who_has_no_key_or_may_not_write(mill: World):
    send(mill.caller(), "k1")

    assert send(mill.caller(None), "k1").status_code == 401
    assert send(mill.caller("certifier"), "k1").status_code == 403


def test_a_revoked_key_is_answered_nothing(mill: World):
    headers = mill.key()
    who = Caller(mill.app, headers)
    send(who, "k1")
    with mill.books.engine.begin() as db:
        db.exec_driver_sql("UPDATE keys SET revoked = '2026-03-02T00:00:00.000Z'")

    assert send(who, "k1").status_code == 401


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 129])
def test_a_key_that_is_none_is_refused(mill: World, key):
    answer = mill.caller().asks(
        "POST", "/api/v1/batches", json=BATCH, headers={b"Idempotency-Key": key.encode("latin-1")}
    )

    assert answer.status_code == 422


def test_of_a_write_whose_end_nobody_saw_nobody_says_that_it_was_done(mill: World):
    who = mill.caller()
    send(who, "k1")
    with mill.books.engine.begin() as db:
        db.exec_driver_sql("UPDATE kept_answers SET status = NULL")  # as a crash leaves it

    lost = send(who, "k1")

    assert lost.status_code == 409
    assert "its end was not seen" in lost.json()["detail"]


def test_many_at_once_do_it_once(mill: World):
    who, statuses = mill.caller(), list[int]()
    body = {"parent": "B2601", "reason": "dyed again"}

    def one() -> None:
        statuses.append(send(who, "k1", body, "/batches/C1/redye").status_code)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len(who.get("/batches/C1/genealogy").json()["events"]) == 1


def test_a_key_that_is_shown_once_is_not_kept_to_be_shown_again(mill: World):
    admin, body = mill.caller("admin"), {"name": "erp", "role": "engineer", "reason": "the ERP"}

    first, second = (send(admin, "k1", body, "/keys") for _ in range(2))

    assert first.json()["key"] != second.json()["key"]
    with mill.books.engine.connect() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM kept_answers").scalar() == 0


def test_the_audit_log_names_a_write_once_and_not_that_it_was_kept(mill: World):
    who, auditor = mill.caller(), mill.caller("accountant")
    send(who, "k1")
    send(who, "k1")

    told = [one["subject"] for one in auditor.get("/audit").json()["entries"]]

    assert told.count("entries/batch/B9") == 1
    assert not [subject for subject in told if subject.startswith("kept-answers")]


def test_answers_are_kept_for_a_day(mill: World):
    who = mill.caller()
    send(who, "k1")
    mill.clock[0] += timedelta(days=1, seconds=1)
    send(who, "k2", BATCH | {"id": "B10"})

    with mill.books.engine.connect() as db:
        kept = db.exec_driver_sql("SELECT key FROM kept_answers").scalars().all()

    assert kept == ["k2"]
