"""What the routes work with: one object, made by the composition root."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from api.admission import Admission
from api.alarm_files import AlarmSettings
from api.bookkeeper import Bookkeeper
from api.books import Books
from api.books.audit import Act, begin
from api.composing import Composer
from api.factor_changes import FactorChanges
from api.finder import Finder
from api.ledger import RULES
from api.ledger.factors import Catalogue
from api.once import once
from api.outline import Outline
from api.own_page import HEADER, from_own_page
from api.periods import Periods
from api.quick import quick
from api.report import Reporter
from api.revisions import Revisions
from api.rights import Who, holding
from api.sight import Sight
from api.statement import Statements
from api.tariff import Tariff
from api.watch import Watch
from collector.wire.reading import Reading
from gateway.journal import Journal
from gateway.projections import Series, Standing


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

    def projections(self) -> Sequence[Standing]:
        """How the time-series stores stand; none where none is configured."""


class Registrar(Protocol):
    """Who signs the certificates of collectors; each `Refused` where it may not."""

    def authority(self) -> str:
        """The certificate that everybody of the site trusts. [PEM]"""

    def join(self, secret: str, request: str, now: datetime) -> dict[str, Any]:
        """A first certificate, for a one-time code."""

    def renew(
        self, certificate: str, request: str, signature: str, now: datetime
    ) -> dict[str, Any]:
        """A next one, for who has the key of one that holds."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that answers a request."""

    journal: Journal
    books: Books
    reporter: Reporter
    bookkeeper: Bookkeeper
    revisions: Revisions
    periods: Periods
    series: Series
    ears: Ears
    sight: Sight
    watch: Watch
    now: Callable[[], datetime]
    version: str
    tariff: Tariff
    outline: Outline
    admission: Admission
    four_eyes: frozenset[str] = frozenset()
    registrar: Registrar | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The factors that hold now: shipped, the mill's files, and what was entered."""
        return self.reporter.pricer.catalogue


def serve(  # noqa: PLR0913 - what a composition root has in hand
    journal: Journal,
    books: Books,
    reporter: Reporter,
    *,
    series: Series,
    ears: Ears,
    now: Callable[[], datetime],
    version: str,
    tariff: Tariff,
    outline: Outline,
    registrar: Registrar | None = None,
    alarms: AlarmSettings | None = None,
    four_eyes: frozenset[str] = frozenset(),
    rules: str = RULES,
) -> Service:
    """The service over a journal and books."""
    statements = Statements(books, reporter)
    composer = Composer(
        books,
        reporter.pricer,
        reporter.plants,
        software=version,
        rules=rules,
    )
    revisions = Revisions(books, reporter, statements, composer, now=now)
    periods = Periods(books, reporter, statements, revisions)
    bookkeeper = Bookkeeper(
        books,
        Finder(journal, books, reporter.plants),
        reporter,
        revisions=revisions,
        composer=composer,
        factor_changes=FactorChanges(books, reporter.pricer, revisions),
        periods=periods,
        now=now,
    )
    sight = Sight(journal, books, reporter, bookkeeper)
    return Service(
        journal=journal,
        books=books,
        reporter=reporter,
        bookkeeper=bookkeeper,
        revisions=revisions,
        periods=periods,
        series=series,
        ears=ears,
        sight=sight,
        watch=Watch(books, sight, alarms or AlarmSettings(), now=now),
        now=now,
        version=version,
        registrar=registrar,
        tariff=tariff,
        outline=outline,
        admission=Admission(books, now),
        four_eyes=four_eyes,
    )


COOKIE = "millprint"
_SAFE = ("GET", "HEAD", "OPTIONS")
_bearer = HTTPBearer(auto_error=False, description="An API key: mp_…")
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    description=f"A session, of POST /session. What changes anything needs `{HEADER}: 1` as well.",
)


async def service(request: Request) -> Service:
    """The service of this application.

    Not a plain function: those run in a thread, and the way there takes longer than this does.
    """
    return cast("Service", request.app.state.service)


The = Annotated[Service, Depends(service)]


NAMED = {"enter", "decide"}
"""Rights to write what may be sent again under a name."""


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


async def asking(
    request: Request,
    scopes: SecurityScopes,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    session: Annotated[str | None, Security(_cookie)],
) -> Who:
    """Who asks; from here on what the request changes is noted as his.

    A write that has a name of its own and was done before goes no further. What people and keys
    are given is shown once, so nothing of that is kept to be answered again.

    Not a plain function: those run in a thread, and what they begin is over when they return. And
    one, not several that need each other: each of them takes longer than this does.
    """
    the = await service(request)
    who = await _known(request, the, given, session)
    for right in scopes.scopes:
        if not who.may(right):
            raise HTTPException(
                403, f"The role {who.role} may not {right}; who may: {holding(right)}."
            )
    begin(Act(who, the.now()))
    if NAMED & set(scopes.scopes):
        await once(request, the.books, who.means, the.now())
    return who


@quick
def _known(
    request: Request,
    the: Service,
    given: HTTPAuthorizationCredentials | None,
    session: str | None,
) -> Who:
    """Who asks; 401 where nobody knows."""
    who = None
    if given is not None:
        who = the.admission.by_key(given.credentials, address_of(request))
    elif session is not None:
        who = the.admission.by_session(session, address_of(request))
        if who is not None and request.method not in _SAFE:
            from_own_page(request)
    if who is None:
        raise HTTPException(401, "Sign in, or send an API key: Authorization: Bearer mp_…")
    return who


# The right that a route needs, as the type of who calls it.
Reader = Annotated[Who, Security(asking, scopes=["read"])]
Writer = Annotated[Who, Security(asking, scopes=["enter"])]
Accountant = Annotated[Who, Security(asking, scopes=["decide"])]
Auditor = Annotated[Who, Security(asking, scopes=["audit"])]
Admin = Annotated[Who, Security(asking, scopes=["people"])]
