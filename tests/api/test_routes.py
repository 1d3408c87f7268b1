"""Every route: who may ask, and what is answered."""

from decimal import Decimal

import pytest

from api.evidence.seal import read_document
from api.evidence.signature import is_signed
from api.sealing.copies import hand_out
from collector.wire.reading import ClockState, Reading, stamp
from tests.api.given import Caller, World, at

HOURS = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T02:00:00Z"}
ROUTES = {
    "/site": {},
    "/factors": {},
    "/problems": {},
    "/balance": HOURS,
    "/machines": {},
    "/machines/{name}/live": {},
    "/points/{ref}/readings": HOURS,
    "/seals": {},
    "/seals/{day}": {},
    "/batches": {},
    "/batches/{name}": {},
    "/batches/{name}/runs": {},
    "/batches/{name}/footprint": {},
    "/batches/{name}/explain": {},
    "/batches/{name}/genealogy": {},
    "/batches/{name}/revisions": {},
    "/periods": {},
    "/restatements": {},
    "/factors/changes": {},
    "/meters": {},
    "/meters/{ref}/swaps": {},
    "/meters/{ref}/counted": {},
    "/emissions": {},
    "/machines/{name}/proposals": {},
    "/machines/{name}/marks": HOURS,
    "/points/{ref}/curve": HOURS,
    "/savings": {},
    "/alarms": {},
}
NAMES = {
    "/machines": "jet-01",
    "/points": "jet-01-power.energy_import_kwh",
    "/meters": "jet-01-power.energy_import_kwh",
    "/batches": "B2601",
}


def path_of(route: str) -> str:
    for start, name in NAMES.items():
        if route.startswith(start):
            route = route.replace("{name}", name).replace("{ref}", name)
    return route.replace("{day}", "2026-03-01")


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_one_who_holds_a_key(ask: Caller, route):
    answer = ask.get(path_of(route), **ROUTES[route])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


def test_health_needs_no_key_and_names_no_batch(mill: World):
    answer = mill.caller(None).get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert "B2601" not in answer.text


def test_a_path_that_is_not_there_is_a_problem_too(ask: Caller):
    answer = ask.get("/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_method_that_is_not_there_is_a_problem_too(ask: Caller):
    answer = ask.asks("DELETE", "/api/v1/batches/B2601")

    assert answer.status_code == 405
    assert answer.json()["status"] == 405


def test_answers_may_not_be_kept_framed_or_guessed_at(ask: Caller):
    headers = ask.get("/site").headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


# What they say.


def test_the_site_says_which_mill_it_is(ask: Caller):
    assert ask.get("/site").json() == {
        "site": "keqiao",
        "timezone": "Asia/Shanghai",
        "region": "CN-ZJ",
        "version": "0",
        "now": "2026-03-02T02:30:00.000Z",
    }


def test_batches_come_newest_first(ask: Caller):
    assert [one["id"] for one in ask.get("/batches").json()["batches"]] == ["缸号-7", "C1", "B2601"]


def test_a_batch_says_its_runs_by_process(ask: Caller):
    runs = ask.get("/batches/B2601/runs").json()["runs"]

    assert [(one["process"], one["start"][11:16], one["end"][11:16]) for one in runs] == [
        ("scouring", "00:05", "00:15"),
        ("dyeing-exhaust", "00:15", "00:40"),
    ]


def test_a_batch_that_was_never_entered_is_known_by_its_runs(ask: Caller):
    body = ask.get("/batches/B2601").json()

    assert (body["id"], body["article"], body["accepted_kg"]) == ("B2601", "", None)
    assert len(body["runs"]) == 2


def test_a_machine_says_what_it_does_now(ask: Caller):
    body = ask.get("/machines/jet-01/live").json()

    assert (body["id"], body["state"], body["batch"]) == ("jet-01", "idle", None)
    assert [one["point"] for one in body["gauges"]] == ["jet-01-power.power_kw"]


def test_a_machine_shows_what_is_live_before_it_is_stored(fresh):
    mill = fresh()
    mill.passes(0, 30)
    shown = {"batch_id": "B2601", "machine_state": 2, "step_type": 3, "fabric_kg": 480}
    live = Reading("jet-01-plc", at(30.5), ClockState.SYNCHRONISED, "b0", 9, shown)
    mill.service.ears.live["jet-01-plc"] = live
    mill.closes_its_books()

    body = mill.caller().get("/machines/jet-01/live").json()

    assert (body["batch"], body["state"]) == ("B2601", "running")
    assert body["step"] == {"value": 3, "label": "dye"}
    assert body["at"] == "2026-03-02T00:30:30.000Z"
    assert Decimal(body["so_far"]["kgco2e"]) > 0


def test_a_machine_that_said_nothing_for_a_while_is_silent(fresh):
    mill = fresh()
    mill.passes(0, 10)
    mill.clock[0] = at(13)

    states = {one["id"]: one["state"] for one in mill.caller().get("/machines").json()["machines"]}

    assert states == {"jet-01": "silent", "jet-02": "silent"}


def test_readings_of_a_point_come_with_unit_and_quality(ask: Caller):
    body = ask.get("/points/jet-01-power.energy_import_kwh/readings", **HOURS).json()

    assert body["unit"] == "kWh"
    assert len(body["readings"]) == 120
    assert body["readings"][7] == {
        "at": "2026-03-02T00:07:00.000Z",
        "value": 1008,
        "quality": "good",
    }


def test_a_long_plot_is_the_last_number_of_each_stretch(ask: Caller):
    path = "/points/jet-01-power.energy_import_kwh/readings"
    period = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-04T00:00:00Z"}

    readings = ask.get(path, **period, every_s=3600).json()["readings"]

    assert [one["at"][11:16] for one in readings] == ["00:00", "01:00", "02:00"]
    assert readings[-1]["value"] == 1000 + 150 + 75 / 2
    assert ask.get(path, **period, every_s=1).status_code == 422


@pytest.mark.parametrize("limit", [1, 2, 7, 119, 120, 10_000])
def test_readings_are_thinned_evenly_to_a_limit_and_the_newest_stays(ask: Caller, limit):
    path = "/points/jet-01-power.energy_import_kwh/readings"

    body = ask.get(path, **HOURS, limit=limit).json()

    every, instants = body["every"], [one["at"] for one in body["readings"]]
    assert 0 < len(instants) <= limit
    assert instants == [stamp(at(minute)) for minute in range(119, -1, -every)][::-1]


def test_factors_come_with_their_source(ask: Caller):
    found = ask.get("/factors").json()["factors"]

    assert found
    assert all(one["document"] and one["source_url"] and one["published"] for one in found)
    assert all(Decimal(one["value"]) >= 0 for one in found)


def test_problems_come_in_words_of_both_languages(ask: Caller):
    (problem,) = ask.get("/problems").json()["problems"]

    assert (problem["code"], problem["where"]) == ("strange-batch-id", "jet-01")
    assert "<script>" in problem["text_en"]
    assert "<script>" in problem["text_zh"]
    assert problem["do_en"]
    assert problem["do_zh"]


def test_health_warns_of_a_broken_chain_a_silent_meter_and_what_was_set_aside(fresh):
    mill = fresh()
    mill.passes(0, 5)
    mill.passes(6, 25, without=["jet-01-power"])

    checks = {one["name"]: one for one in mill.caller().get("/health").json()["checks"]}

    assert not checks["meters"]["ok"]
    assert "jet-01-power" in checks["meters"]["text_en"]
    assert checks["quarantine"]["ok"]


# Seals.


def test_seals_come_with_the_key_that_they_are_signed_with(ask: Caller):
    body = ask.get("/seals").json()

    assert body["site"] == "keqiao"
    assert body["seals"] == [{"number": 1, "day": "2026-03-01", "made": "2026-03-02T02:30:00.000Z"}]
    seal = read_document(ask.get("/seals/2026-03-01").content)
    assert is_signed(body["key"], seal.form, seal.signature)


def test_a_certifier_gets_the_file_that_is_handed_out_byte_for_byte(mill: World):
    document = mill.books.seals.of_number(1)

    assert document is not None
    assert mill.caller("certifier").get("/seals/2026-03-01").content == document.text


def test_a_day_without_a_seal_is_not_there_and_what_is_no_day_is_refused(ask: Caller):
    assert ask.get("/seals/2026-02-28").status_code == 404
    assert ask.get("/seals/yesterday").status_code == 422


def seal_checks(mill: World) -> list[tuple[str, bool, str]]:
    checks = mill.caller(None).get("/health").json()["checks"]
    return [(c["name"], c["ok"], c["text_en"]) for c in checks if c["name"].startswith("seal")]


def test_health_says_which_day_is_sealed_and_warns_when_none_was_for_two_days(fresh):
    mill = fresh()
    mill.is_sealed()
    said = "2026-03-01 is sealed, on 2026-03-02T00:00:00.000Z"
    assert seal_checks(mill) == [("seal", True, said)]

    mill.clock[0] = at(47 * 60)
    assert seal_checks(mill) == [("seal", True, said)]
    mill.clock[0] = at(49 * 60)
    assert seal_checks(mill) == [("seal", False, said)]


def test_health_warns_of_a_seal_that_is_from_the_future(fresh):
    mill = fresh()
    mill.clock[0] = at(90 * 24 * 60)
    mill.is_sealed()
    mill.clock[0] = at(0)

    assert not seal_checks(mill)[0][1]


def test_health_warns_where_two_days_have_passed_and_none_was_ever_sealed(fresh):
    mill = fresh()
    mill.books.keys.make("ana", "engineer", mill.clock[0])
    assert seal_checks(mill) == [("seal", True, "no day is sealed yet")]

    mill.clock[0] = at(49 * 60)
    assert seal_checks(mill) == [("seal", False, "no day is sealed yet")]


def test_health_warns_of_a_copy_that_failed_until_it_is_written(fresh, tmp_path):
    mill = fresh()
    mill.is_sealed()
    stick = tmp_path / "stick"
    hand_out(mill.books.seals, tmp_path / "seals", [stick])
    assert seal_checks(mill)[1:] == [
        (f"seals to {stick}", False, "1 seals not written: No such file or directory")
    ]

    stick.mkdir()
    hand_out(mill.books.seals, tmp_path / "seals", [stick])
    assert len(seal_checks(mill)) == 1


# Pages.


def walk(ask: Caller, limit: int) -> list[str]:
    found, path = [], f"/api/v1/batches?limit={limit}"
    while path:
        answer = ask.asks("GET", path)
        found += [one["id"] for one in answer.json()["batches"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_pages_of_any_size_show_every_batch_once(ask: Caller, limit):
    assert walk(ask, limit) == ["缸号-7", "C1", "B2601"]


def test_the_last_page_has_no_next_one(ask: Caller):
    assert "link" not in ask.get("/batches", limit=3).headers


def test_batches_that_began_at_once_are_paged_by_name(fresh):
    mill = fresh()
    shown = {"batch_id": "SAME"}
    mill.sends(
        *[
            Reading(device, at(m), ClockState.SYNCHRONISED, "b0", m, shown | {"batch_id": name})
            for m in range(3)
            for device, name in (("jet-01-plc", "a"), ("jet-02-plc", "b"))
        ]
    )
    mill.closes_its_books()

    assert walk(mill.caller(), 1) == ["a", "b"]


def test_an_empty_mill_has_no_batches(fresh):
    assert fresh().caller().get("/batches").json() == {"batches": []}
