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
    every: str = "",
    commit_every: str = "5s",
) -> None:
    """Write ``collector.toml`` and the plant's first snapshot, valid from the day before.

    Args:
        folder: Configuration folder; made where it is missing.
        mill: The mill.
        endpoints: URL of each bus, as the simulator says it.
        broker_url: The broker, such as ``mqtt://127.0.0.1:1883``.
        every: How often each device is read; empty: as the mill says.
        commit_every: How often the collector commits.
    """
    (folder / "plant").mkdir(parents=True, exist_ok=True)
    collector = _collector(mill, endpoints, broker_url, (every, commit_every))
    (folder / "collector.toml").write_text(_toml(collector), encoding="utf-8")
    valid_from = (mill.site.start - timedelta(days=1)).date()
    plant = folder / "plant" / f"{valid_from}.toml"
    plant.write_text(_toml(_plant(mill)), encoding="utf-8")


def _collector(
    mill: Mill, endpoints: Mapping[str, str], broker_url: str, often: tuple[str, str]
) -> Iterator[tuple[str, _Table]]:
    site = mill.site
    yield "", {"site": site.id, "collector": site.collector}
    yield "mqtt", {"url": broker_url}
    yield "spool", {"path": f"var/{site.collector}.spool", "commit_every": often[1]}
    for bus, url in endpoints.items():
        yield f"buses.{bus}", {"url": url}
    for device in mill.devices.values():
        yield f"devices.{device.name}", _device(device, often[0])


def _device(device: Device, every: str) -> _Table:
    pulses = {
        f"pulses.{point}": {"input": pulse.input, "each": pulse.each}
        for point, pulse in device.pulses.items()
    }
    return {
        "bus": device.bus,
        "unit": device.unit,
        "profile": device.profile,
        "every": every or device.every,
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
        carriers = ("electricity", "steam", "water", "wastewater")
        own = _own(points, jet.name, carriers, _called(mill))
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
        dry = ("electricity", "natural_gas", "compressed_air")
        own = _own(points, stenter.name, dry, {})
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
    for line in mill.ranges.values():
        own = _own(points, line.name, (*line.carriers, "wastewater"), _called(mill))
        yield (
            f"machines.{line.name}",
            {
                "process": line.process,
                "line": site.line,
                "capacity_kg": line.capacity_kg,
                **own,
                **_plc(mill, line.name, {}),
            },
        )
    for shared in mill.shared.values():
        meter = points.get(f"{shared.name}.{shared.carrier}")
        if meter is not None:
            yield (
                f"shared.{shared.name}",
                {
                    "carrier": shared.carrier,
                    "meter": meter,
                    "machines": list(shared.machines),
                    "drivers": list(shared.drivers),
                },
            )
    yield from _supplies(mill, points)
    yield from _utilities(mill, points)
    yield from _works(mill, points)


def _called(mill: Mill) -> dict[str, str]:
    """What the ledger calls what machines take: where works soften it, water is soft water."""
    soft = any(one.makes == "soft_water" for one in mill.works.values())
    return {"water": "soft_water"} if soft else {}


def _own(
    points: Mapping[str, str], machine: str, carriers: Iterable[str], called: Mapping[str, str]
) -> dict[str, str]:
    return {
        called.get(carrier, carrier): points[f"{machine}.{carrier}"]
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


def _supplies(mill: Mill, points: Mapping[str, str]) -> Iterator[tuple[str, _Table]]:
    """What comes in from outside: by main meters where there are any, else by the users' own."""
    main = points.get(f"{SITE}.electricity")
    if main is not None:
        yield "supplies.grid", {"carrier": "electricity", "meter": main}
    for supply, carrier in (("gas", "natural_gas"), ("water", "water")):
        meters = [point for source, point in points.items() if source.endswith(f".{carrier}")]
        if f"{SITE}.{carrier}" in points:
            yield f"supplies.{supply}", {"carrier": carrier, "meter": points[f"{SITE}.{carrier}"]}
        elif meters:
            yield f"supplies.{supply}", {"carrier": carrier, "meters": meters}

    if mill.roof is not None and main is not None:
        roof = {"carrier": "electricity", "source": "solar", "meter": points["roof.electricity"]}
        sent = f"{main.partition('.')[0]}.energy_export_kwh"
        yield "supplies.roof-pv", {**roof, "export_meter": sent}


def _works(mill: Mill, points: Mapping[str, str]) -> Iterator[tuple[str, _Table]]:
    for one in mill.works.values():
        verb = "takes" if one.makes == "wastewater" else "makes"
        table: dict[str, str | Mapping[str, str]] = {verb: one.makes}
        if f"{one.name}.{one.makes}" in points:
            table["output"] = points[f"{one.name}.{one.makes}"]
        table["uses"] = _own(points, one.name, ("electricity", "water"), {})
        table["balance_over"] = one.balance_over
        if verb == "takes":
            table["treatment"] = "aerobic"
        yield f"utilities.{one.name}", table


def _utilities(mill: Mill, points: Mapping[str, str]) -> Iterator[tuple[str, _Table]]:
    for boiler in mill.boilers.values():
        if f"{boiler.name}.steam" in points:
            yield (
                f"utilities.{boiler.name}",
                {
                    "makes": "steam",
                    "output": points[f"{boiler.name}.steam"],
                    "uses": _own(points, boiler.name, _STEAM_USES, _called(mill)),
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
