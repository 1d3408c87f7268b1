"""Writes the configuration folder that a technician would have written for the demo mill."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from millprint.demo.machine import STEP_NUMBERS
from millprint.demo.mill import Device, Mill
from millprint.demo.mill_checks import SITE
from millprint.demo.points import metered_points

_Table: TypeAlias = Mapping[str, str | float | Mapping[str, str] | list[str]]
_DYEING, _WASHING, _SETTING = "dyeing-exhaust", "washing", "heat-setting"
_STEAM_USES = ("natural_gas", "electricity", "water")


def write(
    folder: Path,
    mill: Mill,
    endpoints: Mapping[str, str],
    broker_url: str,
    *,
    commit_every: str = "5s",
) -> None:
    """Write ``collector.toml`` and the plant's first snapshot, valid from the day before.

    Args:
        folder: Configuration folder; made where it is missing.
        mill: The mill.
        endpoints: URL of each bus, as the simulator says it.
        broker_url: The broker, such as ``mqtt://127.0.0.1:1883``.
        commit_every: How often the collector commits.
    """
    (folder / "plant").mkdir(parents=True, exist_ok=True)
    collector = _collector(mill, endpoints, broker_url, commit_every)
    (folder / "collector.toml").write_text(_toml(collector), encoding="utf-8")
    valid_from = (mill.site.start - timedelta(days=1)).date()
    plant = folder / "plant" / f"{valid_from}.toml"
    plant.write_text(_toml(_plant(mill)), encoding="utf-8")


def _collector(
    mill: Mill, endpoints: Mapping[str, str], broker_url: str, commit_every: str
) -> Iterator[tuple[str, _Table]]:
    site = mill.site
    yield "", {"site": site.id, "collector": site.collector}
    yield "mqtt", {"url": broker_url}
    yield "spool", {"path": f"var/{site.collector}.spool", "commit_every": commit_every}
    for bus, url in endpoints.items():
        yield f"buses.{bus}", {"url": url}
    for device in mill.devices.values():
        yield f"devices.{device.name}", _device(device)


def _device(device: Device) -> _Table:
    pulses = {
        f"pulses.{point}": {"input": pulse.input, "each": pulse.each}
        for point, pulse in device.pulses.items()
    }
    return {
        "bus": device.bus,
        "unit": device.unit,
        "profile": device.profile,
        "every": device.every,
        **({"points": list(device.points)} if device.points else {}),
        **pulses,
    }


def _plant(mill: Mill) -> Iterator[tuple[str, _Table]]:
    site, points = mill.site, metered_points(mill)
    yield "site", {"id": site.id, "timezone": site.timezone, "region": site.region}
    for jet in mill.jets.values():
        processes = {
            str(number): _WASHING if step == "rinse" else _DYEING
            for step, number in STEP_NUMBERS.items()
        }
        own = _own(points, jet.name, ("electricity", "steam", "water"))
        yield (
            f"machines.{jet.name}",
            {
                "process": _DYEING,
                "line": site.line,
                "capacity_kg": jet.capacity_kg,
                **own,
                **_plc(mill, jet.name, {"processes": dict(sorted(processes.items()))}),
            },
        )
    for stenter in mill.stenters.values():
        own = _own(points, stenter.name, ("electricity", "natural_gas"))
        yield (
            f"machines.{stenter.name}",
            {
                "process": _SETTING,
                "line": site.line,
                "capacity_kg": stenter.capacity_kg,
                **own,
                **_plc(mill, stenter.name, {}),
            },
        )
    yield from _supplies(points)
    yield from _utilities(mill, points)


def _own(points: Mapping[str, str], machine: str, carriers: Iterable[str]) -> dict[str, str]:
    return {
        carrier: points[f"{machine}.{carrier}"]
        for carrier in carriers
        if f"{machine}.{carrier}" in points
    }


def _plc(
    mill: Mill, machine: str, with_step: Mapping[str, Mapping[str, str]]
) -> dict[str, str | Mapping[str, str]]:
    """Where the machine says what it does; nothing where it has no PLC."""
    for device in mill.devices.values():
        if device.measures == f"{machine}.plc":
            says: dict[str, str | Mapping[str, str]] = {
                "batch": f"{device.name}.batch_id",
                "running": f"{device.name}.machine_state",
                "mass": f"{device.name}.fabric_kg",
            }
            step = {"step": f"{device.name}.step_type"} if with_step else {}
            return {**says, **step, **with_step}
    return {}


def _supplies(points: Mapping[str, str]) -> Iterator[tuple[str, _Table]]:
    """What comes in from outside: one main meter for power, the users' own for gas and water."""
    main = points.get(f"{SITE}.electricity")
    if main is not None:
        yield "supplies.grid", {"carrier": "electricity", "meter": main}
    for supply, carrier in (("gas", "natural_gas"), ("water", "water")):
        meters = [point for source, point in points.items() if source.endswith(f".{carrier}")]
        if meters:
            yield f"supplies.{supply}", {"carrier": carrier, "meters": meters}


def _utilities(mill: Mill, points: Mapping[str, str]) -> Iterator[tuple[str, _Table]]:
    for boiler in mill.boilers.values():
        if f"{boiler.name}.steam" in points:
            yield (
                f"utilities.{boiler.name}",
                {
                    "makes": "steam",
                    "output": points[f"{boiler.name}.steam"],
                    "uses": _own(points, boiler.name, _STEAM_USES),
                    "balance_over": boiler.balance_over,
                },
            )


def _toml(tables: Iterable[tuple[str, _Table]]) -> str:
    """Tables as TOML; keys are written as they stand, so that dotted ones nest."""
    parts = []
    for name, table in tables:
        lines = [f"[{name}]"] if name else []
        lines += [f"{key} = {_value(value)}" for key, value in table.items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _value(value: str | float | Mapping[str, str] | list[str]) -> str:
    match value:
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case Mapping():
            inner = ", ".join(f"{key} = {_value(text)}" for key, text in value.items())
            return f"{{ {inner} }}"
        case list():
            return f"[{', '.join(_value(text) for text in value)}]"
        case _:
            return str(value)
