"""HTTP under ``/api/v1``: one file a noun. Version 1 grows and never changes."""

import sys

from fastapi import APIRouter
from fastapi.routing import APIRoute

# For each route FastAPI asks whether it has models of pydantic's first version, and would load all
# of that (1.6 MB) to learn that none has. Where there is none it takes that for an answer.
sys.modules["pydantic.v1"] = None  # type: ignore[assignment]


def room(tag: str, *, prefix: str = "") -> APIRouter:
    """The routes of a noun, with their whole path.

    The application takes them as they are: FastAPI's `include_router` would make each anew at the
    first request (3 MB), and look for a request's route in both.

    Args:
        tag: Under which the OpenAPI document tells of them.
        prefix: What all their paths begin with.
    """
    return APIRouter(
        prefix=f"/api/v1{prefix}", tags=[tag], generate_unique_id_function=operation_id
    )


def operation_id(route: APIRoute) -> str:
    """A reading route's name in generated clients; what writes has one of its own."""
    return f"get_{route.name}"
