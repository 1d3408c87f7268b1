"""Exact splits (rule 10): the shares of an amount add up to it, to the last quantum."""

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import lcm
from typing import TypeAlias

from gateway.intervals import Slice

QUANTUM = Decimal("1e-9")
_PLACES = 9
_NONE = Decimal(0)

Amounts: TypeAlias = tuple[Decimal, Decimal, Decimal, Decimal]
"""An amount, and the measured, interpolated and estimated parts of it."""
_EXACT = Context(prec=80)


def split(total: Decimal, weights: Sequence[Decimal | Fraction]) -> list[Decimal]:
    """Share an amount by weight.

    Shares are cut to 1e-9; the quanta left over go one by one to the first in order, so the
    order must not know labels: machine, start, position on the machine. Weights are taken as
    the whole numbers that stand in the same proportion, so no rounding takes part.

    Args:
        total: What to share, in whole quanta; may be negative.
        weights: Non-negative weights, at least one above zero.

    Returns:
        One share per weight; their sum is `total` exactly.
    """
    return [_amount(share) for share in _split(_quanta(total), whole_weights(weights))]


def split_slice(piece: Slice, weights: Sequence[int]) -> list[Amounts]:
    """Share a slice by weight, its quality in proportion.

    The amounts are split as `split` does. Each share's measured, interpolated and estimated parts
    add up to it, and those of all shares to the slice's: what rounding would make negative is
    taken by the next share that has room for it.

    Args:
        piece: What to share.
        weights: As `whole_weights` gives them.
    """
    shares = _split(_quanta(piece.amount), weights)
    if piece.measured == piece.amount:
        amounts = [_amount(share) for share in shares]
        return [(amount, amount, _NONE, _NONE) for amount in amounts]
    room, parts = shares, []
    for part in (piece.measured, piece.interpolated):
        taken = _fitted(_split(_quanta(part), weights), room)
        parts.append(taken)
        room = [had - took for had, took in zip(room, taken, strict=True)]
    return [
        (_amount(amount), _amount(measured), _amount(interpolated), _amount(estimated))
        for amount, measured, interpolated, estimated in zip(shares, *parts, room, strict=True)
    ]


def whole_weights(weights: Sequence[Decimal | Fraction]) -> list[int]:
    """Weights as whole numbers of the same ratio; ValueError where they cannot share anything."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    if not any(top for top, _ in ratios) or min(top for top, _ in ratios) < 0:
        raise ValueError(f"weights {weights} cannot share anything")
    common = lcm(*(bottom for _, bottom in ratios))
    return [top * (common // bottom) for top, bottom in ratios]


def _split(quanta: int, weights: Sequence[int]) -> list[int]:
    sign, size, whole = (-1 if quanta < 0 else 1), abs(quanta), sum(weights)
    shares = [size * weight // whole for weight in weights]
    spare = size - sum(shares)
    for place, weight in enumerate(weights):
        if not spare:
            break
        if weight:
            shares[place] += 1
            spare -= 1
    return [sign * share for share in shares] if sign < 0 else shares


def _fitted(wanted: Sequence[int], room: Sequence[int]) -> list[int]:
    """What is wanted, but of no share more than it has room for; the next one takes the rest."""
    fitted = [min(want, had) for want, had in zip(wanted, room, strict=True)]
    spare = sum(wanted) - sum(fitted)
    for place, had in enumerate(room):
        more = min(spare, had - fitted[place])
        fitted[place] += more
        spare -= more
    return fitted


def _quanta(amount: Decimal) -> int:
    return int(amount.scaleb(_PLACES, _EXACT))


def _amount(quanta: int) -> Decimal:
    return Decimal(quanta) * QUANTUM
