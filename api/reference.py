"""The API's reference page, made from its OpenAPI document; no script, nothing from elsewhere."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)


def reference(app: FastAPI) -> str:
    """The page as HTML."""
    document = app.openapi()
    template = _TEMPLATES.get_template("docs.html")
    return template.render(info=document["info"], paths=document["paths"], kind=_kind)


def _kind(schema: dict[str, Any]) -> str:
    """What a parameter may be, in words."""
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    words = str(schema.get("format", schema.get("type", "")))
    low, high = schema.get("minimum"), schema.get("maximum")
    return words if low is None else f"{words}, {low} to {high if high is not None else 'any'}"
