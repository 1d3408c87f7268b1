"""Playing the demo: once, with a verdict, or on and on, with pages to look at."""

import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from api import plant as plant_files
from collector import configuration as collector_configuration
from collector.births import birth_of
from collector.toml_files import SHIPPED
from collector.wire.problem import Problem, Refused
from millprint.demo.stage import Casting, Stage
from millprint.demo.verdict import TOLERANCE, Difference, Scene, intensity, judge, prices, register
from millprint.installation import opened

_PATIENCE_S = 120.0  # while nothing moves at the mill
_LOOK_EVERY_S = 0.3
_QUANTUM = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a demo has come."""

    done: int
    whole: int
    said: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a demo showed: the document that ``--json`` writes, and where it does not agree."""

    document: dict[str, Any]
    differences: tuple[Difference, ...]
    unbalanced: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every batch and every meter agrees."""
        return not self.differences and not self.unbalanced


def play_once(casting: Casting, tell: Callable[[Progress], None]) -> Outcome:
    """Play until every batch of the mill is final, and compare with the truth.

    Raises:
        Refused: It did not start, or did not come to an end.
    """
    folder = Path(tempfile.mkdtemp(prefix="millprint-demo-"))
    with opened(Stage(folder, casting)) as stage:
        for progress in until_final(stage):
            tell(progress)
        tell(Progress(1, 1, "comparing with the truth"))
        return compare(stage)


def until_final(stage: Stage) -> Iterator[Progress]:
    """Wait for the mill's batches, keeping the processes alive meanwhile.

    A busy machine may take its time; given up is a mill that stands still.
    """
    moved, end = "", 0.0
    while not moved or time.monotonic() < end:
        bad = stage.household.watch()
        if bad:
            raise stage.refusal(bad)
        truth = stage.truth()
        if truth["now"] != moved:
            moved, end = truth["now"], time.monotonic() + _PATIENCE_S
        try:
            batches = stage.get("/batches?limit=500")["batches"]
        except OSError:
            time.sleep(_LOOK_EVERY_S)
            continue  # the server was killed and is starting again
        final = [one for one in batches if one["status"] == "final"]
        whole = max(len(truth["batches"]), 1)
        yield Progress(len(final), whole, f"{truth['now'][11:16]}Z at the mill")
        if truth["finished"] and len(final) >= len(truth["batches"]):
            return
        time.sleep(_LOOK_EVERY_S)
    raise Refused(
        Problem("demo-did-not-end", str(stage.folder), values={"seconds": f"{_PATIENCE_S:g}"})
    )


def compare(stage: Stage) -> Outcome:
    """The footprints against the truth, and every meter against its accounts."""
    stage.hold()
    truth = stage.truth()
    _wait_for_readings(stage, truth)
    plant = plant_files.load(stage.folder)[-1]
    carriers = plant.carrier_of()
    scene = Scene(truth, carriers, _steps(stage.folder), prices(SHIPPED / "factors"))
    footprints = [
        stage.get(f"/batches/{quote(name)}/footprint") for name in sorted(truth["batches"])
    ]
    differences: list[Difference] = []
    judged = []
    for footprint in footprints:
        true, found = judge(footprint, scene)
        differences += found
        judged.append({"footprint": footprint, **true, "agrees": not found})
    utilities = []
    for utility in truth["utilities"]:
        said, real = intensity(footprints, utility, scene)
        if abs(said - real) > TOLERANCE * real:
            differences.append(Difference("-", "intensity", utility, said, real))
        utilities.append({"id": utility, "kgco2e_per_unit": said, "truth": real})
    meters, unbalanced, rises = _balance(stage, truth)
    for meter, rise in rises.items():
        differences += register(meter, rise, scene)
    document = {
        "batches": judged,
        "meters": meters,
        "utilities": utilities,
        "differences": [asdict(one) for one in differences],
    }
    return Outcome(document, tuple(differences), unbalanced)


def _wait_for_readings(stage: Stage, truth: dict[str, Any]) -> None:
    """Wait until no reading of a meter is under way any more; `Refused` where some never come."""
    end = time.monotonic() + _PATIENCE_S
    late = sorted(truth["meters"])
    every = {one.name: one.every_ms for one in collector_configuration.load(stage.folder).devices}
    while late:
        if time.monotonic() > end:
            values = {"seconds": f"{_PATIENCE_S:g}"}
            raise Refused(Problem("demo-did-not-end", str(stage.folder), values=values))
        late = [meter for meter in late if not _is_whole(stage, meter, truth["now"], every)]
        time.sleep(_LOOK_EVERY_S if late else 0)


def _is_whole(stage: Stage, meter: str, now: str, every: Mapping[str, int]) -> bool:
    """Whether a meter has a reading at least every other period, from its first until now."""
    most = 2 * timedelta(milliseconds=every[meter.partition(".")[0]])
    period = (stage.casting.mill.site.start.isoformat(), f"{now[:-1]}1Z")
    ats = [datetime.fromisoformat(one["at"]) for one in _shown(stage, meter, period)]
    last = datetime.fromisoformat(now)
    return bool(ats) and all(after - at <= most for at, after in pairwise([*ats, last]))


def _balance(
    stage: Stage, truth: dict[str, Any]
) -> tuple[list[dict[str, str]], tuple[str, ...], dict[str, float]]:
    """Every meter's postings against its register, and that against what it really showed.

    Returns:
        The document's ``meters``; the meters that do not balance or are missing; and what each
        meter's readings rose by in all.
    """
    start = stage.casting.mill.site.start.isoformat()
    windows = [window for one in truth["utilities"].values() for window in one["windows"]]
    end = max((window["end"] for window in windows if window["closed"]), default=truth["now"])
    found = stage.get(f"/balance?{urlencode({'from': start, 'to': end})}")["meters"]
    moduli = _moduli(stage.folder)
    meters, unbalanced, rises = [], sorted(truth["meters"]), {}
    for one in found:
        meter = one["meter"]
        meters.append({"id": meter, "posted": one["posted"], "register": one["register"]})
        rise = _rise(stage, meter, (start, f"{end[:-5]}.001Z"), moduli.get(meter))
        rises[meter] = float(_rise(stage, meter, (start, truth["now"]), moduli.get(meter)))
        if one["posted"] == one["register"] and Decimal(one["register"]) == rise:
            unbalanced.remove(meter)
    return meters, tuple(unbalanced), rises


def _rise(stage: Stage, meter: str, period: tuple[str, str], modulus: Decimal | None) -> Decimal:
    """Last reading minus first, as the registers showed it; one wrap undone."""
    shown = _shown(stage, meter, period)
    first, last = (Decimal(repr(shown[at]["value"])).quantize(_QUANTUM) for at in (0, -1))
    rise = last - first
    return rise + modulus if rise < 0 and modulus is not None else rise


def _shown(stage: Stage, meter: str, period: tuple[str, str]) -> list[dict[str, Any]]:
    """Readings of a meter in ``[from, to)``, by time."""
    query = urlencode({"from": period[0], "to": period[1], "limit": 10_000})
    return list(stage.get(f"/points/{meter}/readings?{query}")["readings"])


def _moduli(folder: Path) -> dict[str, Decimal]:
    """Where each counter starts again."""
    births = [birth_of(device) for device in collector_configuration.load(folder).devices]
    return {
        f"{birth.device}.{point.name}": Decimal(point.modulus)
        for birth in births
        for point in birth.points
        if point.modulus is not None
    }


def _steps(folder: Path) -> dict[str, float]:
    """Smallest step of every point, in its stored unit."""
    births = [birth_of(device) for device in collector_configuration.load(folder).devices]
    return {
        f"{birth.device}.{point.name}": float(point.resolution or 0)
        for birth in births
        for point in birth.points
    }


def page_address(stage: Stage) -> str:
    """Where the pages are, with the key that lets one in."""
    return f"http://127.0.0.1:{stage.port}/#key={stage.key}"


def new_seed() -> int:
    """A seed to say aloud."""
    return secrets.randbelow(10**6)


def write_document(path: Path, outcome: Outcome) -> None:
    """Write what ``--json`` asks for."""
    path.write_text(json.dumps(outcome.document, indent=1) + "\n", encoding="utf-8")
