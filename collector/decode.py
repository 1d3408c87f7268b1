"""Decoding: registers to values, exactly, in one pass a block. Pure.

A block's registers are laid out as bytes once, high byte first or low byte first, and taken
apart by one compiled `struct` per byte order. The four orders are the four ways to do that:

    ABCD  words high byte first, read big-endian        CDAB  low byte first, little-endian
    BADC  words low byte first, read big-endian         DCBA  high byte first, little-endian

What makes a value of the raw number stands in `collector.exact`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct

from collector.exact import CODES, Bad, Decoded, Finish, PowerOfTen, Raw, Sum, finisher
from collector.plan import Request
from collector.profiles import Register
from collector.wire.reading import Value


class Block:
    """Decodes the answers to one request."""

    __slots__ = ("_high_first", "_low_first", "_passes", "_singles", "_sums")

    def __init__(self, request: Request) -> None:
        passes = _passes(request)
        place = {placed: at for at, placed in enumerate(p for one in passes for p in one.placed)}
        self._high_first = Struct(f">{request.count}H").pack
        self._low_first = Struct(f"<{request.count}H").pack
        self._passes = tuple((one.low_first, one.compiled(request).unpack) for one in passes)
        singles: list[tuple[str, Finish, int]] = []
        sums: list[tuple[str, Callable[..., Decoded], tuple[int, ...]]] = []
        for point in request.points:
            registers, absent = point.source.registers, point.source.no_value
            if point.source.exponent:
                scaled = PowerOfTen(registers[0], point.factor, absent)
                sums.append((point.name, scaled, tuple(place[r] for r in registers)))
            elif len(registers) == 1:
                finish = finisher(registers[0], point.factor, absent)
                singles.append((point.name, finish, place[registers[0]]))
            else:
                add = Sum(registers, point.factor, absent)
                sums.append((point.name, add, tuple(place[r] for r in registers)))
        self._singles = tuple(singles)
        self._sums = tuple(sums)

    def decode(self, words: Sequence[int], values: dict[str, Value], bad: dict[str, str]) -> None:
        """Put every point's value into `values`, or the reason why it has none into `bad`.

        Args:
            words: The registers, exactly as many as were asked for. [0 to 65535 each]
            values: Receives good values by point.
            bad: Receives reasons by point.
        """
        raws: list[Raw] = []
        for low_first, unpack in self._passes:
            pack = self._low_first if low_first else self._high_first
            raws += unpack(pack(*words))
        for name, finish, at in self._singles:
            value = finish(raws[at])
            if type(value) is Bad:
                bad[name] = str(value)
            else:
                values[name] = value
        for name, add, places in self._sums:
            value = add(*[raws[at] for at in places])
            if type(value) is Bad:
                bad[name] = str(value)
            else:
                values[name] = value


@dataclass(slots=True)
class _Pass:
    """Registers of one byte order that do not overlap, by address."""

    low_first: bool
    endian: str
    placed: list[Register]

    def compiled(self, request: Request) -> Struct:
        form, at = self.endian, request.address
        for register in self.placed:
            code = f"{2 * register.count}s" if register.type == "string" else CODES[register.type]
            form += f"{2 * (register.address - at)}x{code}"
            at = register.end
        return Struct(f"{form}{2 * (request.address + request.count - at)}x")


def _passes(request: Request) -> list[_Pass]:
    registers = {register for point in request.points for register in point.source.registers}
    passes: list[_Pass] = []
    for register in sorted(registers, key=lambda r: (r.address, r.end, r.type, r.order, r.scale)):
        low_first, endian = _layout(register)
        for one in passes:
            same = (one.low_first, one.endian) == (low_first, endian)
            if same and one.placed[-1].end <= register.address:
                one.placed.append(register)
                break
        else:
            passes.append(_Pass(low_first, endian, [register]))
    return passes


def _layout(register: Register) -> tuple[bool, str]:
    """Whether its words are laid out low byte first, and how they are read then."""
    if register.type == "string":  # its words stand in reading order; only bytes may be swapped
        return register.order in ("BADC", "DCBA"), ">"
    return register.order in ("CDAB", "BADC"), "<" if register.order in ("CDAB", "DCBA") else ">"
