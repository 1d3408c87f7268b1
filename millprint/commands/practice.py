"""`millprint collector simulate`: a line of meters to practise on."""

import asyncio
import contextlib
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from collector import profile_files
from collector.wire.problem import Problem, Refused
from millprint.commands.line import profile_and_unit
from millprint.commands.manner import Folder, Language, said
from millprint.commands.profiles import folders_of
from millprint.commissioning.practice import PracticeMeter, SpeedMinded
from millprint.demo.modbus_line import SerialLine
from millprint.demo.modbus_server import serve_tcp


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
    asyncio.run(_serve(units, tcp, link, baud))


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
    units: dict[int, PracticeMeter], tcp: int | None, link: Path | None, baud: int
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        if tcp is None:
            wire = SpeedMinded(baud)
            line = SerialLine(units, baud=baud, wire=wire)
            wire.path = line.path
            stack.callback(line.close)
            where = line.path
            if link is not None:
                link.symlink_to(line.path)
                stack.callback(lambda: link.unlink(missing_ok=True))
                where = str(link)
        else:
            endpoint = await serve_tcp(units, port=tcp)
            stack.callback(endpoint.close)
            where = endpoint.url
        numbers = ", ".join(map(str, units))
        print(f"Unit {numbers} on {where}. Another window: millprint collector scan {where}")
        print("Ctrl-C ends it.", flush=True)
        with contextlib.suppress(asyncio.CancelledError):
            await stop.wait()
