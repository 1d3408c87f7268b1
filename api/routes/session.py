"""Signing in and out: a session in a cookie that no script can read and no other site can use."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Response
from pydantic import Field

from api.admission import TooOften, Unknown
from api.books.people import Person
from api.books.sessions import LASTS
from api.own_page import from_own_page
from api.passwords import LONGEST, Busy
from api.rights import RIGHTS
from api.routes import room
from api.routes.forms import Form
from api.service import COOKIE, Reader, The, address_of
from api.shapes import answers
from api.shapes.people import Asking, SignedIn

router = room("people", prefix="/session")

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
_OWN = [Depends(from_own_page)]


class SignIn(Form):
    """Who, and how we know."""

    name: str = Field(min_length=1, max_length=64)
    password: Password


class Redeem(Form):
    """A one-time code, and the password that is set with it."""

    code: str = Field(min_length=1, max_length=32, description="XXXX-XXXX-XXXX-XXXX")
    password: Password


class Change(Form):
    """The password until now, and the next one."""

    old: Password
    new: Password


@router.get("", summary="Who asks", operation_id="who_asks", responses=answers(Asking))
def who_asks(who: Reader) -> dict[str, Any]:
    """Name, role and rights of the key or the session that this comes with."""
    return _body(who.name, who.role) | {"means": who.means}


@router.post(
    "",
    status_code=201,
    summary="Sign in",
    dependencies=_OWN,
    operation_id="sign_in",
    responses=answers(SignedIn, 201),
)
def sign_in(the: The, request: Request, response: Response, given: SignIn) -> dict[str, Any]:
    """A session of at most twelve hours, over after two without a request."""
    with _letting_in():
        person, text = the.admission.sign_in(given.name, given.password, address_of(request))
    return _signed_in(request, response, person, text)


@router.post(
    "/code",
    status_code=201,
    summary="Set a password with a one-time code",
    dependencies=_OWN,
    operation_id="redeem_code",
    responses=answers(SignedIn, 201),
)
def redeem(the: The, request: Request, response: Response, given: Redeem) -> dict[str, Any]:
    """Who is new, and who lost a password: by a code of an admin, or of the box itself."""
    with _letting_in():
        person, text = the.admission.redeem(given.code, given.password, address_of(request))
    return _signed_in(request, response, person, text)


@router.post(
    "/password",
    summary="Change one's own password",
    operation_id="change_password",
    responses=answers(SignedIn),
)
def change(
    the: The, who: Reader, request: Request, response: Response, given: Change
) -> dict[str, Any]:
    """Every other session ends; this browser has a new one."""
    with _letting_in():
        text = the.admission.change_password(who, given.old, given.new)
    _set(request, response, text)
    return _body(who.name, who.role)


@router.delete("", status_code=204, summary="Sign out", operation_id="sign_out")
def sign_out(the: The, who: Reader, request: Request, response: Response) -> None:
    """The session is over for whoever has its cookie; a key goes on."""
    text = request.cookies.get(COOKIE)
    if text and who.means.startswith("person"):
        the.books.sessions.end(text, the.now())
    response.delete_cookie(COOKIE, path="/api/v1")


@contextmanager
def _letting_in() -> Iterator[None]:
    try:
        yield
    except Unknown:
        raise HTTPException(401, "That is not right; which part of it is not said.") from None
    except TooOften as fault:
        wait = math.ceil(fault.wait.total_seconds())
        raise _later(f"Too many attempts failed; the next one in {wait} s.", wait) from None
    except Busy:
        raise _later("Many sign in at this moment; once more in 2 s.", 2) from None


def _later(said: str, seconds: int) -> HTTPException:
    return HTTPException(429, said, headers={"Retry-After": str(seconds)})


def _signed_in(request: Request, response: Response, person: Person, text: str) -> dict[str, Any]:
    _set(request, response, text)
    return _body(person.name, person.role)


def _set(request: Request, response: Response, text: str) -> None:
    response.set_cookie(
        COOKIE,
        text,
        max_age=int(LASTS.total_seconds()),
        path="/api/v1",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _body(name: str, role: str) -> dict[str, Any]:
    return {"name": name, "role": role, "rights": sorted(RIGHTS[role])}
