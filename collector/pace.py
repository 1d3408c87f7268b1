"""Pace: how much of a backlog may be under way between here and the journal.

About what the journal takes in a second: it answers once a second, so that less would leave it
idle, and a window that is live stands behind what is under way. A slow gateway, or one that many
collectors call upon, is thus given less, and what is live does not wait longer there.
"""

LEAST_BYTES = 200_000
MOST_BYTES = 4_000_000  # what one collector may have lying at the broker
MOST_ALONE = 500
"""Messages that go alone: a broker's queue is often bounded by their number, and then drops."""
_AHEAD = 1.25  # so that it grows to what the journal can take, and the journal is never idle
_LEAST_S = 0.5  # between two answers; what comes closer says nothing of a rate


class Pace:
    """Follows the journal's answers.

    Attributes:
        bytes: How much may be under way.
    """

    def __init__(self) -> None:
        self.bytes, self._answered = LEAST_BYTES, 0.0

    def answered(self, taken: int, now: float) -> None:
        """The journal has answered for so much more. [bytes, s]"""
        rate = taken / max(now - self._answered, _LEAST_S)
        self.bytes = min(MOST_BYTES, max(LEAST_BYTES, int(rate * _AHEAD)))
        self._answered = now


class Bundling:
    """Whether what waits goes in bundles: the journal takes them, and the broker passes them on.

    A broker's rules may let single messages through and not these. MQTT 5 says so, and then none is
    tried again before the next start, for some brokers hang up on whoever tries; an older one says
    nothing, and then only the journal's word tells, connection by connection.

    Attributes:
        taken: Whether the journal says that it takes them.
    """

    def __init__(self) -> None:
        self.taken = False
        self._forbidden = False
        self._passes: bool | None = None

    def __bool__(self) -> bool:
        return self.taken and not self._forbidden and self._passes is not False

    def connected(self) -> None:
        """What was swallowed before may get through now."""
        self._passes = None

    def refused(self) -> None:
        """The broker says that it does not pass them on."""
        self._forbidden = True

    def arrived(self) -> None:
        """The journal has what was in one."""
        self._passes = True

    def unanswered(self) -> None:
        """The journal has said nothing of what was in one for too long."""
        if self._passes is None:
            self._passes = False
