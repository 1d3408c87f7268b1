"""Days and windows of a site in UTC: the one place that knows its time zone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.ledger import networks
from api.ledger.plant import Plant, WorkShift

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(milliseconds=1)
_FIRST_DAY = date(1970, 1, 1).toordinal()


Span = tuple[datetime, datetime]


def spans(plant: Plant, start: datetime, end: datetime) -> dict[str, list[Span]]:
    """The whole balancing windows of each set of networks that touch ``[start, end)``."""
    found = {}
    for names in networks.joined(plant):
        makers = networks.makers(plant, names)
        alone = networks.terms(plant, names[0]).balance_over
        length = makers[0].balance_over if makers else alone
        key = networks.window_key(plant, names)
        found[key] = windows(length, plant.timezone, start, end)
    return found


def with_last_closed(
    plant: Plant, found: Mapping[str, list[Span]], closing: Mapping[str, datetime]
) -> dict[str, list[Span]]:
    """Windows, with the one before them where the first is still open: it prices it (rule 22).

    Args:
        plant: The plant.
        found: Windows of each set of networks.
        closing: How far the meters around each set have reported.
    """
    whole = {}
    for name, own in found.items():
        whole[name] = own
        if own and own[0][1] > closing[name]:
            first = own[0][0]
            before = spans(plant, first - _INSTANT, first)[name]
            whole[name] = [one for one in before if one[1] <= closing[name]] + own
    return whole


def windows(length: timedelta | None, timezone: str, start: datetime, end: datetime) -> list[Span]:
    """The whole windows that touch ``[start, end)``.

    A day begins at midnight of the site (and may last 23 or 25 hours); shorter windows divide it
    from midnight on, longer ones are counted in whole days from 1970-01-01.

    Args:
        length: Of one window; None: the calendar month.
        timezone: The site's.
        start: Beginning of the period, UTC.
        end: Its end.
    """
    zone = ZoneInfo(timezone)
    found = []
    if length is None:
        return _months(zone, start, end)
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


def day_of(timezone: str, at: datetime) -> date:
    """The day that it is at a site at an instant."""
    return at.astimezone(ZoneInfo(timezone)).date()


def work_shifts(
    shifts: Sequence[WorkShift], timezone: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The working shifts that touch ``[start, end)``, whole, by time, in UTC.

    A shift lasts from its one clock time to its other, so one is longer or shorter where clocks
    are set in it. A time that a day has twice is its first; one that it skips is when it does.

    Args:
        shifts: Those of every day.
        timezone: The site's.
        start: Beginning of the period, UTC.
        end: Its end.
    """
    zone = ZoneInfo(timezone)
    day, last = (start - 2 * _DAY).astimezone(zone).date(), (end + 2 * _DAY).astimezone(zone).date()
    found = []
    while day <= last:
        for shift in shifts:
            ends_on = day if shift.end > shift.start else day + _DAY
            found.append((_clock(day, shift.start, zone), _clock(ends_on, shift.end, zone)))
        day += _DAY
    return [(a, b) for a, b in sorted(found) if start < b and a < end and a < b]


def _clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the site's clocks show a time on a day, or first show a later one."""
    shown = datetime.combine(day, at, zone)
    found = shown.astimezone(UTC)
    if found.astimezone(zone).time() == at:
        return found
    # The day skips it. Read by the clock after the leap it lies before it; the leap is next.
    after = shown.replace(fold=1)
    found = after.astimezone(UTC)
    while found.astimezone(zone).utcoffset() != after.utcoffset():
        found += _MINUTE
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


def _months(zone: ZoneInfo, start: datetime, end: datetime) -> list[Span]:
    """The calendar months of the site that touch a period."""
    found = []
    first = start.astimezone(zone).date().replace(day=1)
    at = datetime.combine(first, time(0), zone).astimezone(UTC)
    while at < end:
        following = (first + 32 * timedelta(days=1)).replace(day=1)
        after = datetime.combine(following, time(0), zone).astimezone(UTC)
        found.append((at, after))
        first, at = following, after
    return found


def midnight(timezone: str, day: date) -> datetime:
    """When a day begins at a site, in UTC."""
    return datetime.combine(day, time(0), ZoneInfo(timezone)).astimezone(UTC)


def _midnight(zone: ZoneInfo, at: datetime) -> datetime:
    """The last midnight of the site at or before an instant, in UTC."""
    day = at.astimezone(zone).date()
    return datetime.combine(day, time(0), zone).astimezone(UTC)
