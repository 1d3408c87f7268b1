"""Pages of a list: ``limit`` rows, and a ``Link`` to the next ones where there are more."""

import base64
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeAlias, TypeVar

import orjson
from fastapi import Depends, HTTPException, Query, Request, Response

Row = TypeVar("Row")
Key = TypeVar("Key", int, str)

MOST = 1000
After: TypeAlias = Annotated[
    str | None, Query(max_length=500, description="The place to go on after, from the Link header")
]


class Pager:
    """The page of a list that somebody asks for."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Most rows of a page")] = MOST,
        after: After = None,
    ) -> None:
        self._request, self._response = request, response
        self._limit, self._after = limit, after

    @property
    def asked(self) -> bool:
        """Whether less than the whole list is asked for."""
        return self._limit < MOST or self._after is not None

    def of(
        self, rows: Iterable[Row], key: Callable[[Row], Key], *, newest_first: bool = False
    ) -> list[Row]:
        """The rows of the page.

        Args:
            rows: The whole list.
            key: What it is in order of; no two rows have the same.
            newest_first: Whether from the last to the first.
        """
        found = sorted(rows, key=key, reverse=newest_first)
        if self._after is not None:
            last = place(self._after, type(key(found[0])) if found else object)
            found = [row for row in found if (key(row) < last if newest_first else key(row) > last)]
        if len(found) > self._limit:
            point_to_next(self._request, self._response, key(found[self._limit - 1]))
        return found[: self._limit]


Paged: TypeAlias = Annotated[Pager, Depends()]
"""The page of a list that is asked for."""


def point_to_next(request: Request, response: Response, last: object) -> None:
    """Say in the ``Link`` header where the rows after the last one of a page are."""
    token = base64.urlsafe_b64encode(orjson.dumps(last)).decode().rstrip("=")
    url = request.url.include_query_params(after=token)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def place(token: str, kind: type) -> Any:
    """The place of a list that a token names; 422 where it names none."""
    refused = HTTPException(422, f"after={token!r} is no place in this list")
    try:
        found = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as fault:
        raise refused from fault
    if not isinstance(found, kind):
        raise refused
    return found
