"""Patience: how long somebody who does not answer is left in peace. Pure."""

from dataclasses import dataclass

MISSES = 3
_FIRST_REST_MS = 1000
_LONGEST_REST_MS = 20_000
"""With the slot and the attempt behind it, who comes back is heard within half a minute."""


@dataclass(slots=True)
class Patience:
    """How often somebody did not answer, and until when to leave it in peace.

    Attributes:
        misses: How often in a row.
        rest_until: Time since boot. [ms]
    """

    misses: int = 0
    rest_until: int = 0

    @property
    def lost(self) -> bool:
        """Whether it is asked less often than it should be."""
        return self.misses >= MISSES

    def rests(self, up_ms: int) -> bool:
        """Whether it is to be left in peace now."""
        return self.lost and up_ms < self.rest_until

    def missed(self, up_ms: int) -> None:
        """It did not answer."""
        self.misses += 1
        doubled = min(max(self.misses - MISSES, 0), 10)
        self.rest_until = up_ms + min(_FIRST_REST_MS << doubled, _LONGEST_REST_MS)

    def answered(self) -> None:
        """It did."""
        self.misses = 0
