"""Exact splits (rule 10): the shares of an amount add up to it, to the last quantum."""

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import lcm

QUANTUM = Decimal("1e-9")
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
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(below for _, below in ratios))
    parts = [above * (common // below) for above, below in ratios]
    whole = sum(parts)
    if whole <= 0 or min(parts) < 0:
        raise ValueError(f"weights {weights} cannot share anything")
    quanta = int(_EXACT.divide(abs(total), QUANTUM))
    shares = [quanta * part // whole for part in parts]
    takers = [place for place, part in enumerate(parts) if part]
    for place in takers[: quanta - sum(shares)]:
        shares[place] += 1
    step = QUANTUM.copy_sign(total)
    return [share * step for share in shares]
