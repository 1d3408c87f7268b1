"""Asks a running api; where it refuses or there is none, that in a sentence and exit code 1."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from millprint.commands.manner import FAULT

Url = Annotated[str, typer.Option(help="Where the api is.")]
Key = Annotated[str, typer.Option(envvar="MILLPRINT_KEY", help="An API key.")]
HERE = "http://127.0.0.1:8420"
_PATIENCE_S = 300.0
"""A table of 20,000 runs is one transaction, and takes a small machine its time."""


def ask(url: str, path: str, key: str, body: dict[str, Any] | bytes | None = None) -> Any:
    """What an api answers; with a body, JSON or the bytes of a CSV, what it answers to a POST."""
    with _answering(url):
        return json.loads(_answer(url, path, key, body))


def fetch(url: str, path: str, key: str) -> bytes:
    """What an api answers, as it comes."""
    with _answering(url):
        return _answer(url, path, key)


def glance(url: str, path: str, key: str) -> dict[str, Any]:
    """The same, where it matters to nobody whether there is an answer."""
    try:
        found: dict[str, Any] = json.loads(_answer(url, path, key))
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return found


def _answer(url: str, path: str, key: str, body: dict[str, Any] | bytes | None = None) -> bytes:
    form = "text/csv" if isinstance(body, bytes) else "application/json"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": form}
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(url + path, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
        return bytes(answer.read())


@contextmanager
def _answering(url: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as fault:
        print(_detail(fault), file=sys.stderr)
        raise typer.Exit(FAULT) from None
    except (OSError, ValueError, http.client.HTTPException) as fault:
        print(f"{url} does not answer: {fault}", file=sys.stderr)
        raise typer.Exit(FAULT) from None


def _detail(fault: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(fault)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{fault.url} answers {fault.code}, not as millprint would."
