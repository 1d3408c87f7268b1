"""A file that a caller sends as the body of a request."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from api import sheets
from api.routes.forms import NotAcceptable


def takes(*media: str) -> dict[str, Any]:
    """What the document of the interface says of a route whose body is a file."""
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in media}
    return {"requestBody": {"required": True, "content": content}}


async def received(request: Request) -> AsyncIterator[Path]:
    """The body as a file of our own, refused before it is read where it is too large."""
    said = request.headers.get("content-length", "")
    size = int(said) if said.isdecimal() else 0
    with tempfile.NamedTemporaryFile(prefix="millprint-import-") as file:
        async for part in _parts(request, size):
            await asyncio.to_thread(file.write, part)
        file.flush()
        yield Path(file.name)


async def _parts(request: Request, size: int) -> AsyncIterator[bytes]:
    """What comes, as long as it is no more than a table should be."""
    if size > sheets.MOST_BYTES:
        raise NotAcceptable(*sheets.too_large("-", size).problems, status=413)
    come = 0
    async for part in request.stream():
        come += len(part)
        if come > sheets.MOST_BYTES:
            raise NotAcceptable(*sheets.too_large("-", come).problems, status=413)
        yield part


Received = Annotated[Path, Depends(received)]
"""The body of the request, in a file that is gone when it is answered."""
