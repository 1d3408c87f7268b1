"""A stenter: dries and heat-sets one batch after the other."""

from collections import deque
from collections.abc import Iterator, Mapping

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
    """

    def __init__(
        self, spec: mill.Stenter, around: mill.Mill, flows: Mapping[str, Flow], watch: Watch
    ) -> None:
        self._spec, self._rise_c = spec, spec.set_c - around.site.ambient_c
        self._queue: deque[tuple[int, Batch]] = deque()
        self._speed_kg_s = 0.0
        super().__init__(spec.name, flows, self._live, watch)
        self.done = True

    def bring(self, batch: Batch, after_s: int) -> None:
        """A batch will be there after that time. [s]"""
        self._queue.append((self.now_s + after_s, batch))
        self.done = False

    def show(self) -> dict[str, float | str]:
        """What its PLC shows of the fabric on its way."""
        set_c = self._spec.set_c if self._speed_kg_s else 0.0
        return {"setpoint_c": set_c, "rope_m_min": 60 * self._speed_kg_s / _KG_PER_M}

    def _live(self) -> Iterator[Draw]:
        while True:
            yield self._idle()
            if self._queue and self._queue[0][0] <= self.now_s:
                _, batch = self._queue.popleft()
                self.begin(batch)
                yield from self._run(batch)
                self.end()
                self.done = not self._queue
                for _ in range(round(60 * self._spec.gap_min)):
                    yield self._idle()

    def _run(self, batch: Batch) -> Iterator[Draw]:
        """Thread it, let it through, take it off; only its passage takes gas and fans."""
        spec = self._spec
        self.enter(1, "load")
        for _ in range(_THREAD_S):
            yield self._idle()
        self.enter(2, "heat")
        self._speed_kg_s = spec.kg_per_min / 60
        per_kg_kj = drying_kj_per_kg(batch.moisture, self._rise_c) / spec.efficiency
        power_kw = spec.idle_kw + spec.fan_kw * batch.load_factor
        left_kg = batch.fabric_kg
        while left_kg > 0:
            passed_kg = min(left_kg, self._speed_kg_s)
            left_kg -= passed_kg
            yield Draw(power_kw, gas_m3_0c=passed_kg * per_kg_kj / spec.gas_kj_per_m3_0c)
        self._speed_kg_s = 0.0
        self.enter(3, "unload")
        for _ in range(_TAKE_OFF_S):
            yield self._idle()

    def _idle(self) -> Draw:
        return Draw(self._spec.idle_kw, gas_m3_0c=self._spec.idle_gas_m3_0c_h / 3600)


_KG_PER_M = 0.4
"""Weight of the demo's fabric, to show a speed. [kg/m]"""
