"""Four eyes: what a route changes waits until a second person confirms it, where the mill wants it.

A route that can wait is marked with `waits`. What it was asked is kept; when the second person
confirms, it is done as whoever asked for it would have done it, and refused as it would have been.
"""

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, get_type_hints

from fastapi import HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter

from api.books.reviews import CONFIRMED, REFUSED, WAITING, Review
from api.rights import Right, Who
from api.service import Service
from collector.wire.problem import Problem, Refused

Do = Callable[..., Any]
KindOf = Callable[[Service, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class _Call:
    """What can wait.

    Attributes:
        do: What is done at last.
        right: What the second person must have, as the first had.
    """

    do: Do
    right: Right


_CALLS: dict[str, _Call] = {}
_STATE = "if_match"
"""The state that a change depends on: not what it is about."""
_deciding = threading.Lock()
"""Of two who confirm at once, the second finds it done."""


def waits(kind: str | KindOf, right: Right = "enter") -> Callable[[Do], Do]:
    """Mark a route: where the mill wants four eyes for this kind, it waits for a second person.

    Its parameters are ``the``, ``key``, what its path names, and one form.
    """

    def marked(do: Do) -> Do:
        name = f"{do.__module__.rpartition('.')[2]}.{do.__name__}"
        _CALLS[name] = _Call(do, right)

        @wraps(do)
        def ask(the: Service, key: Who, **said: Any) -> Any:
            of = kind if isinstance(kind, str) else kind(the, said)
            if of not in the.four_eyes:
                return do(the=the, key=key, **said)
            asked = {word: _plain(value) for word, value in said.items()}
            names = (str(one) for word, one in asked.items() if word != _STATE and _names(one))
            about = "/".join([name, *names])
            number = the.books.reviews.ask(name, about, asked, key, the.now())
            return JSONResponse({"review": number, "state": WAITING, "subject": about}, 202)

        return ask

    return marked


def decide(the: Service, number: int, who: Who, why: str, *, confirm: bool) -> Any:
    """A second person decides; what the change itself answers, where it is confirmed.

    Raises:
        HTTPException: There is nothing that waits, or this is not the one to decide it.
        Refused: The change cannot be made as things are; it goes on waiting.
    """
    with _deciding:
        review = the.books.reviews.find(number)
        if review is None:
            raise HTTPException(404, f"There is no review {number}.")
        if review.state != WAITING:
            values = {"by": review.decided_by or "", "state": review.state}
            raise Refused(Problem("review-decided", f"reviews/{number}", values=values))
        call = _CALLS[review.call]
        _must_be_second(the, review, who, call.right)
        answer = call.do(the=the, key=review.who, **_again(call.do, review)) if confirm else None
        state = CONFIRMED if confirm else REFUSED
        the.books.reviews.decide(number, state, who.name, why, the.now())
        return answer


def _must_be_second(the: Service, review: Review, who: Who, right: Right) -> None:
    """Another one, whom we know to be a person: a key may be in anybody's hands."""
    if not who.may(right):
        raise HTTPException(403, f"The role {who.role} may not {right}.")
    if not who.means.startswith("person"):
        raise HTTPException(403, "A second pair of eyes is a person's: sign in for it.")
    means, _, number = review.asked_means.partition(" ")
    key = the.books.keys.find(int(number)) if means == "key" else None
    own = {review.asked_by.casefold(), (key.made_by or "").casefold() if key else ""}
    if who.name.casefold() in own:
        raise HTTPException(403, "Who asked for it does not confirm it.")


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else value


def _names(value: Any) -> bool:
    return isinstance(value, str | int)


def _again(do: Do, review: Review) -> dict[str, Any]:
    """What was asked, read anew as the route reads it."""
    forms = get_type_hints(do, include_extras=True)
    words = [word for word in inspect.signature(do).parameters if word in review.asked]
    return {word: TypeAdapter(forms[word]).validate_python(review.asked[word]) for word in words}
