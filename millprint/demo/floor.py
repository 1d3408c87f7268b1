"""The dyehouse floor: all machines, one second after the other."""

from collections.abc import Callable, Mapping

from millprint.demo.boiler import Boiler
from millprint.demo.jet import Jet
from millprint.demo.machine import Flow, Watch
from millprint.demo.mill import Mill
from millprint.demo.mill_checks import SITE, sources
from millprint.demo.orders import Batch, Numbers, Orders
from millprint.demo.stenter import Stenter

_CYCLE_S, _LOADED_S = 150, 90
"""The compressor that nobody meters: how often it starts, and how long it loads. [s]"""


class Floor:
    """The machines of a mill.

    Args:
        mill: What there is.
        flows: Everything that flows, by source such as ``jet-01.steam``.
        watch: Told of all runs.
        seed: What batches and pauses are drawn by.
        once: Whether the orders end.
    """

    def __init__(
        self, mill: Mill, flows: Mapping[str, Flow], watch: Watch, *, seed: int, once: bool
    ) -> None:
        self.now_s = 0
        self._mill, numbers = mill, Numbers()
        most = mill.once.batches_per_jet if once else None
        self.stenters = {
            name: Stenter(spec, mill, flows_of(name, flows), watch)
            for name, spec in mill.stenters.items()
        }
        self.jets = {
            name: Jet(
                spec,
                mill,
                flows_of(name, flows),
                Orders(mill, spec, numbers, seed=seed, most=most),
                watch,
                self._way_on(spec.then),
            )
            for name, spec in mill.jets.items()
        }
        self.boilers = {
            name: Boiler(spec, flows_of(name, flows), _takers(mill, name, flows))
            for name, spec in mill.boilers.items()
        }
        self._machines = (*self.jets.values(), *self.stenters.values())
        main = f"{SITE}.electricity"
        self._main = flows[main]
        self._sub = tuple(
            flow
            for source, flow in flows.items()
            if source.endswith(".electricity") and source != main
        )

    @property
    def done(self) -> bool:
        """Whether all orders are dyed and finished."""
        return all(machine.done and machine.batch is None for machine in self._machines)

    def second(self) -> None:
        """One second passes: first it flows, then everybody decides about the next."""
        for machine in self._machines:
            machine.take()
        for boiler in self.boilers.values():
            boiler.take()
        self._main.add(sum(flow.last for flow in self._sub) + self._unseen_kw() / 3600)
        self.now_s += 1
        for machine in self._machines:
            machine.go_on(self.now_s)

    def _unseen_kw(self) -> float:
        unmetered = self._mill.unmetered
        loaded = self.now_s % _CYCLE_S < _LOADED_S
        return unmetered.lighting_kw + (unmetered.compressor_kw if loaded else 0.0)

    def _way_on(self, then: str) -> Callable[[Batch, int], None]:
        stenter = self.stenters.get(then)
        return stenter.bring if stenter else _finish


def _finish(_batch: Batch, _after_s: int) -> None:
    """Nothing comes after the jet."""


def flows_in(mill: Mill) -> dict[str, Flow]:
    """A flow for each source of the mill, nothing flown yet."""
    return {source: Flow() for source in sources(mill)}


def flows_of(machine: str, flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """One machine's flows, by carrier."""
    prefix = f"{machine}."
    return {
        source.removeprefix(prefix): flow
        for source, flow in flows.items()
        if source.startswith(prefix)
    }


def _takers(mill: Mill, boiler: str, flows: Mapping[str, Flow]) -> tuple[Flow, ...]:
    jets = (name for name, jet in mill.jets.items() if jet.steam_from == boiler)
    return tuple(flows[f"{name}.steam"] for name in jets)
