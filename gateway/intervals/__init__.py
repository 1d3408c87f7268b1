"""From readings of a counter to amounts. Pure: no I/O, no clock.

Cumulative registers are the truth (ACCOUNTING rule 1): an amount is the difference of the
register between two instants, and the register's value at an instant is computed once, by
linear interpolation between the readings around it, so that cutting an interval changes nothing.
"""

from gateway.intervals.amounts import Measured, RegisterAt, Slice, measure
from gateway.intervals.curve import Curve
from gateway.intervals.register import Counted, Counter, Step, Swap, unroll
from gateway.intervals.sample import Sample
from gateway.intervals.steady import (
    Steady,
    Whiles,
    follow,
    longest_gap,
    measure_steady,
    only_rising,
)

__all__ = [
    "Counted",
    "Counter",
    "Curve",
    "Measured",
    "RegisterAt",
    "Sample",
    "Slice",
    "Steady",
    "Step",
    "Swap",
    "Whiles",
    "follow",
    "longest_gap",
    "measure",
    "measure_steady",
    "only_rising",
    "unroll",
]
