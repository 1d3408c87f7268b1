"""The Merkle tree of RFC 6962, section 2.1, over SHA-256."""

import hashlib
from collections.abc import Sequence


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one leaf: 0x00 stands before it, so that no node can pass for a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root(entries: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of a list; of an empty one SHA-256 of nothing."""
    if not entries:
        return hashlib.sha256().digest()
    return _root([leaf_hash(entry) for entry in entries])


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << (len(hashes) - 1).bit_length() - 1  # the largest power of two that is smaller
    return hashlib.sha256(b"\x01" + _root(hashes[:left]) + _root(hashes[left:])).digest()
