"""Runs from scanners and buttons, and from load alone."""

import pytest

from tests.api.given import World
from tests.api.stating import TWO_AT_ONCE, runs_of, said


@pytest.fixture
def mill(without_plc: World) -> World:
    return without_plc


# Scanners and buttons.


def scan(mill: World, text: str, minute: float | None = None, machine="jet-02"):
    body = {"text": text} | ({} if minute is None else {"at": said(minute)})
    answer = mill.caller().post(f"/machines/{machine}/scan", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["action"]


def test_a_scan_begins_a_batch_and_ends_the_one_before(mill: World):
    assert [scan(mill, "S1", 10), scan(mill, " S2 ", 30)] == ["started", "started"]

    assert runs_of(mill, "S1") == [("jet-02", "00:10", "00:30", "scan")]
    assert runs_of(mill, "S2") == [("jet-02", "00:30", None, "scan")]


@pytest.mark.parametrize("code", ["S1", "END", "end", "结束"])
def test_the_same_again_or_an_end_code_ends_it(mill: World, code):
    scan(mill, "S1", 10)

    assert scan(mill, code, 30) == "ended"
    assert runs_of(mill, "S1") == [("jet-02", "00:10", "00:30", "scan")]


def test_a_scanner_that_fires_twice_does_nothing_the_second_time(mill: World):
    assert [scan(mill, "S1", 10), scan(mill, "S1", 10.1)] == ["started", "ignored"]
    assert [scan(mill, "S1", 30), scan(mill, "S1", 30.1)] == ["ended", "ignored"]
    assert scan(mill, "END", 40) == "ignored", "there is nothing on"


def test_a_scan_that_comes_late_falls_into_its_place(mill: World):
    scan(mill, "S3", 40)
    scan(mill, "S1", 10)
    scan(mill, "S2", 25)

    assert [runs_of(mill, name)[0][1:3] for name in ("S1", "S2", "S3")] == [
        ("00:10", "00:25"), ("00:25", "00:40"), ("00:40", None),
    ]  # fmt: skip


def test_a_scan_of_years_ago_is_a_clock_that_is_wrong(mill: World):
    body = {"text": "S1", "at": "2000-01-01T00:00:00Z"}
    answer = mill.caller().post("/machines/jet-02/scan", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "start"
    (error,) = answer.json()["errors"]
    assert "at most 14 days ago" in error["allowed"]
    assert error["allowed_zh"] == "未填结束时间时，开始不早于 14 天前"


def test_a_scan_that_is_no_batch_is_refused(mill: World):
    answer = mill.caller().post("/machines/jet-02/scan", {"text": "http://x.y/<b>"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "batch"
    assert mill.caller().post("/machines/jet-99/scan", {"text": "S1"}).status_code == 404


def test_a_machine_that_holds_two_is_scanned_batch_by_batch(fresh):
    mill = fresh(TWO_AT_ONCE, after_an_hour=True)
    assert [scan(mill, "S1", 10), scan(mill, "S2", 20)] == ["started", "started"]

    both = mill.caller().post("/machines/jet-02/scan", {"text": "END", "at": said(30)})

    assert both.status_code == 409
    assert scan(mill, "S1", 30) == "ended"
    assert scan(mill, "END", 40) == "ended"
    assert [runs_of(mill, name)[0][1:3] for name in ("S1", "S2")] == [
        ("00:10", "00:30"), ("00:20", "00:40"),
    ]  # fmt: skip


# From load alone.


def proposals(mill: World):
    found = mill.caller().get("/machines/jet-02/proposals").json()["proposals"]
    return [(one["start"][11:16], one["end"][11:16]) for one in found]


def test_load_that_no_run_accounts_for_is_proposed_and_a_problem_lists_it(mill: World):
    mill.passes(61, 80)
    mill.closes_its_books()

    assert proposals(mill) == [("00:20", "01:10")]
    found = mill.caller().get("/problems").json()["problems"]
    (problem,) = [one for one in found if one["code"] == "load-without-batch"]
    assert (problem["where"], problem["values"]["energy_kwh"]) == ("jet-02", "62.500")


def test_a_confirmed_proposal_is_a_run_of_the_one_who_confirmed_it(mill: World):
    mill.passes(61, 80)
    body = {"batch": "L1", "start": said(20), "end": said(70)}

    answer = mill.caller().post("/machines/jet-02/proposals/confirm", body)

    assert answer.status_code == 201
    assert (answer.json()["source"], answer.json()["by"]) == ("load", "engineer")
    assert proposals(mill) == []
    assert "load-without-batch" not in mill.caller().get("/problems").text
    again = mill.caller().post("/machines/jet-02/proposals/confirm", body | {"batch": "L2"})
    assert again.status_code == 409


def test_a_dismissed_proposal_is_standby_and_does_not_come_back(mill: World):
    mill.passes(61, 80)
    body = {"start": said(20), "end": said(70), "reason": "pump test"}

    answer = mill.caller().post("/machines/jet-02/proposals/dismiss", body)

    assert answer.json() == {"proposals": []}
    mill.passes(81, 100)
    mill.closes_its_books()
    assert proposals(mill) == []


def test_a_proposal_needs_a_batch_and_the_load(mill: World):
    ask = mill.caller()
    body = {"batch": "L1", "start": said(1), "end": said(9)}

    assert ask.post("/machines/jet-02/proposals/confirm", body).status_code == 409
    assert ask.post("/machines/jet-02/proposals/confirm", body | {"batch": ""}).status_code == 422
    assert ask.post("/machines/jet-02/proposals/dismiss", body).status_code == 422


def test_a_machine_that_was_scanned_shows_its_batch_now(mill: World):
    scan(mill, "S1", 40)

    body = mill.caller().get("/machines/jet-02/live").json()

    assert (body["batch"], body["state"], body["since"][11:16]) == ("S1", "running", "00:40")
