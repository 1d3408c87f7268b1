"""People and keys: who may come, made and taken back by an admin."""

from typing import Annotated, Any, Literal

from fastapi import HTTPException, Path
from pydantic import Field

from api.admission import admission_problems
from api.books.audit import because
from api.books.keys import Key
from api.books.people import CODE_HOLDS, Person
from api.routes import room
from api.routes.forms import Form, Moment, Reason, ReasonIn
from api.routes.paging import Paged
from api.service import Admin, Service, The
from api.shapes import answers
from api.shapes.people import Key as KeyShape
from api.shapes.people import Keys, NewKey, People, PersonWithCode
from api.shapes.people import Person as PersonShape
from collector.wire.problem import Problem, Refused
from collector.wire.reading import stamp

router = room("people")

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
RoleText = Literal["engineer", "accountant", "certifier", "admin"]
Until = Annotated[Moment | None, Field(description="From when on it gives no rights any more")]


class NewIn(Form):
    """Somebody, or a program, that is to be let in."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")
    role: RoleText
    until: Until = None
    reason: Reason


class RoleIn(Form):
    """What somebody may from now on."""

    role: RoleText
    until: Until = None
    reason: Reason


@router.get("/people", summary="Who may sign in", responses=answers(People))
def people(the: The, _: Admin, paged: Paged) -> dict[str, Any]:
    """Everybody who ever might, by name."""
    return {
        "now": stamp(the.now()),
        "people": [
            _person(the, one) for one in paged.of(the.books.people.all(), lambda one: one.name)
        ],
    }


@router.post(
    "/people",
    status_code=201,
    summary="Let a person in",
    operation_id="invite",
    responses=answers(PersonWithCode, 201),
)
def invite(the: The, who: Admin, given: NewIn) -> dict[str, Any]:
    """With a one-time code, which is shown here once: with it the person sets a password."""
    because(given.reason)
    _check("people", given.role, given.until, the)
    if the.books.people.named(given.name) is not None:
        raise Refused(Problem("name-taken", "people", values={"name": given.name}))
    person = the.books.people.add(given.name, given.role, given.until, who.name, the.now())
    return _with_code(the, person)


@router.post(
    "/people/{number}/code",
    status_code=201,
    summary="A new one-time code",
    operation_id="make_code",
    responses=answers(PersonWithCode, 201),
)
def code(the: The, _: Admin, number: Number, given: ReasonIn) -> dict[str, Any]:
    """For who lost a password; what he has holds until he sets another."""
    because(given.reason)
    return _with_code(the, _present(the, number))


@router.post(
    "/people/{number}/role",
    summary="Give a person another role, or another end",
    operation_id="change_role",
    responses=answers(PersonShape),
)
def change(the: The, _: Admin, number: Number, given: RoleIn) -> dict[str, Any]:
    """It holds from his next request on."""
    because(given.reason)
    person = _present(the, number)
    _check("people", given.role, given.until, the)
    if given.role != "admin" or given.until is not None:
        _not_the_last(the, person)
    the.books.people.change(number, given.role, given.until)
    return _person(the, _present(the, number))


@router.post(
    "/people/{number}/remove",
    summary="Let a person in no more",
    operation_id="remove_person",
    responses=answers(PersonShape),
)
def remove(the: The, _: Admin, number: Number, given: ReasonIn) -> dict[str, Any]:
    """All sessions of that person are over. What was entered keeps the name."""
    because(given.reason)
    _not_the_last(the, _present(the, number))
    the.books.people.remove(number, the.now())
    return _person(the, _found(the, number))


@router.get("/keys", summary="Which API keys there are", responses=answers(Keys))
def keys(the: The, _: Admin, paged: Paged) -> dict[str, Any]:
    """Every key that was ever made, the newest first; never its text."""
    found = paged.of(the.books.keys.all(), lambda one: one.id, newest_first=True)
    return {"now": stamp(the.now()), "keys": [_key(the, one) for one in found]}


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    operation_id="make_key",
    responses=answers(NewKey, 201),
)
def make(the: The, who: Admin, given: NewIn) -> dict[str, Any]:
    """Its text is shown here once, and only its hash is kept."""
    because(given.reason)
    _check("keys", given.role, given.until, the)
    made = the.books.keys.make(given.name, given.role, the.now(), by=who.name, until=given.until)
    return _key(the, the.books.keys.all()[0]) | {"key": made}


@router.post(
    "/keys/{number}/revoke",
    summary="Take an API key back",
    operation_id="revoke_key",
    responses=answers(KeyShape),
)
def revoke(the: The, _: Admin, number: Number, given: ReasonIn) -> dict[str, Any]:
    """For ever, from the next request on."""
    because(given.reason)
    the.books.keys.revoke(number, the.now())
    key = the.books.keys.find(number)
    if key is None:
        raise HTTPException(404, f"There is no key {number}.")
    return _key(the, key)


def _check(where: str, role: str, until: Moment | None, the: Service) -> None:
    problems = admission_problems(where, role, until, the.now())
    if problems:
        raise Refused(*problems)


def _not_the_last(the: Service, person: Person) -> None:
    """Somebody must be left who may let people in."""
    left = [
        one
        for one in the.books.people.all()
        if one.role == "admin" and one.until is None and one.password and one.removed is None
    ]
    if [one.id for one in left] == [person.id]:
        raise Refused(Problem("last-admin", "people", values={"name": person.name}))


def _present(the: Service, number: int) -> Person:
    person = _found(the, number)
    if person.removed is not None:
        raise Refused(Problem("person-removed", "people", values={"name": person.name}))
    return person


def _found(the: Service, number: int) -> Person:
    person = the.books.people.find(number)
    if person is None:
        raise HTTPException(404, f"There is no person {number}.")
    return person


def _with_code(the: Service, person: Person) -> dict[str, Any]:
    now = the.now()
    text = the.books.people.code(person.id, now)
    return _person(the, person) | {"code": text, "code_until": stamp(now + CODE_HOLDS)}


def _person(the: Service, one: Person) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "until": one.until,
        "made_at": one.made,
        "made_by": one.made_by,
        "removed_at": one.removed,
        "has_password": one.password is not None,
        "holds": one.may_come(the.now()),
    }


def _key(the: Service, one: Key) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "prefix": one.prefix,
        "until": one.until,
        "made_at": one.made,
        "made_by": one.made_by,
        "revoked_at": one.revoked,
        "holds": one.holds(the.now()),
    }
