"""Ed25519 signatures of seals, and of old keys for new ones. Kept apart: cryptography is large."""

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from api.evidence.seal import Endorsement, decode_raw, encode_raw


def new_key() -> bytes:
    """A new private key. [32 bytes]"""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(private: bytes) -> str:
    """The public key of a private one. [base64url]"""
    return encode_raw(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def sign(private: bytes, form: bytes) -> str:
    """The signature over a form. [base64url]"""
    return encode_raw(Ed25519PrivateKey.from_private_bytes(private).sign(form))


def is_signed(key: str, form: bytes, signature: str) -> bool:
    """Whether a signature over a form is of this public key."""
    try:
        Ed25519PublicKey.from_public_bytes(decode_raw(key)).verify(decode_raw(signature), form)
    except (InvalidSignature, ValueError):
        return False
    return True


def endorse(private: bytes, key: str) -> Endorsement:
    """The word of a private key for the public one that follows it."""
    unsigned = Endorsement(public_key(private), key, "")
    return Endorsement(unsigned.by, key, sign(private, unsigned.form))


def follows(old: str, new: str, endorsements: Iterable[Endorsement]) -> bool:
    """Whether a key is the old one, or was endorsed by it, by way of others or not."""
    trusted = {old}
    for one in endorsements:
        if one.by in trusted and is_signed(one.by, one.form, one.signature):
            trusted.add(one.key)
    return new in trusted
