"""Whether a profile that can be read also makes sense: what no type can say."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from collector.decode import Block
from collector.devices import DevicePoint
from collector.plan import Request, fits, span
from collector.profiles import Example, Limits, Profile, ProfilePoint
from collector.toml_files import nearest
from collector.wire.problem import Problem
from collector.wire.reading import Value


def check(profile: Profile, place: str) -> list[Problem]:
    """All that is wrong with a profile: points too wide, probe or example of no point, and so on.

    An example is decoded as a device's registers are, and must come to what was shown.

    Args:
        profile: The profile.
        place: Its file, for the problems.
    """
    problems = [
        Problem(
            "sum-wider-than-a-request",
            f"{place}  [points.{point.name}]",
            values={"most": str(profile.limits.registers_per_request)},
        )
        for point in profile.points
        if not fits(point, profile.limits)
    ]
    if profile.probe is not None and profile.point(profile.probe.point) is None:
        problems.append(_no_such_point(profile, profile.probe.point, f"{place}  probe"))
    if profile.identity and profile.identity.type == "string" and not profile.identity.words:
        problems.append(Problem("string-without-words", f"{place}  identity"))
    if profile.sunspec is not None and profile.base is not None:
        problems.append(Problem("two-bases", f"{place}  base"))
    for number, example in enumerate(profile.examples, start=1):
        problems += _example(profile, example, f"{place}  examples ({number})")
    return problems


def _no_such_point(profile: Profile, name: str, where: str) -> Problem:
    known = [point.name for point in profile.points]
    values = {
        "point": name,
        "profile": profile.name,
        "nearest": nearest(name, known),
        "known": ", ".join(known),
    }
    return Problem("unknown-profile-point", where, values=values)


def _example(profile: Profile, example: Example, where: str) -> Iterator[Problem]:
    point = profile.point(example.point)
    if point is None:
        yield _no_such_point(profile, example.point, where)
        return
    start, end = span(point, Limits())
    try:
        registers = bytes.fromhex(example.registers)
        shown = Decimal(example.shows)
    except (ValueError, InvalidOperation):
        registers, shown = b"", Decimal()
    if len(registers) != 2 * (end - start):
        values = {"registers": example.registers, "words": str(end - start)}
        yield Problem("example-of-another-length", where, values=values)
        return
    value = _decoded(point, start, registers)
    if isinstance(value, str) or round(Decimal(value), _decimals(shown)) != shown:
        values = {"point": point.name, "value": str(value), "shows": example.shows}
        yield Problem("example-decodes-otherwise", where, values=values)


def _decoded(point: ProfilePoint, start: int, registers: bytes) -> Value:
    """The value in the device's own unit, or the reason why there is none."""
    words = [int.from_bytes(registers[at : at + 2], "big") for at in range(0, len(registers), 2)]
    shown = DevicePoint(point.name, point, Fraction(1))
    values: dict[str, Value] = {}
    bad: dict[str, str] = {}
    Block(Request(point.table, start, len(words), (shown,))).decode(words, values, bad)
    return values.get(point.name, bad.get(point.name, ""))


def _decimals(shown: Decimal) -> int:
    exponent = shown.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
