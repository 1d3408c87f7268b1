"""What can be said to a device, and what its answer holds. Pure.

`Question` is all that this program can say on a bus: function codes 1 to 4, and 43/14 to identify.
There is no word here for a write, so none can be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
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

    @property
    def bits(self) -> bool:
        """Whether it reads single bits."""
        return self in (Function.COILS, Function.DISCRETE_INPUTS)


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in `count` registers or bits from `address` on?"""

    unit: int
    function: Function
    address: int
    count: int


@dataclass(frozen=True, slots=True)
class Identify:
    """Who are you? From which of its names on, where one answer does not hold all."""

    unit: int
    first: int = 0


Question: TypeAlias = Read | Identify


def encode(question: Question) -> bytes:
    """A question without unit and checksum."""
    if isinstance(question, Identify):
        return _IDENTIFY + bytes((_BASIC, question.first))
    most = MOST_BITS if question.function.bits else MOST_REGISTERS
    if not 1 <= question.count <= most:
        raise ValueError(f"{question.count} is not 1 to {most}")
    return _READ.pack(question.function, question.address, question.count)


def head(question: Question) -> bytes:
    """What the right answer begins with: function code, and length or kind."""
    if isinstance(question, Identify):
        return _IDENTIFY
    data = (question.count + 7) // 8 if question.function.bits else 2 * question.count
    return bytes((question.function, data))


def fault(question: Question, pdu: bytes) -> BusFault | None:
    """What is wrong with an answer of the right unit; None where it is the right one."""
    right = head(question)
    if len(pdu) == 2 and pdu[0] == right[0] | _REFUSED:
        return BusFault(f"exception-{pdu[1]}")
    if pdu[:1] != right[:1]:
        return BusFault("wrong-function")
    whole = isinstance(question, Identify) or len(pdu) == len(right) + right[1]
    return None if pdu.startswith(right) and whole else BusFault("short-answer")


def values(question: Read, pdu: bytes) -> Sequence[int]:
    """Registers, or bits as 0 and 1, of an answer that has no `fault`."""
    if not question.function.bits:
        return Struct(f">{question.count}H").unpack_from(pdu, 2)
    return [pdu[2 + at // 8] >> at % 8 & 1 for at in range(question.count)]


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
