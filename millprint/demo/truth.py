"""The truth: what really flowed, for which batch, while the meters showed what they show.

Kept by one rule: whatever a machine took since it was last settled belongs to the batch that was
on it, else to the machine's standby. Everything is settled whenever a run begins or ends, a
window closes, or somebody asks.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.durations import milliseconds
from collector.wire.reading import instant, stamp, unix_ms
from millprint.demo.machine import Flow
from millprint.demo.mill import Boiler, Mill
from millprint.demo.mill_checks import SITE
from millprint.demo.orders import Batch
from millprint.demo.points import metered_points

_Amounts = dict[str, float]


def _amounts() -> _Amounts:
    return defaultdict(float)


@dataclass(slots=True)
class _Run:
    machine: str
    start_s: int
    end_s: int | None = None


@dataclass(slots=True)
class _BatchTruth:
    fabric_kg: float
    article: str
    again: str
    joins: str
    runs: list[_Run] = field(default_factory=list)
    amounts: _Amounts = field(default_factory=_amounts)
    idle: _Amounts = field(default_factory=_amounts)


@dataclass(slots=True)
class _Window:
    """What a boiler took and gave in one window; times from the start of the simulation."""

    start_s: int
    end_s: int
    amounts: _Amounts = field(default_factory=_amounts)
    taken: _Amounts = field(default_factory=_amounts)
    taken_idle: _Amounts = field(default_factory=_amounts)
    pending_idle: _Amounts = field(default_factory=_amounts)


def _of(batch: Batch) -> _BatchTruth:
    return _BatchTruth(batch.fabric_kg, batch.programme.article, batch.again, batch.joins)


class Truth:
    """Keeps the truth of one mill.

    Args:
        mill: The mill.
        flows: What flows in it.
    """

    def __init__(self, mill: Mill, flows: Mapping[str, Flow]) -> None:
        self._mill, self._flows = mill, flows
        self._points = metered_points(mill)
        self._settled = dict.fromkeys(flows, 0.0)
        self._on: dict[str, str] = {}
        self._batches: dict[str, _BatchTruth] = {}
        self._pending: dict[str, _Amounts] = defaultdict(_amounts)
        self._start_ms = unix_ms(mill.site.start)
        self._windows = {b.name: [self._window(b, 0)] for b in mill.boilers.values()}

    def begun(self, machine: str, batch: Batch, now_s: int) -> None:
        """A run begins; what the machine took while it stood idle was for this batch."""
        self.settle()
        truth = self._batches.setdefault(batch.id, _of(batch))
        truth.runs.append(_Run(machine, now_s))
        for point, amount in self._pending.pop(machine, {}).items():
            truth.idle[point] += amount
        for windows in self._windows.values():
            for window in windows:
                if machine in window.pending_idle:
                    window.taken_idle[batch.id] += window.pending_idle.pop(machine)
        self._on[machine] = batch.id

    def ended(self, machine: str, now_s: int) -> None:
        """A run has ended."""
        self.settle()
        batch = self._on.pop(machine)
        self._batches[batch].runs[-1].end_s = now_s

    @property
    def next_edge_s(self) -> int:
        """When the next window closes. [s]"""
        return min((own[-1].end_s for own in self._windows.values()), default=2**62)

    def passed(self, now_s: int) -> None:
        """So much time has passed: close the windows that end now. [s]"""
        for boiler in self._mill.boilers.values():
            if now_s >= self._windows[boiler.name][-1].end_s:
                self.settle()
                self._windows[boiler.name].append(self._window(boiler, now_s))

    def settle(self) -> None:
        """Give what has flowed since the last time to whom it belongs."""
        for source, flow in self._flows.items():
            amount = flow.total - self._settled[source]
            if amount:
                self._settled[source] = flow.total
                machine, _, carrier = source.partition(".")
                self._give(machine, carrier, amount)

    def _give(self, machine: str, carrier: str, amount: float) -> None:
        if machine in self._mill.works or machine in self._mill.shared or machine == "roof":
            return
        if machine in self._windows:
            self._windows[machine][-1].amounts[carrier] += amount
            return
        batch = self._on.get(machine)
        point = self._points.get(f"{machine}.{carrier}")
        if point is not None and machine != SITE:
            to = self._batches[batch].amounts if batch else self._pending[machine]
            to[point] += amount
        taker = self._mill.jets.get(machine) or self._mill.ranges.get(machine)
        if taker is not None and carrier == "steam":
            window = self._windows[taker.steam_from][-1]
            if batch:
                window.taken[batch] += amount
            else:
                window.pending_idle[machine] += amount

    def _window(self, boiler: Boiler, now_s: int) -> _Window:
        """The window around that second: windows begin at multiples of their length, UTC."""
        length_s = milliseconds(boiler.balance_over) // 1000
        unix_s = self._start_ms // 1000 + now_s
        start_s = now_s - unix_s % length_s
        return _Window(start_s, start_s + length_s)

    def _stamp(self, seconds: int | None) -> str | None:
        return None if seconds is None else stamp(instant(self._start_ms + 1000 * seconds))

    def batches(self) -> dict[str, Any]:
        """Every batch: its weight, its runs, what they took and what stood idle for them."""
        self.settle()
        return {
            batch: {
                "fabric_kg": truth.fabric_kg,
                "article": truth.article,
                "again": truth.again,
                "joins": truth.joins,
                "runs": [
                    {
                        "machine": run.machine,
                        "start": self._stamp(run.start_s),
                        "end": self._stamp(run.end_s),
                    }
                    for run in truth.runs
                ],
                "amounts": dict(truth.amounts),
                "idle": dict(truth.idle),
            }
            for batch, truth in self._batches.items()
        }

    def pending(self) -> dict[str, _Amounts]:
        """What machines took since their last run, for a batch that has not come yet."""
        self.settle()
        return {machine: dict(amounts) for machine, amounts in self._pending.items()}

    def utilities(self, now_s: int) -> dict[str, Any]:
        """Every boiler's windows; the last is open where it ends after now. [s]"""
        self.settle()
        return {
            boiler: {"windows": [self._shown(boiler, window, now_s) for window in windows]}
            for boiler, windows in self._windows.items()
        }

    def _shown(self, boiler: str, window: _Window, now_s: int) -> dict[str, Any]:
        inputs = {
            point: window.amounts.get(carrier, 0.0)
            for carrier in ("natural_gas", "electricity", "water")
            if (point := self._points.get(f"{boiler}.{carrier}")) is not None
        }
        return {
            "start": self._stamp(window.start_s),
            "end": self._stamp(window.end_s),
            "closed": window.end_s <= now_s,
            "inputs": inputs,
            "output": window.amounts.get("steam", 0.0),
            "taken": dict(window.taken),
            "taken_idle": dict(window.taken_idle),
            "pending_idle": dict(window.pending_idle),
        }

    def unmetered(self) -> dict[str, float]:
        """Electricity that reached the mill and no meter of a machine. [kWh]"""
        seen = sum(
            flow.total
            for source, flow in self._flows.items()
            if source.endswith(".electricity")
            and source in self._points
            and not source.startswith((f"{SITE}.", "roof."))
        )
        return {"electricity": self._flows[f"{SITE}.electricity"].total - seen}
