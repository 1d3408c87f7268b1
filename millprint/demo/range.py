"""A range: fabric passes at a steady speed, and what it takes goes by the kilogram."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from typing_extensions import override

from millprint.demo import mill
from millprint.demo.machine import QUIET_S, Draw, Flow, Machine, Watch, pause
from millprint.demo.orders import Batch, Orders

_EDGE_S = 2 * QUIET_S
_LOOK_S = 60
_KG_PER_M = 0.4
"""Weight of the demo's fabric, to show a speed. [kg/m]"""


class Range(Machine):
    """A range that works off its own orders, or what is brought.

    Args:
        spec: What it can do.
        flows: Its flows by carrier.
        orders: What it draws by; its own orders where it has programmes.
        watch: Told of its runs.
        hand_on: Takes each finished batch, and how long until it can go on. [s]
    """

    def __init__(
        self,
        spec: mill.Range,
        flows: Mapping[str, Flow],
        orders: Orders,
        watch: Watch,
        hand_on: Callable[[Batch, int], None],
    ) -> None:
        self._spec, self._orders, self._hand_on = spec, orders, hand_on
        self._queue: deque[tuple[int, Batch]] = deque()
        self._speed_kg_s = 0.0
        super().__init__(spec.name, flows, self._live, watch)
        self.done = not spec.programmes

    def bring(self, batch: Batch, after_s: int) -> None:
        """A batch will be there after that time. [s]"""
        self._queue.append((self.now_s + after_s, batch))
        self.done = False

    @override
    def show(self) -> dict[str, float | str]:
        """What its PLC shows of the fabric on its way."""
        return {"rope_m_min": 60 * self._speed_kg_s / _KG_PER_M}

    def _live(self) -> Iterator[Draw]:
        spec, orders = self._spec, self._orders
        while True:
            yield from pause(spec.idle_kw, orders.closed_for_s(self.now_s))
            batch = self._next()
            if batch is None:
                yield Draw(spec.idle_kw, seconds=_LOOK_S)
                continue
            self.begin(batch)
            yield from self._run(batch)
            self.end()
            self._hand_on(batch, orders.seconds(spec.wait_min))
            self.done = not orders.more if spec.programmes else not self._queue
            pause_s = orders.seconds(spec.idle_min) + round(60 * spec.gap_min)
            yield from pause(spec.idle_kw, pause_s)

    def _next(self) -> Batch | None:
        if self._spec.programmes:
            return self._orders.next() if self._orders.more else None
        if self._queue and self._queue[0][0] <= self.now_s:
            return self._queue.popleft()[1]
        return None

    def _run(self, batch: Batch) -> Iterator[Draw]:
        """Thread it, let it through, take it off; only its passage takes anything but standby."""
        spec = self._spec
        self.enter(1, "load")
        yield Draw(spec.idle_kw, seconds=_EDGE_S)
        self.enter(2, "heat")
        self._speed_kg_s = kg = spec.kg_per_min / 60
        for stride in self.strides(round(batch.fabric_kg / kg)):
            flutter = self._orders.flutter()
            yield Draw(
                spec.idle_kw + spec.run_kw * batch.load_factor * flutter,
                steam_kg=spec.steam_per_kg * kg * flutter,
                water_l=spec.water_l_per_kg * kg,
                gas_m3_0c=spec.gas_m3_0c_per_kg * kg * flutter,
                air_m3_0c=spec.air_m3_0c_h / 3600,
                hot_water_l=spec.hot_water_l_per_kg * kg,
                seconds=stride,
            )
        self._speed_kg_s = 0.0
        self.enter(3, "unload")
        yield Draw(spec.idle_kw, seconds=_EDGE_S)
