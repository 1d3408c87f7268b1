"""What every answer gets on its way out: headers, an entity tag, gzip where that pays."""

import struct
import zlib
from collections.abc import Iterable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import entity
from api.once import Ticket

_PAYS_FROM = 1_400
"""What fits into one packet is not there any sooner for being smaller. [B]"""
_LEVEL = 1
"""Quick rather than small: whoever asks is near by, and a Pi packs for all of them."""
_AT_ONCE = 64 * 1024
"""What is longer is packed in a thread, and others are answered meanwhile. [B]"""
_GZIP_HEAD = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
_JSON = "application/json"
_MOST_JSON = 1_000_000
_MOST_OF_A_FILE = 64_000_000
"""A table of 50,000 runs has about 5 million. [B]"""
_TEXTS = ("application/json", "application/problem+json", "text/")
_CSP = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)


class Envelope:
    """ASGI around the application.

    Args:
        app: What answers.
        hsts_days: For how long browsers are to take nothing but https from here; 0 says nothing.
    """

    def __init__(self, app: ASGIApp, *, hsts_days: int) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": _CSP,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        if hsts_days:
            self._headers["Strict-Transport-Security"] = f"max-age={hsts_days * 86_400}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what is answered back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, self._headers, send)
        if answer.bare:  # HEAD is GET without its body
            scope["method"] = "GET"
        await self._app(scope, _limited(scope, receive), answer.take)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """What is sent, as long as it is no longer than anybody has a use for; 413 beyond."""
    asked = Headers(scope=scope)
    most = _MOST_JSON if asked.get("content-type", "").startswith(_JSON) else _MOST_OF_A_FILE
    length = asked.get("content-length", "")
    announced = int(length) if length.isdecimal() else 0
    came = 0

    async def limited() -> Message:
        nonlocal came
        message = await receive() if announced <= most else {}
        came += len(message.get("body", b""))
        if max(came, announced) > most:
            raise HTTPException(413, f"The body is longer than {most:,} bytes.")
        return message

    return limited


class _Answer:
    """One answer, held back until it is clear whether it comes in one piece."""

    def __init__(self, scope: Scope, headers: Mapping[str, str], send: Send) -> None:
        self._scope, self._own, self._send = scope, headers, send
        self._asked = Headers(scope=scope)
        self._of_api = scope["path"].startswith("/api/")
        self._start: Message | None = None
        self.bare = scope["method"] == "HEAD" and self._of_api

    async def take(self, message: Message) -> None:
        """What the application sends."""
        if message["type"] == "http.response.start":
            self._start = message
            self._dress(MutableHeaders(raw=message["headers"]))
            return
        if self._start is None:
            await self._send(self._out(message))
            return
        start, self._start = self._start, None
        if not message.get("more_body", False):
            message["body"] = await self._told(start, message.get("body", b""))
        await self._send(start)
        await self._send(self._out(message))

    def _out(self, message: Message) -> Message:
        """What is sent of it: nothing but the headers where nothing else was asked for."""
        return {**message, "body": b""} if self.bare else message

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in self._own.items():
            headers[name] = value
        if self._of_api:
            headers.setdefault("Cache-Control", "no-store")
        else:
            headers["Cache-Control"] = "no-cache"

    async def _told(self, start: Message, body: bytes) -> bytes:
        """The body as it goes out; an answer that is there in whole may be kept, tagged, packed."""
        ticket: Ticket | None = self._scope.get("state", {}).get("ticket")
        headers = MutableHeaders(raw=start["headers"])
        if ticket is not None:
            await run_in_threadpool(ticket.settle, start["status"], headers.items(), body)
        tagged = start["status"] == 200 and self._scope["method"] == "GET" and self._of_api
        if tagged and entity.names(self._asked.get("if-none-match", ""), body):
            start["status"] = 304
            headers["ETag"] = entity.tag(body)
            del headers["content-length"]
            return b""
        packed = await self._packed(headers, body)
        if tagged:
            headers["ETag"] = entity.tag(body, packed=packed is not None)
        if packed is not None:
            headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(packed))
        return body if packed is None else packed

    async def _packed(self, headers: MutableHeaders, body: bytes) -> bytes | None:
        """The body packed; None where that does not pay, or is not wanted."""
        media_type = headers.get("content-type", "")
        if "content-encoding" in headers or not media_type.startswith(_TEXTS):
            return None
        if len(body) < _PAYS_FROM:
            return None
        headers.add_vary_header("Accept-Encoding")
        if not _takes_gzip(self._asked.getlist("accept-encoding")):
            return None
        kept: bytes | None = self._scope.get("state", {}).get("kept")
        if kept is not None:
            return _gzip_of(kept, body)
        if len(body) < _AT_ONCE:
            return _gzip(body)
        return await run_in_threadpool(_gzip, body)


def _takes_gzip(accepted: Iterable[str]) -> bool:
    """Whether somebody takes gzip; ``gzip;q=0`` says that he does not."""
    for one in ",".join(accepted).split(","):
        name, _, weight = one.strip().partition(";")
        if name == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, _LEVEL, wbits=31)


def _gzip_of(kept: bytes, body: bytes) -> bytes:
    """A body that is kept packed by zlib, as gzip: the same stream in other wrapping (RFC 1952)."""
    return _GZIP_HEAD + kept[2:-4] + struct.pack("<II", zlib.crc32(body), len(body))
