"""The chain: every record's hash holds the one before, so that a changed middle shows.

``h`` of a record is SHA-256 over the previous ``h`` (32 bytes) and the record's RFC 8785 form
without ``h``. The form names the device and the birth too, which a message says only once for
all its readings, so that no reading can be moved to another device unseen.
"""

import base64
import binascii
import hashlib

from collector.wire.canonical import canonical


def genesis(site: str, collector: str, epoch: str) -> bytes:
    """What stands before the first record of an epoch."""
    return hashlib.sha256(
        canonical({"v": 1, "site": site, "collector": collector, "epoch": epoch})
    ).digest()


def link(previous: bytes, form: bytes) -> bytes:
    """The hash of a record, from the one before and the record's canonical form."""
    return hashlib.sha256(previous + form).digest()


def encode_hash(digest: bytes) -> str:
    """A hash as it stands on the wire: base64url without padding, 43 characters."""
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def decode_hash(text: str) -> bytes:
    """A hash from the wire; ValueError where it is not one."""
    digest = binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "=")
    if len(digest) != 32:
        raise ValueError(f"{text!r} is not a hash")
    return digest
