"""A gas-fired steam boiler: it makes what the jets take, and what the mains lose."""

from collections.abc import Mapping

from millprint.demo import mill
from millprint.demo.machine import Flow
from millprint.demo.physics import efficiency_at


class Boiler:
    """A boiler that follows its load.

    Args:
        spec: What it can do.
        flows: Its flows by carrier; `steam` is what it puts out.
        consumers: Steam flows of those that take from it.
    """

    def __init__(
        self, spec: mill.Boiler, flows: Mapping[str, Flow], consumers: tuple[Flow, ...]
    ) -> None:
        self.spec = spec
        self._consumers = consumers
        self._steam, self._water = flows["steam"], flows["water"]
        self._gas, self._electricity = flows["natural_gas"], flows["electricity"]

    @property
    def load(self) -> float:
        """Its output against what it is rated for. [1]"""
        return self._steam.per_hour / self.spec.rated_kg_h

    def take(self, seconds: int) -> None:
        """Let the seconds that the consumers have just had flow."""
        spec = self.spec
        steam_kg = sum(c.per_second for c in self._consumers) + spec.pipe_loss_kg_h / 3600
        self._steam.pass_by(steam_kg, seconds)
        load = self.load
        drained_kg = steam_kg * spec.blowdown
        heat_kj = (
            steam_kg * (spec.steam_kj_per_kg - spec.feed_kj_per_kg)
            + drained_kg * (spec.water_kj_per_kg - spec.feed_kj_per_kg)
            + spec.standing_kw
        )
        burner = efficiency_at(load, *spec.efficiency)
        self._gas.pass_by(heat_kj / burner / spec.gas_kj_per_m3_0c, seconds)
        self._water.pass_by((steam_kg + drained_kg) / 1000, seconds)
        self._electricity.pass_by((spec.idle_kw + spec.full_kw * load) / 3600, seconds)
