"""What all machines of the demo mill have in common: flows, a batch, and a life in seconds."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

from millprint.demo.orders import Batch

OFF, IDLE, RUNNING = 0, 1, 2
"""Machine states of the PLC block."""
STEP_NUMBERS = {
    "fill": 1,
    "heat": 2,
    "hold": 3,
    "dose": 4,
    "drain": 5,
    "rinse": 6,
    "unload": 7,
    "load": 8,
}
STRIDE_S = 30
"""Machines change what they take on this grid, and where a step ends: what lies between flows at
once. [s]"""
QUIET_S = 40
"""At the edges of a run nothing has begun to move yet: fabric is still being threaded. [s]"""


class Flow:
    """An amount that only grows, in its stored unit, and how fast it does."""

    __slots__ = ("per_second", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.per_second = 0.0

    def pass_by(self, per_second: float, seconds: int) -> None:
        """Let it flow like that for so long."""
        self.per_second = per_second
        self.total += per_second * seconds

    @property
    def per_hour(self) -> float:
        """The rate: kW of kWh, kg/h of kg, m3/h of m3."""
        return self.per_second * 3600


class Draw(NamedTuple):
    """What a machine takes in each of the coming seconds, and how many these are.

    Power [kW]; in a second steam [kg], water [L], gas [m3], compressed air [m3], hot water [L].
    """

    power_kw: float
    steam_kg: float = 0.0
    water_l: float = 0.0
    gas_m3_0c: float = 0.0
    air_m3_0c: float = 0.0
    hot_water_l: float = 0.0
    seconds: int = 1


_DRAWS = {
    "electricity": (0, 3600.0),  # kW during a second
    "steam": (1, 1.0),
    "water": (2, 1000.0),
    "natural_gas": (3, 1.0),
    "compressed_air": (4, 1.0),
    "hot_water": (5, 1000.0),
    "wastewater": (2, 1000.0 / 0.9),  # the rest evaporates
}
"""Where each carrier stands in a draw, and what makes its stored unit of it."""


class Watch(Protocol):
    """Whoever wants to know of runs. `now_s` counts from the start of the simulation. [s]"""

    def begun(self, machine: str, batch: Batch, now_s: int) -> None:
        """A run begins at this second."""

    def ended(self, machine: str, now_s: int) -> None:
        """A run has ended: this second is no longer its own."""


class Machine:
    """A machine that batches run on.

    A life is a generator that yields what the machine is about to take, and for how long; `take`
    lets it flow, `go_on` asks for what comes next.

    Args:
        name: Its name.
        flows: Its flows by carrier.
        life: Builds its life; it may use everything that the machine has.
        watch: Told of its runs.
    """

    def __init__(
        self,
        name: str,
        flows: Mapping[str, Flow],
        life: Callable[[], Iterator[Draw]],
        watch: Watch,
    ) -> None:
        self.name = name
        self.now_s = 0
        self.batch: Batch | None = None
        self.done = False
        self._step_no, self._step_type, self._begun_s = 0, 0, 0
        self._watch = watch
        self._flows = tuple((flow, *_DRAWS[carrier]) for carrier, flow in flows.items())
        self._life = life()
        self._draw = next(self._life)
        self.left_s = self._draw.seconds

    def take(self, seconds: int) -> None:
        """Let so many seconds flow, at most as many as are left."""
        draw = self._draw
        for flow, place, divisor in self._flows:
            flow.pass_by(draw[place] / divisor, seconds)
        self.left_s -= seconds

    def go_on(self, now_s: int) -> None:
        """Decide about what begins now, if nothing is left of what was decided."""
        self.now_s = now_s
        if not self.left_s:
            self._draw = next(self._life)
            self.left_s = self._draw.seconds

    def strides(self, seconds: int) -> Iterator[int]:
        """So many seconds, cut where the grid cuts them. [s]"""
        while seconds > 0:
            stride = min(seconds, STRIDE_S - self.now_s % STRIDE_S)
            yield stride
            seconds -= stride

    def begin(self, batch: Batch) -> None:
        """A batch's run begins."""
        self.batch, self._begun_s = batch, self.now_s
        self._watch.begun(self.name, batch, self.now_s)

    def enter(self, number: int, kind: str) -> None:
        """A step begins."""
        self._step_no, self._step_type = number, STEP_NUMBERS[kind]

    def end(self) -> None:
        """The run has ended."""
        self.batch, self._step_no, self._step_type = None, 0, 0
        self._watch.ended(self.name, self.now_s)

    def show(self) -> dict[str, float | str]:
        """What its PLC shows besides, by point of the block."""
        return {}

    def plc(self, start_s: int) -> dict[str, float | str]:
        """What its PLC shows, by point of the block; counters apart.

        Args:
            start_s: When the simulation began. [unix s]
        """
        batch = self.batch
        return {
            "batch_id": batch.id if batch else "",
            "recipe_no": batch.recipe if batch else 0,
            "program_no": batch.programme.number if batch else 0,
            "step_no": self._step_no,
            "step_type": self._step_type,
            "machine_state": RUNNING if batch else IDLE,
            "fabric_kg": batch.fabric_kg if batch else 0.0,
            "liquor_ratio": batch.liquor_ratio if batch else 0.0,
            "batch_start_s": start_s + self._begun_s if batch else 0,
            "heartbeat": self.now_s % 65536,
        }


def pause(power_kw: float, seconds: int) -> Iterator[Draw]:
    """Nothing but standby."""
    if seconds:
        yield Draw(power_kw, seconds=seconds)
