"""Every list comes in pages of any size, each row once; and what narrows a list."""

import base64
from urllib.parse import parse_qsl

import orjson
import pytest

from api.rights import Who
from api.routes import batches
from tests.api.given import Caller, World, at, world
from tests.api.office import estimates
from tests.api.stating import said

LISTS = {
    "/factors": "factors",
    "/meters": "meters",
    "/problems": "problems",
    "/seals": "seals",
    "/batches": "batches",
    "/batches/B2601/revisions": "revisions",
    "/emissions": "emissions",
    "/meters/jet-01-power.energy_import_kwh/swaps": "swaps",
    "/batches/C1/genealogy": "events",
    "/periods": "periods",
    "/restatements": "restatements",
    "/alarms": "alarms",
    "/articles": "articles",
    "/exemptions": "exemptions",
    "/improvements": "improvements",
    "/machines": "machines",
    "/reviews": "reviews",
    "/reviews?decided=true": "reviews",
    "/batches/B2601/words": "words",
}
WHO = Who("ana", "engineer", "key 1", "")
READINGS = "/points/jet-01-power.energy_import_kwh/readings"
HOURS = {"from": said(0), "to": said(120)}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, first_hour: World) -> World:
    """A mill with several rows in most of its lists."""
    mill = world(tmp_path_factory.mktemp("busy") / "config", past=first_hour)
    mill.closes_its_books()
    who = mill.caller()
    for amount in ("1", "2", "3"):
        body = {"batch": "B2601", "carrier": "diesel", "unit": "L", "amount": amount}
        who.post("/emissions", body | {"at": said(10), "why": "the forklift"})
        swap = {"at": said(30), "old_last": "1000", "new_first": amount, "why": "a new meter"}
        who.post("/meters/jet-01-power.energy_import_kwh/swaps", swap)
    estimates(mill)
    for batch, article in (("B2601", "T-shirt"), ("C1", "Jacket")):
        who.post("/batches", {"id": batch, "article": article})
        measure = {"what": "heat is recovered", "of": "article", "name": article}
        who.post("/improvements", measure | {"since": said(10), "why": "it was lost"})
    who.post("/batches/B2601/corrections", {"colour": "navy", "reason": "the card says so"})
    for number in range(4):
        asked = mill.books.reviews.ask("words.correct", f"B{number}", {}, WHO, mill.clock[0])
        if number % 2:
            mill.books.reviews.decide(asked, "refused", "li", "no", mill.clock[0])
    who.post("/batches/C1/redye", {"parent": "B2601", "reason": "too light"})
    mill.closes_its_books()
    with pytest.MonkeyPatch.context() as patch:
        # A list leaves out what takes long to derive: on a busy machine now this, now that.
        patch.setattr(batches, "_PATIENCE_S", 3600.0)
        yield mill
    mill.close()


def asked(path: str) -> dict[str, str]:
    return dict(parse_qsl(path.partition("?")[2]))


def walk(ask: Caller, path: str, rows: str, **query: str) -> list[object]:
    found = []
    answer = ask.asks("GET", f"/api/v1{path.partition('?')[0]}", params=asked(path) | query)
    found += answer.json()[rows]
    while "next" in answer.links:
        answer = ask.asks("GET", answer.links["next"]["url"])
        assert answer.json()[rows], "a page that was announced is empty"
        found += answer.json()[rows]
    return found


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["1", "7"])
def test_pages_of_any_size_are_the_whole_list(busy: World, path, limit):
    ask, rows = busy.caller(), LISTS[path]

    whole = ask.get(path).json()[rows]

    assert walk(ask, path, rows, limit=limit) == whole


def test_the_lists_that_are_walked_are_not_empty(busy: World):
    ask = busy.caller()

    found = {path: len(ask.get(path).json()[rows]) for path, rows in LISTS.items()}

    assert found["/emissions"] == found["/meters/jet-01-power.energy_import_kwh/swaps"] == 3
    assert found["/factors"] > 100
    assert found["/meters"] == 9
    assert found["/machines"] == found["/reviews"] == found["/reviews?decided=true"] == 2
    assert found["/batches/B2601/words"] == 2
    assert found["/articles"] == found["/exemptions"] == found["/improvements"] == 2


def test_a_page_keeps_to_what_was_asked(busy: World):
    ask = busy.caller()

    found = walk(ask, "/factors", "factors", carrier="natural_gas", limit="1")

    assert found
    assert found == [
        one for one in ask.get("/factors").json()["factors"] if one["carrier"] == "natural_gas"
    ]


@pytest.mark.parametrize(
    "after",
    ["x", "e30", base64.urlsafe_b64encode(orjson.dumps({"a": 1})).decode(), "_", "é", "W10"],
)
@pytest.mark.parametrize("path", ["/factors", "/emissions", "/batches", "/machines", "/reviews"])
def test_a_place_that_is_none_is_refused(busy: World, path, after):
    assert busy.caller().get(path, after=after).status_code == 422


def test_all_readings_of_a_period_come_page_by_page(ask: Caller):
    whole = ask.get(READINGS, **HOURS).json()["readings"]

    assert walk(ask, READINGS, "readings", **HOURS, thin="false", limit="50") == whole
    assert len(whole) == 120


def test_readings_far_apart_are_found_in_few_looks(ask: Caller):
    century = {"from": "2000-01-01T00:00:00Z", "to": "2199-01-01T00:00:00Z"}

    found = ask.get(READINGS, **century, thin="false", limit="10").json()

    assert [one["at"] for one in found["readings"]] == [
        at(minute).isoformat(timespec="milliseconds").replace("+00:00", "Z") for minute in range(10)
    ]


def test_a_place_beyond_every_reading_is_an_empty_page(ask: Caller):
    token = base64.urlsafe_b64encode(orjson.dumps(10**18)).decode().rstrip("=")

    assert ask.get(READINGS, **HOURS, thin="false", after=token).json()["readings"] == []


def test_meters_are_found_by_carrier_and_by_silence(ask: Caller):
    steam = [one["meter"] for one in ask.get("/meters", carrier="steam").json()["meters"]]
    silent = ask.get("/meters", silent="true").json()["meters"]

    assert steam == ["boiler-1-steam.mass_kg", "jet-01-steam.mass_kg", "jet-02-steam.mass_kg"]
    assert silent == []


def test_problems_are_found_by_kind_and_place(ask: Caller):
    def found(**query: str) -> int:
        return len(ask.get("/problems", **query).json()["problems"])

    assert found(code="strange-batch-id", where="jet-01") == 1
    assert found(code="register-fell") == found(where="jet-02") == 0


# A run that others may have corrected meanwhile.


def test_a_correction_of_a_run_that_others_corrected_meanwhile_is_refused(fresh):
    mill: World = fresh(after_an_hour=True)
    mill.closes_its_books()
    who = mill.caller()
    run = who.get("/batches/B2601/runs").json()["runs"][0]["id"]
    seen = who.get(f"/runs/{run}").headers["etag"]

    def correct(process: str) -> int:
        body = {"process": process, "reason": "as the card says"}
        path = f"/api/v1/runs/{run}/corrections"
        return who.asks("POST", path, json=body, headers={"If-Match": seen}).status_code

    assert [correct("bleaching"), correct("washing")] == [200, 412]
    assert who.get(f"/runs/{run}").json()["process"] == "bleaching"


def test_a_correction_of_a_batch_that_others_corrected_meanwhile_is_refused(fresh):
    mill: World = fresh(after_an_hour=True)
    mill.closes_its_books()
    who = mill.caller()
    path = "/api/v1/batches/B2601"
    seen = who.get("/batches/B2601").headers["etag"]

    def correct(colour: str) -> int:
        body = {"colour": colour, "reason": "as the card says"}
        answer = who.asks("POST", f"{path}/corrections", json=body, headers={"If-Match": seen})
        return answer.status_code

    assert [correct("navy"), correct("red")] == [200, 412]
    assert who.get("/batches/B2601").json()["colour"] == "navy"


def test_a_run_that_is_not_there_is_not_found(ask: Caller):
    assert ask.get("/runs/nobody").status_code == 404
