"""Hearing: whether what we send gets through, and what is said where it does not.

A broker may refuse it and say so; it may also take it and pass nothing on, and an older protocol
has no way to say that. Then only the journal's word tells.
"""

import logging
import random

log = logging.getLogger("collector.uplink")

UP, REFUSED, UNANSWERED = "up", "refused", "unanswered"
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
_LONGEST_UNHEARD_S = 2.0  # a gateway may just be starting, and asking costs some messages


class Hearing:
    """What broker and journal make of what is sent. Instants are of any clock that only goes on.

    Args:
        journal_within_s: How long the journal may take nothing of what is sent. [s]
        jitter: By which pauses are drawn.

    Attributes:
        word: What the state message says of it.
    """

    def __init__(self, journal_within_s: float, jitter: random.Random) -> None:
        self._journal_within_s, self._jitter = journal_within_s, jitter
        self.word = UP
        self._pause_until, self._pause_s = 0.0, _SHORTEST_PAUSE_S
        self._unheard_since: float | None = None  # since when the journal owes us a word

    def may_send(self, now: float) -> bool:
        """Whether no pause is on."""
        return now >= self._pause_until

    def connected(self) -> None:
        """The broker, or its rules, may be others now."""
        self._pause_until = 0.0

    def sent(self, now: float) -> None:
        """Something was handed to the broker."""
        self._unheard_since = self._unheard_since or now

    def refused(self, why: str, now: float, *, unheard: bool = False) -> bool:
        """Nobody listens, or we may not write: do not hammer, begin again later.

        Args:
            why: What to look at.
            now: When.
            unheard: Whether only nobody listens.

        Returns:
            Whether a pause begins: all that was under way is refused together, and that is one
            attempt.
        """
        if not self.may_send(now):
            return False
        if self.word != REFUSED:
            log.warning("the broker does not pass on what we send: %s", why)
        self.word = REFUSED
        self._pause_until = now + self._pause_s * self._jitter.uniform(0.5, 1.0)
        self._pause_s = min(self._pause_s * 2, _LONGEST_UNHEARD_S if unheard else _LONGEST_PAUSE_S)
        return True

    def answered(self) -> None:
        """The journal is there."""
        self._pause_until, self._pause_s = 0.0, _SHORTEST_PAUSE_S

    def accounted(self) -> None:
        """The journal has more than before."""
        self.answered()
        if self.word != UP:
            log.warning("the journal answers again")
        self.word, self._unheard_since = UP, None

    def listen(self, now: float) -> None:
        """Tell of a journal that for too long has taken nothing of what is sent."""
        if self.word == UP and now - (self._unheard_since or now) > self._journal_within_s:
            self.word = UNANSWERED
            log.warning(
                "the broker takes what we send and it does not reach the journal: "
                "is the gateway running, and does the broker's ACL let both through?"
            )
