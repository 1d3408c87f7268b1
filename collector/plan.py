"""Read planning: which registers are asked for together.

A point is never cut: all its registers stand in one request, because a total that is read in
two halves, between which the meter counts on, is a wrong total. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from collector.devices import DevicePoint
from collector.profiles import Limits, ProfilePoint, Table


@dataclass(frozen=True, slots=True)
class Request:
    """One read.

    Attributes:
        table: Holding (function code 3) or input registers (4).
        address: Zero-based address of the first register.
        count: How many registers.
        points: What stands in them.
    """

    table: Table
    address: int
    count: int
    points: tuple[DevicePoint, ...]


def span(point: ProfilePoint, limits: Limits) -> tuple[int, int]:
    """First address of a point's registers and first address after them, as it may be read."""
    start = min(register.address for register in point.registers)
    end = max(register.end for register in point.registers)
    return _even(start, end) if limits.even else (start, end)


def fits(point: ProfilePoint, limits: Limits) -> bool:
    """Whether all registers of a point can be had in one request."""
    start, end = span(point, limits)
    return end - start <= limits.registers_per_request


def plan(points: Iterable[DevicePoint], limits: Limits) -> tuple[Request, ...]:
    """The fewest requests that bring all points, in the order of their addresses.

    Args:
        points: Of one device; each of them `fits`.
        limits: What the model can bear.

    Returns:
        Requests that together hold every register of every point. Holes are read over where
        they are no longer than `limits.longest_hole`.
    """
    tables: dict[Table, list[DevicePoint]] = {}
    for point in points:
        tables.setdefault(point.source.table, []).append(point)
    requests: list[Request] = []
    for table, members in tables.items():
        rest = sorted(members, key=lambda point: span(point.source, limits))
        while rest:
            request, rest = _leftmost(table, rest, limits)
            requests.append(request)
    return tuple(requests)


def _leftmost(
    table: Table, points: list[DevicePoint], limits: Limits
) -> tuple[Request, list[DevicePoint]]:
    """The request that begins with the first point and takes in as many as it can."""
    start, end = span(points[0].source, limits)
    taken: list[DevicePoint] = []
    rest: list[DevicePoint] = []
    for point in points:
        first, after = span(point.source, limits)
        longer = max(end, after)
        if first - end <= limits.longest_hole and longer - start <= limits.registers_per_request:
            taken.append(point)
            end = longer
        else:
            rest.append(point)
    return Request(table, start, end - start, tuple(taken)), rest


def _even(start: int, end: int) -> tuple[int, int]:
    return start - start % 2, end + end % 2
