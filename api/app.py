"""The application: routes, problems, headers, and the pages."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api import refusals
from api.document import document
from api.envelope import NOTHING_TOLD, Envelope
from api.floor import Floor
from api.importing.office import Office
from api.once import Answered
from api.routes import (
    alarms,
    articles,
    audit,
    batches,
    closing,
    emissions,
    enrolment,
    exports,
    genealogy,
    imports,
    improvements,
    machines,
    meters,
    people,
    proofs,
    proposals,
    reconciliation,
    reviews,
    runs,
    savings,
    seals,
    session,
    site,
    words,
)
from api.routes.forms import NotAcceptable
from api.service import Service

_PAGES = Path(__file__).parent / "pages"


def application(service: Service, *, hsts_days: int = 0) -> FastAPI:
    """The FastAPI application around a service.

    Args:
        service: Everything that answers.
        hsts_days: For how long browsers are to take nothing but https from here; 0 says nothing.
    """
    app = FastAPI(
        title="millprint",
        summary="The footprint of every batch, from the mill's own meters.",
        version=service.version,
        docs_url=None,
        redoc_url=None,
        telemetry=NOTHING_TOLD,
    )
    app.state.service = service
    app.state.floor = Floor(service)
    app.state.savings = {}
    app.state.office = Office()
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    app.add_middleware(Envelope, hsts_days=hsts_days)
    refusals.answered(app)
    app.add_exception_handler(Answered, _as_before)
    app.add_exception_handler(NotAcceptable, _not_acceptable)
    rooms = (
        site, machines, savings, batches, runs, imports, proposals, genealogy, articles,
        improvements, closing, meters, emissions, seals, exports, enrolment, alarms,
        reconciliation, words, proofs,
        session, people, audit, reviews,
    )  # fmt: skip
    for room in rooms:
        app.router.routes += room.router.routes

    @app.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    def docs() -> str:
        from api.reference import reference  # few ever ask, and Jinja is 2 MB

        return reference(app)

    of_api = list(app.router.routes)
    pages = GZipMiddleware(StaticFiles(directory=_PAGES, html=True), minimum_size=1024)
    app.mount("/", _Elsewhere(of_api, pages), name="pages")
    return app


class _Elsewhere:
    """Every path that no route has: the pages, and under ``/api`` what is not there."""

    def __init__(self, routes: Iterable[BaseRoute], pages: ASGIApp) -> None:
        self._routes, self._pages = tuple(routes), pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page; 404 where there is nothing, and 405 where there is, by another method."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            allowed = ", ".join(self._methods(scope))
            headers = {"Allow": allowed} if allowed else None
            raise HTTPException(405 if allowed else 404, headers=headers)
        await self._pages(scope, receive, send)

    def _methods(self, scope: Scope) -> Iterator[str]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            asked = {**scope, "method": method, "root_path": ""}
            if any(route.matches(asked)[0] is Match.FULL for route in self._routes):
                yield method


async def _as_before(_: Request, fault: Exception) -> Response:
    """What is sent again is answered as it was."""
    assert isinstance(fault, Answered)
    return fault.response


async def _not_acceptable(_: Request, fault: Exception) -> Response:
    """What is refused for what it says, and not for how things are."""
    assert isinstance(fault, NotAcceptable)
    return refusals.of_problems(fault.problems, fault.status)
