"""Told over HTTP: a POST of JSON, signed, so that whoever gets it knows that it is ours.

``Millprint-Signature: t=<seconds since 1970>,v1=<hex>`` is HMAC-SHA-256 over ``<t>.<body>`` with
the secret. Anything but a status of 200 to 299 is no success; a redirect is not followed.
"""

import hashlib
import hmac
import urllib.error
import urllib.request
from datetime import datetime
from http.client import HTTPException

import orjson
from typing_extensions import override

from api.alarm_files import Webhook
from api.telling import Letter, Untold

_PATIENCE_S = 10.0


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """What the header says of a body that was sent at that time. [s since 1970]"""
    code = hmac.new(secret, b"%d." % at_s + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={code}"


class ByWebhook:
    """Tells one address.

    Args:
        to: The address.
        version: Of the program, for the header that says who asks.
    """

    def __init__(self, to: Webhook, version: str) -> None:
        self._to, self._version = to, version
        self._opener = urllib.request.build_opener(_NoRedirect)

    def tell(self, letter: Letter, now: datetime) -> None:
        """POST it."""
        body = orjson.dumps(letter.body())
        request = urllib.request.Request(
            self._to.url,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                "User-Agent": f"millprint/{self._version}",
                "Millprint-Event": str(letter.event.number),
                "Millprint-Signature": signature(self._to.secret, int(now.timestamp()), body),
            },
        )
        try:
            with self._opener.open(request, timeout=_PATIENCE_S):
                return
        except (urllib.error.URLError, OSError, HTTPException) as fault:
            raise Untold(str(fault)) from fault


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is signed for one address is not for another."""

    @override
    def redirect_request(self, *_: object, **__: object) -> None:
        return None
