"""A counter as a meter keeps it: what it showed at the start, and what has flowed since.

It shows whole steps of its display, starts again at its modulus, and where the map has two
registers for it, fills both; a second one that holds a power of ten says what the first counts in.
"""

import math
from fractions import Fraction
from typing import Protocol

from collector.profiles import ProfilePoint
from millprint.demo.registers import is_float, number_words

_TARIFFS = 2
_POWER = -2
"""Of ten, in which a meter counts that says its power of ten itself."""


class Counted(Protocol):
    """What flows through a meter."""

    @property
    def total(self) -> float | Fraction:
        """How much has flowed, in its stored unit."""


class Counter:
    """One cumulative register, or the two that it is the sum of, or a number and its power of ten.

    Args:
        point: The profile's point.
        start: What it shows at the start. [device unit]
        flow: What flows through it, in floats, or exactly where its total is a fraction.
        per_stored: Device units per stored unit; a tampered meter's is too large.
    """

    def __init__(
        self, point: ProfilePoint, start: Fraction, flow: Counted, per_stored: Fraction
    ) -> None:
        self._registers = point.registers
        self._scales = tuple(Fraction(register.scale) for register in point.registers)
        number = Fraction if isinstance(flow.total, Fraction) else float
        self._flow, self._per_stored = flow, number(per_stored)
        self._says_power = point.exponent
        step = Fraction(10) ** _POWER if point.exponent else point.resolution
        self._step = Fraction(step) if step else None
        self._modulus = Fraction(point.modulus) if point.modulus else None
        self._start = start
        if self._step is not None:
            self._per_step = number(1 / self._step)
            self._whole = start // self._step
            self._rest = number(start / self._step - self._whole)
        self._tariffs = self._has_tariffs()
        # A tariff meter has been counting in both: any split does, only the sum is accounted.
        second = self._whole_steps(start / 3) if self._tariffs else Fraction(0)
        self._parts = [self._whole_steps(start) - second, second]
        self._seen = self._whole_steps(start)

    def shown(self) -> Fraction:
        """What it would show with registers of any width. [device unit]"""
        flowed = self._flow.total * self._per_stored
        if self._step is None:
            return self._start + Fraction(flowed)
        return (self._whole + math.floor(self._rest + flowed * self._per_step)) * self._step

    def words(self, tariff: int) -> list[tuple[int, ...]]:
        """Its registers' words.

        Args:
            tariff: Which register counts now, where the meter has tariffs: 0 or 1.
        """
        shown = self.shown()
        if self._says_power:
            number, power = self._registers
            counted = shown / Fraction(10) ** _POWER
            return [number_words(number, counted), number_words(power, _POWER)]
        if self._tariffs:
            self._parts[tariff] += shown - self._seen
            self._seen = shown
            parts = self._parts
        else:
            parts = self._whole_and_fraction(shown)
        return [
            number_words(register, self._wrapped(part) / scale)
            for register, scale, part in zip(self._registers, self._scales, parts, strict=False)
        ]

    def _has_tariffs(self) -> bool:
        kinds = {is_float(register) for register in self._registers}
        return len(self._registers) == _TARIFFS and len(kinds) == 1 and not self._says_power

    def _whole_and_fraction(self, shown: Fraction) -> list[Fraction]:
        if len(self._registers) == 1:
            return [shown]
        unit = self._scales[0]
        whole = shown // unit * unit
        return [whole, shown - whole]

    def _whole_steps(self, value: Fraction) -> Fraction:
        return value if self._step is None else value // self._step * self._step

    def _wrapped(self, value: Fraction) -> Fraction:
        return value if self._modulus is None else value % self._modulus
