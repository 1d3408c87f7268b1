"""The OpenAPI document: what FastAPI knows of the routes, and what holds for all of them.

A route says its parameters, its body and the shape of its answer. What every route shares is told
here and not at each: refusals by RFC 9457, entity tags, idempotency keys.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.service import NAMED
from api.shapes.problems import Refusal

_Operation = dict[str, Any]
_TAGS = {
    "site": "The site, its health, its factors and its balance",
    "machines": "Machines as they are now, and the readings of their points",
    "savings": "What was spent for nothing",
    "batches": "Batches and their footprints",
    "runs": "Batches on machines: stated, corrected, imported",
    "imports": "Tables of a mill's own systems: looked at, taken in whole, undone",
    "reconciliation": "Bills beside meters, mass that went in beside mass that came out",
    "genealogy": "What batches became of batches",
    "articles": "Articles: what a kilogram carries, and what is declared of it",
    "improvements": "What was done to save, and two periods beside each other",
    "closing": "Closed months, and what waits for a person afterwards",
    "meters": "The register of meters, swaps and broken registers",
    "emissions": "What was used and no meter counts",
    "evidence": "Seals, for those who check",
    "exports": "Results as files",
    "enrolment": "How a collector joins; without API key",
    "people": "Who may come: sessions, people and API keys",
    "audit": "Who changed what",
    "alarms": "What is wrong now, what it costs, and who has seen it",
}
_ABOUT = """\
Numbers that people account with are decimals as text, and say their unit where they are described.
Instants are UTC. Lists are paged: `Link: <…>; rel="next"` says where the next page is. What is
refused is answered with a problem (RFC 9457) and changes nothing. A POST may carry an
`Idempotency-Key`: sent again with the same body, it is done once and answered the same. Answers to
GET carry an `ETag`; with `If-None-Match` what has not changed is 304. Version 1 only ever grows.
"""
_SAID = {
    400: "The body cannot be read",
    401: "No key, or one that is not known",
    403: "The key's role may not do this",
    404: "There is no such thing",
    409: "It contradicts what is known already, or its idempotency key is in use",
    412: "It has changed since: If-Match names another state",
    413: "The body is too large",
    429: "Too many attempts; Retry-After says when to come again",
    422: "A parameter or the body is not of its form",
}
_REFUSAL = {"$ref": "#/components/schemas/Refusal"}
_GUESSED = {"$ref": "#/components/schemas/HTTPValidationError"}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this write, such as a UUID; kept for a day",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer",
    "schema": {"type": "string", "maxLength": 256},
}
_LINK = {
    "description": 'Where the next page is, with rel="next"; absent on the last one',
    "schema": {"type": "string"},
}
_SIGNING = ("/session", "/session/code", "/session/password")
_ETAG = {"description": "Names this state of the answer", "schema": {"type": "string"}}


def document(app: FastAPI) -> dict[str, Any]:
    """The document; made once, when somebody asks."""
    if not app.openapi_schema:
        app.openapi_schema = _made(app)
    return app.openapi_schema


def _made(app: FastAPI) -> dict[str, Any]:
    told: dict[str, Any] = get_openapi(
        title=app.title,
        summary=app.summary,
        description=_ABOUT,
        version=app.version,
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )
    schemas = told["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= _schemas_of_refusal()
    for path, method, operation in _operations(told):
        _tell(path, method, operation)
    return told


def _operations(told: dict[str, Any]) -> Iterator[tuple[str, str, _Operation]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _schemas_of_refusal() -> dict[str, Any]:
    whole = Refusal.model_json_schema(
        by_alias=True, mode="serialization", ref_template="#/components/schemas/{model}"
    )
    parts: dict[str, Any] = whole.pop("$defs")
    return parts | {"Refusal": whole}


def _tell(path: str, method: str, operation: _Operation) -> None:
    """What holds for every operation of its kind."""
    parameters = operation.setdefault("parameters", [])
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            content["schema"] = _shape_alone(content["schema"])
    for status in sorted({*_own_refusals(operation), *_refusals(path, method, operation)}):
        own = operation["responses"].get(str(status))
        operation["responses"][str(status)] = _refusal(_SAID[status], own)
    if NAMED & _rights(operation):
        parameters.append(_IDEMPOTENCY_KEY)
    if method == "get":
        parameters.append(_IF_NONE_MATCH)
        headers = {"ETag": _ETAG}
        headers |= {"Link": _LINK} if _is_paged(operation) else {}
        operation["responses"]["200"]["headers"] = headers
        operation["responses"]["304"] = {"description": "It is as it was"}


def _rights(operation: _Operation) -> set[str]:
    ways = (way for one in operation.get("security", []) for way in one.values())
    return {right for way in ways for right in way}


def _is_paged(operation: _Operation) -> bool:
    return {"after", "before"} & {one["name"] for one in operation["parameters"]} != set()


def _refusal(about: str, own: _Operation | None) -> _Operation:
    """A refusal, or one of the route's own that says more."""
    told = (own or {}).get("content", {}).get("application/json", {}).get("schema", {})
    more = [] if told == _GUESSED or not told else [told]
    schema = {"anyOf": [*more, _REFUSAL]} if more else _REFUSAL
    return {"description": about, "content": {"application/problem+json": {"schema": schema}}}


def _own_refusals(operation: _Operation) -> Iterator[int]:
    """With which statuses its route says that it may be refused."""
    return (int(status) for status in operation["responses"] if status >= "400")


def _refusals(path: str, method: str, operation: _Operation) -> Iterator[int]:
    """With which statuses it may be refused."""
    names = {one["name"] for one in operation["parameters"]}
    keyed, signing = "security" in operation, path.endswith(_SIGNING)
    yield 403
    yield from (409, 422)
    if keyed or signing:
        yield 401
    if "{" in path or "as_of" in names or "enrol" in path or "404" in operation["responses"]:
        yield 404
    if method != "get":
        yield from (400, 413)
    if "If-Match" in names or "if-match" in names:
        yield 412
    if signing:
        yield 429


def _shape_alone(schema: dict[str, Any]) -> dict[str, Any]:
    """The shape that a route names, without what was guessed from its function's annotation."""
    return next(({key: schema[key]} for key in ("$ref", "anyOf") if key in schema), schema)
