"""Whether an answer is what the OpenAPI document says of it: status, media type, every field."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
from fastapi import FastAPI

_document: dict[str, Any] = {}


def untold(app: FastAPI, answer: httpx.Response) -> list[str]:
    """What the document does not say of an answer of a documented path; it should be nothing."""
    if not _document:
        _document.update(app.openapi())  # every application of a process has the same
    operation = _operation(answer.request.method, answer.request.url.path)
    if operation is None:
        return []
    said = operation["responses"].get(str(answer.status_code))
    if said is None:
        return [f"status {answer.status_code}: {answer.text[:500]}"]
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    contents = said.get("content", {})
    if not contents:
        return [f"a body of {media_type}"] if answer.content else []
    content = contents.get(media_type) or contents.get("*/*")
    if content is None:
        return [f"media type {media_type}"]
    if not media_type.endswith("json"):
        return []
    place = f"{operation['operationId']} {answer.status_code}"
    return [
        f"{place} {'.'.join(map(str, one.instance_path))}: {one.message[:300]}"
        for one in _validator(operation["operationId"], str(answer.status_code)).iter_errors(
            answer.json()
        )
    ]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, template in _patterns():
        if pattern.fullmatch(path) and method.lower() in _document["paths"][template]:
            found: dict[str, Any] = _document["paths"][template][method.lower()]
            return found
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Paths, those without parameters first."""
    templates = sorted(_document["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), path) for path in templates]


@cache
def _validator(operation: str, status: str) -> Any:
    schema = next(
        content["schema"]
        for one in _operations()
        if one["operationId"] == operation
        for content in one["responses"][status]["content"].values()
    )
    whole = {"components": _strict(_document["components"])} | _strict(schema)
    return jsonschema_rs.Draft202012Validator(whole)


def _operations() -> Iterator[dict[str, Any]]:
    for methods in _document["paths"].values():
        yield from methods.values()


def _strict(schema: Any) -> Any:
    """The same, of objects that have no field but those which are told."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    named = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    return strict | {"additionalProperties": False} if named else strict
