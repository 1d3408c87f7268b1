"""Enrolment over the network: whom to trust, a first certificate for a code, a next one for a key.

Without API key: a one-time code, or the key of a certificate that holds, is what lets somebody in.
"""

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.books.audit import Act
from api.rights import Who
from api.routes import room
from api.service import Registrar, Service, The, address_of
from api.shapes import answers, file_of
from api.shapes.entries import Certificate

router = room("enrolment")

Pem = Annotated[str, Field(max_length=4096)]


class Joining(BaseModel):
    """A collector that joins."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[str, Field(pattern="^[0-9a-f]{20}$", description="Of the one-time code")]
    request: Annotated[Pem, Field(description="What is to be signed, PKCS#10 in PEM")]


class Renewing(BaseModel):
    """A collector that changes its key."""

    model_config = ConfigDict(extra="forbid")

    certificate: Annotated[Pem, Field(description="What it holds, PEM")]
    request: Annotated[Pem, Field(description="What is to be signed, PKCS#10 in PEM")]
    signature: Annotated[
        str,
        Field(
            max_length=256,
            pattern="^[A-Za-z0-9+/]+={0,2}$",
            description="Of the request, by the key it holds: ECDSA with SHA-256, base64",
        ),
    ]


def registrar(request: Request, the: The) -> Registrar:
    """Who signs here; a code must not be read on its way."""
    if the.registrar is None:
        raise HTTPException(404, "This site has no authority: millprint enrol site makes one.")
    if request.url.scheme != "https":
        raise HTTPException(403, "Only over https: set cert_file and key_file in api.toml [http].")
    return the.registrar


Signer = Annotated[Registrar, Depends(registrar)]


@router.get(
    "/enrol/authority",
    summary="Whom this site's machines trust",
    response_class=Response,
    responses=file_of("application/x-pem-file", "A certificate"),
)
def authority(signer: Signer) -> Response:
    """The authority's certificate; who joins compares it with the fingerprint in the code."""
    return Response(signer.authority(), media_type="application/x-pem-file")


@router.post(
    "/enrol/join",
    summary="A first certificate for a one-time code",
    operation_id="join",
    responses=answers(Certificate),
)
def join(the: The, request: Request, signer: Signer, said: Joining) -> dict[str, Any]:
    """Name, certificate and broker; a code is good once."""
    joined = signer.join(said.secret, said.request, the.now())
    _note(the, request, "enrolled", joined)
    return joined


@router.post(
    "/enrol/renew",
    summary="A next certificate for who holds one",
    operation_id="renew_certificate",
    responses=answers(Certificate),
)
def renew(the: The, request: Request, signer: Signer, said: Renewing) -> dict[str, Any]:
    """The same name, a new key; the old certificate holds until its end."""
    renewed = signer.renew(said.certificate, said.request, said.signature, the.now())
    _note(the, request, "renewed", renewed)
    return renewed


def _note(the: Service, request: Request, did: str, made: dict[str, Any]) -> None:
    """Certificates are in no table of the books: that one was given out is said here."""
    who = Who(made["name"], "collector", "certificate", address_of(request))
    told = {"name": made["name"], "expires": made["expires"]}
    the.books.audit.tell(Act(who, the.now()), did, f"enrolment/{made['name']}", told)
