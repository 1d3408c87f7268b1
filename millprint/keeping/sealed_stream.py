"""A file that only who knows the passphrase can read, and that cannot be changed unnoticed.

AES-256-GCM over pieces of a megabyte, numbered by their nonce; the last one says that it is. The
key comes of the passphrase by scrypt.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"millprint-sealed-1\n"
_PIECE = 2**20
_SALT = 16
_TAG = 16
_MORE, _LAST = b"more", b"last"


class NotOpened(Exception):
    """The passphrase is another one, or the file was changed or cut short."""


def seal(plain: Path, target: IO[bytes], passphrase: str) -> None:
    """Write a file sealed."""
    salt = os.urandom(_SALT)
    cipher = _cipher(passphrase, salt)
    target.write(MAGIC + salt)
    left = plain.stat().st_size
    with plain.open("rb") as source:
        number = 0
        while number == 0 or left > 0:
            piece = source.read(_PIECE)
            left -= len(piece)
            target.write(cipher.encrypt(_nonce(number), piece, _MORE if left > 0 else _LAST))
            number += 1


def open_sealed(sealed: Path, target: IO[bytes], passphrase: str) -> None:
    """Write what stands in a sealed file; `NotOpened` where that cannot be known for sure."""
    with sealed.open("rb") as source:
        source.seek(len(MAGIC))
        cipher = _cipher(passphrase, source.read(_SALT))
        try:
            for number, piece, last in _pieces(source):
                target.write(cipher.decrypt(_nonce(number), piece, _LAST if last else _MORE))
        except InvalidTag as fault:
            raise NotOpened from fault


def is_sealed(path: Path) -> bool:
    """Whether a file begins like a sealed one."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _pieces(source: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Each piece with its number, and whether nothing follows."""
    number, piece = 0, source.read(_PIECE + _TAG)
    while True:
        following = source.read(_PIECE + _TAG)
        yield number, piece, not following
        if not following:
            return
        number, piece = number + 1, following


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())
    return AESGCM(key)


def _nonce(number: int) -> bytes:
    return struct.pack(">IQ", 0, number)
