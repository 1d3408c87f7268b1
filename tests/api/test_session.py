"""People: how they come in, how they go, and who stays outside."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from api import passwords
from api.attempts import FREE, LONGEST, NOTED, Attempts
from api.books.audit import Sought
from api.books.people import CODE_HOLDS, Person
from api.books.sessions import IDLE, LASTS
from tests.api.given import Caller, World, at, world
from tests.api.keeping import of_files

PAGE = {"Millprint-Page": "1", "Origin": "http://mill"}
GOOD, NEXT = "four words not together", "another four words apart"
HASH = passwords.hashed(GOOD)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    one = world(tmp_path_factory.mktemp("people") / "config")
    yield one
    one.close()


def somebody(office: World, name: str, role: str = "engineer", **more: timedelta) -> Person:
    """A person who has a password."""
    now = office.clock[0]
    until = now + more["until"] if "until" in more else None
    person = office.books.people.add(name, role, until, "box", now)
    office.books.people.set_password(person.id, HASH, now)
    return person


def signed_in(office: World, person: Person) -> Caller:
    text = office.books.sessions.open(person, "", office.clock[0])
    return Caller(office.app, PAGE | {"Cookie": f"millprint={text}"})


def signs_in(office: World, name: str, password: str, **headers: str) -> httpx.Response:
    return Caller(office.app, PAGE | headers).post("/session", {"name": name, "password": password})


def stranger(office: World) -> Caller:
    return Caller(office.app, PAGE)


# Coming in.


@of_files
def test_a_person_signs_in_and_is_who_he_is(office: World):
    somebody(office, "Li Na", "accountant")

    answer = signs_in(office, "Li Na", GOOD)

    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/api/v1" in cookie
    text = answer.cookies["millprint"]
    me = Caller(office.app, {"Cookie": f"millprint={text}"}).get("/session").json()
    assert (me["name"], me["role"]) == ("Li Na", "accountant")
    assert me["rights"] == ["audit", "decide", "enter", "read"]
    kept = (office.folder / "books.db").read_bytes() + (office.folder / "books.db-wal").read_bytes()
    assert text.encode() not in kept
    assert GOOD.encode() not in kept


def test_the_cookie_of_an_https_page_goes_over_https_alone(office: World):
    somebody(office, "Secure")
    said = {"name": "Secure", "password": GOOD}
    page = PAGE | {"Origin": "https://mill"}

    answer = Caller(office.app, page).asks("POST", "https://mill/api/v1/session", json=said)

    assert "Secure" in answer.headers["set-cookie"].split("; ")


def test_an_unknown_name_and_a_wrong_password_are_told_alike(office: World):
    somebody(office, "Alike")

    known, unknown = signs_in(office, "Alike", "no"), signs_in(office, "Nobody", "no")

    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()


def test_refused_sign_ins_stand_in_the_log_and_a_flood_of_them_does_not_fill_it(office: World):
    who = somebody(office, "Tried")
    office.clock[0] += timedelta(hours=2)
    signs_in(office, "Tried", "no")
    signs_in(office, "my-password-in-the-wrong-field", "no")

    unknown, known = office.books.audit.newest(Sought(), 2)
    assert (known.act, known.who, known.subject) == ("refused", "Tried", f"people/{who.id}")
    assert (unknown.who, unknown.subject) == ("?", "people")
    assert "wrong-field" not in f"{known}{unknown}"

    tries = Attempts()
    noted = [tries.to_note(at(0)) for _ in range(NOTED + 5)]
    assert noted == [0] * NOTED + [None] * 5
    assert tries.to_note(at(61)) == 5


def test_a_session_that_somebody_put_there_before_is_not_the_one_that_is_opened(office: World):
    somebody(office, "Fixed")

    answer = signs_in(office, "Fixed", GOOD, Cookie="millprint=chosen-by-somebody-else")

    assert answer.cookies["millprint"] != "chosen-by-somebody-else"
    old = Caller(office.app, PAGE | {"Cookie": "millprint=chosen-by-somebody-else"})
    assert old.get("/session").status_code == 401


def test_the_first_admin_comes_with_a_code_that_is_good_once(office: World):
    person = office.books.people.add("First", "admin", None, "box", office.clock[0])
    code = office.books.people.code(person.id, office.clock[0])
    assert signs_in(office, "First", GOOD).status_code == 401

    weak = stranger(office).post("/session/code", {"code": code, "password": "aaaaaaaaaaaaaaaa"})
    done = stranger(office).post("/session/code", {"code": code.lower(), "password": GOOD})
    again = stranger(office).post("/session/code", {"code": code, "password": NEXT})

    assert [weak.status_code, done.status_code, again.status_code] == [409, 201, 401]
    assert done.json()["role"] == "admin"


def test_a_code_is_over_after_a_day_and_when_another_is_made(office: World):
    people, now = office.books.people, office.clock[0]
    person = people.add("Late", "engineer", None, "box", now)
    first = people.code(person.id, now)
    second = people.code(person.id, now)

    assert people.of_code(first, now) is None
    assert people.of_code(second, now + CODE_HOLDS - timedelta(seconds=1)) == person
    assert people.of_code(second, now + CODE_HOLDS) is None


# Staying out.


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://mill"},  # a form of our own origin without the header
        {"Millprint-Page": "1", "Origin": "http://evil.example"},
        {"Millprint-Page": "1", "Origin": "null"},
        {"Millprint-Page": "1", "Origin": "http://mill", "Sec-Fetch-Site": "cross-site"},
        {"Millprint-Page": "1", "Origin": "http://mill", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_changes_nothing_with_a_persons_cookie(office: World, headers):
    person = office.books.people.named("Forged") or somebody(office, "Forged")
    cookie = {"Cookie": f"millprint={office.books.sessions.open(person, '', office.clock[0])}"}
    batch = {"id": "FORGED", "article": "x"}

    forged = Caller(office.app, cookie | headers).post("/batches", batch)
    into = Caller(office.app, headers).post("/session", {"name": "x", "password": "y"})

    assert (forged.status_code, into.status_code) == (403, 403)
    assert office.books.batches.entered("FORGED") is None


def test_our_own_page_and_a_key_may_write(office: World):
    person = somebody(office, "Writer")

    own = signed_in(office, person).post("/batches", {"id": "OWN"})
    modern = Caller(office.app, signed_in(office, person)._headers | {
        "Sec-Fetch-Site": "same-origin"}).post("/batches", {"id": "OWN-2"})  # fmt: skip
    key = office.caller("engineer").post("/batches", {"id": "KEY"})

    assert [own.status_code, modern.status_code, key.status_code] == [201, 201, 201]


def test_after_some_failures_even_the_right_password_has_to_wait(office: World):
    somebody(office, "Slowed")
    now, tried = office.clock[0], (("name", "slowed"), ("address", "10.0.0.9"))
    attempts = office.service.admission._attempts
    for _ in range(FREE["name"]):
        attempts.begin(tried, now)

    answer = signs_in(office, "Slowed", GOOD)

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    office.clock[0] += LONGEST
    assert signs_in(office, "Slowed", GOOD).status_code == 201


def test_attempts_wait_longer_each_time_up_to_a_limit_and_one_that_succeeds_forgets():
    attempts, now, of = Attempts(), at(0), (("address", "10.0.0.1"),)
    waits = []
    for _ in range(40):
        wait = attempts.begin(of, now)
        waits.append(wait)
        now += wait
        if wait:
            assert not attempts.begin(of, now)

    assert not any(waits[: FREE["address"]])
    assert waits[FREE["address"] :] == sorted(waits[FREE["address"] :])
    assert max(waits) == LONGEST
    attempts.succeeded(of)
    assert not attempts.begin(of, now)


def test_more_at_once_than_the_machine_can_think_of_are_asked_to_come_later(office: World):
    places = [passwords._waiting.acquire(blocking=False) for _ in range(passwords._MOST_WAITING)]
    try:
        answer = signs_in(office, "Crowd", "no")
    finally:
        for _ in places:
            passwords._waiting.release()

    assert all(places)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


@pytest.mark.parametrize(
    ("password", "good"),
    [(GOOD, True), ("short", False), ("li na 2026 xyz", False), ("abab" * 5, False),
     ("染整车间的四个词语不相干啊吧", True)],
)  # fmt: skip
def test_a_password_is_long_and_is_no_name(password: str, good: bool):
    assert passwords.is_acceptable(password, "Li Na") is good


# Going.


def test_a_session_is_over_after_a_while_without_requests_and_at_last_anyhow(office: World):
    sessions, now = office.books.sessions, office.clock[0]
    person = somebody(office, "Idle")
    left, kept = sessions.open(person, "", now), sessions.open(person, "", now)

    assert sessions.find(left, now + IDLE - timedelta(seconds=1))
    assert sessions.find(left, now + 2 * IDLE) is None
    while now < office.clock[0] + LASTS:
        assert sessions.find(kept, now)
        now += IDLE / 2
    assert sessions.find(kept, now) is None


def test_who_signs_out_is_out_and_a_key_goes_on(office: World):
    me, key = signed_in(office, somebody(office, "Out")), office.caller("engineer")

    assert me.asks("DELETE", "/api/v1/session").status_code == 204
    assert me.get("/session").status_code == 401
    assert key.asks("DELETE", "/api/v1/session").status_code == 204
    assert key.get("/session").status_code == 200


def test_a_new_password_ends_every_other_session(office: World):
    person = somebody(office, "Changed")
    other, me = signed_in(office, person), signed_in(office, person)

    wrong = me.post("/session/password", {"old": NEXT, "new": NEXT})
    done = me.post("/session/password", {"old": GOOD, "new": NEXT})

    assert (wrong.status_code, done.status_code) == (401, 200)
    assert other.get("/session").status_code == me.get("/session").status_code == 401
    new = Caller(office.app, {"Cookie": f"millprint={done.cookies['millprint']}"})
    assert new.get("/session").json()["name"] == "Changed"


def test_an_account_that_ends_lets_nobody_in_from_then_on(office: World):
    person = somebody(office, "Auditor", "certifier", until=timedelta(hours=1))
    me = signed_in(office, person)
    assert me.get("/batches").status_code == 200

    office.clock[0] += timedelta(hours=1)

    assert me.get("/batches").status_code == 401
    assert signs_in(office, "Auditor", GOOD).status_code == 401


# People, as an admin says who they are.


def test_an_admin_lets_a_person_in_and_out_again(office: World):
    chief = signed_in(office, somebody(office, "Chief", "admin"))
    named = {"name": "New", "role": "accountant", "reason": "joins on Monday"}

    made = chief.post("/people", named).json()
    taken = chief.post("/people", named)
    person = office.books.people.find(made["id"])
    office.books.people.set_password(person.id, HASH, office.clock[0])
    me = signed_in(office, person)
    assert me.post("/periods/2026-03/close", {"why": "because"}).status_code == 409
    chief.post(f"/people/{person.id}/role", {"role": "engineer", "reason": "moved"})
    assert me.post("/periods/2026-03/close", {"why": "because"}).status_code == 403
    gone = chief.post(f"/people/{person.id}/remove", {"reason": "has left"})

    assert (taken.status_code, gone.status_code) == (409, 200)
    assert me.get("/session").status_code == 401
    assert office.books.people.of_code(made["code"], office.clock[0]) is None


def test_a_certifier_is_let_in_until_a_day_only(office: World):
    chief = office.caller("admin")
    named = {"name": "TÜV", "role": "certifier", "reason": "audit of March"}

    assert chief.post("/people", named).status_code == 409
    assert chief.post("/keys", named).status_code == 409
    assert chief.post("/keys", named | {"until": "2026-04-01T00:00:00Z"}).status_code == 201


def test_the_last_admin_stays(tmp_path):
    mill = world(tmp_path / "config")
    try:
        person = somebody(mill, "Only", "admin")
        me = signed_in(mill, person)

        assert me.post(f"/people/{person.id}/remove", {"reason": "tired"}).status_code == 409
        demoted = me.post(f"/people/{person.id}/role", {"role": "engineer", "reason": "tired"})
        assert demoted.status_code == 409
    finally:
        mill.close()


def test_a_key_that_is_made_is_shown_once_and_taken_back_for_ever(office: World):
    chief = office.caller("admin")

    made = chief.post("/keys", {"name": "erp", "role": "engineer", "reason": "nightly"}).json()
    erp = Caller(office.app, {"Authorization": f"Bearer {made['key']}"})
    assert erp.get("/session").json()["means"] == f"key {made['id']}"
    revoked = chief.post(f"/keys/{made['id']}/revoke", {"reason": "lost"}).json()

    assert made["key"] not in chief.get("/keys").text
    assert (made["made_by"], made["holds"], revoked["holds"]) == ("admin", True, False)
    assert erp.get("/session").status_code == 401
