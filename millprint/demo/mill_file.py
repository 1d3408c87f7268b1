"""The mill file, read: TOML into a `Mill`, refused where it cannot stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from collector.toml_files import SHIPPED, read, shape
from collector.wire.problem import Refused
from millprint.demo.mill import (
    Boiler,
    Bus,
    Device,
    Jet,
    Mill,
    Once,
    Programme,
    Pulses,
    Range,
    Roof,
    Shared,
    Site,
    Stenter,
    Step,
    Unmetered,
    Works,
)
from millprint.demo.mill_checks import check

T = TypeVar("T")
SHIPPED_MILL = SHIPPED / "demo" / "mill.toml"


@dataclass(frozen=True, slots=True)
class _Tables:
    site: dict[str, Any]
    once: dict[str, Any]
    unmetered: dict[str, Any]
    boilers: dict[str, dict[str, Any]]
    jets: dict[str, dict[str, Any]]
    programmes: dict[str, dict[str, Any]]
    buses: dict[str, dict[str, Any]]
    devices: dict[str, dict[str, Any]]
    stenters: dict[str, dict[str, Any]] = field(default_factory=dict)
    ranges: dict[str, dict[str, Any]] = field(default_factory=dict)
    works: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared: dict[str, dict[str, Any]] = field(default_factory=dict)
    roof: dict[str, Any] | None = None


def load(path: Path) -> Mill:
    """Read a mill file.

    Raises:
        Refused: It cannot be read, a key or value of it cannot stand, or its names do not fit
            together; all that is wrong with the names is said at once.
    """
    place = path.name
    mill = _shaped(shape(_Tables, read(path), place), place)
    if problems := check(mill, place):
        raise Refused(*problems)
    return mill


def _shaped(tables: _Tables, place: str) -> Mill:
    return Mill(
        site=shape(Site, tables.site, f"{place}  [site]"),
        once=shape(Once, tables.once, f"{place}  [once]"),
        unmetered=shape(Unmetered, tables.unmetered, f"{place}  [unmetered]"),
        boilers=_named(Boiler, tables.boilers, f"{place}  [boilers."),
        stenters=_named(Stenter, tables.stenters, f"{place}  [stenters."),
        jets=_named(Jet, tables.jets, f"{place}  [jets."),
        ranges=_named(Range, tables.ranges, f"{place}  [ranges."),
        works=_named(Works, tables.works, f"{place}  [works."),
        shared=_named(Shared, tables.shared, f"{place}  [shared."),
        roof=shape(Roof, tables.roof, f"{place}  [roof]") if tables.roof is not None else None,
        programmes={
            name: Programme(name, *_programme(table, f"{place}  [programmes.{name}]"))
            for name, table in tables.programmes.items()
        },
        buses=_named(Bus, tables.buses, f"{place}  [buses."),
        devices={
            name: shape(Device, _device(name, table, place), f"{place}  [devices.{name}]")
            for name, table in tables.devices.items()
        },
    )


def _named(kind: type[T], tables: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, T]:
    return {
        name: shape(kind, {**table, "name": name}, f"{where}{name}]")
        for name, table in tables.items()
    }


@dataclass(frozen=True, slots=True)
class _ProgrammeTable:
    number: int
    steps: tuple[dict[str, Any], ...] = ()
    article: str = ""


def _programme(table: Mapping[str, Any], where: str) -> tuple[int, tuple[Step, ...], str]:
    programme = shape(_ProgrammeTable, table, where)
    steps = enumerate(programme.steps, start=1)
    shaped = tuple(shape(Step, step, f"{where} step {n}") for n, step in steps)
    return programme.number, shaped, programme.article


def _device(name: str, table: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A device's table; its pulse inputs are shaped apart, so that a wrong key shows there."""
    where = f"{place}  [devices.{name}] pulses"
    pulses = table.get("pulses", {})
    if isinstance(pulses, Mapping):
        for point, worth in pulses.items():
            shape(Pulses, worth, f"{where}.{point}")
    return {**table, "name": name}
