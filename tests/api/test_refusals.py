"""Bad input gets a problem that names the field and quotes the value, and changes nothing."""

import base64
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.given import Caller, World

HOURS = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T02:00:00Z"}
POINT = "/points/jet-01-power.energy_import_kwh/readings"


def refused(answer, status: int, *words: str) -> None:
    """The answer is an RFC 9457 problem of a status that says these words."""
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["type"]
    assert body["title"]
    for word in words:
        assert word in body["detail"]


ENDS = ["/runs", "/footprint", "/explain"]
STRANGE = ["<script>alert(1)<script>", "a" * 41, "-B1", "B1-", "B1;DROP TABLE", "%00", "B\n1", "'"]


@pytest.mark.parametrize(
    ("name", "after"),
    [*((name, "") for name in STRANGE), *((STRANGE[0], end) for end in ENDS)],
)
def test_a_batch_id_that_cannot_be_is_refused(ask: Caller, name, after):
    refused(ask.get(f"/batches/{quote(name, safe='')}{after}"), 422, "name")


@pytest.mark.parametrize("path", ["%00", "B1%00", "B1%0a", "%3Cscript%3E"])
def test_a_batch_id_that_is_escaped_is_refused_as_well(ask: Caller, path):
    refused(ask.get(f"/batches/{path}"), 422, "name")


@pytest.mark.parametrize(
    "path", ["../x", "%2e%2e%2fx", "..%2f..%2fetc%2fpasswd", "a%2fb", "%2e%2e"]
)
def test_a_path_that_climbs_reaches_nothing(ask: Caller, path):
    answer = ask.get(f"/batches/{path}")

    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/%2e%2e/app.py", "/..%2fapp.py", "/%00"])
def test_pages_serve_nothing_beside_themselves(ask: Caller, path):
    assert ask.asks("GET", path).status_code in (400, 404)


@pytest.mark.parametrize("name", ["缸号-7", "C1", "B2601"])
def test_a_batch_id_of_any_script_is_found(ask: Caller, name):
    answer = ask.get(f"/batches/{quote(name)}")

    assert answer.status_code == 200
    assert answer.json()["id"] == name


@pytest.mark.parametrize("name", ["B9", "缸号-8", "a b", "#1", "x" * 40])
@pytest.mark.parametrize("after", ["", *ENDS])
def test_a_batch_that_is_not_there_is_named(ask: Caller, name, after):
    refused(ask.get(f"/batches/{quote(name, safe='')}{after}"), 404, name)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/batches", {"limit": "0"}, "limit"),
        ("/batches", {"limit": "501"}, "limit"),
        ("/batches", {"limit": "many"}, "limit"),
        ("/batches", {"after": "nowhere"}, "after"),
        ("/batches", {"after": "缸"}, "after"),
        ("/batches", {"after": "WzFd"}, "after"),
        ("/batches", {"after": "WyJ4IiwieCJd"}, "after"),
        ("/batches", {"after": "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LCJ4Il0"}, "after"),
        ("/batches/B2601/footprint", {"view": "best"}, "view"),
        ("/batches/B2601/footprint", {"revision": "0"}, "revision"),
        ("/batches/B2601/footprint", {"revision": "one"}, "revision"),
        ("/batches/B2601/footprint", {"revision": "1" + 30 * "0"}, "revision"),
        ("/batches/B2601/footprint", {"as_of": "yesterday"}, "as_of"),
        ("/batches/B2601/footprint", {"as_of": "2026-03-02T00:00:00"}, "as_of"),
        ("/batches/B2601/footprint", {"as_of": "0001-01-01T00:00:00+14:00"}, "as_of"),
        ("/batches/B2601/explain", {"view": "best"}, "view"),
        ("/balance", {}, "from"),
        ("/balance", {"from": HOURS["from"]}, "to"),
        ("/balance", HOURS | {"to": "2026-03-02"}, "to"),
        ("/balance", HOURS | {"to": HOURS["from"]}, "from"),
        ("/balance", HOURS | {"to": "2026-03-01T00:00:00Z"}, "from"),
        ("/balance", HOURS | {"to": "2026-04-02T00:00:01Z"}, "from"),
        ("/balance", {"from": "9999-12-31T00:00:00Z", "to": "9999-12-31T23:00:00Z"}, "from"),
        ("/balance", {"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z"}, "from"),
        (POINT, {}, "from"),
        (POINT, HOURS | {"limit": "0"}, "limit"),
        (POINT, HOURS | {"to": "2026-03-01T00:00:00Z"}, "from"),
        (POINT, HOURS | {"from": "2026-03-02T00:00:00"}, "from"),
    ],
)
def test_a_bad_query_parameter_is_named(ask: Caller, path, query, field):
    refused(ask.get(path, **query), 422, field)


@pytest.mark.parametrize(
    ("path", "query", "value"),
    [
        ("/batches", {"limit": "many"}, "'many'"),
        ("/batches", {"after": "nowhere"}, "'nowhere'"),
        ("/batches/B2601/footprint", {"view": "best"}, "'best'"),
        ("/balance", HOURS | {"to": "noon"}, "'noon'"),
    ],
)
def test_a_bad_query_parameter_is_quoted(ask: Caller, path, query, value):
    refused(ask.get(path, **query), 422, value)


def test_what_is_allowed_is_said(ask: Caller):
    refused(ask.get("/batches/B2601/footprint", view="best"), 422, "'footprint'", "'inventory'")
    (error,) = ask.get("/batches", limit="0").json()["errors"]

    assert error["field"] == "limit"
    assert error["value"] == "'0'"
    assert "1" in error["allowed"]


@pytest.mark.parametrize("name", ["jet-99", "<script>", "%00"])
def test_a_machine_that_is_not_there_is_named_and_the_closest_too(ask: Caller, name):
    refused(ask.get(f"/machines/{quote(name, safe='')}/live"), 404, name, "jet-0")


@pytest.mark.parametrize("ref", ["jet-01-power", "jet-01-power.", ".x", "jet-99.power_kw", "a.b.c"])
def test_a_point_that_is_not_there_is_named(ask: Caller, ref):
    refused(ask.get(f"/points/{ref}/readings", **HOURS), 404, ref)


def test_a_revision_that_is_not_there_is_a_404(ask: Caller):
    refused(ask.get("/batches/B2601/footprint", revision=2), 404, "B2601")
    refused(ask.get("/batches/B2601/footprint", as_of="2026-03-01T00:00:00Z"), 404, "B2601")


text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
FUZZ = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(text)
def test_no_batch_id_makes_a_fault(ask: Caller, name):
    assert ask.get(f"/batches/{quote(name, safe='')}").status_code in (200, 404, 422)


@FUZZ
@given(st.dictionaries(st.sampled_from(["limit", "after"]), text))
def test_no_query_of_the_list_makes_a_fault(ask: Caller, query):
    assert ask.get("/batches", **query).status_code in (200, 422)


instants = st.datetimes().map(lambda when: f"{when.isoformat()}Z") | text


@FUZZ
@given(st.fixed_dictionaries({"from": instants, "to": instants}))
def test_no_period_makes_a_fault(ask: Caller, query):
    assert ask.get(POINT, **query).status_code in (200, 422)
    assert ask.get("/balance", **query).status_code in (200, 422)


@FUZZ
@given(st.fixed_dictionaries({}, optional={"as_of": instants, "revision": text, "view": text}))
def test_no_query_of_a_footprint_makes_a_fault(ask: Caller, query):
    assert ask.get("/batches/B2601/footprint", **query).status_code in (200, 404, 409, 422)


@pytest.mark.parametrize("end", ["post", "reject"])
def test_a_number_that_no_book_can_hold_is_refused(mill: World, end):
    answer = mill.caller("accountant").post(f"/restatements/{2**63}/{end}", {"why": "why not"})

    refused(answer, 422, "number")


def test_a_place_that_no_book_can_hold_is_refused(ask: Caller):
    for last in ([2**63, "B1"], [2**64, "B1"]):
        after = base64.urlsafe_b64encode(orjson.dumps(last) if last[0] < 2**64 else b"[1e40,1]")
        refused(ask.get("/batches", after=after.decode()), 422, "after")
