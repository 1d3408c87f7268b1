"""The verdict: footprints against what the simulated mill really did.

It shares no rule and no code with the ledger: sums of the truth in floats, factors read from the
catalogue's files. A batch agrees where each amount is within 0.5 % of the truth or two steps of
its meter, whichever is more.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOLERANCE = 0.005
_STEPS = 2
_FOOTPRINT_PER_UNIT = {
    "electricity": ("cn_elec_fp_2024_national",),
    "natural_gas": ("cn_ng_co2", "cn_ng_ch4", "cn_ng_n2o"),
    "water": (),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a footprint does not agree with the truth."""

    batch: str
    what: str
    meter: str
    said: float
    true: float

    @property
    def share(self) -> float:
        """How far off, as a share of the truth."""
        return (self.said - self.true) / self.true if self.true else float("inf")

    def sentence(self) -> str:
        """For people."""
        return (
            f"{self.batch}: {self.what} is {self.said:.3f}, really {self.true:.3f} "
            f"({self.share:+.2%}); from {self.meter}"
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """What the verdict needs to know beside the truth.

    Attributes:
        truth: What the simulator kept.
        carriers: Carrier by meter.
        steps: Smallest step by meter, in its stored unit; 0 where it has none.
        prices: kgCO2e per unit by supply carrier.
    """

    truth: Mapping[str, Any]
    carriers: Mapping[str, str]
    steps: Mapping[str, float]
    prices: Mapping[str, float]


def prices(factors: Path) -> dict[str, float]:
    """kgCO2e per unit of each supply, straight from the catalogue's files."""
    with (factors / "gwp.csv").open(encoding="utf-8", newline="") as file:
        gwp = {row["gas"]: float(row["ar6"]) for row in csv.DictReader(file)}
    warming = {"CO2": 1.0, "CO2e": 1.0, "CH4": gwp["CH4 fossil"], "N2O": gwp["N2O"]}
    with (factors / "china.csv").open(encoding="utf-8", newline="") as file:
        value = {
            row["id"]: float(row["value"]) * warming[row["gas"]] for row in csv.DictReader(file)
        }
    return {
        carrier: sum(value[name] for name in names)
        for carrier, names in _FOOTPRINT_PER_UNIT.items()
    }


def judge(footprint: Mapping[str, Any], scene: Scene) -> tuple[dict[str, Any], list[Difference]]:
    """A batch's footprint against the truth.

    Returns:
        What is true of it, as the document says it, and where the footprint differs from that.
    """
    batch = footprint["batch"]
    own = scene.truth["batches"][batch]
    shared = dict(_utility_inputs(batch, scene))
    found = list(_compare_meters(footprint, own, shared, scene))
    behind = _by_carrier((own["amounts"], own["idle"], shared), scene)
    supplies = {carrier: behind[carrier] for carrier in behind if carrier in scene.prices}
    total = sum(supplies.get(carrier, 0.0) * price for carrier, price in scene.prices.items())
    said_total = float(footprint["total"]["kgco2e"])
    slack = sum(_slack(meter, scene) for meter in own["amounts"])
    if abs(said_total - total) > max(TOLERANCE * total, slack):
        worst = max(found, key=lambda one: abs(one.share), default=None)
        meter = worst.meter if worst else "-"
        found.append(Difference(batch, "kgCO2e", meter, said_total, total))
    true = {
        "truth": _by_carrier((own["amounts"], own["idle"]), scene),
        "truth_idle": _by_carrier((own["idle"],), scene),
        "truth_supplies": supplies,
        "truth_kgco2e": total,
    }
    return true, found


def _compare_meters(
    footprint: Mapping[str, Any],
    own: Mapping[str, Any],
    shared: Mapping[str, float],
    scene: Scene,
) -> Iterator[Difference]:
    """Every meter of a batch: running, idle, and what a utility used for it."""
    batch = footprint["batch"]
    for kind, lines in (("amounts", _run_lines(footprint)), ("idle", footprint["idle"])):
        said = _by_meter(lines)
        for meter in sorted({*said, *own[kind]}):
            true, step = own[kind].get(meter, 0.0), scene.steps[meter]
            what = f"{scene.carriers[meter]}{' while idle' if kind == 'idle' else ''}"
            yield from _compare(batch, what, meter, said.get(meter, 0.0), true, step)
    said = _inputs(footprint)
    for meter in sorted({*said, *shared}):
        what = f"{scene.carriers[meter]} of the utility"
        true = shared.get(meter, 0.0)
        yield from _compare(batch, what, meter, said.get(meter, 0.0), true, 0.0)


def _by_carrier(amounts: Sequence[Mapping[str, float]], scene: Scene) -> dict[str, float]:
    found: dict[str, float] = {}
    for by_meter in amounts:
        for meter, amount in by_meter.items():
            carrier = scene.carriers[meter]
            found[carrier] = found.get(carrier, 0.0) + amount
    return found


def register(meter: str, rise: float, scene: Scene) -> Iterator[Difference]:
    """A meter's whole rise against what really flowed through it.

    The last reading is up to two polls older than the truth: twice the tolerance is left for that.
    """
    flow = float(scene.truth["meters"][meter]["flow"])
    if abs(rise - flow) > max(2 * TOLERANCE * flow, _STEPS * scene.steps[meter]):
        yield Difference("-", "register", meter, rise, flow)


def intensity(
    footprints: list[Mapping[str, Any]], utility: str, scene: Scene
) -> tuple[float, float]:
    """A utility's kgCO2e per unit made, as the footprints say it and as it truly was."""
    lines = [
        line
        for one in footprints
        for line in [*_run_lines(one), *one["idle"]]
        if line["factor"] == utility
    ]
    said_kgco2e = sum(float(line["kgco2e"]) for line in lines)
    said = said_kgco2e / sum(float(line["amount"]) for line in lines)
    names = {one["batch"] for one in footprints}
    cost = taken = 0.0
    for window in scene.truth["utilities"][utility]["windows"]:
        own = sum(window["taken"].get(name, 0.0) for name in names)
        own += sum(window["taken_idle"].get(name, 0.0) for name in names)
        whole = _taken(window)
        if whole:
            cost += _cost(window, scene) * own / whole
            taken += own
    return said, cost / taken


def _compare(
    batch: str, what: str, meter: str, said: float, true: float, step: float
) -> Iterator[Difference]:
    if abs(said - true) > max(TOLERANCE * abs(true), _STEPS * step, 1e-6):
        yield Difference(batch, what, meter, said, true)


def _slack(meter: str, scene: Scene) -> float:
    price = scene.prices.get(scene.carriers[meter], 0.0)
    return _STEPS * scene.steps[meter] * price


def _run_lines(footprint: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [line for run in footprint["runs"] for line in run["lines"]]


def _by_meter(lines: list[dict[str, Any]]) -> dict[str, float]:
    said: dict[str, float] = {}
    for line in lines:
        said[line["from"]] = said.get(line["from"], 0.0) + float(line["amount"])
    return said


def _inputs(footprint: Mapping[str, Any]) -> dict[str, float]:
    return _by_meter(
        [one for line in [*_run_lines(footprint), *footprint["idle"]] for one in line["inputs"]]
    )


def _utility_inputs(batch: str, scene: Scene) -> Iterator[tuple[str, float]]:
    """What a utility truly used for a batch, window by window."""
    amounts: dict[str, float] = {}
    for utility in scene.truth["utilities"].values():
        for window in utility["windows"]:
            own = window["taken"].get(batch, 0.0) + window["taken_idle"].get(batch, 0.0)
            whole = _taken(window)
            for meter, amount in window["inputs"].items():
                amounts[meter] = amounts.get(meter, 0.0) + (amount * own / whole if whole else 0.0)
    yield from amounts.items()


def _taken(window: Mapping[str, Any]) -> float:
    kinds = ("taken", "taken_idle", "pending_idle")
    return float(sum(sum(window[kind].values()) for kind in kinds))


def _cost(window: Mapping[str, Any], scene: Scene) -> float:
    inputs: Mapping[str, float] = window["inputs"]
    return sum(
        amount * scene.prices.get(scene.carriers[meter], 0.0) for meter, amount in inputs.items()
    )
