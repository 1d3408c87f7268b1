"""The application: routes, problems, headers, and the pages."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint

from api.assemble import problem_body
from api.floor import Floor
from api.importing.office import Office
from api.reference import reference
from api.routes import (
    alarms,
    audit,
    batches,
    closing,
    emissions,
    enrolment,
    exports,
    genealogy,
    imports,
    machines,
    meters,
    people,
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
_CSP = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)


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
    )
    app.state.service = service
    app.state.hsts = f"max-age={hsts_days * 86_400}" if hsts_days else ""
    app.state.floor = Floor(service)
    app.state.savings = {}
    app.state.office = Office()
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.middleware("http")(_headers)
    app.add_exception_handler(HTTPException, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refused, _cannot)
    rooms = (
        site, machines, savings, batches, runs, imports, proposals, genealogy, closing, meters,
        emissions, seals, exports, enrolment, alarms, reconciliation, words,
        session, people, audit, reviews,
    )  # fmt: skip
    for room in rooms:
        app.include_router(room.router, prefix="/api/v1")

    @app.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    def docs() -> str:
        return reference(app)

    app.mount("/", StaticFiles(directory=_PAGES, html=True), name="pages")
    return app


async def _headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.app.state.hsts:
        response.headers["Strict-Transport-Security"] = request.app.state.hsts
    if request.url.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


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
    titles = {401: "No key", 403: "Not allowed", 404: "Not there", 409: "In conflict", 429: "Later"}
    body = {
        "type": "about:blank",
        "title": titles.get(status, "Not acceptable"),
        "status": status,
        "detail": detail,
    } | more
    return JSONResponse(body, status, headers, media_type="application/problem+json")
