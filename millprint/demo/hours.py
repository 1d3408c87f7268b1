"""When the mill begins batches: working hours, lunch, and days off."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from millprint.demo.mill import Site

_LOOK_S = 60
_DAY_S = 86_400


class Hours:
    """The mill's hours, in its own time.

    Args:
        site: The site; without `open` it never closes.
    """

    def __init__(self, site: Site) -> None:
        self._start = site.start.astimezone(ZoneInfo(site.timezone))
        self._closed_days = site.closed_days
        self._open, self._lunch = span(site.open), span(site.lunch)

    def closed_for_s(self, now_s: int) -> int:
        """How long from then on nobody begins a batch; 0 while the mill works. [s]"""
        seconds = 0
        while seconds < 7 * _DAY_S and self._is_closed(now_s + seconds):
            seconds += _LOOK_S
        return seconds

    def _is_closed(self, now_s: int) -> bool:
        now = self._start + timedelta(seconds=now_s)
        if now.isoweekday() in self._closed_days:
            return True
        at = now.time()
        outside = self._open is not None and not self._open[0] <= at < self._open[1]
        return outside or (self._lunch is not None and self._lunch[0] <= at < self._lunch[1])


def span(text: str) -> tuple[time, time] | None:
    """``07:00-22:30`` as two times of a day; None for nothing.

    Raises:
        ValueError: It is no such span, or ends before it begins.
    """
    if not text:
        return None
    first, _, last = text.partition("-")
    start, end = (datetime.strptime(part, "%H:%M").time() for part in (first, last))  # noqa: DTZ007 - a time of any day
    if start >= end:
        raise ValueError(f"{text!r} ends before it begins")
    return start, end
