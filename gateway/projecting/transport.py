"""HTTP to an engine: a connection a request, since requests are few and large; every wait ends."""

import base64
import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

from collector.wire.problem import Problem, Refused
from gateway.projections import Unanswered

PATIENCE_S = 60.0
"""A comparison of a day of a large mill takes an engine a while; a dead one is known sooner."""
_SAID = 300  # characters of a refusal that are quoted


class Transport:
    """Speaks to one engine. Safe to use from several threads.

    Args:
        url: ``http://host:port`` or ``https://host:port``, with a path before every other or none.
        headers: Said with every request.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        self._kind, self._host = kinds[parts.scheme], parts.netloc
        self._root, self._headers = parts.path.rstrip("/"), dict(headers)

    def post(self, path: str, body: bytes, **query: str) -> bytes:
        """Post lines; what is answered."""
        return self._ask("POST", path, query, body)

    def form(self, path: str, **said: str) -> bytes:
        """Post a form; what is answered."""
        return self._ask("POST", path, {}, urlencode(said).encode(), form=True)

    def get(self, path: str, **query: str) -> bytes:
        """Get; what is answered."""
        return self._ask("GET", path, query, None)

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None,
        *,
        form: bool = False,
    ) -> bytes:
        target = f"{self._root}{path}" + (f"?{urlencode(query)}" if query else "")
        kind = "application/x-www-form-urlencoded" if form else "text/plain; charset=utf-8"
        headers = self._headers | ({"Content-Type": kind} if body is not None else {})
        try:
            with closing(self._kind(self._host, timeout=PATIENCE_S)) as connection:
                connection.request(method, target, body, headers)
                answer = connection.getresponse()
                status = answer.status
                said: bytes = answer.read()
        except (OSError, http.client.HTTPException) as fault:
            why = str(fault) or type(fault).__name__
            raise Unanswered(f"{self._host}: {why}") from fault
        if status >= http.client.BAD_REQUEST:
            raise Unanswered(f"{self._host}: {status} {said[:_SAID].decode(errors='replace')}")
        return said


def json_lines(body: bytes) -> list[Any]:
    """What stands on each line."""
    return [json.loads(one) for one in body.splitlines() if one.strip()]


def checked_url(url: str, where: str) -> str:
    """An engine's address; `Refused` where it is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
        good = good and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise Refused(Problem("bad-engine-url", where, values={"url": url}))
    return url


def basic(user_and_password: str) -> str:
    """The header of a user and a password."""
    return f"Basic {base64.b64encode(user_and_password.encode()).decode()}"
