"""How far a batch's carriers are from the truth, on mills that the demo's simulator plays.

The simulator's pumps run at load factors drawn batch by batch, its steam follows baths and walls;
the ledger is shown registers, signals and runs' edges as a collector that polls every 10 s has
them, and nothing else. Each rung of the ladder is measured by itself, on the same mill.
"""

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from api.ledger.accounts import Run
from api.ledger.plant import SharedMeter, Supply
from gateway.intervals import Curve
from millprint.demo import mill_file
from millprint.demo.floor import Floor, flows_in, flows_of
from millprint.demo.machine import Flow
from millprint.demo.orders import Batch
from tests.ledger.given import Mill, at, machine, plant, samples

POLL_S = 10
HALLS = {
    "two jets": (45.0, 37.0),
    "three jets": (45.0, 37.0, 30.0),
    "six jets": (45.0, 37.0, 30.0, 55.0, 22.0, 45.0),
}
"""Rated power of the pumps behind one meter: the demo mill's two, and more of unlike size. [kW]"""
BESIDE_KW = Decimal(4)
"""Declared of each jet: the plate of its reel, 3 kW, and a kilowatt for controls. [kW]"""
CARRIERS = ("electricity", "steam", "water")
UNITS = {"electricity": "energy_kwh", "steam": "mass_kg", "water": "volume_m3"}
STEPS = {"electricity": 2, "steam": 1, "water": 3}
"""Decimals that a register shows."""
RUNGS = {
    "electricity": (
        ("power:drive_kw",),
        ("power:drive_kw", "rated-run-hours"),
        ("signal:drive_kw",),
        ("signal:drive_kw", "rated-run-hours"),
        ("rated-on-hours:pump_on",),
        ("rated-run-hours",),
        ("run-hours",),
        ("mass",),
    ),
    "steam": (("liquor",), ("run-hours",), ("mass",)),
    "water": (("signal:inlet_open",), ("run-hours",), ("mass",)),
}
"""Ladders; of one with several rungs the first one's signals fail for half an hour now and then."""


@dataclass
class Played:
    """What happened in a mill, and what its instruments showed."""

    seconds: int
    pumps_kw: tuple[float, ...]
    registers: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    signals: dict[tuple[str, str], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    runs: list[Run] = field(default_factory=list)
    took: dict[tuple[str, str], float] = field(default_factory=dict)
    masses: dict[str, str] = field(default_factory=dict)
    unmetered_kwh: float = 0.0
    main_kwh: float = 0.0


class Clerk:
    """Writes down when batches came and went, and what really flowed meanwhile."""

    def __init__(self, flows: dict[str, Flow], played: Played) -> None:
        self._flows, self._played = flows, played
        self._on: dict[str, tuple[Batch, int, dict[str, float]]] = {}

    def begun(self, name: str, batch: Batch, now_s: int) -> None:
        self._on[name] = batch, now_s, self._totals(name)

    def ended(self, name: str, now_s: int) -> None:
        batch, _, before = self._on[name]
        for carrier, total in self._totals(name).items():
            self._played.took[batch.id, carrier] = total - before[carrier]
        self._leave(name, now_s)

    def go_home(self, now_s: int) -> None:
        """What is on a jet still counts beside the others, and is not judged."""
        for name in list(self._on):
            self._leave(name, now_s)

    def _leave(self, name: str, now_s: int) -> None:
        batch, start_s, _ = self._on.pop(name)
        self._played.masses[batch.id] = str(batch.fabric_kg)
        start, end = (at(math.ceil(s / POLL_S) * POLL_S / 60) for s in (start_s, now_s))
        self._played.runs.append(Run(name, batch.id, "dyeing-exhaust", start, end, said=batch.id))

    def _totals(self, name: str) -> dict[str, float]:
        return {carrier: self._flows[f"{name}.{carrier}"].total for carrier in CARRIERS}


def play(seed: int, hours: float, pumps_kw: tuple[float, ...]) -> Played:
    """Jets of unlike size on one boiler, for some hours; and what is read of them.

    A drive shows its power by its inverter: wrong by up to 5 %, each drive in its own way, in
    whole kilowatts, and blind to reel and controls.
    """
    shipped = mill_file.load(mill_file.SHIPPED_MILL)
    like = shipped.jets["jet-01"]
    jets = {
        f"jet-{n}": replace(like, name=f"jet-{n}", pump_kw=kw, then="")
        for n, kw in enumerate(pumps_kw, 1)
    }
    mill = replace(shipped, jets=jets, stenters={}, devices={})
    flows, chance = flows_in(mill), random.Random(seed)
    played = Played(int(hours * 3600), pumps_kw)
    clerk = Clerk(flows, played)
    floor = Floor(mill, flows, clerk, seed=seed, once=False)
    gains = {name: chance.uniform(0.95, 1.05) for name in jets}
    for second in range(0, played.seconds + 1, POLL_S):
        look(played, floor, flows, gains, second / 60)
        while floor.now_s < min(second + POLL_S, played.seconds):
            floor.pass_by(second + POLL_S - floor.now_s)
    clerk.go_home(played.seconds)
    seen = sum(flows[f"{name}.electricity"].total for name in (*jets, "boiler-1"))
    played.main_kwh = flows["site.electricity"].total
    played.unmetered_kwh = played.main_kwh - seen
    return played


def look(played, floor, flows, gains, minute):
    for name, jet in floor.machines.items():
        for carrier in CARRIERS:
            total = flows[f"{name}.{carrier}"].total
            played.registers[f"{name}.{UNITS[carrier]}"].append(
                (minute, round(total, STEPS[carrier]))
            )
        shown, spec = jet.show(), jet._spec
        kw = flows_of(name, flows)["electricity"].per_hour - spec.idle_kw - spec.reel_kw
        signals = {
            "drive_kw": round(max(0.0, kw) * gains[name]),
            "pump_on": int(kw > 0),
            "inlet_open": int(flows[f"{name}.water"].per_second > 0),
            "liquor": shown["liquor_l"],
            "temperature": shown["bath_c"],
        }
        for signal, value in signals.items():
            played.signals[name, signal].append((minute, value))
    for source in ("site.electricity", "boiler-1.electricity"):
        meter = f"{source.partition('.')[0]}.energy_kwh"
        played.registers[meter].append((minute, round(flows[source].total, 2)))


def own(played: Played) -> Mill:
    """Every jet has its own meters."""
    jets = [
        machine(name, **{carrier: f"{name}.{UNITS[carrier]}" for carrier in CARRIERS})
        for name in names(played)
    ]
    grid = Supply("grid", "electricity", ("site.energy_kwh",))
    boiler = machine("boiler-1", electricity="boiler-1.energy_kwh")
    return ledger(played, plant(*jets, boiler, supplies=[grid]), played.registers)


def shared(played: Played, carrier: str, *ladder: str) -> Mill:
    """One meter before all jets, and one ladder."""
    refs = [f"{name}.{UNITS[carrier]}" for name in names(played)]
    whole = [
        (row[0][0], round(sum(value for _, value in row), 3))
        for row in zip(*(played.registers[ref] for ref in refs), strict=True)
    ]
    meter = f"hall.{UNITS[carrier]}"
    hall = SharedMeter("hall", carrier, meter, names(played), ladder)
    jets = [machine(name) for name in names(played)]
    return ledger(played, plant(*jets, shared=[hall]), {meter: whole}, failing=len(ladder) > 1)


def ledger(played: Played, of, registers, *, failing: bool = False) -> Mill:
    chance = random.Random(played.seconds)
    deaf = {key: {chance.randrange(played.seconds // 1800) for _ in range(2)} if failing else set()
            for key in played.signals}  # fmt: skip
    curves = {
        key: Curve(samples(*((m, None if m // 30 in deaf[key] else v) for m, v in shown)))
        for key, shown in played.signals.items()
    }
    rated = {f"jet-{n}": str(kw) for n, kw in enumerate(played.pumps_kw, 1)}
    until = played.seconds / 60
    return Mill(
        of, played.runs, registers, played.masses, rated, until, (0, until),
        facts={"curves": curves, "beside_kw": dict.fromkeys(rated, BESIDE_KW)},
    )  # fmt: skip


def names(played: Played) -> tuple[str, ...]:
    return tuple(f"jet-{n}" for n, _ in enumerate(played.pumps_kw, 1))


def errors(played: Played, mill: Mill, carrier: str) -> list[tuple[float, float]]:
    """What each batch was given too much, and what it really took; finished batches only."""
    given: dict[str, Decimal] = defaultdict(Decimal)
    for one in mill.attribution().postings:
        if one.account.kind == "run" and one.carrier == carrier and one.account.run:
            given[one.account.run.batch] += one.amount
    return [
        (float(given[batch]) - took, took)
        for (batch, what), took in played.took.items()
        if what == carrier
    ]


def p95(found: list[tuple[float, float]]) -> float:
    """Of the relative errors of all batches, the one that 95 % do not exceed."""
    shares = sorted(abs(error) / took for error, took in found)
    return shares[min(len(shares) - 1, math.ceil(0.95 * len(shares)) - 1)]


def rms(found: list[tuple[float, float]]) -> float:
    """Root of the mean square of the errors, in the carrier's unit."""
    return math.sqrt(sum(error * error for error, _ in found) / len(found))


def unmetered_error(played: Played) -> float:
    """How far *unmetered* is from what no meter saw, as a part of what came in."""
    found = own(played).attribution().postings
    told = sum(one.amount for one in found if one.account.kind == "unmetered")
    return abs(float(told) - played.unmetered_kwh) / played.main_kwh


def table(hall: str, seeds, hours):
    """Every rung over several mills, as rows of a page."""
    mills = [play(seed, hours, HALLS[hall]) for seed in seeds]
    batches = sum(len(one.took) for one in mills) // len(CARRIERS)
    yield f"{hall}: {len(mills)} mills of {hours} h, {batches} batches"
    for carrier in CARRIERS:
        found = [pair for one in mills for pair in errors(one, own(one), carrier)]
        yield f"| {carrier} | own meter | {p95(found):.2%} | {rms(found):.3f} |"
        for rungs in RUNGS[carrier]:
            found = [
                pair for one in mills for pair in errors(one, shared(one, carrier, *rungs), carrier)
            ]
            yield f"| {carrier} | {', '.join(rungs)} | {p95(found):.1%} | {rms(found):.2f} |"
    yield f"unmetered: {max(unmetered_error(one) for one in mills):.3%} of what came in"


if __name__ == "__main__":
    import sys

    mills_of, length = (int(text) for text in sys.argv[1:])
    for named in HALLS:
        for line in table(named, range(1, mills_of + 1), length):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
