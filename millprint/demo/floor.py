"""The mill's floor: all machines, and what makes what they take, one stretch after the other."""

from collections.abc import Callable, Iterable, Mapping

from millprint.demo import mill as data
from millprint.demo.boiler import Boiler
from millprint.demo.jet import Jet
from millprint.demo.machine import Flow, Machine, Watch
from millprint.demo.mill import Mill
from millprint.demo.mill_checks import SITE, sources
from millprint.demo.orders import Batch, Numbers, Orders
from millprint.demo.range import Range
from millprint.demo.stenter import Stenter
from millprint.demo.works import Roof, Works

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
        self._mill = mill
        self.machines: dict[str, Machine] = {}
        self._build(flows, watch, seed, mill.once.batches_per_jet if once else None)
        self.boilers = {
            name: Boiler(spec, flows_of(name, flows), _takers(mill, name, flows))
            for name, spec in mill.boilers.items()
        }
        self._works = [
            Works(spec, flows_of(name, flows), _of_carrier(mill, spec.makes, flows))
            for name, spec in mill.works.items()
        ]
        self._roof = (
            Roof(mill.roof, mill.site, flows["roof.electricity"], seed=seed) if mill.roof else None
        )
        self._shared = [
            (flows[f"{name}.{one.carrier}"], [flows[f"{m}.{one.carrier}"] for m in one.machines])
            for name, one in mill.shared.items()
        ]
        self._mains = _Mains(mill, flows)

    @property
    def done(self) -> bool:
        """Whether all orders are dyed and finished."""
        return all(machine.done and machine.batch is None for machine in self.machines.values())

    def pass_by(self, most_s: int) -> None:
        """Time passes until somebody decides, at most so much: it flows, then they decide. [s]"""
        seconds = min(most_s, *(one.left_s for one in self.machines.values()))
        seconds = min(seconds, self._until_compressor())
        for machine in self.machines.values():
            machine.take(seconds)
        for boiler in self.boilers.values():
            boiler.take(seconds)
        for works in self._works:
            works.take(seconds)
        if self._roof is not None:
            self._roof.take(self.now_s, seconds)
        for whole, parts in self._shared:
            whole.pass_by(sum(one.per_second for one in parts), seconds)
        self._mains.take(self._unseen_kw() / 3600, seconds)
        self.now_s += seconds
        for machine in self.machines.values():
            machine.go_on(self.now_s)

    def _build(self, flows: Mapping[str, Flow], watch: Watch, seed: int, most: int | None) -> None:
        """Those that are brought to first, so that the others know whom they bring it."""
        mill, numbers = self._mill, Numbers()

        def orders(spec: data.Jet | data.Range) -> Orders:
            return Orders(mill, spec, numbers, seed=seed, most=most)

        for name, line in mill.ranges.items():
            on = self._way_on(line.then)
            self.machines[name] = Range(line, flows_of(name, flows), orders(line), watch, on)
        for name, stenter in mill.stenters.items():
            on = self._way_on(stenter.then)
            self.machines[name] = Stenter(stenter, mill, flows_of(name, flows), watch, on)
        for name, jet in mill.jets.items():
            on = self._way_on(jet.then)
            self.machines[name] = Jet(jet, mill, flows_of(name, flows), orders(jet), watch, on)

    def _way_on(self, then: str) -> Callable[[Batch, int], None]:
        """Who takes a finished batch is asked when one is finished: all are there by then."""

        def bring(batch: Batch, after_s: int) -> None:
            taker = self.machines.get(then)
            if isinstance(taker, Range | Stenter):
                taker.bring(batch, after_s)

        return bring

    def _until_compressor(self) -> int:
        if not self._mill.unmetered.compressor_kw:
            return _CYCLE_S
        at = self.now_s % _CYCLE_S
        return (_LOADED_S if at < _LOADED_S else _CYCLE_S) - at

    def _unseen_kw(self) -> float:
        unmetered = self._mill.unmetered
        loaded = self.now_s % _CYCLE_S < _LOADED_S
        return unmetered.lighting_kw + (unmetered.compressor_kw if loaded else 0.0)


class _Mains:
    """What comes in, and what the roof sends out."""

    def __init__(self, mill: Mill, flows: Mapping[str, Flow]) -> None:
        self._bought, self._sent = flows[f"{SITE}.electricity"], flows.get(f"{SITE}.export")
        self._roof = flows.get("roof.electricity")
        beside = {SITE, "roof", *mill.shared}
        self._parts = {
            carrier: tuple(
                flow
                for source, flow in flows.items()
                if source.endswith(f".{carrier}") and source.partition(".")[0] not in beside
            )
            for carrier in ("electricity", "natural_gas", "water")
        }
        works = [one.name for one in mill.works.values() if one.water_per_unit]
        if works:  # whoever takes water takes what the works make of it
            self._parts["water"] = tuple(flows[f"{name}.water"] for name in works)
        self._counted = [
            (flows[f"{SITE}.{carrier}"], self._parts[carrier])
            for carrier in ("natural_gas", "water")
            if f"{SITE}.{carrier}" in flows
        ]

    def take(self, unseen_kwh_s: float, seconds: int) -> None:
        """Let what everybody has just taken flow through the mains."""
        load = sum(one.per_second for one in self._parts["electricity"]) + unseen_kwh_s
        made = self._roof.per_second if self._roof is not None else 0.0
        self._bought.pass_by(max(0.0, load - made), seconds)
        if self._sent is not None:
            self._sent.pass_by(max(0.0, made - load), seconds)
        for main, parts in self._counted:
            main.pass_by(sum(one.per_second for one in parts), seconds)


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
    takers: Iterable[data.Jet | data.Range] = (*mill.jets.values(), *mill.ranges.values())
    return tuple(flows[f"{one.name}.steam"] for one in takers if one.steam_from == boiler)


def _of_carrier(mill: Mill, carrier: str, flows: Mapping[str, Flow]) -> tuple[Flow, ...]:
    """Flows of a carrier of all who take it: water that works make is what machines call water."""
    called = "water" if carrier == "soft_water" else carrier
    takers = {*mill.jets, *mill.ranges, *mill.stenters, *mill.boilers}
    return tuple(
        flow
        for source, flow in flows.items()
        if source.partition(".")[0] in takers and source.endswith(f".{called}")
    )
