"""What goes up to the group's centre: seals, each with the results that it vouches for.

The site asks how far the centre has come and sends what follows, a seal at a time: its file as the
first line, then a line for each row. A row is the form that was hashed into the seal's leaf, so
the centre needs to believe nothing but the site's key.
"""

import logging
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import orjson
from typing_extensions import override

from api.books.sealed_rows import KIND
from api.books.seals import Seals
from api.configuration import GroupSettings
from api.evidence.seal import Document, leaf_parts

RESULTS, ENTRIES, BATCHES, VIEW = "results", "entries", "batches", "footprint"
SAID = ("batch", "undone")
"""Kinds of entries that say of which article a batch is: what was said, and what was taken back."""
_LINE, _SENT = "/api/v1/group/line", "/api/v1/group/seals"
_PATIENCE_S = 600.0
"""A first seal may hold years, and the centre looks at every row of it."""
_LONGEST_FAULT = 400

log = logging.getLogger("api")


class Unsent(Exception):
    """It could not be sent now; says why."""


def is_footprint(name: str) -> bool:
    """Whether a leaf of the books is of a result that goes up."""
    kind, *key = leaf_parts(name)
    return kind == RESULTS and key[1:2] == [VIEW]


def lines_of(seals: Seals, document: Document) -> Iterator[bytes]:
    """A seal and its rows as they are sent."""
    yield document.text + b"\n"
    names = [leaf.name for leaf in document.leaves if leaf.kind == KIND]
    for form in seals.row_forms(name for name in names if _may_go(name)):
        row = orjson.loads(form)
        if row["row"] != ENTRIES or row["kind"] in SAID:
            yield form + b"\n"


def _may_go(name: str) -> bool:
    return is_footprint(name) or leaf_parts(name)[0] in (ENTRIES, BATCHES)


class Upward:
    """Sends one site's seals to its group's centre.

    Args:
        seals: The kept seals.
        to: The centre.
        version: Of the program, for the header that says who asks.
    """

    def __init__(self, seals: Seals, to: GroupSettings, version: str) -> None:
        self._seals, self._to = seals, to
        context = ssl.create_default_context(cafile=to.ca) if to.ca else None
        handlers = [urllib.request.HTTPSHandler(context=context)] if context else []
        self._opener = urllib.request.build_opener(_NoRedirect, *handlers)
        self._headers = {
            "Authorization": f"Bearer {to.key.read_text(encoding='utf-8').strip()}",
            "User-Agent": f"millprint/{version}",
        }

    def send(self) -> bool:
        """Send what the centre does not have yet; where that fails False, and why is kept."""
        due = self._seals.handed_through().get(self._to.url, 0) + 1
        try:
            through = self._through()
            for due in self._owed(through):
                self._post(due)
        except Unsent as fault:
            log.warning("seal %d could not be sent to the group: %s", due, fault)
            last = self._seals.last_entry()
            if last is not None:  # else there is nothing that could be late
                number = min(due, last.number)
                self._seals.set_copy(self._to.url, number, str(fault)[:_LONGEST_FAULT])
            return False
        return True

    def _owed(self, through: int) -> Iterator[int]:
        for number in self._seals.owed(self._to.url):
            if number <= through:  # its answer was lost on the way
                self._seals.set_copy(self._to.url, number, "")
        last = self._seals.last_entry()
        yield from range(through + 1, last.number + 1 if last else 0)

    def _through(self) -> int:
        """How far the centre has come, which must be a seal of these books."""
        said = self._ask(urllib.request.Request(self._to.url + _LINE, headers=self._headers))
        number, digest = int(said["number"]), said["hash"]
        own = self._seals.of_number(number) if number else None
        if number and (own is None or own.digest != digest):
            raise Unsent(
                f"The centre holds a seal {number} of this site ({digest}) that these books do not "
                "have: they were set back. See docs/many-mills.md."
            )
        return number

    def _post(self, number: int) -> None:
        document = self._seals.of_number(number)
        if document is None:
            raise Unsent(f"seal {number} is missing; millprint verify says more")
        headers = self._headers | {"Content-Type": "application/x-ndjson"}
        # Sent as it is read: however much a seal holds, it is never in memory at once.
        body = lines_of(self._seals, document)
        self._ask(
            urllib.request.Request(self._to.url + _SENT, data=body, headers=headers, method="POST")
        )
        self._seals.set_copy(self._to.url, number, "")

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with self._opener.open(request, timeout=_PATIENCE_S) as answer:
                said: dict[str, Any] = orjson.loads(answer.read())
                return said
        except urllib.error.HTTPError as refused:
            raise Unsent(_why(refused)) from refused
        except (urllib.error.URLError, OSError, HTTPException, ValueError) as fault:
            raise Unsent(str(fault)) from fault


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is meant for one address is not for another."""

    @override
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _why(refused: urllib.error.HTTPError) -> str:
    """What the centre says of its refusal."""
    try:
        detail = orjson.loads(refused.read()).get("detail", "")
    except (ValueError, AttributeError, OSError, HTTPException):
        detail = ""
    return f"{refused.code} {detail or refused.reason}"
