"""Profiles: what is known of a model, above all its registers.

They are read from files by `collector.profile_files`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from typing_extensions import override

from collector.wire.reading import Kind

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
LAST_REGISTER = 65535
Confidence: TypeAlias = Literal["2 sources", "1 source", "uncertain", "invented"]
"""How well an address can be sourced: two documents agree, one says it, they disagree, none."""
TWO_SOURCES: Confidence = "2 sources"


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
        exponent: Whether the last register is no summand: it holds the power of ten that the
            others are multiplied by.
        unit: Unit of that sum on the device.
        to_stored: Stored units per unit on the device.
        modulus: Where a counter starts again, in the device's unit, a decimal; None never.
        resolution: Smallest step shown, in the device's unit, a decimal; None where unknown.
        no_value: Raw patterns that mean "no value", big-endian as ABCD.
        ratios: Which transformer ratios the value must still be multiplied by.
        labels: Names of a state's values, such as ``{"2": "heat"}``.
        confidence: How well the addresses are sourced.
        note: What to know of it.
        source: Where the addresses are from, if not from the profile's source.
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
    confidence: Confidence
    note: str
    source: str = ""
    exponent: bool = False

    @override
    def __hash__(self) -> int:
        """By what tells points of a model apart: its labels have no hash, and all takes long."""
        return hash((self.name, self.table, self.registers))


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
class Identity:
    """A register by which a model tells its name.

    Attributes:
        address: Zero-based address on the wire.
        type: How it is coded.
        says: What it may say; texts and whole numbers, both in quotes.
        words: Registers that a string takes.
        table: Where it stands, if not where the profile's points do.
    """

    address: int
    type: RegisterType
    says: tuple[str, ...]
    words: int = 0
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a model leaves its factory; 0 or nothing where that is not known."""

    baud: int = 0
    parity: Literal["N", "E", "O", ""] = ""
    stopbits: int = 0
    unit: int = 0
    port: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """What a meter's face shows while its registers hold this: a published frame, or a look.

    Attributes:
        point: Whose registers they are.
        registers: Their bytes as they come over the wire, hexadecimal.
        shows: What is shown, in the unit on the device, a decimal.
        source: Where it is published, or who looked.
    """

    point: str
    registers: str
    shows: str
    source: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a model.

    Attributes:
        name: Its file's name.
        maker: Who makes it.
        model: What the maker calls it.
        title: What it is, in a line.
        version: Counts up when its points change.
        source: Where its addresses are from.
        limits: What the model can bear.
        probe: What a right profile must see.
        points: Its quantities.
        identity: The register that says which model it is.
        delivered: How it leaves its factory.
        manual_counts_from: What the manual calls the register with address 0 on the wire.
        base: Where addresses count from unless a device says otherwise; None: from 0, always.
        sunspec: Number of the SunSpec model that addresses are relative to.
        check_on_site: What must be looked at on the device before its values can be trusted.
        examples: Frames that it must decode to what was shown.
    """

    name: str
    maker: str
    model: str
    title: str
    version: int
    source: str
    limits: Limits
    probe: Probe | None
    points: tuple[ProfilePoint, ...]
    identity: Identity | None = None
    delivered: Delivered = Delivered()
    manual_counts_from: int = 0
    base: int | None = None
    sunspec: int | None = None
    check_on_site: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @override
    def __hash__(self) -> int:
        """By its file: devices look for what they share with others of their model."""
        return hash((self.name, self.version))

    def point(self, name: str) -> ProfilePoint | None:
        """The point of that name, if the model has it."""
        return next((point for point in self.points if point.name == name), None)

    @property
    def verified(self) -> bool:
        """Whether two sources agree on each counter, and nothing must be looked at on site."""
        counters = [point for point in self.points if point.kind is Kind.COUNTER]
        agreed = all(point.confidence == TWO_SOURCES for point in counters)
        return bool(counters) and agreed and not self.check_on_site

    @property
    def movable(self) -> bool:
        """Whether a device must or may say where its registers begin."""
        return self.base is not None or self.sunspec is not None


def moved(point: ProfilePoint, base: int) -> ProfilePoint:
    """A point whose addresses count from `base`."""
    if not base:
        return point
    registers = tuple(replace(one, address=one.address + base) for one in point.registers)
    return replace(point, registers=registers)
