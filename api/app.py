"""The application: routes, problems, headers, and the pages."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.assemble import problem_body
from api.document import document
from api.envelope import Envelope
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
from collector.wire.problem import Refused

_PAGES = Path(__file__).parent / "pages"
_TITLES = {
    401: "No key",
    403: "Not allowed",
    404: "Not there",
    405: "Not that way",
    409: "In conflict",
    412: "Changed since",
    413: "Too large",
    429: "Later",
    500: "At fault",
}

_NOTHING_TOLD: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,  # whatever the environment says
}


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
        telemetry=_NOTHING_TOLD,
    )
    app.state.service = service
    app.state.floor = Floor(service)
    app.state.savings = {}
    app.state.office = Office()
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    app.add_middleware(Envelope, hsts_days=hsts_days)
    app.add_exception_handler(Exception, _fault)
    app.add_exception_handler(Answered, _as_before)
    app.add_exception_handler(HTTPException, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refused, _cannot)
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


async def _fault(_: Request, __: Exception) -> Response:
    """RFC 9457 for a fault of ours; it stands in the log."""
    return _problem(500, "A fault of this server; its log says more.")


async def _refusal(request: Request, fault: Exception) -> Response:
    """RFC 9457 for what we refuse ourselves."""
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    detail = str(fault.detail) if isinstance(fault, HTTPException) else ""
    if detail == HTTPStatus(status).phrase:  # nobody of ours refused it: there is no such path
        detail = f"{request.method} {request.url.path}: {detail.lower()}"
    told = fault.headers if isinstance(fault, HTTPException) else None
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else dict(told or {})
    return _problem(status, detail, headers=headers)


async def _invalid(_: Request, fault: Exception) -> Response:
    """RFC 9457 for a parameter or a body that is not of its form: names it and quotes the value."""
    errors = fault.errors() if isinstance(fault, RequestValidationError) else []
    found = [
        {
            "field": ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0]),
            "value": repr(error.get("input"))[:200],
            "allowed": error["msg"],
            "allowed_zh": error.get("msg_zh"),
        }
        for error in errors
    ]
    said = "; ".join(f"{one['field']}={one['value']}: {one['allowed']}" for one in found)
    return _problem(422, said, errors=found)


async def _cannot(_: Request, fault: Exception) -> Response:
    """RFC 9457 for what cannot be done as things are: what, why, and what to do."""
    problems = fault.problems if isinstance(fault, Refused) else ()
    found = [problem_body(problem) for problem in problems]
    said = " ".join(f"{one['text_en']} {one['do_en']}" for one in found)
    status = fault.status if isinstance(fault, NotAcceptable) else 409
    return _problem(status, said, problems=found)


def _problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Not acceptable"),
        "status": status,
        "detail": detail,
    } | more
    return JSONResponse(body, status, headers, media_type="application/problem+json")
