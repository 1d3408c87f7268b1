"""What can be said to a device, and what its answer holds. Pure.

`Question` is all that this program can say on a bus: function codes 1 to 4, and 43/14 to identify.
There is no word here for a write, so none can be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct, unpack_from
from typing import TypeAlias

from collector.bus import BusFault

MOST_REGISTERS = 125
MOST_BITS = 2000
_READ = Struct(">BHH")
_IDENTIFY = bytes((43, 14))
_BASIC = 1  # maker, model and version
_NAMES_BEGIN = 7
_REFUSED = 0x80


class Function(IntEnum):
    """The reads of Modbus."""

    COILS = 1
    DISCRETE_INPUTS = 2
    HOLDING = 3
    INPUT = 4


_BITS = (Function.COILS, Function.DISCRETE_INPUTS)


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in `count` registers or bits from `address` on?

    Attributes:
        unit: Who is asked.
        function: What is read.
        address: Zero-based address of the first.
        count: How many; ValueError where that cannot be asked.
        said: The question as it goes out, without unit and checksum.
        head: What the right answer begins with: function code and length.
        size: How long the right answer is, without unit and checksum.
    """

    unit: int
    function: Function
    address: int
    count: int
    said: bytes = field(init=False, repr=False, compare=False)
    head: bytes = field(init=False, repr=False, compare=False)
    size: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bits = self.function in _BITS
        most = MOST_BITS if bits else MOST_REGISTERS
        if not 1 <= self.count <= most:
            raise ValueError(f"{self.count} is not 1 to {most}")
        data = (self.count + 7) // 8 if bits else 2 * self.count
        # Once and not at every slot: the same questions are asked for years.
        object.__setattr__(self, "said", _READ.pack(self.function, self.address, self.count))
        object.__setattr__(self, "head", bytes((self.function, data)))
        object.__setattr__(self, "size", 2 + data)

    def values(self, pdu: bytes) -> Sequence[int]:
        """Registers, or bits as 0 and 1, of an answer that has no `fault`."""
        if self.function not in _BITS:
            return unpack_from(f">{self.count}H", pdu, 2)
        return [pdu[2 + at // 8] >> at % 8 & 1 for at in range(self.count)]


@dataclass(frozen=True, slots=True)
class Identify:
    """Who are you?

    Attributes:
        unit: Who is asked.
        first: From which of its names on, where one answer does not hold all.
    """

    unit: int
    first: int = 0

    @property
    def said(self) -> bytes:
        """The question as it goes out."""
        return _IDENTIFY + bytes((_BASIC, self.first))

    @property
    def head(self) -> bytes:
        """What the right answer begins with."""
        return _IDENTIFY

    @property
    def size(self) -> int:
        """Nobody knows how long the names are."""
        return 0


Question: TypeAlias = Read | Identify


def fault(question: Question, pdu: bytes) -> BusFault | None:
    """What is wrong with an answer of the right unit; None where it is the right one."""
    right = question.head
    if pdu.startswith(right) and (len(pdu) == question.size or not question.size):
        return None
    if len(pdu) == 2 and pdu[0] == right[0] | _REFUSED:
        return BusFault(f"exception-{pdu[1]}")
    return BusFault("short-answer" if pdu[:1] == right[:1] else "wrong-function")


def names(pdu: bytes) -> tuple[dict[int, str], int | None]:
    """Names in an answer to `Identify`, and from which on to ask for more; None for no more.

    Number 0 is the maker, 1 the product, 2 its revision (Modbus application protocol, 6.21).

    Raises:
        BusFault: It cannot be read.
    """
    try:
        more, following, many = pdu[4:7]
        found, at = {}, _NAMES_BEGIN
        for _ in range(many):
            number, length = pdu[at : at + 2]
            text = pdu[at + 2 : at + 2 + length]
            if len(text) != length:
                raise BusFault("short-answer")
            found[number] = text.decode("ascii", "replace").strip(" \0")
            at += 2 + length
    except ValueError:
        raise BusFault("short-answer") from None
    return found, following if more == 0xFF and found and following > max(found) else None
