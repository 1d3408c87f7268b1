"""How every configuration file of the house is read.

TOML into frozen dataclasses; an unknown key is refused and the nearest known one named. msgspec
checks the types (it costs an agent 1 MB where pydantic costs 17). What cannot stand is `Refused`
with problems that say file, place, value and remedy.
"""

import dataclasses
import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from collector.wire.problem import Problem, Refused

T = TypeVar("T")

_ROOT = Path(__file__).parent.parent
SHIPPED = _ROOT / "configs" if (_ROOT / "configs").is_dir() else _ROOT / "millprint" / "configs"
"""The folder of shipped data: profiles, factors, samples, texts."""


def read(path: Path) -> dict[str, Any]:
    """A TOML file's contents.

    Raises:
        Refused: The file is missing, cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(Problem("no-such-file", str(path))) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(Problem("file-unreadable", str(path), values={"why": str(fault)})) from fault
    except tomllib.TOMLDecodeError as fault:
        raise Refused(Problem("not-toml", str(path), values={"why": str(fault)})) from fault


def shape(kind: type[T], table: object, where: str) -> T:
    """A table as a frozen dataclass.

    Args:
        kind: The dataclass; fields without default are required.
        table: What TOML gave.
        where: File and place, for the problem.

    Raises:
        Refused: A key is unknown or missing, or a value is of the wrong kind.
    """
    unknown = _unknown(kind, table, where)
    if unknown:
        raise Refused(*unknown)
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as fault:
        raise Refused(_ill_typed(fault, table, where)) from fault


def _unknown(kind: Any, table: object, where: str) -> list[Problem]:
    """Keys that nobody reads, also in tables within the table: msgspec passes over them."""
    if isinstance(table, list | tuple):
        return [problem for one in table for problem in _unknown(kind, one, where)]
    if not isinstance(table, Mapping):
        return []
    hints = _dataclass_hints(kind)
    problems = [unknown_key(where, key, hints) for key in table if key not in hints]
    for key, inner in hints.items():
        if inner is not None and key in table:
            problems += _unknown(inner, table[key], f"{where}  {key}")
    return problems


@cache
def _dataclass_hints(kind: Any) -> Mapping[str, Any]:
    """The fields of a dataclass; with each the dataclass that it, or each of it, is, if any."""
    hints = typing.get_type_hints(kind)
    return {
        field.name: next(iter(_within(hints[field.name])), None)
        for field in dataclasses.fields(kind)
    }


def _within(hint: Any) -> list[Any]:
    if dataclasses.is_dataclass(hint):
        return [hint]
    if typing.get_origin(hint) in (dict, Mapping):  # its keys are names, not fields
        return []
    return [inner for part in typing.get_args(hint) for inner in _within(part)]


def unknown_key(where: str, key: str, known: Iterable[str]) -> Problem:
    """The problem of a key that nobody reads."""
    known = sorted(known)
    values = {"key": key, "nearest": nearest(key, known), "known": ", ".join(known)}
    return Problem("unknown-key", where, values=values)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.0)
    return close[0] if close else "-"


def _ill_typed(fault: msgspec.ValidationError, table: object, where: str) -> Problem:
    what, _, path = str(fault).partition(" - at `$")
    keys = re.findall(r"\.([^.\[`]+)", path)
    value: object = table
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    place = f"{where} {'.'.join(keys)}" if keys else where
    return Problem("wrong-value", place, values={"value": repr(value), "why": what})


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """What is said of each problem: ``text_en``, ``do_en``, ``text_zh``, ``do_zh`` by code."""
    return types.MappingProxyType(read(SHIPPED / "problems.toml"))


def say(problem: Problem, language: str = "en") -> str:
    """A problem in words: what it is, where, and what to do."""
    text = texts()[problem.code]
    when = f"   {problem.at:%Y-%m-%dT%H:%M:%SZ}" if problem.at else ""
    lines = (text[f"text_{language}"] + "\n" + text[f"do_{language}"]).format_map(problem.values)
    body = "\n".join(f"  {line}" for line in lines.splitlines())
    return f"{problem.code}   {problem.where}{when}\n{body}"
