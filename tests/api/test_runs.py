"""Runs that people and an MES state, and their corrections."""

from decimal import Decimal

import pytest

from tests.api.given import World, at, footprint, reading, values
from tests.api.stating import NO_PLC, TWO_AT_ONCE, runs_of, said, state


@pytest.fixture
def mill(without_plc: World) -> World:
    return without_plc


# From an MES.


def test_a_run_that_an_mes_states_is_there_with_its_source_and_who(mill: World):
    answer = state(mill, "M1", 10, 40)

    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["source"], body["by"], body["process"]) == ("http", "engineer", "dyeing-exhaust")
    assert runs_of(mill, "M1") == [("jet-02", "00:10", "00:40", "http")]


def test_the_same_again_changes_nothing(mill: World):
    first = state(mill, "M1", 10, 40)
    second = state(mill, "M1", 10, 40)

    assert (second.status_code, second.json()) == (200, first.json())
    assert len(runs_of(mill, "M1", history=True)["history"]) == 1


def test_an_end_that_comes_later_is_taken_in_once(mill: World):
    state(mill, "M1", 10)
    assert runs_of(mill, "M1") == [("jet-02", "00:10", None, "http")]

    assert [state(mill, "M1", 10, 40).status_code for _ in range(2)] == [200, 200]

    assert runs_of(mill, "M1") == [("jet-02", "00:10", "00:40", "http")]
    assert len(runs_of(mill, "M1", history=True)["history"]) == 2


def test_other_values_for_the_same_run_are_in_conflict_and_the_way_is_said(mill: World):
    run = state(mill, "M1", 10, 40).json()["id"]

    answer = state(mill, "M1", 10, 50)

    assert answer.status_code == 409
    assert f"/runs/{run}/corrections" in answer.json()["detail"]


def test_start_and_end_may_be_now(mill: World):
    assert state(mill, "M1").json()["start"] == said(60).replace("Z", ".000Z")
    assert state(mill, "M1").status_code == 200, "it is on already"
    mill.passes(61, 80)

    ended = mill.caller().post("/batches/M1/runs/end", {"machine": "jet-02"})

    assert ended.json()["end"][11:16] == "01:20"
    again = mill.caller().post("/batches/M1/runs/end", {"machine": "jet-02", "at": said(80)})
    assert again.json() == ended.json()
    late = mill.caller().post("/batches/M1/runs/end", {"machine": "jet-02", "at": said(70)})
    assert late.status_code == 409


def test_a_run_that_goes_on_grows_with_the_readings_of_its_machine(mill: World):
    state(mill, "M1", 30)
    mill.passes(61, 75)
    mill.closes_its_books()

    (run,) = mill.books.runs.of("M1")
    assert (run.going_on, run.end) == (True, at(75))
    assert footprint(mill, "M1").json()["status"] == "running"


def test_the_next_run_ends_the_one_before(mill: World):
    state(mill, "M1", 10)
    state(mill, "M2", 30)

    assert runs_of(mill, "M1") == [("jet-02", "00:10", "00:30", "http")]


def test_a_run_without_a_plc_gets_a_footprint_that_becomes_final(mill: World):
    state(mill, "M1", 20, 50, kg="250")
    mill.passes(61, 90)
    mill.closes_its_books()

    body = footprint(mill, "M1").json()

    assert (body["status"], body["revision"]) == ("final", 1)
    assert (body["accepted_kg"], body["accepted_kg_from"]) == ("250", "runs")
    power = [line for run in body["runs"] for line in run["lines"]
             if line["carrier"] == "electricity"]  # fmt: skip
    assert Decimal(power[0]["amount"]) == Decimal("37.5")  # 1.25 kWh a minute


# What cannot be.


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"machine": "jet-03"}, "machine", "'jet-0"),
        ({"machine": "jet-02", "start": said(40), "end": said(10)}, "end", "after the start"),
        ({"machine": "jet-02", "start": said(40), "end": said(40)}, "end", "after the start"),
        ({"machine": "jet-02", "start": said(10), "end": said(500)}, "end", "future"),
        ({"machine": "jet-02", "start": said(500)}, "start", "future"),
        ({"machine": "jet-02", "start": "2026-01-01T00:00Z", "end": said(1)}, "end", "14 days"),
        ({"machine": "jet-02", "start": "2026-03-02T00:00:00"}, "start", ""),
        ({"machine": "jet-02", "start": said(1), "kg": "-3"}, "kg", "decimal"),
        ({"machine": "jet-02", "start": said(1), "kg": "many"}, "kg", "decimal"),
        ({"machine": "jet-02", "start": said(1), "process": "<b>"}, "process", "process"),
        ({"machine": "jet-02", "start": said(1), "colour": "red"}, "colour", ""),
        ({"start": said(1)}, "machine", ""),
    ],
)
def test_a_run_that_cannot_be_is_refused_with_its_field_and_changes_nothing(
    hour_without_plc: World, body, field, word
):
    answer = hour_without_plc.caller().post("/batches/M1/runs", body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert word in error["allowed"]
    assert hour_without_plc.caller().get("/batches/M1/runs").status_code == 404


def test_two_batches_at_once_are_refused_and_the_other_is_named(mill: World):
    state(mill, "M1", 10, 40)

    answer = state(mill, "M2", 30, 50)

    assert answer.status_code == 409
    assert "M1" in answer.json()["detail"]
    assert mill.caller().get("/batches/M2/runs").status_code == 404


def test_a_machine_that_holds_two_has_two_batches_at_once_and_they_share(fresh):
    mill = fresh(TWO_AT_ONCE, after_an_hour=True)
    assert state(mill, "M1", 10, 40).status_code == 201
    assert state(mill, "M2", 10, 40).status_code == 201
    assert state(mill, "M3", 20, 50).status_code == 409

    def power(batch):
        lines = [line for run in footprint(mill, batch).json()["runs"] for line in run["lines"]]
        return [one["amount"] for one in lines if one["carrier"] == "electricity"]

    assert power("M1") == power("M2") != []


# Corrections.


def correct(mill: World, run: str, **said_of_it):
    body = {"reason": "card of the shift"} | said_of_it
    return mill.caller().post(f"/runs/{run}/corrections", body)


def test_a_plcs_mistyped_batch_is_corrected_by_a_named_user_with_a_reason(mill: World):
    run = mill.caller().get("/batches/B2601/runs").json()["runs"][0]["id"]

    assert correct(mill, run, batch="B2061").status_code == 200

    assert mill.caller().get("/batches/B2601").status_code == 404
    assert runs_of(mill, "B2061") == [
        ("jet-01", "00:05", "00:15", "correction"),
        ("jet-01", "00:15", "00:40", "correction"),
    ]
    (row,) = runs_of(mill, "B2061", history=True)["history"]
    assert (row["said"], row["by"], row["reason"]) == ("B2601", "engineer", "card of the shift")
    assert runs_of(mill, "B2601", history=True)["history"] == [row]


def test_a_correction_makes_new_revisions_of_all_that_it_touches(mill: World):
    mill.passes(61, 90)
    mill.closes_its_books()
    assert footprint(mill).json()["revision"] == 1
    run = mill.caller().get("/batches/B2601/runs").json()["runs"][1]["id"]

    correct(mill, run, end=said(45))
    mill.closes_its_books()

    after = footprint(mill).json()
    assert (after["revision"], after["runs"][1]["end"][11:16]) == (2, "00:45")
    neighbour = footprint(mill, "%E7%BC%B8%E5%8F%B7-7").json()
    assert neighbour["idle"][0]["amount"] == "5.000000000"  # it had idled for ten minutes


def test_late_readings_leave_a_correction_as_it_is(fresh):
    mill = fresh()
    mill.passes(0, 20)
    mill.passes(21, 35, without=["jet-01-plc"])
    mill.passes(36, 60)
    mill.closes_its_books()
    run = mill.caller().get("/batches/B2601/runs").json()["runs"][1]["id"]
    correct(mill, run, end=said(30))

    mill.sends(*[reading("jet-01-plc", minute) for minute in range(21, 36)])
    mill.closes_its_books()

    assert runs_of(mill, "B2601")[1] == ("jet-01", "00:15", "00:30", "correction")


def test_a_deleted_run_is_gone_and_its_history_stays(mill: World):
    run = state(mill, "M1", 10, 40).json()["id"]

    assert correct(mill, run, delete=True).json() == {"id": run, "deleted": True}

    body = runs_of(mill, "M1", history=True)
    assert body["runs"] == []
    assert [one["kind"] for one in body["history"]] == ["add", "delete"]
    assert correct(mill, run, end=said(50)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "delete"),
        ({"delete": True, "end": said(30)}, "delete"),
        ({"end": said(5)}, "end"),
        ({"start": said(50)}, "end"),
        ({"end": said(600)}, "end"),
        ({"batch": "<b>"}, "batch"),
        ({"kg": "0"}, "kg"),
        ({"end": said(30), "reason": ""}, "reason"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_with_its_field(mill: World, body, field):
    run = state(mill, "M1", 10, 40).json()["id"]

    answer = correct(mill, run, **body)

    assert answer.status_code == 422
    assert field in {one["field"] for one in answer.json()["errors"]}
    assert runs_of(mill, "M1") == [("jet-02", "00:10", "00:40", "http")]


def test_a_correction_that_contradicts_another_run_is_refused(mill: World):
    state(mill, "M1", 10, 30)
    run = state(mill, "M2", 30, 50).json()["id"]

    assert correct(mill, run, start=said(20)).status_code == 409
    assert correct(mill, run, start=said(35)).status_code == 200


def test_entering_and_correcting_in_any_rhythm_of_the_bookkeeper_gives_the_same_runs(fresh):
    found = []
    for ticks in (False, True):
        mill = fresh(NO_PLC, after_an_hour=True)
        mill.closes_its_books()
        for batch, start, end in [("M1", 5, None), ("M2", 25, None), ("M3", 40, 50)]:
            state(mill, batch, start, end)
            if ticks:
                mill.closes_its_books()
        run = mill.caller().get("/batches/M2/runs").json()["runs"][0]["id"]
        correct(mill, run, start=said(20))
        mill.closes_its_books()
        found.append([runs_of(mill, name) for name in ("M1", "M2", "M3")])

    assert found[0] == found[1]
    assert found[0][0] == [("jet-02", "00:05", "00:20", "http")]


def test_what_was_entered_while_the_server_died_is_taken_in_when_it_starts(mill: World):
    """The entry was kept and the runs not yet stated: the mark says so."""
    state(mill, "M1", 10, 40)
    mill.books.runs.replace("jet-02", at(0), [], [], frozenset())

    mill.service.bookkeeper.tick()

    assert runs_of(mill, "M1") == [("jet-02", "00:10", "00:40", "http")]


# A person's word beside a PLC's.


def test_a_run_by_hand_wins_over_the_plcs_and_it_is_said(mill: World):
    state(mill, "M1", 10, 20, machine="jet-01")

    assert runs_of(mill, "B2601") == [
        ("jet-01", "00:05", "00:10", "plc"),
        ("jet-01", "00:20", "00:40", "plc"),
    ]
    problems = mill.caller().get("/problems").json()["problems"]
    assert ("run-overruled", "B2601") in [(p["code"], p["values"].get("said")) for p in problems]


def test_a_batch_on_two_machines_at_once_is_a_problem(mill: World):
    state(mill, "B2601", 10, 20)

    problems = mill.caller().get("/problems").json()["problems"]

    assert [(p["where"], p["values"]["other"]) for p in problems
            if p["code"] == "batch-on-two-machines"] == [("jet-02", "jet-01")]  # fmt: skip


def test_a_batch_that_nobody_announced_is_a_problem_with_the_nearest(fresh):
    mill = fresh(after_an_hour=True)
    mill.caller().post("/batches", {"id": "B2061"})
    mill.closes_its_books()

    found = mill.caller().get("/problems").json()["problems"]

    codes = {p["values"]["said"]: (p["code"], p["values"]["nearest"]) for p in found}
    assert codes["B2601"] == ("batch-mistyped", "B2061")
    assert codes["C1"] == ("batch-not-planned", "B2061")


# The PLC.


def test_a_plc_that_restarts_in_mid_batch_over_a_slots_edge_makes_one_run(fresh):
    mill = fresh()
    mill.passes(0, 28)
    silent = values("jet-01-plc", 29) | {"batch_id": "", "step_type": 0}
    mill.passes(29, 32, without=["jet-01-plc"])
    mill.sends(*[reading("jet-01-plc", minute, silent) for minute in (29, 30, 31)])
    mill.closes_its_books()
    mill.sends(reading("jet-01-plc", 32, silent))
    mill.passes(33, 60)
    mill.closes_its_books()

    assert [run[1:3] for run in runs_of(mill, "B2601")] == [("00:05", "00:15"), ("00:15", "00:40")]
