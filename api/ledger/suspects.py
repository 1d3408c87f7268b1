"""Suspects: which meter of a tree is likely wrong, told from how its slots go together (rule 9).

Where main = Σ bᵢ·subᵢ + rest over many slots, bᵢ is by how much the main sees more of a
sub-meter's load than the sub-meter shows. All of them at 0.9: the main reads 10 % low. One at
1/1.1 and the others at 1: that sub-meter reads 10 % high. A whole-number ratio: its current
transformer is entered wrong. The bᵢ are ordinary least squares with a constant for what nobody
meters; sums are exact, and the system is solved in Decimal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from itertools import pairwise

from api.ledger.cuts import by_slot
from api.ledger.plant import Plant
from api.ledger.supplies import Node, accuracy, nodes
from collector.wire.problem import Problem
from gateway.intervals import Measured

_SOLVE = Context(prec=40)
_LEAST_SLOTS = 24
_SLOTS_PER_METER = 4
_SIGMAS = 4
_SURE = Decimal("0.03")
"""A slope is told from 1 (or from a ratio) only where its own error is at most this."""
_RATIOS = tuple(
    Decimal(a) / Decimal(b)
    for a, b in ((2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (8, 1), (10, 1), (3, 2), (4, 3), (5, 2),
                 (5, 3), (5, 4), (6, 5), (8, 5), (15, 2))
)  # fmt: skip
"""Quotients of the primary currents that current transformers are made for (30, 40, 50, 60, 75,
100, 150, 200, 250, 300, 400 … A): one typed for another."""


@dataclass(frozen=True, slots=True)
class _Slope:
    """How much the main sees of a sub-meter's kilowatt-hour, and its standard error."""

    meter: str
    value: Decimal
    error: Decimal
    energy: Decimal


def suspects(plant: Plant, measured: Mapping[str, Measured]) -> list[Problem]:
    """Meters that are likely wrong, with by how much and why; silent where too little is known."""
    problems = []
    for node in nodes(plant):
        mains = [meter for meter in node.mains if meter in measured]
        below = [meter for meter in node.below if meter in measured]
        solar = node.top and any(
            one.source == "solar" and one.carrier == node.carrier for one in plant.supplies
        )
        if mains and below and not solar:
            slopes = _slopes(mains, below, measured)
            problems += _named(plant, node, slopes)
    return problems


def _named(plant: Plant, node: Node, slopes: Sequence[_Slope]) -> list[Problem]:
    sure = [one for one in slopes if one.error <= _SURE]
    if not sure or len(sure) < len(slopes) / 2:
        return []
    off = [one for one in sure if _differs(plant, one, Decimal(1))]
    energy = sum((one.energy for one in sure), Decimal(0))
    wrong = sum((one.energy for one in off), Decimal(0))
    if len(sure) > 1 and len(off) == len(sure) and 2 * wrong > energy:
        together = sum((one.value * one.energy for one in sure), Decimal(0)) / energy
        if not any(_differs(plant, one, together) for one in sure):
            return [_suspect(node.mains[0], together, node, "all")]
    if len(sure) == 1:
        return [_suspect(one.meter, 1 / one.value, node, "pair") for one in off if one.value > 0]
    if 2 * wrong > energy and len(off) > 1:
        return []  # too many to say which
    return [_suspect(one.meter, 1 / one.value, node, "one") for one in off if one.value > 0]


def _differs(plant: Plant, one: _Slope, from_value: Decimal) -> bool:
    tolerance = 2 * accuracy(plant, one.meter) * from_value + _SIGMAS * one.error
    return abs(one.value - from_value) > tolerance


def _suspect(meter: str, reads: Decimal, node: Node, why: str) -> Problem:
    """A problem that says what part of the truth a meter shows, and what that looks like."""
    ratio = _ratio(reads)
    values = {
        "meter": meter,
        "node": node.name,
        "percent": f"{(100 * reads).quantize(Decimal('0.1')):f}",
        "likely": f"CT {ratio}" if ratio else "-",
        "why": why,
        "other": node.mains[0],
    }
    return Problem("meter-suspect", meter, None, values)


def _ratio(reads: Decimal) -> str:
    """The current-transformer quotient that a reading looks like; empty where it is none."""
    for ratio in _RATIOS:
        for found, sign in ((ratio, "×"), (1 / ratio, "÷")):
            if abs(reads / found - 1) <= _SURE:
                return f"{sign}{ratio.quantize(Decimal('0.01')).normalize():f}"
    return ""


def _slopes(
    mains: Sequence[str], below: Sequence[str], measured: Mapping[str, Measured]
) -> list[_Slope]:
    """Ordinary least squares of the mains' sum on the sub-meters and a constant."""
    columns = [by_slot(measured[meter]) for meter in below]
    whole: dict[object, Decimal] = {}
    for meter in mains:
        for slot, amount in by_slot(measured[meter]).items():
            whole[slot] = whole.get(slot, Decimal(0)) + amount
    rows = [
        ([one.get(slot, Decimal(0)) for one in columns], amount)  # type: ignore[call-overload]
        for slot, amount in whole.items()
    ]
    moving = [
        place
        for place in range(len(below))
        if any(a[0][place] != b[0][place] for a, b in pairwise(rows))
    ]
    if len(rows) < max(_LEAST_SLOTS, _SLOTS_PER_METER * (len(moving) + 1)) or not moving:
        return []
    return _fit(
        [below[place] for place in moving],
        [[*(values[place] for place in moving), Decimal(1)] for values, _ in rows],
        [amount for _, amount in rows],
    )


def _fit(
    names: Sequence[str], rows: Sequence[Sequence[Decimal]], whole: Sequence[Decimal]
) -> list[_Slope]:
    with localcontext(_SOLVE):
        size = len(names) + 1
        normal = [
            [sum((row[a] * row[b] for row in rows), Decimal(0)) for b in range(size)]
            for a in range(size)
        ]
        right = [
            sum((row[a] * y for row, y in zip(rows, whole, strict=True)), Decimal(0))
            for a in range(size)
        ]
        inverse = _inverse(normal)
        if inverse is None:
            return []
        slopes = [
            sum((a * b for a, b in zip(line, right, strict=True)), Decimal(0)) for line in inverse
        ]
        squares = Decimal(0)
        for row, y in zip(rows, whole, strict=True):
            squares += (y - sum((a * b for a, b in zip(row, slopes, strict=True)), Decimal(0))) ** 2
        variance = squares / (len(rows) - size)
        return [
            _Slope(
                name,
                slopes[place],
                (variance * abs(inverse[place][place])).sqrt(),
                sum((row[place] for row in rows), Decimal(0)),
            )
            for place, name in enumerate(names)
        ]


def _inverse(matrix: Sequence[Sequence[Decimal]]) -> list[list[Decimal]] | None:
    """Gauss-Jordan with the largest pivot; None where columns go together too closely to tell."""
    size = len(matrix)
    rows = [
        [*line, *(Decimal(int(place == n)) for n in range(size))]
        for place, line in enumerate(matrix)
    ]
    tiny = max(abs(matrix[n][n]) for n in range(size)) * Decimal("1e-25")
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) <= tiny:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(size):
            times = rows[row][column]
            if row != column and times:
                rows[row] = [
                    value - times * own for value, own in zip(rows[row], rows[column], strict=True)
                ]
    return [line[size:] for line in rows]
