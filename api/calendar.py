"""Days and windows of a site in UTC: the one place that knows its time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_FIRST_DAY = date(1970, 1, 1).toordinal()


def windows(
    length: timedelta, timezone: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The whole windows that touch ``[start, end)``.

    A day begins at midnight of the site (and may last 23 or 25 hours); shorter windows divide it
    from midnight on, longer ones are counted in whole days from 1970-01-01.

    Args:
        length: Of one window.
        timezone: The site's.
        start: Beginning of the period, UTC.
        end: Its end.
    """
    zone = ZoneInfo(timezone)
    found = []
    at = _window_start(length, zone, start)
    while at < end:
        after = _window_start(length, zone, at + length + length / 2)
        if length < _DAY:
            midnight = _midnight(zone, _midnight(zone, at) + _DAY + _DAY / 2)
            after = min(at + length, midnight)
        if after > start:
            found.append((at, after))
        at = after
    return found


def month(name: str, timezone: str) -> tuple[datetime, datetime]:
    """Beginning and end of a month of the site, ``2026-03``, in UTC; ValueError for no month."""
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:
        raise ValueError(f"{name!r} is no month") from None
    following = (first + 31 * _DAY).replace(day=1)
    zone = ZoneInfo(timezone)
    start, end = (datetime.combine(day, time(0), zone) for day in (first, following))
    return start.astimezone(UTC), end.astimezone(UTC)


def month_of(at: datetime, timezone: str) -> str:
    """The month of the site that an instant falls into."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m}"


def months(start: datetime, end: datetime, timezone: str) -> list[str]:
    """The months of the site that ``[start, end)`` touches."""
    names = [month_of(start, timezone)]
    while (edge := month(names[-1], timezone)[1]) < end:
        names.append(month_of(edge, timezone))
    return names


def _window_start(length: timedelta, zone: ZoneInfo, at: datetime) -> datetime:
    midnight = _midnight(zone, at)
    if length < _DAY:
        return midnight + (at - midnight) // length * length
    days = midnight.astimezone(zone).date().toordinal() - _FIRST_DAY
    back = days % (length // _DAY)
    return _midnight(zone, midnight - back * _DAY + timedelta(hours=2))


def _midnight(zone: ZoneInfo, at: datetime) -> datetime:
    """The last midnight of the site at or before an instant, in UTC."""
    day = at.astimezone(zone).date()
    return datetime.combine(day, time(0), zone).astimezone(UTC)
