"""Who may do what: every route of the application, and everybody who may come to it."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from api.rights import PASSING, RIGHTS, ROLES
from tests.api.given import Caller, World, world
from tests.api.rights_table import NEEDS, OPEN
from tests.house.sources import ROOT

_HOUR = timedelta(hours=1)
STRANGERS = ("none", "basic", "unknown", "expired", "revoked")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A mill in which nothing has happened: whoever may, finds nothing to change."""
    one = world(tmp_path_factory.mktemp("office") / "config")
    yield one
    one.close()


@pytest.fixture(scope="module")
def everybody(office: World) -> Mapping[str, Caller]:
    """Somebody of each role, and those who are nobody."""
    keys, now = office.books.keys, office.clock[0]
    expired = keys.make("past", "admin", now - 2 * _HOUR, until=now)
    revoked = keys.make("gone", "admin", now)
    keys.revoke(keys.all()[0].id, now)
    texts = {"unknown": "mp_nobody", "expired": expired, "revoked": revoked}
    texts |= {role: keys.make(role, role, now, until=now + _HOUR) for role in ROLES}
    headers = {who: {"Authorization": f"Bearer {text}"} for who, text in texts.items()}
    headers |= {"none": {}, "basic": {"Authorization": "Basic bXA6eA=="}}
    return {who: Caller(office.app, own) for who, own in headers.items()}


def routes(app_of: World) -> dict[str, set[str]]:
    """Every route of the reference, with the rights that it says it needs."""
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": {
            right
            for way in found.get("security", [])
            for rights in way.values()
            for right in rights
        }
        for path, methods in app_of.app.openapi()["paths"].items()
        for method, found in methods.items()
    }


def test_every_route_says_which_right_it_needs_and_the_table_knows_it(office: World):
    said = routes(office)

    assert {route: rights for route, rights in said.items() if rights} == {
        route: {right} for route, right in NEEDS.items()
    }
    assert {route for route, rights in said.items() if not rights} == OPEN


@pytest.mark.parametrize("route", sorted(NEEDS))
@pytest.mark.parametrize("who", [*ROLES, *STRANGERS])
def test_a_route_lets_in_whose_role_has_the_right_and_nobody_else(everybody, who, route):
    method, path = route.split(" ")

    answer = everybody[who].asks(method, f"/api/v1{re.sub('{.*?}', '1', path)}", json={})

    if who in STRANGERS:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "No key"
    elif NEEDS[route] in RIGHTS[who]:
        assert answer.status_code not in (401, 403)
        assert answer.status_code < 500
    else:
        assert answer.status_code == 403
        assert who in answer.json()["detail"]


def test_nothing_that_writes_is_let_do_by_who_may_only_read():
    readers_write = {one for one in NEEDS if not one.startswith("GET ") and NEEDS[one] == "read"}

    assert readers_write == {"DELETE /session", "POST /session/password"}  # each his own


def test_who_comes_from_outside_may_change_nothing():
    assert all(RIGHTS[role] <= {"read", "audit"} for role in PASSING)


def test_a_key_ends_at_its_instant_and_not_before(office: World):
    now = office.clock[0]
    text = office.books.keys.make("auditor", "certifier", now, until=now + _HOUR)

    assert office.books.keys.holder(text, now + _HOUR - timedelta(milliseconds=1)) is not None
    assert office.books.keys.holder(text, now + _HOUR) is None


def test_the_table_of_rights_in_the_documentation_is_the_one_that_holds():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| ((?:yes|–)(?: \| (?:yes|–))+) \|$", text, re.MULTILINE)

    said = {right: [cell == "yes" for cell in cells.split(" | ")] for right, cells in rows}

    rights = {right for own in RIGHTS.values() for right in own}
    assert said == {right: [right in RIGHTS[role] for role in ROLES] for right in rights}
