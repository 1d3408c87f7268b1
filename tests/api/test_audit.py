"""The audit log: whatever anybody changes, by any route, stands in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa

from api.books import schema
from api.books.audit import Act, Entry, Sought, acting
from api.books.noting import COMPUTED
from api.rights import Who
from tests.api.given import Caller, World, at, world
from tests.api.rights_table import NEEDS, OPEN
from tests.api.stating import NO_PLC, said
from tests.api.test_alarms import watching
from tests.api.test_session import GOOD, NEXT, PAGE, signed_in, somebody

REASON = {"reason": "so it was"}
METER = "jet-01-power.energy_import_kwh"
CSV = "machine,batch,start,end\njet-02,I1,2026-03-02 08:01,2026-03-02 08:03\n"
ELSEWHERE = {
    "POST /enrol/join",  # tests/enrolment has a real authority,
    "POST /enrol/renew",
    "POST /periods/{month}/close",  # and test_closing.py a month that is over
    "POST /restatements/{number}/post",
    "POST /restatements/{number}/reject",
}
WRITES = {route for route in {*NEEDS, *OPEN} if not route.startswith("GET ")} - ELSEWHERE


@dataclass
class Done:
    """What came of a request."""

    answer: httpx.Response
    entries: list[Entry]


class Office:
    """Somebody does one thing after another, and what the log says of each is kept."""

    def __init__(self, mill: World, done: dict[str, Done]) -> None:
        self.mill, self.done = mill, done
        self.last = 0
        self._callers: dict[str, Caller] = {}

    def does(
        self, route: str, body: Any = None, by: Caller | None = None, query: str = "", **path: str
    ) -> Any:
        """Make a request by a route, with what its path names."""
        role = {"enter": "engineer", "decide": "accountant"}.get(NEEDS.get(route, ""), "admin")
        if role not in self._callers:
            self._callers[role] = self.mill.caller(role)
        self._news()
        method, where = route.split(" ")
        for name, value in path.items():
            where = where.replace(f"{{{name}}}", value)
        sent = {"content": body} if isinstance(body, str) else {"json": body}
        answer = (by or self._callers[role]).asks(method, f"/api/v1{where}{query}", **sent)
        assert answer.status_code < 300, (route, answer.text)
        self.done[route] = Done(answer, self._news())
        return answer.json() if answer.content else None

    def _news(self) -> list[Entry]:
        new = [one for one in self.mill.books.audit.newest(Sought(), 500) if one.number > self.last]
        self.last = max([self.last, *(one.number for one in new)])
        return new


def states_runs(office: Office) -> None:
    office.mill.passes(61, 80)
    office.mill.closes_its_books()
    office.does("POST /machines/{name}/proposals/dismiss",
                {"start": said(20), "end": said(21), **REASON}, name="jet-02")  # fmt: skip
    office.does("POST /machines/{name}/proposals/confirm",
                {"batch": "L1", "start": said(30), "end": said(40)}, name="jet-02")  # fmt: skip
    office.does("POST /batches", {"id": "S1", "article": "twill", "accepted_kg": "100"})
    run = {"machine": "jet-02", "start": said(5), "end": said(9)}
    run = office.does("POST /batches/{name}/runs", run, name="S1")
    office.does("POST /runs/{run}/corrections", REASON | {"end": said(10)}, run=run["id"])
    office.does("POST /machines/{name}/scan", {"text": "S2", "at": said(60)}, name="jet-02")
    office.does("POST /batches/{name}/runs/end", {"machine": "jet-02", "at": said(65)}, name="S2")
    file = office.does("POST /runs/import", CSV)["import"]
    office.does("POST /runs/imports/{file}/undo", REASON, file=str(file))


def tells_what_became_of_batches(office: Office) -> None:
    parts = {"parts": [{"batch": "S1", "kg": "60"}, {"batch": "S1-b", "kg": "40"}], **REASON}
    event = office.does("POST /batches/{name}/split", parts | {"at": said(12)}, name="S1")
    office.does("POST /genealogy/{number}/undo", REASON, number=str(event["event"]))
    office.does("POST /batches/{name}/merge", {"from": ["S1"], **REASON}, name="M1")
    office.does("POST /batches/{name}/redye", {"parent": "L1", **REASON}, name="S2")
    office.does("POST /batches/{name}/scrap", REASON, name="L1")


def decides_about_meters(office: Office) -> None:
    why = {"at": said(30), "why": "changed"}
    swap = why | {"old_last": "1030", "new_first": "0"}
    office.does("POST /meters/{ref}/swaps", swap, ref=METER)
    office.does("POST /meters/{ref}/counted", why | {"amount": "3"}, ref=METER)
    diesel = {"batch": "B2601", "carrier": "diesel", "unit": "L", "amount": "2"}
    office.does("POST /emissions", why | diesel)


def answers_for_articles(office: Office) -> None:
    left_out = {"omitted": "factor-missing", "carrier": "water", "unit": "m3"}
    left_out |= {"kgco2e_per_unit": "0.2", "source": "made up", "why": "for a test"}
    office.does("POST /exemptions", left_out)
    measure = {"what": "heat recovery", "of": "machine", "name": "jet-01"}
    office.does("POST /improvements", measure | {"since": said(30), "why": "less steam"})


def takes_in_tables(office: Office) -> None:
    batches = "batch,kg\nI2,400\nI3,410\n"
    number = office.does("POST /imports/{kind}", batches, kind="batches")["import"]
    office.does("POST /imports/{number}/undo", REASON, number=str(number))
    office.does("POST /proofs", "signed and stamped", query="?name=letter.pdf")
    mapping = {"name": "ERP", "columns": {"batch": "Los"}}
    office.does("POST /imports/{kind}/mappings", mapping, kind="batches")
    office.does("POST /batches/{name}/corrections", REASON | {"accepted_kg": "101"}, name="S1")
    meter = "jet-01-water.volume_m3"
    read = f"meter,at,value\n{meter},2026-02-28 12:00,10\n{meter},2026-03-02 08:30,30\n"
    office.does("POST /imports/{kind}", read, kind="readings")
    bill = {"supply": "water", "first_day": "2026-03-01", "last_day": "2026-03-01"}
    office.does("POST /bills", bill | {"amount": "5", "unit": "m3"})
    note = {"bill": "water/2026-03-01/2026-03-01", "why": "so it was"}
    office.does("POST /bills/notes", note)
    office.does("POST /reconciliation/notes", {"month": "2026-03", "why": "so it was"})


def sees_an_alarm(office: Office) -> None:
    watching(office.mill)
    office.mill.clock[0] += timedelta(minutes=30)  # in which no meter says anything
    number = office.mill.service.watch.look()[0].alarm
    office.does("POST /alarms/{number}/acknowledge", number=str(number))


def confirms_for_others(office: Office) -> None:
    mill = office.mill
    second = signed_in(mill, somebody(mill, "Second"))
    object.__setattr__(mill.service, "four_eyes", frozenset({"corrections"}))
    swap = {"at": said(31), "why": "changed", "old_last": "1031", "new_first": "0"}
    for way in ("confirm", "refuse"):
        number = office.does("POST /meters/{ref}/swaps", swap, ref=METER)["review"]
        route = f"POST /reviews/{{number}}/{way}"
        office.does(route, {"why": "seen"}, by=second, number=str(number))
    object.__setattr__(mill.service, "four_eyes", frozenset())


def lets_people_in(office: Office) -> None:
    ana = {"name": "Ana", "role": "engineer", **REASON}
    person = office.does("POST /people", ana)
    number = str(person["id"])
    code = office.does("POST /people/{number}/code", REASON, number=number)["code"]
    page, new = Caller(office.mill.app, PAGE), {"code": code, "password": GOOD}
    office.mill.clock[0] += timedelta(seconds=1)
    office.does("POST /session/code", new, by=page)
    office.does("POST /session", {"name": "Ana", "password": GOOD}, by=page)
    cookie = office.done["POST /session"].answer.cookies["millprint"]
    me = Caller(office.mill.app, PAGE | {"Cookie": f"millprint={cookie}"})
    office.does("POST /session/password", {"old": GOOD, "new": NEXT}, by=me)
    cookie = office.done["POST /session/password"].answer.cookies["millprint"]
    me = Caller(office.mill.app, PAGE | {"Cookie": f"millprint={cookie}"})
    office.does("DELETE /session", by=me)
    office.does("POST /people/{number}/role", REASON | {"role": "accountant"}, number=number)
    office.does("POST /people/{number}/remove", REASON, number=number)
    key = office.does("POST /keys", {"name": "erp", "role": "engineer", **REASON})
    office.does("POST /keys/{number}/revoke", REASON, number=str(key["id"]))


@pytest.fixture(scope="module")
def hall(tmp_path_factory, hour_without_plc: World) -> Iterator[World]:
    """A mill where all is entered that can be."""
    one = world(tmp_path_factory.mktemp("hall") / "config", NO_PLC, hour_without_plc)
    yield one
    one.close()


@pytest.fixture(scope="module")
def done(hall: World) -> dict[str, Done]:
    """Every route that writes, used once with success."""
    found: dict[str, Done] = {}
    office = Office(hall, found)
    states_runs(office)
    tells_what_became_of_batches(office)
    decides_about_meters(office)
    answers_for_articles(office)
    confirms_for_others(office)
    takes_in_tables(office)
    sees_an_alarm(office)
    lets_people_in(office)
    return found


@pytest.mark.parametrize("route", sorted(WRITES))
def test_whoever_writes_by_a_route_stands_in_the_log(done: dict[str, Done], route: str):
    assert route in done, "say here how this route is used, so that the log is looked at"
    entries = done[route].entries

    assert entries, f"{route} changes something of which the log says nothing"
    for one in entries:
        assert one.who in ("engineer", "accountant", "admin", "Ana", "Second")
        assert re.fullmatch(r"(key|person) \d+", one.means)
        assert one.address == "127.0.0.1"
        assert one.subject
        assert one.after


def test_a_correction_says_what_was_before_and_why(done: dict[str, Done]):
    (one,) = done["POST /runs/{run}/corrections"].entries

    assert one.why == "so it was"
    assert orjson.loads(one.before or "")["end"] == "2026-03-02T00:09:00.000Z"
    assert orjson.loads(one.after or "")["end"] == "2026-03-02T00:10:00.000Z"


def test_a_change_of_a_person_says_only_what_became_other(done: dict[str, Done]):
    (one,) = done["POST /people/{number}/role"].entries

    assert (one.subject, one.why) == ("people/Ana", "so it was")
    assert (one.before, one.after) == ('{"role":"engineer"}', '{"role":"accountant"}')


def test_no_secret_stands_in_the_log(hall: World, done: dict[str, Done]):
    found = "\n".join(f"{one.before}{one.after}" for one in hall.books.audit.newest(Sought(), 500))

    assert "argon2" not in found
    assert done["POST /people/{number}/code"].answer.json()["code"] not in found
    assert done["POST /keys"].answer.json()["key"] not in found
    of_a_file = done["POST /proofs"].answer.json()["sha256"]
    assert not re.search(r"[0-9a-f]{64}", found.replace(of_a_file, ""))


def test_what_is_computed_is_nobodys(hall: World, done: dict[str, Done]):
    before = hall.books.audit.newest(Sought(), 1)
    assert done

    hall.passes(81, 100)
    hall.closes_its_books()

    assert hall.books.audit.newest(Sought(), 1) == before
    assert set(schema.metadata.tables) >= COMPUTED


def test_what_is_refused_leaves_no_line(hall: World):
    before = hall.books.audit.newest(Sought(), 1)

    hall.caller().post("/batches", {"id": "S1", "accepted_kg": "7"})
    with acting(Act(Who("ana", "admin", "box"), hall.clock[0])):
        hall.books.people.add("twice", "engineer", None, "box", at(0))
        with pytest.raises(sa.exc.IntegrityError):
            hall.books.people.add("twice", "engineer", None, "box", at(0))

    now = hall.books.audit.newest(Sought(), 9)
    assert [one.subject for one in now if one.number > before[0].number] == ["people/twice"]


def test_what_cannot_be_noted_is_not_done(tmp_path):
    mill = world(tmp_path / "config")
    with mill.books.engine.begin() as db:
        db.execute(sa.text("DROP TABLE audit"))

    answer = mill.caller().asks("POST", "/api/v1/batches", json={"id": "UNSEEN"}, undocumented=True)

    assert answer.status_code == 500

    assert mill.books.batches.entered("UNSEEN") is None
    mill.close()


def test_very_many_rows_of_one_change_are_one_line(hall: World):
    rows = "".join(f"jet-02,N{n},2026-03-02 09:{n},2026-03-02 09:{n}:30\n" for n in range(20, 45))
    hall.clock[0] = max(hall.clock[0], at(120))

    answer = hall.caller().asks(
        "POST", "/api/v1/runs/import", content=CSV.split("\n")[0] + "\n" + rows
    )

    assert answer.status_code == 201, answer.text
    (one,) = hall.books.audit.newest(Sought(subject="run-entries"), 1)
    assert orjson.loads(one.after or "")["rows"] == 25


# Reading it.


def pages(ask: Caller, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    answer = ask.get("/audit", **query)
    while True:
        found += answer.json()["entries"]
        if "next" not in answer.links:
            return found
        answer = ask.asks("GET", answer.links["next"]["url"])


def test_the_log_is_paged_and_sought_by_who_subject_and_time(hall: World, done: dict[str, Done]):
    ask = hall.caller("certifier")
    every = pages(ask)

    assert done
    assert [one["number"] for one in every] == sorted((o["number"] for o in every), reverse=True)
    assert pages(ask, limit=7) == every
    assert {one["who"] for one in pages(ask, who="Ana", limit=2)} == {"Ana"}
    about = pages(ask, subject="S1")
    assert about
    assert all("S1" in one["subject"] for one in about)
    instant = every[-1]["at"]
    assert pages(ask, to=instant) == []
    assert pages(ask, **{"from": instant}) == every
    assert pages(ask, subject="100%_") == []


def test_lines_of_the_log_are_sealed(hall: World, done: dict[str, Done]):
    assert done
    last = hall.books.audit.newest(Sought(), 1)[0]
    hall.clock[0] += timedelta(days=1)

    hall.is_sealed()

    with hall.books.engine.connect() as db:
        leaf = sa.select(schema.seal_leaves.c.name).where(
            schema.seal_leaves.c.name == f"audit/{last.number}"
        )
        assert db.execute(leaf).scalar() is not None


def test_what_begins_with_a_brace_is_text_like_any_other(hall: World):
    admin = hall.caller("admin")

    answer = admin.post("/keys", {"name": "{ERP", "role": "engineer", "reason": "for the ERP"})

    assert answer.status_code == 201
    assert admin.get("/audit", limit=1).json()["entries"][0]["after"]["name"] == "{ERP"
