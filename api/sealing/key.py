"""The key that seals are signed with: one file that only its owner may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from api.evidence import signature
from api.evidence.seal import Endorsement, decode_raw, encode_raw
from api.sealing.files import write_whole
from collector.wire.problem import Problem, Refused


@dataclass(frozen=True, slots=True)
class SealKey:
    """A private key, and how it follows from older ones."""

    private: bytes
    endorsements: tuple[Endorsement, ...] = ()

    @property
    def public(self) -> str:
        """What others check with. [base64url]"""
        return signature.public_key(self.private)


def load_or_make(path: Path) -> SealKey:
    """The key of a file; a new one where there is no file yet.

    Raises:
        Refused: There is a file and it holds no key.
    """
    if not path.exists():
        _write(path, SealKey(signature.new_key()))
    try:
        body = orjson.loads(path.read_bytes())
        key = SealKey(decode_raw(body["private"]), _endorsements(body["endorsements"]))
        _ = key.public
    except (OSError, ValueError, KeyError, TypeError) as fault:
        values = {"why": str(fault)}
        raise Refused(Problem("seal-key-unreadable", str(path), values=values)) from fault
    return key


def rotate(path: Path) -> SealKey:
    """Put a new key in place of the old one, which endorses it and is then forgotten."""
    old = load_or_make(path)
    private = signature.new_key()
    word = signature.endorse(old.private, signature.public_key(private))
    new = SealKey(private, (*old.endorsements, word))
    _write(path, new)
    return new


def _write(path: Path, key: SealKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    words = [[one.by, one.key, one.signature] for one in key.endorsements]
    body = {"private": encode_raw(key.private), "public": key.public, "endorsements": words}
    write_whole(path, orjson.dumps(body, option=orjson.OPT_INDENT_2), mode=0o600)


def _endorsements(forms: Sequence[Sequence[str]]) -> tuple[Endorsement, ...]:
    return tuple(Endorsement(*map(str, form)) for form in forms)
