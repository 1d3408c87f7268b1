"""What every answer gets on its way out: tags, gzip, and what is said where nothing is there."""

import gzip

import pytest

from tests.api.given import Caller, World

PACKED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
FACTORS = "/api/v1/factors"


def test_what_has_not_changed_is_not_sent_again(ask: Caller):
    first = ask.get("/batches/B2601/footprint")

    again = ask.asks(
        "GET", "/api/v1/batches/B2601/footprint", headers={"If-None-Match": first.headers["etag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-store"


def test_an_old_tag_gets_the_new_answer(ask: Caller):
    answer = ask.asks("GET", "/api/v1/site", headers={"If-None-Match": '"of-before"'})

    assert (answer.status_code, answer.json()["site"]) == (200, "keqiao")


@pytest.mark.parametrize("first", [PACKED, PLAIN])
@pytest.mark.parametrize("then", [PACKED, PLAIN])
@pytest.mark.parametrize("shown", ["{}", "W/{}", '"other", {}'])
def test_a_state_is_the_same_packed_or_not_and_behind_a_proxy(ask: Caller, first, then, shown):
    tag = ask.asks("GET", FACTORS, headers=first).headers["etag"]

    again = ask.asks("GET", FACTORS, headers=then | {"If-None-Match": shown.format(tag)})

    assert again.status_code == 304


def test_bytes_that_differ_have_tags_that_differ(ask: Caller):
    packed, plain = (ask.asks("GET", FACTORS, headers=one).headers for one in (PACKED, PLAIN))

    assert packed["etag"] != plain["etag"]
    assert packed["vary"] == plain["vary"] == "Accept-Encoding"
    assert (packed["content-encoding"], plain.get("content-encoding")) == ("gzip", None)
    assert int(packed["content-length"]) * 3 < int(plain["content-length"])


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br", "", "x-gzip"])
def test_nobody_gets_gzip_who_does_not_take_it(ask: Caller, accepted):
    answer = ask.asks("GET", FACTORS, headers={"Accept-Encoding": accepted})

    assert "content-encoding" not in answer.headers


def test_what_fits_into_one_packet_is_not_packed(ask: Caller):
    assert "content-encoding" not in ask.asks("GET", "/api/v1/site", headers=PACKED).headers


def test_pages_are_packed_too(ask: Caller):
    assert ask.asks("GET", "/style.css", headers=PACKED).headers["content-encoding"] == "gzip"


def test_head_is_get_without_its_body(ask: Caller):
    whole = ask.asks("GET", FACTORS, headers=PLAIN)

    head = ask.asks("HEAD", FACTORS, headers=PLAIN)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert head.headers["etag"] == whole.headers["etag"]


def test_the_head_of_a_file_has_no_body_either(ask: Caller):
    head = ask.asks("HEAD", "/api/v1/exports/csv?batch=B2601")

    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/batches/B2601", "GET"),
        ("PUT", "/batches", "GET, POST"),
        ("GET", "/runs/imports/1/undo", "POST"),
    ],
)
def test_another_method_than_a_path_has_is_refused_and_the_right_one_named(
    ask: Caller, method, path, allowed
):
    answer = ask.asks(method, f"/api/v1{path}")

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(ask: Caller):
    answer = ask.asks(
        "POST",
        "/api/v1/batches",
        content=b" " * 1_000_001,
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()["status"]) == (413, 413)


@pytest.mark.long
def test_a_table_of_runs_may_be_longer(ask: Caller):
    answer = ask.asks(
        "POST",
        "/api/v1/runs/import",
        content=b"\n" * 2_000_000,
        headers={"Content-Type": "text/csv"},
    )

    assert answer.status_code == 422


def test_a_fault_of_ours_is_a_problem_that_says_nothing_of_the_inside(fresh):
    mill: World = fresh()
    with mill.books.engine.begin() as db:
        db.exec_driver_sql("DROP TABLE periods")

    answer = mill.caller().asks("GET", "/api/v1/periods", undocumented=True)

    assert (answer.status_code, answer.json()["title"]) == (500, "At fault")
    assert "Traceback" not in answer.text


def test_gzip_of_the_same_is_the_same_at_any_time(ask: Caller):
    one, other = (ask.asks("GET", FACTORS, headers=PACKED) for _ in range(2))

    assert one.headers["etag"] == other.headers["etag"]
    assert gzip.compress(one.content)


def test_a_footprint_that_is_kept_packed_goes_out_so_that_anybody_can_unpack_it(ask: Caller):
    path = "/api/v1/batches/B2601/footprint"

    raw = ask.asks("GET", path, headers=PACKED)
    plain = ask.asks("GET", path, headers=PLAIN)

    assert raw.headers["content-encoding"] == "gzip"
    assert raw.content == plain.content  # the client has checked length and CRC of what it got
    assert int(raw.headers["content-length"]) * 2 < len(plain.content)
