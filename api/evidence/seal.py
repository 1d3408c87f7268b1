"""A seal as JSON: what is signed, its leaves, and how the three hang together.

``{"seal":{…},"signature":"…","leaves":[["journal/…","…"],…]}`` as RFC 8785 JSON. Signed is the
form of ``seal``; a leaf of the tree is the form of its pair.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import orjson

from api.evidence import merkle
from collector.wire.canonical import canonical
from collector.wire.reading import parse_stamp

VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Leaf:
    """Something that is sealed.

    Attributes:
        kind: ``journal``, ``books``, ``config``, ``factors`` or ``software``.
        name: Which one of its kind.
        digest: Its hash. [32 bytes]
    """

    kind: str
    name: str
    digest: bytes

    @property
    def form(self) -> bytes:
        """What is hashed into the tree."""
        return canonical([f"{self.kind}/{self.name}", encode_raw(self.digest)])


@dataclass(frozen=True, slots=True)
class Endorsement:
    """A key's word for the one that follows it.

    Attributes:
        by: The old public key.
        key: The new one.
        signature: Of the old one over `form`.
    """

    by: str
    key: str
    signature: str

    @property
    def form(self) -> bytes:
        """What the old key signs."""
        return canonical({"v": VERSION, "by": self.by, "key": self.key})


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says.

    Attributes:
        site: Whose.
        day: Day of the site after which it was due.
        number: Its number, from 1.
        made: When it was made; a day that was missed is sealed later.
        previous: SHA-256 over the form of the seal before; empty in the first.
        leaves: How many leaves it has.
        root: Root over them.
        key: Public key of its signature. [base64url]
        endorsements: How this key follows from older ones.
    """

    site: str
    day: date
    number: int
    made: str
    previous: str
    leaves: int
    root: bytes
    key: str
    endorsements: tuple[Endorsement, ...] = ()


def seal_form(seal: Seal) -> bytes:
    """The form of a seal: what is signed."""
    return canonical(
        {
            "v": VERSION,
            "site": seal.site,
            "day": seal.day.isoformat(),
            "number": seal.number,
            "made": seal.made,
            "previous": seal.previous,
            "leaves": seal.leaves,
            "root": encode_raw(seal.root),
            "key": seal.key,
            "endorsements": [[one.by, one.key, one.signature] for one in seal.endorsements],
        }
    )


@dataclass(frozen=True)
class Document:
    """A seal as it is kept and handed out.

    Attributes:
        form: What is signed, byte for byte; a later version may say more than we read.
        signature: Ed25519 over `form`. [base64url]
        leaves: What was sealed, by kind and name.
    """

    form: bytes
    signature: str
    leaves: tuple[Leaf, ...]

    @cached_property
    def seal(self) -> Seal:
        """What it says; ValueError where it is no seal."""
        return _seal(orjson.loads(self.form))

    @property
    def digest(self) -> str:
        """What the next seal says of this one."""
        return encode_raw(hashlib.sha256(self.form).digest())

    @property
    def text(self) -> bytes:
        """The document as a file holds it."""
        leaves = b",".join(leaf.form for leaf in self.leaves)
        signature = orjson.dumps(self.signature)
        # The members in the order of RFC 8785.
        return b'{"leaves":[%s],"seal":%s,"signature":%s}' % (leaves, self.form, signature)


def leaf_name(*parts: object) -> str:
    """A leaf's name of parts that may hold anything, the stroke between them too."""
    return "/".join(str(part).replace("%", "%25").replace("/", "%2F") for part in parts)


def leaf_parts(name: str) -> list[str]:
    """The parts of a leaf's name."""
    return [part.replace("%2F", "/").replace("%25", "%") for part in name.split("/")]


def tree_root(leaves: Iterable[Leaf]) -> bytes:
    """The root over leaves, in their order."""
    return merkle.root([leaf.form for leaf in leaves])


def read_document(text: bytes) -> Document:
    """A document from a file's bytes; ValueError where it is none."""
    try:
        body = orjson.loads(text)
        leaves = tuple(_leaf(*pair) for pair in body["leaves"])
        document = Document(canonical(body["seal"]), str(body["signature"]), leaves)
        _ = document.seal
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"not a seal: {fault!r}") from fault
    return document


def encode_raw(raw: bytes) -> str:
    """Bytes of a hash, a key or a signature as they stand in a seal: base64url, no padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_raw(text: str) -> bytes:
    """The same back; ValueError where it is none."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise ValueError(f"{text!r} is not base64url") from fault
    if encode_raw(raw) != text:
        raise ValueError(f"{text!r} is not how its bytes are written")
    return raw


def _leaf(name: str, digest: str) -> Leaf:
    kind, _, rest = name.partition("/")
    return Leaf(kind, rest, decode_raw(digest))


def _seal(body: dict[str, Any]) -> Seal:
    if body["v"] != VERSION:
        raise ValueError(f"version {body['v']!r} is not known; {VERSION} is")
    parse_stamp(body["made"])
    return Seal(
        site=str(body["site"]),
        day=date.fromisoformat(body["day"]),
        number=int(body["number"]),
        made=str(body["made"]),
        previous=str(body["previous"]),
        leaves=int(body["leaves"]),
        root=decode_raw(body["root"]),
        key=str(body["key"]),
        endorsements=_endorsements(body["endorsements"]),
    )


def _endorsements(forms: Sequence[Sequence[str]]) -> tuple[Endorsement, ...]:
    return tuple(Endorsement(*map(str, form)) for form in forms)
