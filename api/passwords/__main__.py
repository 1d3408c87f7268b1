"""The process: a password on standard input, and a kept hash where there is one to compare with."""

import json
import os
import sys

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

# The least that OWASP's password storage cheat sheet advises for Argon2id: 19 MiB, two passes, one
# lane. A Pi has that much for a moment; more would be taken from the journal's cache.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
_HASH_BYTES, _SALT_BYTES = 32, 16


def main() -> None:
    """Answer with what is to be kept, or whether it is the one that is."""
    asked = json.load(sys.stdin)
    password = asked["password"].encode()
    if "kept" in asked:
        said: dict[str, object] = {"right": _is_right(password, asked["kept"])}
    else:
        salted = Argon2id(
            salt=os.urandom(_SALT_BYTES),
            length=_HASH_BYTES,
            iterations=_PASSES,
            lanes=_LANES,
            memory_cost=_MEMORY_KIB,
        )
        said = {"kept": salted.derive_phc_encoded(password)}
    sys.stdout.write(json.dumps(said))


def _is_right(password: bytes, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password, kept)
    except InvalidKey:
        return False
    return True


main()
