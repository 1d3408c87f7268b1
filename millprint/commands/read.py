"""`millprint collector read`: what a device says now, as it came and as it is understood."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from collector import configuration, profile_files
from collector.bus import Bus
from collector.devices import Device
from collector.modbus import BusConnection
from collector.toml_files import nearest
from collector.wire.problem import Problem, Refused
from collector.wire.suffixes import stored_unit
from millprint.commands.line import bus_of, profile_and_unit, run, url_of
from millprint.commands.manner import FAULT, Folder, Language, said, tell
from millprint.commands.profiles import folders_of
from millprint.commands.tables import headed, word
from millprint.commissioning.asking import Answer, Patient, ask
from millprint.commissioning.plausible import verdict

_PAUSE_S = 1.0
_TIMEOUT = "1s"


def read(
    device: Annotated[str, typer.Argument(help="A device of collector.toml, or a LINE.")],
    profile: Annotated[
        str | None, typer.Option(help="On a LINE: profile and unit number, eastron-sdm630:7")
    ] = None,
    base: Annotated[int | None, typer.Option(help="On a LINE: where its registers begin.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Read once and stop.")] = False,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Show every point of a device live: registers as they came, values, quality.

    On a serial line nobody else may be asking meanwhile: stop the agent first.
    """
    with said(lang):
        if profile is None:
            bus, found = _configured(device, config)
        else:
            bus, found = bus_of(device, _TIMEOUT), _named(profile, base, config)
    answer = run(_show(bus, found, lang, once=once))
    if not answer.values:
        tell([_nothing(bus, found, answer)], lang)
        raise typer.Exit(FAULT)


def _configured(name: str, config: Path) -> tuple[Bus, Device]:
    found = configuration.load(config)
    devices = {device.name: device for device in found.devices}
    if name not in devices:
        values = {"device": name, "nearest": nearest(name, devices), "known": ", ".join(devices)}
        raise Refused(Problem("no-such-device", f"{config}/collector.toml", values=values))
    bus = next(bus for bus in found.buses if bus.name == devices[name].bus)
    return bus, devices[name]


def _named(argument: str, base: int | None, config: Path) -> Device:
    name, unit = profile_and_unit(argument)
    profile = profile_files.load(name, folders_of(config), f"--profile {argument}")
    if base is None and profile.sunspec is not None:
        raise Refused(Problem("base-missing", "--base", values={"profile": name}))
    begins = (profile.base or 0) if base is None else base
    return Device(argument, "line", unit or 1, profile, 1000, base=begins)


def _nothing(bus: Bus, device: Device, answer: Answer) -> Problem:
    reasons = ", ".join(dict.fromkeys(answer.bad.values()))
    return Problem(
        "nothing-read", url_of(bus), values={"unit": str(device.unit), "reason": reasons}
    )


async def _show(bus: Bus, device: Device, language: str, *, once: bool) -> Answer:
    line, console = Patient(BusConnection(bus)), Console()
    try:
        answer = await ask(device, line)
        if once or not console.is_terminal:
            console.print(_table(device, answer, language))
            return answer
        with Live(_table(device, answer, language), console=console, auto_refresh=False) as live:
            while True:
                await asyncio.sleep(_PAUSE_S)
                answer = await ask(device, line)
                live.update(_table(device, answer, language), refresh=True)
    finally:
        await line.close()


def _table(device: Device, answer: Answer, language: str) -> Table:
    headings = ("point", "value", "unit", "registers", "quality")
    found = headed(language, *headings, title=device.name)
    for point in device.points:
        raw = " ".join(f"{word:04X}" for word in answer.raw.get(point.name, ()))
        value = answer.values.get(point.name)
        shown = value if isinstance(value, str) else "" if value is None else f"{value:.10g}"
        label = point.source.labels.get(str(value), "")
        quality = answer.bad.get(point.name) or word("good", language)
        if value is not None and verdict(point.name, value) == "implausible":
            quality = word("good, but can that be?", language)
        found.add_row(point.name, label or shown, stored_unit(point.name), raw, quality)
    return found
