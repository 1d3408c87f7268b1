"""Latency: how long a unit takes to answer, and from that how long it is worth waiting. Pure."""

_SLACK_S = 0.05
_TIMES = 3.0
_FADES = 0.98
_SETTLES = 0.1
_EVERY_THIRD = 3


class Latency:
    """What is known of one unit.

    Args:
        longest_s: How long an answer may take at most. [s]

    Attributes:
        usual_s: About what it takes; None where it was never heard. [s]
    """

    __slots__ = ("_longest_s", "_misses", "_peak_s", "usual_s")

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._peak_s: float | None = None
        self._misses = 0
        self.usual_s: float | None = None

    @property
    def peak_s(self) -> float:
        """About the longest that it took of late; 0 where it was never heard. [s]"""
        return self._peak_s or 0.0

    def patience_s(self, others_s: float, transfer_s: float) -> float:
        """How long to wait for its next answer. [s]

        A unit that is well gets all the time that it may take: it does not need it, and a machine
        that pauses for a moment takes no answer for lost. One that was silent gets three times its
        slowest answer of late, or where it was never heard that of the slowest of the others; and
        all the time again at its second attempt where it was never heard, and at every third,
        because it may have become slow.

        Args:
            others_s: `peak_s` of the slowest on its bus; 0 where none was heard. [s]
            transfer_s: What its answer may need on the line. [s]
        """
        peak_s = self._peak_s or others_s
        hopeful = self._misses % _EVERY_THIRD == 0
        if not peak_s or hopeful or (self._peak_s is None and self._misses < 2):
            return self._longest_s
        return min(self._longest_s, _TIMES * peak_s + _SLACK_S + transfer_s)

    def answered(self, took_s: float) -> None:
        """It answered."""
        self._misses = 0
        self._peak_s = max(took_s, _FADES * (self._peak_s or 0.0))
        before = took_s if self.usual_s is None else self.usual_s
        self.usual_s = before + _SETTLES * (took_s - before)

    def missed(self) -> None:
        """It did not."""
        self._misses += 1
