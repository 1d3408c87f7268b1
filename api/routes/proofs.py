"""Proofs: files that prove what is entered, such as the letter that a factor is from."""

from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Response

from api.books.entries import Decision
from api.routes import room
from api.routes.paging import Paged
from api.routes.uploads import Received, takes
from api.service import Accountant, Reader, The
from api.shapes import answers, file_of
from api.shapes.imports import Proof, Proofs

router = room("imports", prefix="/proofs")

_MOST_BYTES = 8 * 2**20
_NAME = r"^[^/\\\x00-\x1f]{1,200}$"


@router.get("", summary="Files that prove what was entered", responses=answers(Proofs))
def proofs(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """The newest first; of two of one name the newer one counts."""
    found = paged.of(the.books.proofs.every(), lambda one: one.id, newest_first=True)
    return {"proofs": [_body(one) for one in found]}


@router.post(
    "",
    status_code=201,
    summary="Keep a file that proves something",
    openapi_extra=takes("application/octet-stream"),
    operation_id="keep_proof",
    responses=answers(Proof, 201),
)
def keep(
    the: The,
    key: Accountant,
    file: Received,
    name: Annotated[str, Query(pattern=_NAME, description="As tables name it")],
) -> dict[str, Any]:
    """Kept for ever, by its SHA-256; at most 8 MB."""
    size = file.stat().st_size
    if not 0 < size <= _MOST_BYTES:
        raise HTTPException(422, f"The file has {size} bytes; from 1 to {_MOST_BYTES} are kept.")
    return _body(the.books.proofs.keep(name, file.read_bytes(), key.name, the.now()))


@router.get(
    "/{sha256}",
    summary="A file that proves something",
    response_class=Response,
    responses=file_of("application/octet-stream", "The file, byte for byte"),
)
def proof(
    the: The,
    _: Reader,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="Of the file")],
) -> Response:
    """To be read by who checks; a browser keeps it and does not show it."""
    body = the.books.proofs.content(sha256)
    if body is None:
        raise HTTPException(404, f"No proof has the SHA-256 {sha256}.")
    headers = {"Content-Disposition": f'attachment; filename="{sha256[:12]}"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _body(one: Decision) -> dict[str, Any]:
    return {
        "name": one.body["name"],
        "bytes": one.body["bytes"],
        "sha256": one.subject,
        "by": one.by,
        "kept_at": one.entered,
    }
