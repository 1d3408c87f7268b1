"""The server answers where it should, and says itself that all is well."""

import http.client
import ssl
import urllib.request
from collections.abc import Iterator
from typing import Any

import orjson

from api.configuration import ApiConfiguration
from collector.wire.problem import Problem
from millprint.doctor.premises import Premises
from millprint.enrolment import authority

_PATIENCE_S = 20.0
_EXAMINED_HERE = ("meters", "seal", "collector ", "broker")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def examine(premises: Premises) -> Iterator[Problem]:
    """What the running server says of itself."""
    if premises.api is None:
        return
    api = premises.api
    if api.tls is None and not api.host.startswith(("127.", "::1", "localhost")):
        where = f"{premises.folder}/api.toml  [http] host"
        yield Problem("pages-in-the-clear", where, values={"host": api.host})
    try:
        said = _ask(api)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        values = {"why": str(getattr(fault, "reason", fault))}
        yield Problem("server-silent", _url(api), values=values)
        return
    for check in said["checks"]:
        if not check["ok"] and not check["name"].startswith(_EXAMINED_HERE):
            words = f"{check['text_en']} / {check['text_zh']}"
            yield Problem("server-says", str(check["name"]), values={"said": words})


def health(premises: Premises) -> dict[str, Any] | None:
    """What the running server says of itself; None where none answers."""
    try:
        return _ask(premises.api) if premises.api is not None else None
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _url(api: ApiConfiguration) -> str:
    host = _EVERYWHERE.get(api.host, api.host)
    scheme = "https" if api.tls else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{api.port}"


def _ask(api: ApiConfiguration) -> dict[str, Any]:
    context = None
    if api.tls is not None:
        ca = api.enrolment.folder / authority.CERTIFICATE
        context = ssl.create_default_context(cafile=str(ca) if ca.is_file() else None)
        context.check_hostname = False  # it is asked for here, under an address that others use
    url = f"{_url(api)}/api/v1/health"
    with urllib.request.urlopen(url, timeout=_PATIENCE_S, context=context) as answer:
        return dict(orjson.loads(answer.read()))
