"""Cost: how long a request keeps a bus, from what it carries. Pure.

A request has a price that does not depend on its length (both frames' ends, the silences around
them, the time that a device thinks) and a price for each register. Their ratio says how long a hole
may be before two requests are cheaper than one.
"""

import math
from dataclasses import dataclass

from collector.bus import Bus

_QUESTION_BYTES = 8  # unit, function, address, count, checksum
_ANSWER_BYTES = 5  # unit, function, length, checksum
_SILENCE_CHARS = 3.5  # before a question; never shorter than 1.75 ms (over serial line, 2.5.1.1)
_LEAST_SILENCE_US = 1750.0
THINKS_US = 20_000
"""From question to answer on a serial line, until somebody measures it. [µs]"""
ROUND_TRIP_US = 10_000
"""The same over TCP, where a gateway may stand between. [µs]"""
_CONVERTER_BAUD = 9600
"""What a converter's line runs at, which says nothing of itself; most meters leave the works so."""
_ABOUT = 1.05
_ETHERNET_REGISTER_US = 4
"""Two bytes more cost a socket nothing; the devices behind copy them. [µs]"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a bus charges.

    Attributes:
        request_us: For a request, whatever its length. [µs]
        register_us: For each register in it. [µs]
    """

    request_us: int
    register_us: int

    def of(self, registers: int) -> int:
        """What a request of so many registers costs. [µs]"""
        return self.request_us + registers * self.register_us


FEWEST = Cost(1_000_000, 1)
"""A bus of which nothing is known: first few requests, then few registers."""


def about_us(thinks_us: int) -> int:
    """A turnaround to within 2.5 %: meters that take about as long share a plan. [µs]"""
    return round(_ABOUT ** round(math.log(max(1, thinks_us), _ABOUT)))


def cost_of(bus: Bus, *, thinks_us: int | None = None, pause_ms: int = 0) -> Cost:
    """What a request costs on a bus.

    Args:
        bus: The bus.
        thinks_us: From the end of a question to the beginning of its answer; None where nobody has
            measured it. On TCP the whole round trip. [µs]
        pause_ms: Quiet time that the device needs between requests. [ms]
    """
    if bus.kind == "tcp":
        trip_us = ROUND_TRIP_US if thinks_us is None else thinks_us
        return Cost(max(1, trip_us) + pause_ms * 1000, _ETHERNET_REGISTER_US)
    baud = bus.baud if bus.kind == "rtu" else _CONVERTER_BAUD
    bits = 1 + 8 + (bus.parity != "N") + bus.stopbits
    byte_us = bits * 1_000_000 / baud
    quiet_us = max(_SILENCE_CHARS * byte_us, _LEAST_SILENCE_US, pause_ms * 1000)
    around_us = (_QUESTION_BYTES + _ANSWER_BYTES) * byte_us + quiet_us
    thinks = THINKS_US if thinks_us is None else thinks_us
    return Cost(round(around_us) + thinks, round(2 * byte_us))
