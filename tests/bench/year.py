"""A year of a mill, attributed by half months: 40 machines, 100 meters, 60,000 runs.

Periods know nothing of each other, so two processes take every other one. What it takes to make up
the meters' intervals is not counted.
"""

import random
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from multiprocessing import get_context

from api.ledger.accounts import Posting, Run
from api.ledger.attribute import attribute
from api.ledger.cuts import cuts, slot_edges
from api.ledger.machines import Shift
from api.ledger.plant import Machine, Plant, Process, SharedMeter, Standby, Supply
from gateway.intervals import Counter, Measured, RegisterAt, Slice
from tests.bench.row import Effort, Row

_MACHINES, _GROUP, _RUNS = 40, 4, 60_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_PROCESSES = ("scouring", "dyeing-exhaust", "washing", "drying")
_LADDERS = (
    ("rated-run-hours", "mass"),
    ("mass",),
    ("mass-process", "run-hours"),
    ("run-hours",),
)
_LIMIT_S, _LIMIT_MB, _LIMIT_BATCH_MS = 60.0, 500.0, 50.0
_KB_PER_MB = 1024
_PROCESSES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Year:
    """A mill and its runs."""

    plant: Plant
    runs: Mapping[str, Sequence[Run]]
    masses_kg: Mapping[str, Decimal]
    rated_kw: Mapping[str, Decimal]
    end: datetime

    def shift(self, start: datetime, end: datetime) -> Shift:
        """What the machines did in a period, and the next run of each."""
        found = {}
        for name, runs in self.runs.items():
            own = [run for run in runs if run.end > start and run.start < end]
            own += [run for run in runs if run.start >= end][:1]
            found[name] = own
        return Shift(found, self.masses_kg, self.rated_kw, self.end)


def mill(seed: int, days: int) -> Year:
    """A mill whose machines run one batch after the other: two thirds of the time, as many do."""
    chance = random.Random(seed)
    end = _START + timedelta(days=days)
    names = [f"machine-{n:02}" for n in range(_MACHINES)]
    machines = tuple(
        Machine(
            name,
            _PROCESSES[n % len(_PROCESSES)],
            meters=(
                ("electricity", f"{name}-power.energy_kwh"),
                ("water", f"{name}-water.volume_m3"),
            ),
            standby=Standby(("next-batch", "overhead")[n % 5 == 0]),
        )
        for n, name in enumerate(names)
    )
    groups = [tuple(names[n : n + _GROUP]) for n in range(0, _MACHINES, _GROUP)]
    shared = tuple(
        SharedMeter(f"hall-{n}", "electricity", f"hall-{n}.energy_kwh", group, _LADDERS[n % 4])
        for n, group in enumerate(groups)
    )
    shared += tuple(
        SharedMeter(f"air-{n}", "water", f"air-{n}.volume_m3", group, _LADDERS[n % 3])
        for n, group in enumerate(groups[:8])
    )
    supplies = (
        Supply("grid", "electricity", ("main.energy_kwh",)),
        Supply("river", "water", ("main.volume_m3",)),
    )
    processes = {
        name: Process(Decimal(n + 1), None, "declared") for n, name in enumerate(_PROCESSES)
    }
    plant = Plant(
        "mill",
        "Asia/Shanghai",
        "CN-ZJ",
        _START,
        machines,
        shared,
        supplies,
        processes=processes,
    )
    runs = {machine.id: list(_runs(machine, days, chance)) for machine in machines}
    batches = [run.batch for own in runs.values() for run in own]
    masses = {batch: Decimal(chance.randint(800, 6000)) / 10 for batch in batches}
    rated = {name: Decimal(chance.randint(20, 90)) for name in names}
    return Year(plant, runs, masses, rated, end)


def _runs(machine: Machine, days: int, chance: random.Random) -> Iterator[Run]:
    """A machine's runs, at whole seconds, not on the slots' edges."""
    count = round(_RUNS / _MACHINES * days / 365)
    pace = timedelta(days=days) / count
    for n in range(count):
        start = _START + n * pace + pace * chance.uniform(0.0, 0.3)
        length = pace * chance.uniform(0.4, 0.7)
        start = start.replace(microsecond=0)
        end = (start + length).replace(microsecond=0)
        yield Run(machine.id, f"{machine.id[-2:]}-{n:05}", machine.process, start, end)


def intervals(year: Year, shift: Shift, start: datetime, end: datetime) -> dict[str, Measured]:
    """Every meter's slices in a period, as `measure` would give them."""
    bounds = cuts(year.plant, shift.every_run(), start, end)
    found = {}
    for place, (meter, edges) in enumerate(bounds.items()):
        main = meter.startswith("main")
        rate = (place % 7 + 1) * 9_973 * (600 if main else 1)  # micro-units a second
        marks = [Decimal(int((edge - _START).total_seconds()) * rate).scaleb(-6) for edge in edges]
        zero = Decimal(0)
        slices = tuple(
            Slice(a, b, high - low, high - low, zero, zero, complete=True)
            for (a, low), (b, high) in pairwise(zip(edges, marks, strict=True))
        )
        ends = tuple(
            RegisterAt(at, mark, None, None) for at, mark in ((start, marks[0]), (end, marks[-1]))
        )
        counter = Counter(meter, "", None, timedelta(seconds=10))
        found[meter] = Measured(counter, slices, ends, ())
    return found


@dataclass(frozen=True, slots=True)
class Took:
    """What one process did, and what it took.

    Attributes:
        seconds: While attributing. [s]
        cpu_s: Of its processor meanwhile. [s]
        slices: How many it attributed.
        postings: How many that made.
        resident_mb: Of the process at its peak. [MB]
    """

    seconds: float
    cpu_s: float
    slices: int
    postings: int
    resident_mb: float


def attributed(year: Year, start: datetime, end: datetime) -> Took:
    """Attribute a period from its intervals."""
    shift = year.shift(start, end)
    measured = intervals(year, shift, start, end)
    began, cpu = time.perf_counter(), time.process_time()
    found = attribute(year.plant, shift, {}, measured)
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
    slices = sum(len(one.slices) for one in measured.values())
    _close(found.postings, measured, year.plant)
    resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KB_PER_MB
    return Took(seconds, cpu, slices, len(found.postings), resident_mb)


def _close(postings: Sequence[Posting], measured: Mapping[str, Measured], plant: Plant) -> None:
    """A number that does not add up is not worth measuring."""
    carriers = plant.carrier_of()
    mains = {supply.carrier: supply.meters[0] for supply in plant.supplies}
    posted = dict.fromkeys(measured, Decimal(0))
    for posting in postings:
        posted[posting.meter] += posting.amount
    for carrier, main in mains.items():
        posted[main] += sum(
            (posted[m] for m in measured if carriers[m] == carrier and m != main), Decimal(0)
        )
    for meter, one in measured.items():
        assert posted[meter] == sum((piece.amount for piece in one.slices), Decimal(0)), meter


def one_batch(year: Year) -> float:
    """Milliseconds of CPU to attribute what one batch touches, in the middle of the history."""
    machine = year.plant.machines[7]
    runs = year.runs[machine.id]
    run = runs[len(runs) // 2]
    start, end = slot_edges(run.start - 4 * _HOUR, run.end)[0], run.end
    shift = year.shift(start, end)
    measured = intervals(year, shift, start, end)
    own = {meter for _, meter in machine.meters}
    own |= {one.meter for one in year.plant.shared if machine.id in one.machines}
    measured = {meter: one for meter, one in measured.items() if meter in own}
    began = time.process_time()
    attribute(year.plant, shift, {}, measured)
    return 1000 * (time.process_time() - began)


def _periods(days: int, periods: int, part: int) -> tuple[list[Took], str, float]:
    """Every so-many-th period; in a process of its own, so that its memory is its own."""
    year = mill(7, days)
    step = timedelta(days=days) / periods
    edges = [slot_edges(_START + n * step, _START + n * step)[0] for n in range(periods)]
    found = [attributed(year, start, start + step) for start in edges[part::_PROCESSES_AT_ONCE]]
    runs, meters = sum(map(len, year.runs.values())), len(year.plant.carrier_of())
    what = f"{days} days of {_MACHINES} machines, {meters} meters, {runs:,} runs"
    return found, what, one_batch(year)


def measure(effort: Effort) -> list[Row]:
    """A year from intervals on two cores, the memory that it takes, and one batch."""
    days, periods = effort.pick((365, 24), (6, 2))
    with ProcessPoolExecutor(_PROCESSES_AT_ONCE, mp_context=get_context("spawn")) as apart:
        parts = range(_PROCESSES_AT_ONCE)
        done = list(apart.map(_periods, *zip(*((days, periods, n) for n in parts), strict=True)))
    took = [one for found, _, _ in done for one in found]
    what = done[0][1]
    slices, postings = sum(one.slices for one in took), sum(one.postings for one in took)
    size = f"{what}, {slices:,} slices, {postings:,} postings"
    seconds = max(sum(one.seconds for one in found) for found, _, _ in done)
    cpu_s = sum(one.cpu_s for one in took)
    resident_mb = sum(max(one.resident_mb for one in found) for found, _, _ in done)
    limit = "the limit"
    told = f"attributed by half months by two processes, {cpu_s:.3g} s of CPU in both"
    return [
        Row(f"{size}: {told}", seconds, "s", limit, _LIMIT_S, 1),
        Row(f"{what}: both processes resident", resident_mb, "MB", limit, _LIMIT_MB, 1),
        Row("one batch amid it: attributed, CPU", done[0][2], "ms", limit, _LIMIT_BATCH_MS, 1),
    ]
