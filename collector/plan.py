"""Read planning: which registers are asked for together, so that it costs the bus least.

A point is never cut: all its registers stand in one request, because a total that is read in
two halves, between which the meter counts on, is a wrong total. Pure.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from collector.cost import FEWEST, Cost
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


def plan(
    points: Iterable[DevicePoint],
    limits: Limits,
    cost: Cost = FEWEST,
    walls: Collection[tuple[Table, int]] = (),
) -> tuple[Request, ...]:
    """The cheapest requests that bring all points, in the order of their addresses.

    There are no cheaper ones. Requests of a cheapest plan need not interleave: where two do, either
    the value that begins between two of the other request also ends there, or the later of those
    two stands within its own, and one can change over for nothing.

    Args:
        points: Of one device, those that are wanted now; each of them `fits`.
        limits: What the model can bear. Holes are read over where they are no longer than
            `limits.longest_hole` and cost less than another request.
        cost: What the bus charges.
        walls: Table and address that no request reads across; it may begin there.

    Returns:
        Requests that together hold every register of every point.
    """
    tables: dict[Table, list[DevicePoint]] = {}
    for point in points:
        tables.setdefault(point.source.table, []).append(point)
    requests: list[Request] = []
    for table, members in tables.items():
        members.sort(key=lambda point: span(point.source, limits))
        spans = [span(point.source, limits) for point in members]
        standing = [wall for place, wall in walls if place == table]
        for first, upto in _cuts(spans, limits, cost, standing):
            start, end = spans[first][0], max(end for _, end in spans[first:upto])
            requests.append(Request(table, start, end - start, tuple(members[first:upto])))
    return tuple(requests)


def _cuts(
    spans: list[tuple[int, int]], limits: Limits, cost: Cost, walls: Collection[int]
) -> list[tuple[int, int]]:
    """Which spans, sorted, are read together: the first and the first after the last of each."""
    cheapest: list[tuple[float, int]] = [(0, 0), *[(math.inf, 0)] * len(spans)]
    for first, (start, end) in enumerate(spans):
        for upto in range(first + 1, len(spans) + 1):
            if upto > first + 1 and not _joins(spans[upto - 1], start, end, limits, walls):
                break
            end = max(end, spans[upto - 1][1])  # noqa: PLW2901 - it grows with what joins
            price = cheapest[first][0] + cost.of(end - start)
            cheapest[upto] = min(cheapest[upto], (price, first))
    cuts: list[tuple[int, int]] = []
    upto = len(spans)
    while upto:
        first = cheapest[upto][1]
        cuts.append((first, upto))
        upto = first
    return cuts[::-1]


def _joins(
    span: tuple[int, int], start: int, end: int, limits: Limits, walls: Collection[int]
) -> bool:
    """Whether a span can be read with those before it, which begin and end there."""
    longer = max(end, span[1])
    return (
        span[0] - end <= limits.longest_hole
        and longer - start <= limits.registers_per_request
        and not any(start < wall < longer for wall in walls)
    )


def _even(start: int, end: int) -> tuple[int, int]:
    return start - start % 2, end + end % 2
