"""How applications of the house refuse: RFC 9457, whoever asks for whatever."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.assemble import problem_body
from collector.wire.problem import Problem, Refused

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


def answered(app: FastAPI) -> None:
    """Have an application answer so."""
    app.add_exception_handler(Exception, _fault)
    app.add_exception_handler(HTTPException, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refused, _cannot)


async def _fault(_: Request, __: Exception) -> Response:
    """RFC 9457 for a fault of ours; it stands in the log."""
    return problem(500, "A fault of this server; its log says more.")


async def _refusal(request: Request, fault: Exception) -> Response:
    """RFC 9457 for what we refuse ourselves."""
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    detail = str(fault.detail) if isinstance(fault, HTTPException) else ""
    if detail == HTTPStatus(status).phrase:  # nobody of ours refused it: there is no such path
        detail = f"{request.method} {request.url.path}: {detail.lower()}"
    told = fault.headers if isinstance(fault, HTTPException) else None
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else dict(told or {})
    return problem(status, detail, headers=headers)


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
    return problem(422, said, errors=found)


async def _cannot(_: Request, fault: Exception) -> Response:
    """RFC 9457 for what cannot be done as things are."""
    return of_problems(fault.problems if isinstance(fault, Refused) else ())


def of_problems(problems: Iterable[Problem], status: int = 409) -> JSONResponse:
    """What is wrong, why, and what to do."""
    found = [problem_body(one) for one in problems]
    said = " ".join(f"{one['text_en']} {one['do_en']}" for one in found)
    return problem(status, said, problems=found)


def problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A refusal as RFC 9457 has it."""
    body = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Not acceptable"),
        "status": status,
        "detail": detail,
    } | more
    return JSONResponse(body, status, headers, media_type="application/problem+json")
