"""A window: the messages of one commit, as one compressed row that proves itself. Pure."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from collector.wire import topics
from collector.wire.message import decode


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that waits to be accounted for.

    Attributes:
        epoch: Whose numbers.
        first: Number of its first record.
        last: Number of its last record.
        place: Where its last record stands among all that this spool ever took, whatever its
            epoch; in the first epoch of a file the number itself.
        topic: Where it goes.
        payload: What goes there.
    """

    epoch: str
    first: int
    last: int
    place: int
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Window:
    """What one commit held, less what has been thinned out of it.

    Attributes:
        place: Place of its last record.
        epoch: Whose numbers.
        first: The first number that it gave out.
        last: The last one.
        base: The lowest number of the epoch that still waited when it was committed.
        newest_ms: The latest instant that the spool has seen. [ms since 1970]
        thinned: Whether it went through the thinning.
        h: Hash of its last record. [32 bytes]
        body: Its messages, compressed.
        proof: Over all of the above.
    """

    place: int
    epoch: str
    first: int
    last: int
    base: int
    newest_ms: int
    thinned: bool
    h: bytes
    body: bytes
    proof: bytes = b""

    @property
    def behind(self) -> int:
        """Place that it stands right behind."""
        return self.place - (self.last - self.first) - 1

    def proven(self) -> "Window":
        """The same with its proof."""
        return replace(self, proof=self._digest())

    @property
    def sound(self) -> bool:
        """Whether it is what was written."""
        return self.proof == self._digest()

    @property
    def size(self) -> int:
        """What its messages take when they are not compressed. [bytes]"""
        return len(zlib.decompress(self.body))

    def messages(self) -> Iterator[Stored]:
        """Its messages, in their order."""
        offset = self.place - self.last
        for line in zlib.decompress(self.body).splitlines():
            first, last, topic, payload = line.split(b" ", 3)
            end = int(last)
            yield Stored(self.epoch, int(first), end, offset + end, topic.decode(), payload)

    def hash_of(self, seq: int) -> bytes | None:
        """The hash of its record of that number; None where it holds none."""
        if seq == self.last:
            return self.h
        for message in self.messages():
            if message.first <= seq <= message.last:
                records = decode(message.payload, topics.parse(message.topic).device).records
                return next((one.h for one in records if one.seq == seq), None)
        return None

    def holding(self, messages: Iterable[Stored]) -> "Window":
        """The same with fewer messages, thinned."""
        return replace(self, thinned=True, body=pack(messages)).proven()

    def _digest(self) -> bytes:
        head = (self.place, self.epoch, self.first, self.last, self.base, self.newest_ms)
        digest = hashlib.blake2b(repr((*head, self.thinned)).encode(), digest_size=16)
        digest.update(self.h)
        digest.update(self.body)
        return digest.digest()


def pack(messages: Iterable[Stored]) -> bytes:
    """Messages as a body: a line each, since canonical JSON has no line breaks."""
    lines = (b"%d %d %s %s" % (m.first, m.last, m.topic.encode(), m.payload) for m in messages)
    # Level 1: half of a line is hashes, which nothing makes smaller, and the agent is a small one.
    return zlib.compress(b"\n".join(lines), 1)
