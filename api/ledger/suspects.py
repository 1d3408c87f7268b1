"""Suspects: which meter of a tree is likely wrong, told from how its slots go together (rule 9).

What the main saw and no meter below it did, slot by slot, should not care who was running. Where
it falls as one sub-meter rises, that sub-meter shows more than flows; where it falls with the sum
of all, the main shows less. So the remainder is regressed on each sub-meter, and on their sum:
with slope d, the main sees 1 + d of each kilowatt-hour that is shown there. The explanation that
leaves least is taken, where it leaves clearly less than no explanation and than any other; then
what it explains is taken off, and the next one looked for.

What goes unmetered with a machine, such as its own pumps, also makes a slope above 0: a meter is
said to read low only from `_GOES_ALONG` on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext
from typing import TypeAlias

from api.ledger.plant import Plant
from api.ledger.supplies import Node, accuracy, nodes
from collector.wire.problem import Problem

Slots: TypeAlias = Mapping[datetime, Decimal]
"""What a counter showed, by slot."""
_SUMS = Context(prec=50)
_LEAST_SLOTS = 48
_SIGMAS = 4
_CLEARLY = Decimal(16)
"""By how many times its own variance an explanation must leave less than another: 4 sigma."""
_GOES_ALONG = Decimal("0.15")
_MOST_AT_ONCE = 3
_ALIKE = Decimal("0.03")
_RATIOS = tuple(
    Decimal(a) / Decimal(b)
    for a, b in ((2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (8, 1), (10, 1), (3, 2), (4, 3), (5, 2),
                 (5, 3), (5, 4), (8, 5), (15, 2))
)  # fmt: skip
"""Quotients of the primary currents that current transformers are made for (30, 40, 50, 60, 75,
100, 150, 200, 250, 300, 400 … A): one entered for another."""


@dataclass(frozen=True, slots=True)
class _Slope:
    """One explanation: by how much the remainder moves with what a meter shows.

    Attributes:
        meter: Whose error would explain it.
        slope: d, so that the main sees 1 + d of what is shown.
        error: Its standard error.
        left: Sum of squares that it leaves unexplained.
        shown: What it goes along with, slot by slot, about its mean.
    """

    meter: str
    slope: Decimal
    error: Decimal
    left: Decimal
    shown: tuple[Decimal, ...]


def suspects(plant: Plant, shown: Mapping[str, Slots]) -> list[Problem]:
    """Meters that are likely wrong, with by how much and why; silent where too little is known.

    Args:
        plant: The plant.
        shown: What its counters showed over some days, slot by slot.
    """
    problems = []
    sunny = {one.carrier for one in plant.supplies if one.source == "solar"}
    for node in nodes(plant):
        mains = [meter for meter in node.mains if meter in shown]
        below = [meter for meter in node.below if meter in shown]
        if mains and below and not (node.top and node.carrier in sunny):
            with localcontext(_SUMS):
                problems += _of_node(plant, node, _series(mains, shown), below, shown)
    return problems


def _of_node(
    plant: Plant,
    node: Node,
    whole: Slots,
    below: Sequence[str],
    of: Mapping[str, Slots],
) -> list[Problem]:
    if len(whole) < max(_LEAST_SLOTS, 4 * len(below)):
        return []
    shown = {meter: _ordered(of[meter], whole) for meter in below}
    every = [sum(column, Decimal(0)) for column in zip(*shown.values(), strict=True)]
    if len(below) > 1:
        shown[node.mains[0]] = every
    rest = _centred([all_of_it - sub for all_of_it, sub in zip(whole.values(), every, strict=True)])
    about = {meter: _centred(column) for meter, column in shown.items()}
    problems: list[Problem] = []
    named: set[str] = set()
    for _ in range(_MOST_AT_ONCE):
        best = _best(plant, rest, {m: c for m, c in about.items() if m not in named})
        if best is None:
            break
        named.add(best.meter)
        problems.append(_suspect(best, node))
        rest = [left - best.slope * along for left, along in zip(rest, best.shown, strict=True)]
    return problems


def _best(
    plant: Plant, rest: Sequence[Decimal], about: Mapping[str, Sequence[Decimal]]
) -> _Slope | None:
    """The explanation that leaves least, if it is one."""
    squares = _product(rest, rest)
    found = [
        one for meter, column in about.items() if (one := _slope(meter, rest, column, squares))
    ]
    found.sort(key=lambda one: (one.left, one.meter))
    if not found:
        return None
    best = found[0]
    variance = best.left / (len(rest) - 2)
    others = min((one.left for one in found[1:]), default=squares)
    limit = 2 * accuracy(plant, best.meter) + _SIGMAS * best.error
    believed = _GOES_ALONG if best.slope > 0 else limit
    clear = min(squares, others) - best.left > _CLEARLY * variance
    return best if clear and abs(best.slope) > max(limit, believed) and best.slope > -1 else None


def _slope(
    meter: str, rest: Sequence[Decimal], column: Sequence[Decimal], squares: Decimal
) -> _Slope | None:
    spread = _product(column, column)
    if not spread:
        return None
    together = _product(rest, column)
    slope = together / spread
    left = max(Decimal(0), squares - together * slope)
    error = (left / (len(rest) - 2) / spread).sqrt()
    return _Slope(meter, slope, error, left, tuple(column))


def _suspect(one: _Slope, node: Node) -> Problem:
    """A problem that says what part of the truth a meter shows, and what that looks like."""
    sees = 1 + one.slope
    reads = sees if one.meter in node.mains else 1 / sees
    ratio = _ratio(reads)
    values = {
        "meter": one.meter,
        "node": node.name,
        "percent": f"{(100 * reads).quantize(Decimal('0.1')):f}",
        "likely": f"CT {ratio}" if ratio else "-",
        "other": node.mains[0],
    }
    return Problem("meter-suspect", one.meter, None, values)


def _ratio(reads: Decimal) -> str:
    """The current-transformer quotient that a reading looks like; empty where it is none."""
    for ratio in _RATIOS:
        for found, sign in ((ratio, "×"), (1 / ratio, "÷")):
            if abs(reads / found - 1) <= _ALIKE:
                return f"{sign}{ratio.quantize(Decimal('0.01')).normalize():f}"
    return ""


def _series(meters: Sequence[str], shown: Mapping[str, Slots]) -> dict[datetime, Decimal]:
    found: dict[datetime, Decimal] = {}
    for meter in meters:
        for slot, amount in shown[meter].items():
            found[slot] = found.get(slot, Decimal(0)) + amount
    return found


def _ordered(one: Slots, like: Slots) -> list[Decimal]:
    return [one.get(slot, Decimal(0)) for slot in like]


def _centred(column: Sequence[Decimal]) -> list[Decimal]:
    mean = sum(column, Decimal(0)) / len(column)
    return [value - mean for value in column]


def _product(one: Sequence[Decimal], other: Sequence[Decimal]) -> Decimal:
    return sum((a * b for a, b in zip(one, other, strict=True)), Decimal(0))
