"""``group.toml``: where the centre listens, where it keeps, whose seals it takes, who may read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.configuration import Listening, books_url, listening
from api.evidence.seal import decode_raw
from collector import toml_files
from collector.wire.problem import Problem, Refused

_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Mill:
    """A mill as the group knows it.

    Attributes:
        name: What the group calls it.
        site: What its seals call it.
        seal_keys: Public keys of its seals; what they endorsed is trusted as well. [base64url]
        pages: Address of its own pages; empty where nobody can reach them from here.
        push_key: Hash of the key that it sends with.
    """

    name: str
    site: str
    seal_keys: tuple[str, ...]
    pages: str
    push_key: str


@dataclass(frozen=True, slots=True)
class GroupConfiguration:
    """What the centre needs to know.

    Attributes:
        http: Where it listens.
        books: Address of its database.
        mills: Whose seals it takes, by name.
        readers: Hashes of the keys of those who may read, by name.
    """

    http: Listening
    books: str
    mills: Mapping[str, Mill]
    readers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Mill:
    seal_keys: tuple[str, ...]
    push_key: str
    site: str = ""
    pages: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    http: object
    books: object
    mills: dict[str, object]
    readers: dict[str, str]


def load(folder: Path) -> GroupConfiguration:
    """Read ``group.toml`` of a configuration folder; `Refused` where it cannot stand."""
    path = folder / "group.toml"
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    mills = {name: _mill(name, raw, f"{path}  [mills.{name}]") for name, raw in file.mills.items()}
    if not mills:
        raise Refused(Problem("group-empty", f"{path}  [mills]"))
    where = f"{path}  [readers]"
    problems = [
        *_hashes(where, file.readers),
        *_shared(path, [*(one.push_key for one in mills.values()), *file.readers.values()]),
    ]
    if problems:
        raise Refused(*problems)
    return GroupConfiguration(
        listening(file.http, path), books_url(file.books, path), mills, file.readers
    )


def _mill(name: str, raw: object, where: str) -> Mill:
    said = toml_files.shape(_Mill, raw, where)
    problems = _hashes(where, {"push_key": said.push_key})
    if not _NAME.fullmatch(name):
        problems.append(Problem("group-mill-name", where, values={"name": name}))
    if not said.seal_keys or not all(_is_key(one) for one in said.seal_keys):
        values = {"keys": ", ".join(said.seal_keys)}
        problems.append(Problem("group-seal-keys", f"{where} seal_keys", values=values))
    if said.pages and not re.match(r"https?://[^/]", said.pages):
        problems.append(Problem("group-pages", f"{where} pages", values={"pages": said.pages}))
    if problems:
        raise Refused(*problems)
    return Mill(name, said.site or name, said.seal_keys, said.pages.rstrip("/"), said.push_key)


def _hashes(where: str, given: Mapping[str, str]) -> list[Problem]:
    return [
        Problem("group-key-hash", f"{where} {name}", values={"value": one})
        for name, one in given.items()
        if not _HASH.fullmatch(one)
    ]


def _shared(path: Path, hashes: list[str]) -> list[Problem]:
    """A key says who asks: nobody's can be another's."""
    twice = {one for one in hashes if hashes.count(one) > 1}
    return [Problem("group-key-shared", str(path), values={"value": one}) for one in sorted(twice)]


def _is_key(text: str) -> bool:
    try:
        return len(decode_raw(text)) == _KEY_BYTES
    except ValueError:
        return False
