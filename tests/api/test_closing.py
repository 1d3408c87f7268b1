"""Before closing results change by themselves, all of a change at once; afterwards a person."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest

from api.books.audit import Sought
from tests.api.given import World, at, footprint, reading, world

BATCHES = ("B2601", "缸号-7", "C1")
APRIL = datetime(2026, 4, 2, tzinfo=UTC)
WHY = {"why": "the March books"}


def late(mill: World, device: str, first: int, last: int) -> None:
    mill.sends(*[reading(device, minute) for minute in range(first, last + 1)])


def is_silent(mill: World, device: str) -> None:
    """The meter keeps silent from minute 16 to 35, over a window's edge."""
    mill.passes(0, 15)
    mill.passes(16, 35, without=[device])
    mill.passes(36, 150)
    mill.closes_its_books()


@pytest.fixture(scope="module")
def delayed(tmp_path_factory) -> Iterator[World]:
    """A mill whose gas meter kept silent; tests go on from here, each with its own."""
    mill = world(tmp_path_factory.mktemp("delayed") / "config")
    is_silent(mill, "boiler-1-gas")
    yield mill
    mill.close()


@pytest.fixture(scope="module")
def closed(tmp_path_factory, delayed) -> Iterator[World]:
    """The same, a month later, with March closed."""
    mill = world(tmp_path_factory.mktemp("closed") / "config", past=delayed)
    mill.clock[0] = APRIL
    mill.closes_its_books()
    assert mill.caller("accountant").post("/periods/2026-03/close", WHY).status_code == 201
    yield mill
    mill.close()


def bodies(mill: World, **query):
    return {batch: footprint(mill, batch, **query).json() for batch in BATCHES}


def waits(mill: World):
    return mill.caller().get("/restatements").json()["restatements"]


# Before closing.


def test_late_data_revises_every_batch_that_it_touches_at_one_instant(fresh, delayed):
    mill = fresh(past=delayed)
    mill.clock[0] = at(200)

    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()

    found = bodies(mill)
    touched = {batch for batch, body in found.items() if body["revision"] == 2}
    assert touched == set(BATCHES)
    assert {found[batch]["computed_at"] for batch in touched} == {"2026-03-02T03:20:00.000Z"}
    changes = {mill.books.results.find(batch, "footprint").change for batch in touched}
    assert len(changes) == 1


def test_a_revision_says_from_how_much_to_how_much_and_with_what_it_was_made(fresh, delayed):
    mill = fresh(past=delayed)
    first = footprint(mill).json()
    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()

    second = footprint(mill).json()

    said = second["difference"]
    assert (said["from_revision"], said["kgco2e_from"]) == (1, first["total"]["kgco2e"])
    assert Decimal(said["kgco2e"]) == Decimal(said["kgco2e_to"]) - Decimal(said["kgco2e_from"])
    made = second["made_with"]
    assert made["factors"] == mill.service.catalogue.digest
    assert made["plant"] == mill.service.reporter.plants[0].digest
    assert (made["rules"], made["software"]) == ("1", "0")
    assert made["position"] > first["made_with"]["position"]


def gas(found) -> Decimal:
    shares = [one for body in found.values() for one in body["by_supply"]]
    return sum((Decimal(s["amount"]) for s in shares if s["carrier"] == "natural_gas"), Decimal(0))


def test_everything_adds_up_at_every_instant_that_one_may_ask_about(fresh):
    """Gas of a half hour's window moves between batches; what all carry of it stays."""
    mill = fresh()
    is_silent(mill, "jet-02-steam")
    sums = [gas(bodies(mill))]
    instants = ["2026-03-02T02:30:00Z"]
    for minute in (16, 26):
        mill.clock[0] = at(200 + minute)
        late(mill, "jet-02-steam", minute, minute + 9)
        mill.closes_its_books()
        instants.append(mill.clock[0].isoformat())
        sums.append(gas(bodies(mill)))

    again = [gas(bodies(mill, as_of=instant)) for instant in instants]

    assert again == sums
    assert len(set(sums)) == 1


def test_a_batch_whose_runs_late_data_took_away_is_withdrawn_and_not_stale(fresh):
    """The PLC said C1 twice, and its corrected readings say that nothing was on."""
    mill = fresh()
    mill.passes(0, 90, without=["jet-02-plc"])
    mill.sends(*[reading("jet-02-plc", m) for m in range(0, 91, 30)])
    mill.closes_its_books()
    assert footprint(mill, "C1").json()["status"] == "final"
    kept = footprint(mill, "C1").content

    mill.clock[0] = at(95)
    mill.books.runs.replace("jet-02", at(0), [], ["C1"], frozenset(["late-data"]))
    mill.starts_again()
    mill.closes_its_books()

    body = footprint(mill, "C1").json()
    assert (body["status"], body["revision"], body["runs"]) == ("withdrawn", 2, [])
    assert Decimal(body["total"]["kgco2e"]) == 0
    assert [problem["code"] for problem in body["problems"]] == ["batch-withdrawn"]
    assert footprint(mill, "C1", revision=1).content == kept


def test_an_instant_that_lies_ahead_cannot_be_asked_about(fresh):
    answer = footprint(fresh(after_an_hour=True), as_of="2027-01-01T00:00:00Z")

    assert answer.status_code == 409
    assert answer.json()["problems"][0]["code"] == "as-of-ahead"


def test_what_was_answered_about_an_instant_stays_so_even_within_a_millisecond(fresh, delayed):
    mill = fresh(past=delayed)
    now = mill.clock[0].isoformat()
    before = footprint(mill, as_of=now).content

    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()

    assert footprint(mill, as_of=now).content == before
    assert footprint(mill).json()["revision"] == 2


# Closing.


def test_a_month_is_closed_by_a_named_accountant_with_a_reason(fresh, closed):
    mill = fresh(past=closed)

    (period,) = mill.caller().get("/periods").json()["periods"]
    assert (period["month"], period["closed_by"], period["why"]) == (
        "2026-03",
        "accountant",
        "the March books",
    )


@pytest.mark.parametrize("role", ["engineer", "certifier"])
def test_nobody_else_may_close(fresh, delayed, role):
    mill = fresh(past=delayed)
    mill.clock[0] = APRIL

    assert mill.caller(role).post("/periods/2026-03/close", WHY).status_code == 403


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-04", "period-not-over"),
        ("2026-03", "period-closed"),
        ("2026-13", "no-such-month"),
    ],
)
def test_a_month_that_cannot_be_closed_says_why(fresh, closed, month, code):
    mill = fresh(past=closed)

    answer = mill.caller("accountant").post(f"/periods/{month}/close", WHY)

    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (409, code)


def test_a_month_with_a_batch_that_is_not_final_cannot_be_closed(fresh):
    mill = fresh()
    mill.passes(0, 50)
    mill.closes_its_books()
    mill.clock[0] = APRIL

    answer = mill.caller("accountant").post("/periods/2026-03/close", WHY)

    assert answer.json()["problems"][0]["code"] == "period-unfinished"
    assert "B2601" in answer.json()["detail"]


def test_the_totals_of_a_month_come_back_byte_for_byte(fresh, closed):
    mill = fresh(past=closed)
    ask = mill.caller()
    first = ask.get("/periods/2026-03/totals").content
    mill.clock[0] = datetime(2026, 4, 3, tzinfo=UTC)

    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()
    (one,) = waits(mill)
    mill.caller("accountant").post(f"/restatements/{one['id']}/post", WHY)

    assert ask.get("/periods/2026-03/totals", revision=1).content == first
    assert ask.get("/periods/2026-03/totals", as_of="2026-04-02T12:00:00Z").content == first
    month = {"from": "2026-02-28T16:00:00Z", "to": "2026-03-31T16:00:00Z"}
    then = ask.get("/balance", **month, as_of="2026-04-02T12:00:00Z").json()
    now = ask.get("/balance", **month, as_of="2026-04-03T00:00:00Z").json()
    assert (then["revision"], then["parts"]) == (1, orjson.loads(first)["balance"])
    assert (now["revision"], now["reason"]) == (2, "late-data")
    body = ask.get("/periods/2026-03/totals").json()
    assert (body["revision"], body["reason"]) == (2, "late-data")
    totals = {line["batch"]: line["kgco2e"] for line in body["batches"]}
    assert totals == {batch: one["total"]["kgco2e"] for batch, one in bodies(mill).items()}


@pytest.mark.parametrize(
    ("start", "end", "as_of", "status"),
    [
        ("2026-02-28T16:00:00Z", "2026-03-31T15:00:00Z", "2026-04-02T01:00:00Z", 422),
        ("2026-02-28T16:00:00Z", "2026-03-31T16:00:00Z", "2026-03-02T01:00:00Z", 404),
        ("2026-02-28T16:00:00Z", "2026-03-31T16:00:00Z", "2027-03-02T01:00:00Z", 409),
    ],
)
def test_a_balance_is_as_it_was_only_where_it_was_kept(fresh, closed, start, end, as_of, status):
    ask = fresh(past=closed).caller()

    answer = ask.get("/balance", **{"from": start, "to": end, "as_of": as_of})

    assert answer.status_code == status, answer.text


# After closing.


def test_after_closing_late_data_waits_for_a_person(fresh, closed):
    mill = fresh(past=closed)
    before = {batch: footprint(mill, batch).content for batch in BATCHES}

    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()

    assert {batch: footprint(mill, batch).content for batch in BATCHES} == before
    (one,) = waits(mill)
    assert (one["state"], one["reason"]) == ("pending", "late-data")
    assert {line["batch"] for line in one["batches"]} == set(BATCHES)
    for line in one["batches"]:
        difference = Decimal(line["kgco2e_to"]) - Decimal(line["kgco2e_from"])
        assert Decimal(line["difference"]) == difference


def test_a_posted_restatement_becomes_a_revision_of_every_batch_in_it(fresh, closed):
    mill = fresh(past=closed)
    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()
    (one,) = waits(mill)

    answer = mill.caller("accountant").post(f"/restatements/{one['id']}/post", {"why": "found it"})

    assert (answer.status_code, answer.json()["decided_by"]) == (200, "accountant")
    assert waits(mill) == []
    for line in one["batches"]:
        body = footprint(mill, line["batch"], view=line["view"]).json()
        assert (body["revision"], body["total"]["kgco2e"]) == (2, line["kgco2e_to"])


def test_a_rejected_restatement_changes_nothing_and_is_kept(fresh, closed):
    mill = fresh(past=closed)
    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()
    (one,) = waits(mill)
    accountant = mill.caller("accountant")

    accountant.post(f"/restatements/{one['id']}/reject", {"why": "the logger was wrong"})

    assert waits(mill) == []
    assert {body["revision"] for body in bodies(mill).values()} == {1}
    again = accountant.post(f"/restatements/{one['id']}/post", WHY)
    assert again.json()["problems"][0]["code"] == "restatement-not-pending"


def logged(mill: World) -> list[tuple[str, str, str, str]]:
    lines = mill.books.audit.newest(Sought(who="accountant"), 9)
    return [(one.subject, one.before or "", one.after or "", one.why) for one in lines]


@pytest.mark.parametrize(("how", "state"), [("post", "posted"), ("reject", "rejected")])
def test_who_closed_and_who_decided_stands_in_the_log(fresh, closed, how: str, state: str):
    mill = fresh(past=closed)
    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()
    (one,) = waits(mill)

    mill.caller("accountant").post(f"/restatements/{one['id']}/{how}", {"why": "found it"})

    decided, closing = logged(mill)
    assert (decided[0], decided[1], decided[3]) == (
        f"changes/{one['id']}", '{"state":"pending"}', "found it",
    )  # fmt: skip
    assert orjson.loads(decided[2])["state"] == state
    assert (closing[0], closing[3]) == ("periods/2026-03", WHY["why"])


def test_only_an_accountant_posts(fresh, closed):
    mill = fresh(past=closed)
    late(mill, "boiler-1-gas", 16, 35)
    mill.closes_its_books()
    (one,) = waits(mill)

    assert mill.caller().post(f"/restatements/{one['id']}/post", WHY).status_code == 403


def test_more_late_data_takes_the_place_of_what_waits(fresh, closed):
    mill = fresh(past=closed)
    late(mill, "boiler-1-gas", 16, 25)
    mill.closes_its_books()
    (first,) = waits(mill)
    late(mill, "boiler-1-gas", 26, 35)
    mill.closes_its_books()

    (second,) = waits(mill)

    assert second["id"] != first["id"]
    gone = mill.caller("accountant").post(f"/restatements/{first['id']}/post", WHY)
    assert gone.status_code == 409


def test_what_would_come_to_something_else_by_now_is_not_posted(fresh, closed):
    """The person saw other numbers; new ones are shown before anybody may post them."""
    mill = fresh(past=closed)
    late(mill, "boiler-1-gas", 16, 18)
    mill.closes_its_books()
    (one,) = waits(mill)
    late(mill, "boiler-1-gas", 19, 35)

    answer = mill.caller("accountant").post(f"/restatements/{one['id']}/post", WHY)

    assert answer.status_code == 409
    assert answer.json()["problems"][0]["code"] == "restatement-stale"
    assert {body["revision"] for body in bodies(mill).values()} == {1}


def test_a_run_that_is_corrected_in_a_closed_month_waits_for_a_person(fresh, closed):
    mill = fresh(past=closed)
    (run,) = mill.books.runs.stated(batch="C1")
    kept = footprint(mill, "C1", revision=1).content
    said = {"end": at(60).isoformat(), "reason": "taken out before the PLC was told"}

    assert mill.caller().post(f"/runs/{run.id}/corrections", said).status_code < 300
    mill.closes_its_books()

    (one,) = waits(mill)
    assert "correction" in one["reason"]
    assert footprint(mill, "C1", revision=2).status_code == 404
    mill.caller("accountant").post(f"/restatements/{one['id']}/post", WHY)
    assert footprint(mill, "C1", revision=1).content == kept
    assert footprint(mill, "C1").json()["runs"][-1]["end"] == "2026-03-02T01:00:00.000Z"
