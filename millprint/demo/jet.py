"""A jet dyeing machine: its programme, stride by stride."""

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import ClassVar

from typing_extensions import override

from millprint.demo import mill
from millprint.demo.machine import QUIET_S, Draw, Flow, Machine, Watch, pause
from millprint.demo.orders import Batch, Orders
from millprint.demo.physics import FABRIC_KJ_PER_KG_C, WATER_KJ_PER_KG_C, heat_kj, mixed_c

_FULL_ROPE_M_MIN = 340.0
_FILLING, _RINSING = 0.45, 0.85
"""Share of its power that the pump needs while the bath is not complete, or overflows."""


class Jet(Machine):
    """A jet that works off its orders.

    Args:
        spec: What it can do.
        around: The mill around it.
        flows: Its flows by carrier.
        orders: What it is to dye.
        watch: Told of its runs.
        hand_on: Takes each finished batch, and how long until it can go on. [s]
    """

    def __init__(
        self,
        spec: mill.Jet,
        around: mill.Mill,
        flows: Mapping[str, Flow],
        orders: Orders,
        watch: Watch,
        hand_on: Callable[[Batch, int], None],
    ) -> None:
        self._spec, self._site = spec, around.site
        self._latent_kj_per_kg = around.boilers[spec.steam_from].latent_kj_per_kg
        self._orders, self._hand_on = orders, hand_on
        self._fabric_kg = self._liquor_kg = self._rope_m_min = self._pump_kw = 0.0
        self.bath_c = self.setpoint_c = around.site.ambient_c
        super().__init__(spec.name, flows, self._live, watch)

    @override
    def show(self) -> dict[str, float | str]:
        """What its PLC shows of the bath."""
        return {
            "bath_c": self.bath_c,
            "setpoint_c": self.setpoint_c,
            "liquor_l": self._liquor_kg,
            "rope_m_min": self._rope_m_min,
        }

    def _live(self) -> Iterator[Draw]:
        spec, orders = self._spec, self._orders
        yield from pause(spec.idle_kw, orders.seconds(spec.first_min))
        while orders.more:
            yield from pause(spec.idle_kw, orders.closed_for_s(self.now_s))
            batch = orders.next()
            self.begin(batch)
            self._fabric_kg, self._liquor_kg = batch.fabric_kg, 0.0
            self._pump_kw = spec.pump_kw * batch.load_factor
            self.bath_c = self.setpoint_c = self._site.ambient_c
            for number, step in enumerate(batch.programme.steps, start=1):
                self.enter(number, step.type)
                yield from self._DO[step.type](self, batch, step)
            self._fabric_kg = self._liquor_kg = self._rope_m_min = 0.0
            self.end()
            self._hand_on(batch, orders.seconds(spec.wait_min))
            yield from pause(spec.idle_kw, orders.seconds(spec.idle_min))
        self.done = True
        while True:
            yield from pause(spec.idle_kw, 3600)

    def _handle(self, batch: Batch, step: mill.Step) -> Iterator[Draw]:
        """Load or unload: the reel turns, quiet at both ends."""
        idle_kw, moving_s = self._spec.idle_kw, _seconds(batch, step) - 2 * QUIET_S
        yield Draw(idle_kw, seconds=QUIET_S)
        self._rope_m_min = 60.0
        yield from pause(idle_kw + self._spec.reel_kw, max(0, moving_s))
        self._rope_m_min = 0.0
        yield Draw(idle_kw, seconds=QUIET_S)

    def _fill(self, batch: Batch, _step: mill.Step) -> Iterator[Draw]:
        missing_l = batch.fabric_kg * batch.liquor_ratio - self._liquor_kg
        most_l = self._spec.fill_l_min / 60
        for stride in self.strides(ceil(max(0.0, missing_l) / most_l)):
            litres = min(most_l * stride, missing_l)
            missing_l -= litres
            yield self._circulate(_FILLING, stride, water_l=litres)
            self._mix(litres)
            self._liquor_kg += litres

    def _rinse(self, batch: Batch, step: mill.Step) -> Iterator[Draw]:
        for stride in self.strides(_seconds(batch, step)):
            litres = self._spec.rinse_l_min / 60 * stride
            yield self._circulate(_RINSING, stride, water_l=litres)
            self._mix(litres)

    def _drain(self, batch: Batch, _step: mill.Step) -> Iterator[Draw]:
        kept_kg = batch.fabric_kg * self._spec.carry_over_l_per_kg
        self._rope_m_min = 0.0
        drained_kg = max(0.0, self._liquor_kg - kept_kg)
        yield from pause(self._spec.idle_kw, ceil(drained_kg / self._spec.drain_l_min * 60))
        self._liquor_kg = min(self._liquor_kg, kept_kg)

    def _temper(self, batch: Batch, step: mill.Step) -> Iterator[Draw]:
        """Heat, cool, hold or dose: the bath follows the setpoint; steam does what it must."""
        target_c = self.bath_c if step.to_c is None else step.to_c
        most_c = step.c_per_min / 60
        self.setpoint_c = target_c
        way_c = abs(target_c - self.bath_c)
        for stride in self.strides(ceil(way_c / most_c) if way_c else 0):
            reach_c = most_c * stride
            rise_c = max(-reach_c, min(reach_c, target_c - self.bath_c))
            yield self._circulate(1.0, stride, steam_kg=self._steam_kg(rise_c, stride))
            self.bath_c += rise_c
        for stride in self.strides(_seconds(batch, step)):
            yield self._circulate(1.0, stride, steam_kg=self._steam_kg(0.0, stride))

    _DO: ClassVar[dict[mill.StepType, Callable[["Jet", Batch, mill.Step], Iterator[Draw]]]] = {
        "load": _handle,
        "unload": _handle,
        "fill": _fill,
        "rinse": _rinse,
        "drain": _drain,
        "heat": _temper,
        "hold": _temper,
        "dose": _temper,
    }

    def _steam_kg(self, rise_c: float, seconds: int) -> float:
        """Steam for the time in which the bath gets that much warmer. [kg]"""
        mean_c = self.bath_c + rise_c / 2
        lost_kj = self._spec.loss_kw_per_c * (mean_c - self._site.ambient_c) * seconds
        needed_kj = heat_kj(self._liquor_kg, self._fabric_kg, rise_c) + lost_kj
        return max(0.0, needed_kj) / self._latent_kj_per_kg

    def _circulate(
        self, share: float, seconds: int, *, steam_kg: float = 0.0, water_l: float = 0.0
    ) -> Draw:
        """The pump at a share of its power, with so much of the rest in all that time."""
        spec = self._spec
        load = share * self._orders.flutter()
        self._rope_m_min = _FULL_ROPE_M_MIN * load
        power_kw = spec.idle_kw + spec.reel_kw + self._pump_kw * load
        return Draw(power_kw, steam_kg / seconds, water_l / seconds, seconds=seconds)

    def _mix(self, litres: float) -> None:
        warm = self._fabric_kg * FABRIC_KJ_PER_KG_C + self._liquor_kg * WATER_KJ_PER_KG_C
        self.bath_c = self.setpoint_c = mixed_c(warm, self.bath_c, litres, self._site.water_c)


def _seconds(batch: Batch, step: mill.Step) -> int:
    return round(60 * step.minutes * batch.pace)
