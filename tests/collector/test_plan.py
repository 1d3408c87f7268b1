"""Reads are few, never larger than a model bears, and never cut a point."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

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


def fewest(spans: list[tuple[int, int]], most: int, hole: int) -> int:
    """The exact optimum for spans that do not overlap, by trying every cut."""
    best = [0] + [len(spans)] * len(spans)
    for last in range(1, len(spans) + 1):
        for first in range(last, 0, -1):
            if spans[last - 1][1] - spans[first - 1][0] > most:
                break
            if first < last and spans[first][0] - spans[first - 1][1] > hole:
                break
            best[last] = min(best[last], best[first - 1] + 1)
    return best[-1]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), limits)
def test_there_are_no_fewer_requests_than_planned(gaps, limits):
    address, points = 0, []
    for number, gap in enumerate(gaps):
        address += gap
        points.append(point(f"p{number}", "input", Register(address, "uint32")))
        address += 2
    limits = Limits(limits.registers_per_request, longest_hole=limits.longest_hole)

    spans = [span(one.source, limits) for one in points]
    expected = fewest(spans, limits.registers_per_request, limits.longest_hole)

    assert len(plan(points, limits)) == expected


def test_the_two_parts_of_a_total_are_read_together_over_any_hole():
    total = point("volume_m3", "holding", Register(8, "int32"), Register(40, "float32"))

    (request,) = plan([total], Limits(longest_hole=0))

    assert (request.address, request.count) == (8, 34)


def test_an_odd_value_of_a_meter_that_answers_only_even_reads_is_read_evenly():
    odd = point("x", "input", Register(7, "uint16"))

    (request,) = plan([odd], Limits(even=True))

    assert (request.address, request.count) == (6, 2)
