"""Frames: questions as they go out on a bus, and the one answer among all that comes in. Pure.

In both forms an answer counts only if it is of the unit that was asked, with its function and its
length. TCP frames carry a number, so a late answer is known by it. RTU frames carry none: who asks
must leave a unit alone while a late answer of it may still come (`RtuFrames.recurs` finds those
that come twice).
"""

from struct import Struct
from typing import Protocol

from collector import pdu
from collector.bus import BusFault
from collector.pdu import Question, Read

_HEADER = Struct(">HHHB")  # transaction, protocol, length, unit
_NUMBERS = 0x10000
_LENGTHS = range(3, 255)
_SHORTEST = 5  # unit, function, one byte, checksum
_LONGEST = 256
_REFUSED = 0x80


class Frames(Protocol):
    """One side of a line.

    Attributes:
        recurs: Whether what was heard may be an earlier answer that came twice.
    """

    recurs: bool

    def ask(self, question: Question) -> bytes:
        """The frame to send; what came before is forgotten."""

    def hear(self, data: bytes) -> bytes | None:
        """The answer's PDU, once it is here; `BusFault` where it says no or is not to be used."""

    def why(self) -> str:
        """What was heard instead of an answer: ``timeout`` where nothing was."""

    def begin(self) -> None:
        """A new connection: the rest of a frame on the old one does not go on."""

    @property
    def astray(self) -> bool:
        """Whether the next frame could not be told from what came before it."""

    @property
    def damaged(self) -> bool:
        """Whether the answer did come, and cannot be used."""


class TcpFrames:
    """Modbus TCP: every frame has its number and its length."""

    def __init__(self) -> None:
        self.recurs = False
        self._number = 0
        self._question: Question | None = None
        self._waiting = b""

    def ask(self, question: Question) -> bytes:
        """The frame to send, under the next number."""
        self._number, self._question = (self._number + 1) % _NUMBERS, question
        said = question.said
        return _HEADER.pack(self._number, 0, 1 + len(said), question.unit) + said

    def hear(self, data: bytes) -> bytes | None:
        """Skips answers of other numbers: they are late, or nobody asked for them."""
        waiting = self._waiting + data if self._waiting else data
        while len(waiting) > _HEADER.size:
            number, protocol, length, unit = _HEADER.unpack_from(waiting)
            if protocol or length not in _LENGTHS:
                raise BusFault("garbled")  # no way to find the next frame
            end = 6 + length
            if len(waiting) < end:
                break
            said, waiting = waiting[7:end], waiting[end:]
            if number == self._number and self._question is not None:
                self._waiting = waiting
                return self._right(unit, said, self._question)
        self._waiting = waiting
        return None

    def why(self) -> str:
        """Late answers are skipped without a word, so this is nothing or a part of one."""
        return "garbled" if self._waiting else "timeout"

    def begin(self) -> None:
        """Numbers go on: a gateway may hold answers over from the connection before."""
        self._waiting = b""

    @property
    def astray(self) -> bool:
        """A rest of a frame waits for more, and the next answer would be taken for it."""
        return bool(self._waiting)

    @property
    def damaged(self) -> bool:
        """Never: what is damaged on a socket says so at once."""
        return False

    @staticmethod
    def _right(unit: int, said: bytes, question: Question) -> bytes:
        if unit != question.unit:
            raise BusFault("wrong-unit")
        wrong = pdu.fault(question, said)
        if wrong:
            raise wrong
        return said


class RtuFrames:
    """Modbus RTU on a serial line, or passed through by a converter."""

    def __init__(self) -> None:
        self._question: Question | None = None
        self._head, self._length = b"", 0
        self._heard, self._foreign = b"", ""
        self._said: dict[int, tuple[Question, bytes]] = {}
        self._last: dict[Question, bytes] = {}
        self.recurs = False

    def ask(self, question: Question) -> bytes:
        """The frame to send."""
        self._question, self._heard, self._foreign = question, b"", ""
        self._head = bytes((question.unit,)) + question.head
        self._length = _SHORTEST + self._head[2] if isinstance(question, Read) else 0
        self.recurs = False
        frame = bytes((question.unit,)) + question.said
        return frame + crc16(frame)

    def hear(self, data: bytes) -> bytes | None:
        """Skips whole frames of others, echoes and noise; looks for the answer behind them."""
        if self._question is None:
            return None
        heard = self._heard = (self._heard + data)[-4 * _LONGEST :]
        if len(heard) < self._length and heard.startswith(self._head):
            return None  # it comes in pieces, on a slow line in hundreds
        at = 0
        while at <= len(heard) - _SHORTEST:
            frame = _frame(heard, at)
            if frame is None:
                at += 1
                continue
            if frame.startswith(self._head) or self._refuses(frame):
                self._heard = heard[at + len(frame) :]
                return self._right(frame, self._question)
            self._foreign = self._foreign or _foreign(frame, self._question)
            at += len(frame)
        return None

    def why(self) -> str:
        """Whole frames of others say more than a rest that cannot be read."""
        return self._foreign or ("garbled" if self._heard else "timeout")

    def begin(self) -> None:
        """Nothing is under way on it yet."""
        self._heard = b""

    @property
    def astray(self) -> bool:
        """Never: a frame is found by its checksum."""
        return False

    @property
    def damaged(self) -> bool:
        """As long as it should be, and only its checksum is wrong: no other is under way."""
        return 0 < self._length <= len(self._heard) and self._heard.startswith(self._head)

    def _refuses(self, frame: bytes) -> bool:
        head = self._head
        return len(frame) == _SHORTEST and frame[0] == head[0] and frame[1] == head[1] | _REFUSED

    def _right(self, frame: bytes, question: Question) -> bytes:
        """The answer; `recurs` where it is, byte for byte, what the unit just said to another one.

        Where it is also what the unit said to this one the last time, it tells nothing new.
        """
        before = self._said.get(question.unit)
        new = self._last.get(question) != frame
        self.recurs = new and before is not None and before[0] != question and before[1] == frame
        self._said[question.unit] = question, frame
        self._last[question] = frame
        if self.recurs:
            another = self.hear(b"")
            if another is not None:
                return another
        said = frame[1:-2]
        wrong = pdu.fault(question, said)
        if wrong:
            raise wrong
        return said


def crc16(frame: bytes) -> bytes:
    """The checksum of Modbus over serial lines, low byte first."""
    crc = 0xFFFF
    for byte in frame:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc.to_bytes(2, "little")


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC = tuple(map(_crc_of, range(256)))


def _frame(heard: bytes, at: int) -> bytes | None:
    """The whole and sound answer that begins there, whoever said it; None where there is none."""
    function = heard[at + 1]
    if function & _REFUSED:
        length = _SHORTEST
    elif function in (1, 2, 3, 4):
        length = _SHORTEST + heard[at + 2]
    elif function == 43:
        return _names_frame(heard, at)
    else:
        return None
    frame = heard[at : at + length]
    return frame if len(frame) == length and crc16(frame[:-2]) == frame[-2:] else None


def _names_frame(heard: bytes, at: int) -> bytes | None:
    """An answer with names says nowhere how long it is: its names do."""
    end = at + 8
    for _ in range(heard[at + 7] if len(heard) >= end else 0):
        if len(heard) < end + 2:
            return None
        end += 2 + heard[end + 1]
    frame = heard[at : end + 2]
    sound = len(frame) == end + 2 - at and crc16(frame[:-2]) == frame[-2:]
    return frame if sound and len(frame) > _SHORTEST + 3 else None


def _foreign(frame: bytes, question: Question) -> str:
    if frame[0] != question.unit:
        return "wrong-unit"
    return "wrong-function" if frame[1] & 0x7F != question.head[0] else "short-answer"
