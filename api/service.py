"""What the routes work with: one object, made by the composition root."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, cast

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.bookkeeper import Bookkeeper
from api.books import Books
from api.books.keys import Key
from api.report import Catalogue, Reporter
from collector.wire.reading import Reading
from gateway.journal import Journal


class Ears(Protocol):
    """What the gateway knows of the moment: live readings and how it fares itself."""

    def reading(self, device: str) -> Reading | None:
        """The newest live reading of a device."""

    def states(self) -> dict[str, str]:
        """State by collector."""

    def broker_up(self) -> bool:
        """Whether the gateway is connected."""

    def behind(self) -> int:
        """Messages that wait to be stored."""

    def lag_s(self) -> float:
        """From the newest reading that was stored to its receipt. [s]"""

    def fault(self) -> str:
        """Why nothing can be stored now; empty where all is well."""

    def waiting(self) -> Mapping[str, int]:
        """Records by collector that are not yet accounted for."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that answers a request."""

    journal: Journal
    books: Books
    reporter: Reporter
    bookkeeper: Bookkeeper
    catalogue: Catalogue
    ears: Ears
    now: Callable[[], datetime]
    version: str


def service(request: Request) -> Service:
    """The service of this application."""
    return cast("Service", request.app.state.service)


_bearer = HTTPBearer(auto_error=False, description="An API key: mp_…")


def reader(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Key:
    """Whose request this is; 401 without a key that is known."""
    key = service(request).books.keys.holder(given.credentials) if given else None
    if key is None:
        raise HTTPException(401, "An API key is needed: Authorization: Bearer mp_…")
    return key


def writer(key: Annotated[Key, Depends(reader)]) -> Key:
    """Whose request this is; 403 where the role may only read."""
    if key.role == "certifier":
        raise HTTPException(403, "The role certifier may read and not write.")
    return key


The = Annotated[Service, Depends(service)]
Reader = Annotated[Key, Depends(reader)]
Writer = Annotated[Key, Depends(writer)]
