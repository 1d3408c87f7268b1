"""Exact splits (rule 10): the shares of an amount add up to it, to the last quantum."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal

QUANTUM = Decimal("1e-9")
_EXACT = Context(prec=80)


def split(total: Decimal, weights: Sequence[Decimal], quantum: Decimal = QUANTUM) -> list[Decimal]:
    """Share an amount by weight.

    Shares are cut to a quantum, 1e-9; the quanta left over go one by one to the first in order,
    so the order must not know labels: machine, start, position on the machine.

    Args:
        total: What to share, in whole quanta; may be negative.
        weights: Non-negative weights, at least one above zero.
        quantum: What shares are whole multiples of.

    Returns:
        One share per weight; their sum is `total` exactly.
    """
    whole = sum(weights, Decimal(0))
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights {weights} cannot share anything")
    shares = [
        _EXACT.divide(_EXACT.multiply(total, weight), whole).quantize(quantum, ROUND_DOWN)
        for weight in weights
    ]
    step = quantum.copy_sign(total)
    spare = int((total - sum(shares, Decimal(0))) / step)
    takers = [place for place, weight in enumerate(weights) if weight > 0]
    for turn in range(spare):
        shares[takers[turn % len(takers)]] += step
    return shares
