"""A stenter: dries and heat-sets one batch after the other."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from math import ceil

from typing_extensions import override

from millprint.demo import mill
from millprint.demo.machine import QUIET_S, Draw, Flow, Machine, Watch
from millprint.demo.orders import Batch
from millprint.demo.physics import drying_kj_per_kg

_THREAD_S, _TAKE_OFF_S = 2 * QUIET_S, 2 * QUIET_S


class Stenter(Machine):
    """A stenter with a queue of dyed batches.

    Args:
        spec: What it can do.
        around: The mill around it.
        flows: Its flows by carrier.
        watch: Told of its runs.
        hand_on: Takes each finished batch, and how long until it can go on. [s]
    """

    def __init__(
        self,
        spec: mill.Stenter,
        around: mill.Mill,
        flows: Mapping[str, Flow],
        watch: Watch,
        hand_on: Callable[[Batch, int], None] | None = None,
    ) -> None:
        self._hand_on = hand_on
        self._spec, self._rise_c = spec, spec.set_c - around.site.ambient_c
        self._queue: deque[tuple[int, Batch]] = deque()
        self._speed_kg_s = 0.0
        super().__init__(spec.name, flows, self._live, watch)
        self.done = True

    def bring(self, batch: Batch, after_s: int) -> None:
        """A batch will be there after that time. [s]"""
        self._queue.append((self.now_s + after_s, batch))
        self.done = False

    @override
    def show(self) -> dict[str, float | str]:
        """What its PLC shows of the fabric on its way."""
        set_c = self._spec.set_c if self._speed_kg_s else 0.0
        return {"setpoint_c": set_c, "rope_m_min": 60 * self._speed_kg_s / _KG_PER_M}

    def _live(self) -> Iterator[Draw]:
        while True:
            while not self._queue or self._queue[0][0] > self.now_s:
                first_s = self._queue[0][0] - self.now_s if self._queue else _LOOK_S
                yield self._idle(min(first_s, _LOOK_S))
            _, batch = self._queue.popleft()
            self.begin(batch)
            yield from self._run(batch)
            self.end()
            self.done = not self._queue
            if self._hand_on is not None:
                self._hand_on(batch, _LOOK_S)
            yield self._idle(round(60 * self._spec.gap_min))

    def _run(self, batch: Batch) -> Iterator[Draw]:
        """Thread it, let it through, take it off; only its passage takes gas and fans."""
        spec = self._spec
        self.enter(1, "load")
        yield self._idle(_THREAD_S)
        self.enter(2, "heat")
        self._speed_kg_s = spec.kg_per_min / 60
        per_kg_kj = drying_kj_per_kg(batch.moisture, self._rise_c) / spec.efficiency
        power_kw = spec.idle_kw + spec.fan_kw * batch.load_factor
        seconds = ceil(batch.fabric_kg / self._speed_kg_s)
        gas_m3_0c = batch.fabric_kg * per_kg_kj / spec.gas_kj_per_m3_0c / seconds
        air_m3_0c = spec.air_m3_0c_h / 3600
        yield Draw(power_kw, gas_m3_0c=gas_m3_0c, air_m3_0c=air_m3_0c, seconds=seconds)
        self._speed_kg_s = 0.0
        self.enter(3, "unload")
        yield self._idle(_TAKE_OFF_S)

    def _idle(self, seconds: int) -> Draw:
        gas_m3_0c = self._spec.idle_gas_m3_0c_h / 3600
        return Draw(self._spec.idle_kw, gas_m3_0c=gas_m3_0c, seconds=max(1, seconds))


_LOOK_S = 60
"""How often its people look whether something has come. [s]"""
_KG_PER_M = 0.4
"""Weight of the demo's fabric, to show a speed. [kg/m]"""
