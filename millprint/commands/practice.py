"""`millprint collector simulate`: a line of meters to practise on."""

import asyncio
import contextlib
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from collector import profile_files
from collector.wire.problem import Problem, Refused
from collector.wire.suffixes import stored_unit
from millprint.commands.line import profile_and_unit
from millprint.commands.manner import FAULT, Folder, Language, said, tell
from millprint.commands.profiles import folders_of
from millprint.commands.sentences import sentence
from millprint.commands.tables import headed
from millprint.commissioning.practice import PracticeMeter, SpeedMinded
from millprint.demo.modbus_line import SerialLine
from millprint.demo.modbus_server import serve_tcp

_FACE_S = 1.0


def simulate(
    profile: Annotated[
        list[str],
        typer.Argument(help="Profiles, each with a unit number if you like: eastron-sdm630:7"),
    ],
    tcp: Annotated[
        int | None, typer.Option(help="Serve Modbus TCP on this port of this machine; 0: any.")
    ] = None,
    link: Annotated[
        Path | None, typer.Option(help="A name for the serial line, such as /tmp/line.")
    ] = None,
    baud: Annotated[int, typer.Option(help="Speed of the serial line.")] = 9600,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Meters to practise on, on a pseudo serial line or over TCP, until Ctrl-C."""
    with said(lang):
        units = _units(profile, config)
        if link is not None and (link.exists() or link.is_symlink()):
            raise Refused(Problem("link-taken", f"--link {link}"))
    try:
        asyncio.run(_serve(units, tcp, link, baud, lang))
    except OSError as fault:
        tell([Problem("line-not-served", str(link or tcp), values={"why": str(fault)})], lang)
        raise typer.Exit(FAULT) from None


def _units(arguments: list[str], config: Path) -> dict[int, PracticeMeter]:
    """A meter for each argument, by unit number; those without one are numbered from 1."""
    units: dict[int, PracticeMeter] = {}
    for argument in arguments:
        name, number = profile_and_unit(argument)
        unit = len(units) + 1 if number is None else number
        if unit in units:
            raise Refused(Problem("practice-unit-twice", argument, values={"unit": str(unit)}))
        model = profile_files.load(name, folders_of(config), argument)
        units[unit] = PracticeMeter(model, time.time)
    return units


async def _serve(
    units: dict[int, PracticeMeter],
    tcp: int | None,
    link: Path | None,
    baud: int,
    language: str,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        where = await _line(units, tcp, link, baud, stack)
        said_ = "Unit {units} on {where}. Another window: millprint collector scan {where}"
        print(sentence(said_, language, units=", ".join(map(str, units)), where=where))
        print(sentence("Ctrl-C ends it.", language), flush=True)
        await _faces(units, stop, language)


async def _line(
    units: dict[int, PracticeMeter],
    tcp: int | None,
    link: Path | None,
    baud: int,
    stack: AsyncExitStack,
) -> str:
    """Serve the units until the stack is closed; says where."""
    if tcp is not None:
        endpoint = await serve_tcp(units, port=tcp)
        stack.callback(endpoint.close)
        return endpoint.url
    wire = SpeedMinded(baud)
    line = SerialLine(units, baud=baud, wire=wire)
    wire.path = line.path
    stack.callback(line.close)
    if link is None:
        return line.path
    link.symlink_to(line.path)
    stack.callback(lambda: link.unlink(missing_ok=True))
    return str(link)


async def _faces(units: dict[int, PracticeMeter], stop: asyncio.Event, language: str) -> None:
    """Show what the meters' faces show, where somebody looks, until told to stop."""
    console = Console()
    if not console.is_terminal:
        await stop.wait()
        return
    with Live(_face(units, language), console=console, auto_refresh=False) as live:
        while not stop.is_set():
            live.update(_face(units, language), refresh=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _FACE_S)


def _face(units: dict[int, PracticeMeter], language: str) -> Table:
    shown = headed(language, "unit no.", "point", "on its face", "unit")
    for unit, meter in units.items():
        for name, value in meter.face().items():
            shown.add_row(str(unit), name, str(value), stored_unit(name))
    return shown
