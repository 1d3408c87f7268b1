"""The plant's files: dated full snapshots, ``plant/<valid-from>.toml``, checked and frozen."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.ledger.plant import Plant
from api.plant.contradictions import contradictions, unknown_points
from api.plant.findings import Findings
from api.plant.machines import read_machine
from api.plant.meters import read_meter
from api.plant.networks import read_network
from api.plant.processes import read_process
from api.plant.shared import read_shared
from api.plant.shifts import read_shifts
from api.plant.supplies import read_supply
from api.plant.utilities import read_utility, share_windows
from collector import toml_files
from collector.wire.problem import Problem, Refused
from collector.wire.topics import NAME

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Site:
    id: str
    timezone: str
    region: str


@dataclass(frozen=True, slots=True)
class _File:
    site: object
    machines: dict[str, object] = field(default_factory=dict)
    shared: dict[str, object] = field(default_factory=dict)
    supplies: dict[str, object] = field(default_factory=dict)
    utilities: dict[str, object] = field(default_factory=dict)
    networks: dict[str, object] = field(default_factory=dict)
    meters: dict[str, object] = field(default_factory=dict)
    processes: dict[str, object] = field(default_factory=dict)
    shifts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one plant holds.

    Attributes:
        plant: Which.
        start: Beginning of what was asked for of it.
        end: Its end.
        holds_from: Since when the plant holds.
        holds_until: Until when.
    """

    plant: Plant
    start: datetime
    end: datetime
    holds_from: datetime
    holds_until: datetime

    def within(self, spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
        """The parts of spans for which the plant holds: a window has one plant."""
        cut = [(max(a, self.holds_from), min(b, self.holds_until)) for a, b in spans]
        return [(a, b) for a, b in cut if a < b]


def load(folder: Path, points: Mapping[str, frozenset[str]] | None = None) -> tuple[Plant, ...]:
    """Read every snapshot of a configuration folder, oldest first.

    Args:
        folder: The configuration folder.
        points: Points by device, where they are known: a plant may name no other.

    Raises:
        Refused: There is none, or one cannot stand; with every problem found in it.
    """
    paths = sorted((folder / "plant").glob("*.toml"))
    if not paths:
        raise Refused(Problem("no-plant", str(folder / "plant")))
    return tuple(read(path, points) for path in paths)


def in_force(plants: tuple[Plant, ...], at: datetime) -> Plant:
    """The snapshot that holds at an instant; before the first one, the first."""
    return next((plant for plant in reversed(plants) if plant.valid_from <= at), plants[0])


def stretches(plants: tuple[Plant, ...], start: datetime, end: datetime) -> list[Stretch]:
    """A period piece by piece, each with the plant that holds for it; at least one (rule 24)."""
    edges = [_FIRST, *(plant.valid_from.astimezone(UTC) for plant in plants[1:]), _LAST]
    found = [
        Stretch(plant, max(start, since), min(end, until), since, until)
        for plant, since, until in zip(plants, edges, edges[1:], strict=False)
    ]
    touched = [one for one in found if one.start < one.end]
    return touched or [one for one in found if one.holds_from <= start < one.holds_until]


def digest_of(plants: tuple[Plant, ...], start: datetime, end: datetime) -> str:
    """SHA-256 that stands for the snapshots that hold for a period; of one, that file's own."""
    digests = [one.plant.digest for one in stretches(plants, start, end)]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def read(path: Path, points: Mapping[str, frozenset[str]] | None = None) -> Plant:
    """Read one snapshot; `Refused` with all that is wrong with it."""
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    site = toml_files.shape(_Site, file.site, f"{path}  [site]")
    try:
        zone = ZoneInfo(site.timezone)
        valid_from = datetime.combine(date.fromisoformat(path.stem), datetime.min.time(), zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        values = {"name": path.name, "timezone": site.timezone}
        raise Refused(Problem("bad-plant-date", str(path), None, values)) from None
    if not NAME.fullmatch(site.id):
        raise Refused(Problem("bad-name", f"{path}  [site] id", None, {"name": site.id}))
    findings = Findings(path)
    utilities = [read_utility(name, raw, findings) for name, raw in file.utilities.items()]
    made = {utility.makes for utility, _ in utilities}
    plant = Plant(
        site=site.id,
        timezone=site.timezone,
        region=site.region,
        valid_from=valid_from,
        machines=tuple(read_machine(name, raw, findings) for name, raw in file.machines.items()),
        shared=tuple(read_shared(name, raw, findings) for name, raw in file.shared.items()),
        supplies=tuple(read_supply(name, raw, findings) for name, raw in file.supplies.items()),
        utilities=tuple(utility for utility, _ in utilities),
        networks=tuple(
            read_network(name, raw, findings, made) for name, raw in file.networks.items()
        ),
        meters=tuple(read_meter(ref, raw, findings) for ref, raw in file.meters.items()),
        processes={name: read_process(name, raw, findings) for name, raw in file.processes.items()},
        shifts=read_shifts(file.shifts, findings),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    declares = {utility.id: declared for utility, declared in utilities}
    plant = replace(plant, utilities=share_windows(plant, declares, findings))
    problems = [*findings.problems, *contradictions(plant, path)]
    if points is not None:
        problems += unknown_points(plant, path, points)
    if problems:
        raise Refused(*problems)
    return plant
