"""Row 7: the cable between collector and broker is pulled and put back, again and again."""

from random import Random

from tests.faults.hall import Hall, now_ms
from tests.faults.layout import COLLECTOR, SITE, Layout
from tests.faults.namespaces import Network, two_networks
from tests.faults.row import Dose, Row
from tests.faults.trial import Fault, tried

_LONGEST_S = 30.0
_TRIES_A_FLAP = 4


def cable(dose: Dose) -> Row:
    """Row 7."""
    with two_networks() as (office, floor):
        layout = Layout(
            broker_at="10.99.0.1",
            broker_lines=("log_type notice",),
            before={
                **dict.fromkeys(("broker", "server"), office.enter),
                **dict.fromkeys(("meters", "tap", "collector"), floor.enter),
            },
        )
        fault = "link flaps, down for up to half a minute"
        return tried(7, fault, _flap(floor), dose, layout)


def _flap(floor: Network) -> Fault:
    def flap(one: Hall, drawn: Random) -> int:
        before = _arrivals(one)
        floor.run("ip", "link", "set", "cable", "down")
        one.watch(min(_LONGEST_S, drawn.expovariate(1 / 5)) + 0.5)
        one.polled(now_ms())
        floor.run("ip", "link", "set", "cable", "up")
        ended_ms = now_ms()
        one.arrived(ended_ms)
        if _arrivals(one) - before > _TRIES_A_FLAP:
            one.broken.append(f"{_arrivals(one) - before} connections after one flap")
        return ended_ms

    return flap


def _arrivals(one: Hall) -> int:
    """How often the broker has let the collector in."""
    lines = one.words("broker").splitlines()
    return sum("New client connected" in x and f"millprint-{SITE}-{COLLECTOR}" in x for x in lines)
