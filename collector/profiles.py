"""Profiles: the register map of a model, one TOML file each in ``configs/profiles/``.

A mill's own profiles stand in ``profiles/`` of its configuration folder and come first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

from collector import toml_files
from collector.units import conversion, decimal_text
from collector.wire.problem import Problem, Refused
from collector.wire.reading import Kind
from collector.wire.suffixes import stored_unit

Table: TypeAlias = Literal["holding", "input"]
RegisterType: TypeAlias = Literal[
    "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "string"
]
Order: TypeAlias = Literal["ABCD", "CDAB", "BADC", "DCBA"]

WORDS: dict[str, int] = {
    "uint16": 1,
    "int16": 1,
    "uint32": 2,
    "int32": 2,
    "float32": 2,
    "uint64": 4,
    "int64": 4,
    "float64": 4,
}
_LAST_REGISTER = 65535


@dataclass(frozen=True, slots=True)
class Register:
    """One value in a device's registers.

    Attributes:
        address: Zero-based address on the wire.
        type: How it is coded.
        order: Bytes of a value of several words: ABCD is high word first, CDAB low word first;
            BADC and DCBA the same with the two bytes of each word swapped.
        words: Registers that a string takes; other types say it themselves (0).
        scale: What the raw number is multiplied by to be in the device's unit, a decimal.
    """

    address: int
    type: RegisterType
    order: Order = "ABCD"
    words: int = 0
    scale: str = "1"

    @property
    def count(self) -> int:
        """Registers that it takes."""
        return self.words or WORDS[self.type]

    @property
    def end(self) -> int:
        """First address after it."""
        return self.address + self.count


@dataclass(frozen=True, slots=True)
class ProfilePoint:
    """One quantity of a model.

    Attributes:
        name: Its name; the suffix is the stored unit.
        kind: Counter, gauge, state or text.
        table: Holding registers (function code 3) or input registers (4).
        registers: Its value is the sum of these (tariffs; whole part and fraction).
        unit: Unit of that sum on the device.
        to_stored: Stored units per unit on the device.
        modulus: Where a counter starts again, in the device's unit, a decimal; None never.
        resolution: Smallest step shown, in the device's unit, a decimal; None where unknown.
        no_value: Raw patterns that mean "no value", big-endian as ABCD.
        ratios: Which transformer ratios the value must still be multiplied by.
        labels: Names of a state's values, such as ``{"2": "heat"}``.
        confidence: How well the addresses are sourced.
        note: What to know of it.
    """

    name: str
    kind: Kind
    table: Table
    registers: tuple[Register, ...]
    unit: str
    to_stored: Fraction
    modulus: str | None
    resolution: str | None
    no_value: tuple[int, ...]
    ratios: tuple[Literal["ct", "pt"], ...]
    labels: Mapping[str, str]
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model can bear.

    Attributes:
        registers_per_request: Most registers in one request.
        pause_ms: Quiet time that it needs between requests. [ms]
        even: Whether it answers only even addresses and counts.
        longest_hole: Registers between two values that may be read over.
    """

    registers_per_request: int = 125
    pause_ms: int = 0
    even: bool = False
    longest_hole: int = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """A point and the range in which a right profile must see it."""

    point: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A model's register map."""

    name: str
    maker: str
    model: str
    title: str
    version: int
    source: str
    limits: Limits
    probe: Probe | None
    points: tuple[ProfilePoint, ...]

    def point(self, name: str) -> ProfilePoint | None:
        """The point of that name, if the model has it."""
        return next((point for point in self.points if point.name == name), None)


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
    confidence: str
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
    for folder in folders:
        path = folder / f"{name}.toml"
        if path.is_file():
            return read(path)
    known = names(folders)
    values = {"profile": name, "nearest": toml_files.nearest(name, known)}
    raise Refused(Problem("unknown-profile", where, values=values))


def read(path: Path) -> Profile:
    """Read a profile's file; `Refused` where it cannot stand."""
    table = toml_files.shape(_ProfileTable, toml_files.read(path), path.name)
    points = tuple(
        _point(
            name,
            toml_files.shape(_PointTable, raw, f"{path.name}  [points.{name}]"),
            table,
            f"{path.name}  [points.{name}]",
        )
        for name, raw in table.points.items()
    )
    return Profile(
        name=path.stem,
        maker=table.maker,
        model=table.model,
        title=table.title,
        version=table.version,
        source=table.source,
        limits=table.limits,
        probe=table.probe,
        points=points,
    )


def _point(name: str, table: _PointTable, profile: _ProfileTable, where: str) -> ProfilePoint:
    parts = table.sum_of
    if not parts:
        if table.address is None or table.type is None:
            raise Refused(Problem("point-without-register", where))
        parts = (_Part(table.address, table.type, table.order, table.words, table.scale),)
    registers = tuple(
        Register(part.address, part.type, part.order or profile.order, part.words, part.scale)
        for part in parts
    )
    for register in registers:
        _check(register, profile.limits, where)
    stored = stored_unit(name)
    try:
        to_stored = conversion(table.unit, stored)
    except ValueError:
        values = {"unit": table.unit, "stored": stored}
        raise Refused(Problem("unit-against-suffix", where, values=values)) from None
    return ProfilePoint(
        name=name,
        kind=table.kind,
        table=table.table or profile.table,
        registers=registers,
        unit=table.unit,
        to_stored=to_stored,
        modulus=table.modulus or _natural_modulus(registers, table.kind),
        resolution=table.resolution or _natural_resolution(registers),
        no_value=tuple(int(pattern, 16) for pattern in table.no_value),
        ratios=table.ratios,
        labels=table.labels,
        confidence=table.confidence,
        note=table.note,
    )


def _check(register: Register, limits: Limits, where: str) -> None:
    if register.type == "string" and not register.words:
        raise Refused(Problem("string-without-words", where))
    if register.address < 0 or register.end - 1 > _LAST_REGISTER:
        values = {"address": str(register.address), "last": str(_LAST_REGISTER)}
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
