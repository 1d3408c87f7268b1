"""Bundles: messages of a backlog that travel together, each as it was encoded at its commit.

A line each, since canonical JSON has no line breaks: the device, a blank, and the message. A
message of records belongs to no device, and nothing stands before its blank.
"""

from collections.abc import Iterable

from collector.wire.message import MOST_BYTES
from collector.wire.topics import NAME

MOST_MESSAGES = 1000
_FEW = 20
_LEAST_BYTES = 128  # a message takes more: identity, instants, a hash
AROUND_A_MESSAGE = 66
"""What a bundle takes beside its messages: a blank, a line break and the longest name. [bytes]"""


def bundle(messages: Iterable[tuple[str | None, bytes]]) -> bytes:
    """Messages as one, each with its device; None for one of records."""
    return b"\n".join(b"%s %s" % ((device or "").encode(), said) for device, said in messages)


def unbundle(payload: bytes) -> list[tuple[str | None, bytes]]:
    """The messages of a bundle, each with its device, byte for byte as they were encoded.

    Raises:
        ValueError: It is too large, holds too many or crumbs, or a line of it names no device.
    """
    if len(payload) > MOST_BYTES:
        raise ValueError(f"{len(payload)} bytes; at most {MOST_BYTES} are taken")
    count = payload.count(b"\n") + 1
    if count > MOST_MESSAGES:
        raise ValueError(f"{count} messages; at most {MOST_MESSAGES} are taken")
    if count > max(_FEW, len(payload) // _LEAST_BYTES):
        # To set each of so many aside takes a journal as long as to store a thousand readings.
        raise ValueError(f"{count} lines in {len(payload)} bytes are no messages")
    return [_line(line) for line in payload.split(b"\n")]


def _line(line: bytes) -> tuple[str | None, bytes]:
    device, blank, message = line.partition(b" ")
    name = device.decode(errors="replace")
    if not blank or (name and not NAME.fullmatch(name)):
        raise ValueError(f"{line[:80]!r} names no device")
    return name or None, message
