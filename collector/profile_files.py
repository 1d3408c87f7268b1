"""Files of profiles: one TOML file a model, in ``configs/profiles/``.

A mill's own profiles stand in ``profiles/`` of its configuration folder and come first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from collector import toml_files
from collector.profiles import (
    LAST_REGISTER,
    Confidence,
    Delivered,
    Example,
    Identity,
    Limits,
    Order,
    Probe,
    Profile,
    ProfilePoint,
    Register,
    RegisterType,
    Table,
)
from collector.units import conversion, decimal_text
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Kind
from collector.wire.suffixes import stored_unit

_DECIMAL = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_PATTERN = re.compile(r"[0-9A-Fa-f]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Part:
    address: int
    type: RegisterType
    order: Order | None = None
    words: int = 0
    scale: str = "1"


@dataclass(frozen=True, slots=True)
class _PointTable:
    kind: Kind
    confidence: Confidence
    table: Table | None = None
    address: int | None = None
    type: RegisterType | None = None
    order: Order | None = None
    words: int = 0
    scale: str = "1"
    sum_of: tuple[_Part, ...] = ()
    unit: str = ""
    modulus: str | None = None
    resolution: str | None = None
    no_value: tuple[str, ...] = ()
    ratios: tuple[Literal["ct", "pt"], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    source: str = ""
    exponent_at: int | None = None


@dataclass(frozen=True, slots=True)
class _ProfileTable:
    maker: str
    model: str
    title: str
    version: int
    source: str
    points: dict[str, object]
    table: Table = "holding"
    order: Order = "ABCD"
    limits: Limits = field(default_factory=Limits)
    probe: Probe | None = None
    identity: Identity | None = None
    delivered: Delivered = field(default_factory=Delivered)
    manual_counts_from: int = 0
    base: int | None = None
    sunspec: int | None = None
    check_on_site: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


def names(folders: tuple[Path, ...]) -> list[str]:
    """Names of all profiles in these folders."""
    return sorted({path.stem for folder in folders for path in folder.glob("*.toml")})


def load(name: str, folders: tuple[Path, ...], where: str) -> Profile:
    """Read the profile of that name from the first folder that has it.

    Args:
        name: File name without ``.toml``.
        folders: Where to look, a mill's own folder first.
        where: File and place that names it, for the problem.

    Raises:
        Refused: There is no such file, or it cannot stand.
    """
    return read(find(name, folders, where))


def find(name: str, folders: tuple[Path, ...], where: str) -> Path:
    """The file of the profile of that name; `Refused` where there is none."""
    for folder in folders:
        path = folder / f"{name}.toml"
        if path.is_file():
            return path
    known = names(folders)
    values = {"profile": name, "nearest": toml_files.nearest(name, known)}
    raise Refused(Problem("unknown-profile", where, values=values))


def read(path: Path) -> Profile:
    """Read a profile's file; `Refused` with all that is wrong where it cannot stand."""
    table = toml_files.shape(_ProfileTable, toml_files.read(path), str(path))
    points: list[ProfilePoint] = []
    problems: list[Problem] = []
    for name, raw in table.points.items():
        where = f"{path}  [points.{name}]"
        try:
            points.append(_point(name, toml_files.shape(_PointTable, raw, where), table, where))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(*problems)
    return Profile(
        name=path.stem,
        maker=table.maker,
        model=table.model,
        title=table.title,
        version=table.version,
        source=table.source,
        limits=table.limits,
        probe=table.probe,
        points=tuple(points),
        identity=table.identity,
        delivered=table.delivered,
        manual_counts_from=table.manual_counts_from,
        base=table.base,
        sunspec=table.sunspec,
        check_on_site=table.check_on_site,
        examples=table.examples,
    )


def _point(name: str, table: _PointTable, profile: _ProfileTable, where: str) -> ProfilePoint:
    _check_numbers(table, where)
    registers = _registers(table, profile, where)
    stored = stored_unit(name)
    try:
        to_stored = conversion(table.unit, stored)
    except ValueError:
        values = {"unit": table.unit, "stored": stored}
        raise Refused(Problem("unit-against-suffix", where, values=values)) from None
    exponent = table.exponent_at is not None
    return ProfilePoint(
        name=name,
        kind=table.kind,
        table=table.table or profile.table,
        registers=registers,
        unit=table.unit,
        to_stored=to_stored,
        modulus=table.modulus or _natural_modulus(registers, table.kind),
        resolution=table.resolution or (None if exponent else _natural_resolution(registers)),
        no_value=tuple(int(pattern, 16) for pattern in table.no_value),
        ratios=table.ratios,
        labels=table.labels,
        confidence=table.confidence,
        note=table.note,
        source=table.source,
        exponent=exponent,
    )


def _registers(table: _PointTable, profile: _ProfileTable, where: str) -> tuple[Register, ...]:
    parts = table.sum_of
    if not parts:
        if table.address is None or table.type is None:
            raise Refused(Problem("point-without-register", where))
        parts = (_Part(table.address, table.type, table.order, table.words, table.scale),)
    registers = tuple(
        Register(part.address, part.type, part.order or profile.order, part.words, part.scale)
        for part in parts
    )
    if table.exponent_at is not None:
        registers += (Register(table.exponent_at, "int16"),)
    for register in registers:
        _check(register, profile.limits, where)
    return registers


def _check_numbers(table: _PointTable, where: str) -> None:
    """Decimals and patterns are texts in TOML, so that nothing rounds them."""
    decimals = [("scale", table.scale), *(("sum_of", part.scale) for part in table.sum_of)]
    decimals += [("modulus", table.modulus or "1"), ("resolution", table.resolution or "1")]
    problems = [
        _no_number(f"{where}  {key}", text, "a positive decimal in quotes is needed")
        for key, text in decimals
        if not _DECIMAL.fullmatch(text) or not Fraction(text)
    ]
    problems += [
        _no_number(f"{where}  no_value", pattern, "the registers in hexadecimal are needed")
        for pattern in table.no_value
        if not _PATTERN.fullmatch(pattern)
    ]
    if problems:
        raise Refused(*problems)


def _no_number(place: str, text: str, why: str) -> Problem:
    return Problem("wrong-value", place, values={"value": repr(text), "why": why})


def _check(register: Register, limits: Limits, where: str) -> None:
    if register.type == "string" and not register.words:
        raise Refused(Problem("string-without-words", where))
    if register.address < 0 or register.end - 1 > LAST_REGISTER:
        values = {"address": str(register.address), "last": str(LAST_REGISTER)}
        raise Refused(Problem("address-out-of-range", where, values=values))
    if register.count > limits.registers_per_request:
        values = {"words": str(register.count), "most": str(limits.registers_per_request)}
        raise Refused(Problem("value-longer-than-a-request", where, values=values))


def _natural_modulus(registers: tuple[Register, ...], kind: Kind) -> str | None:
    """Where an integer counter of one register group starts again: the width of its type."""
    if kind is not Kind.COUNTER or len(registers) != 1:
        return None
    register = registers[0]
    bits = {"uint16": 16, "int16": 15, "uint32": 32, "int32": 31}.get(register.type)
    return None if bits is None else decimal_text(Fraction(register.scale) * 2**bits)


def _natural_resolution(registers: tuple[Register, ...]) -> str | None:
    """The step of an integer register; a float's spacing depends on its value."""
    if any(register.type in ("float32", "float64", "string") for register in registers):
        return None
    return min((register.scale for register in registers), key=Fraction)
