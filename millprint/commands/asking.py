"""Asks a running api; where it refuses or there is none, that in a sentence and exit code 1."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from typing import Any

import typer

from millprint.commands.manner import FAULT


def ask(url: str, path: str, key: str, body: dict[str, Any] | None = None) -> Any:
    """What an api answers; with a body, what it answers to a POST."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        request = urllib.request.Request(url + path, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as fault:
        print(_detail(fault), file=sys.stderr)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        print(f"{url} does not answer: {fault}", file=sys.stderr)
    raise typer.Exit(FAULT)


def _detail(fault: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(fault)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{fault.url} answers {fault.code}, not as millprint would."
