"""The fold: one hash over all that the journal holds of an epoch up to a number.

It begins as the chain does and goes on as the chain does, so that it *is* the chain's hash as long
as nothing was missing and nothing broken. Where the chain breaks off it goes on: what is missing is
passed over, and a hash that does not follow from the record before is taken in as well. So it
always binds every form and every hash, in their order.
"""

import hashlib

from collector.wire import chain


class Fold:
    """Takes in records of an epoch in order of number.

    Args:
        at: Number of the record before the first one.
        value: The fold up to there.
        h: Hash of that record; None where there is none.
    """

    def __init__(self, at: int, value: bytes, h: bytes | None) -> None:
        self.at, self.value, self._h = at, value, h

    def take(self, seq: int, form: bytes, h: bytes) -> bool | None:
        """Take in a record with a higher number.

        Returns:
            Whether its hash follows from the one before; None where that one is not there.
        """
        before = self._h if seq == self.at + 1 else None
        grown = chain.link(self.value, form)
        follows = None
        if before is not None:
            follows = h == (grown if before == self.value else chain.link(before, form))
        self.value = grown if follows else hashlib.sha256(grown + h).digest()
        self.at, self._h = seq, h
        return follows
