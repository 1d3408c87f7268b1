"""The one-time code: a secret for the site, and for the collector the site's fingerprint.

Twelve groups of four, to be read over a telephone: 80 bits that nobody guesses, 128 bits of the
SHA-256 of the site's authority (nobody makes another one that shows the same), and four bytes that
catch a slip of the pen before anything is sent.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

_SECRET, _PRINT, _CHECK = 10, 16, 4


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says.

    Attributes:
        secret: Known to the site by its digest alone, and good once. [hex]
        fingerprint: Beginning of the SHA-256 of the authority's certificate. [hex]
    """

    secret: str
    fingerprint: str

    @property
    def text(self) -> str:
        """As people write it."""
        body = bytes.fromhex(self.secret + self.fingerprint)
        written = base64.b32encode(body + _check(body)).decode()
        return "-".join(written[at : at + 4] for at in range(0, len(written), 4))


def new(authority: bytes) -> Code:
    """A new code for whoever is to trust an authority.

    Args:
        authority: Its certificate. [DER]
    """
    return Code(secrets.token_hex(_SECRET), fingerprint(authority))


def parse(text: str) -> Code:
    """Read what somebody typed; ValueError where it cannot be one."""
    plain = "".join(text.replace("-", " ").split()).upper()
    try:
        body = base64.b32decode(plain)
    except binascii.Error as fault:
        raise ValueError(str(fault)) from fault
    body, check = body[:-_CHECK], body[-_CHECK:]
    if len(body) != _SECRET + _PRINT or check != _check(body):
        raise ValueError("a letter is missing or another one")
    return Code(body[:_SECRET].hex(), body[_SECRET:].hex())


def fingerprint(authority: bytes) -> str:
    """What a code shows of a certificate. [hex]"""
    return hashlib.sha256(authority).digest()[:_PRINT].hex()


def digest(secret: str) -> str:
    """What the register keeps of a secret: 80 random bits, so one round of SHA-256 will do."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def _check(body: bytes) -> bytes:
    return hashlib.sha256(b"millprint code " + body).digest()[:_CHECK]
