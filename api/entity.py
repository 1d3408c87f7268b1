"""Entity tags (RFC 9110): the name of a state of an answer."""

from hashlib import blake2b

_ANY = "*"
_PACKED = "-gz"


def tag(body: bytes, *, packed: bool = False) -> str:
    """The tag of an answer's bytes; what goes out packed has one of its own."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}{_PACKED if packed else ""}"'


def names(header: str, body: bytes) -> bool:
    """Whether ``If-Match`` or ``If-None-Match`` names the state whose bytes these are.

    It is the same state packed or not, and behind a proxy that made the tag a weak one.
    """
    own = tag(body)
    given = (
        one.strip().removeprefix("W/").replace(f'{_PACKED}"', '"') for one in header.split(",")
    )
    return any(one in (_ANY, own) for one in given)
