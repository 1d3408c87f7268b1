"""Reads are few, never larger than a model bears, and never cut a point."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.bus import Bus
from collector.cost import Cost, about_us, cost_of
from collector.devices import DevicePoint
from collector.plan import fits, plan, span
from collector.profiles import Limits, ProfilePoint, Register
from collector.wire.reading import Kind

TYPES = ("uint16", "int32", "float32", "uint64", "string")


def point(name: str, table: str, *registers: Register) -> DevicePoint:
    source = ProfilePoint(
        name, Kind.GAUGE, table, registers, "", Fraction(1), None, None, (), (), {}, "", ""
    )
    return DevicePoint(name, source, Fraction(1))


@st.composite
def registers(draw, last=300):
    kind = draw(st.sampled_from(TYPES))
    words = draw(st.integers(1, 10)) if kind == "string" else 0
    return Register(draw(st.integers(0, last)), kind, words=words)


@st.composite
def device_points(draw):
    groups = draw(st.lists(st.lists(registers(), min_size=1, max_size=2), max_size=20))
    return [
        point(f"p{number}", draw(st.sampled_from(["holding", "input"])), *group)
        for number, group in enumerate(groups)
    ]


limits = st.builds(
    Limits,
    registers_per_request=st.integers(12, 125),
    even=st.booleans(),
    longest_hole=st.integers(0, 30),
)


@given(device_points(), limits)
def test_every_point_stands_whole_in_exactly_one_request_within_the_limits(points, limits):
    points = [point for point in points if fits(point.source, limits)]

    requests = plan(points, limits)

    planned = [point.name for request in requests for point in request.points]
    assert sorted(planned) == sorted(point.name for point in points)
    for request in requests:
        assert 0 < request.count <= limits.registers_per_request
        assert not limits.even or request.address % 2 == request.count % 2 == 0
        for one in request.points:
            assert one.source.table == request.table
            for register in one.source.registers:
                assert request.address <= register.address
                assert register.end <= request.address + request.count


@given(device_points(), limits)
def test_no_request_reads_over_a_longer_hole_than_allowed(points, limits):
    points = [point for point in points if fits(point.source, limits)]

    for request in plan(points, limits):
        spans = [span(one.source, limits) for one in request.points]
        read = {address for start, end in spans for address in range(start, end)}
        hole = 0
        for address in range(request.address, request.address + request.count):
            hole = 0 if address in read else hole + 1
            assert hole <= limits.longest_hole


costs = st.builds(Cost, request_us=st.integers(100, 100_000), register_us=st.integers(1, 5_000))


def price(requests, cost: Cost) -> int:
    return sum(cost.of(request.count) for request in requests)


def partitions(members: list) -> Iterator[list[list]]:
    """All ways to group them, interleaved ones as well."""
    if not members:
        yield []
        return
    first, *rest = members
    for groups in partitions(rest):
        yield [[first], *groups]
        for at in range(len(groups)):
            yield [*groups[:at], [first, *groups[at]], *groups[at + 1 :]]


def cheapest(spans: list[tuple[int, int]], limits: Limits, cost: Cost, walls: set[int]) -> int:
    """The exact optimum, by trying every grouping that is allowed."""
    prices = []
    for groups in partitions(spans):
        total = 0
        for group in groups:
            group.sort()
            start, end = group[0][0], max(end for _, end in group)
            holes = [b[0] - a[1] for a, b in pairwise(group)]
            alone = len(group) == 1
            if max(holes, default=0) > limits.longest_hole or (
                not alone
                and (
                    end - start > limits.registers_per_request
                    or any(start < wall < end for wall in walls)
                )
            ):
                break
            total += cost.of(end - start)
        else:
            prices.append(total)
    return min(prices)


def uint32s(gaps: list[int]) -> list[DevicePoint]:
    address, points = 0, []
    for number, gap in enumerate(gaps):
        address += gap
        points.append(point(f"p{number}", "input", Register(address, "uint32")))
        address += 2
    return points


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=7),
    limits,
    costs,
    st.sets(st.integers(0, 100), max_size=3),
)
def test_no_way_to_read_them_is_cheaper_than_the_planned_one(gaps, limits, cost, walls):
    limits = Limits(limits.registers_per_request, longest_hole=limits.longest_hole)
    points = uint32s(gaps)

    requests = plan(points, limits, cost, {("input", wall) for wall in walls})

    spans = [span(one.source, limits) for one in points]
    assert price(requests, cost) == cheapest(spans, limits, cost, walls)


SDM630 = [*range(0, 36, 2), 48, 52, 56, 60, 62, *range(70, 82, 2), 84, *range(342, 364, 2)]
"""Input registers of an Eastron SDM630, all float32 (Eastron PDF; mbmd's meters/rs485/sdm.go)."""


SILENCE_MS = 3.5 * 10 / 9.6
"""By which a meter knows that a question at 9600 baud is over; what it then takes comes on top."""


@pytest.mark.parametrize(
    ("thinks_ms", "of_single", "of_neighbours"),
    [
        (0, 0.288, 0.816),
        (SILENCE_MS, 0.257, 0.778),
        (14, 0.203, 0.70),
        (20, 0.184, 0.666),
        (SILENCE_MS + 17.9, 0.18, 0.66),
        (SILENCE_MS + 20, 0.175, 0.649),
        (40, 0.148, 0.592),
    ],
)
def test_an_sdm630_costs_a_fraction_of_a_request_per_value_and_of_reading_only_neighbours(
    thinks_ms, of_single, of_neighbours
):
    # The plan is a cheapest one (above), so no other does better at the same turnaround.
    points = [point(f"p{at}", "input", Register(at, "float32")) for at in SDM630]
    cost = cost_of(Bus("b", "rtu", baud=9600), thinks_us=round(1000 * thinks_ms))

    best = price(plan(points, Limits(80, even=True, longest_hole=16), cost), cost)
    neighbours = price(plan(points, Limits(80, even=True, longest_hole=0), cost), cost)

    assert best <= of_single * len(points) * cost.of(2)
    assert best <= of_neighbours * neighbours


def test_an_sdm630_that_thinks_for_20_ms_is_read_for_0_18_of_singles_and_0_70_of_neighbours():
    # It hears by 3.5 characters of silence that a question is over, and only then begins to think
    # (Modbus over serial line 1.02, 2.5.1.1): a single value is 17 bytes, two silences and 20 ms.
    cost = cost_of(Bus("b", "rtu", baud=9600), thinks_us=round(1000 * (SILENCE_MS + 20)))
    points = [point(f"p{at}", "input", Register(at, "float32")) for at in SDM630]
    assert cost.of(2) == pytest.approx(45_000, abs=5)

    best = price(plan(points, Limits(80, even=True, longest_hole=16), cost), cost)
    neighbours = price(plan(points, Limits(80, even=True, longest_hole=0), cost), cost)

    assert best <= 0.18 * len(points) * cost.of(2)
    assert best <= 0.70 * neighbours


def test_no_plan_whatever_reads_an_sdm630_for_less_than_what_its_own_bytes_take():
    cost = cost_of(Bus("b", "rtu", baud=9600), thinks_us=0)

    bytes_alone = 2 * len(SDM630) * cost.register_us

    assert bytes_alone / (len(SDM630) * cost.of(2)) == pytest.approx(0.195, abs=0.0005)


@given(st.integers(1, 10_000_000))
def test_meters_that_take_about_as_long_are_planned_alike(thinks_us: int):
    assert abs(about_us(thinks_us) - thinks_us) <= 0.5 + 0.025 * thinks_us  # whole microseconds
    assert about_us(about_us(thinks_us)) == about_us(thinks_us)


def test_a_hole_is_read_over_only_where_that_is_cheaper_than_another_request():
    points = uint32s([0, 14])
    fast, slow = (cost_of(Bus("b", "rtu", baud=baud), thinks_us=5_000) for baud in (115200, 9600))

    assert len(plan(points, Limits(longest_hole=16), fast)) == 1
    assert len(plan(points, Limits(longest_hole=16), slow)) == 2


def test_a_request_on_a_slow_line_costs_what_its_bytes_and_its_silences_take():
    # 9600 baud, 8N1: 10 bits a byte. Two registers: 8 bytes out, 9 back, 3.5 of silence.
    cost = cost_of(Bus("b", "rtu", baud=9600), thinks_us=0)

    assert cost.of(2) == pytest.approx((8 + 9 + 3.5) * 10 / 9600 * 1e6, rel=0.001)


def test_the_two_parts_of_a_total_are_read_together_over_any_hole():
    total = point("volume_m3", "holding", Register(8, "int32"), Register(40, "float32"))

    (request,) = plan([total], Limits(longest_hole=0))

    assert (request.address, request.count) == (8, 34)


def test_an_odd_value_of_a_meter_that_answers_only_even_reads_is_read_evenly():
    odd = point("x", "input", Register(7, "uint16"))

    (request,) = plan([odd], Limits(even=True))

    assert (request.address, request.count) == (6, 2)
