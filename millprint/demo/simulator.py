"""The simulator's process: ``python -m millprint.demo.simulator --mill FILE --seed N --speed X``.

Prints one JSON line with its endpoints, then runs until SIGTERM.
"""

import argparse
import asyncio
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

import orjson

from collector.toml_files import nearest, say
from collector.wire.problem import Problem, Refused
from millprint.demo import pace
from millprint.demo.mill import Mill
from millprint.demo.mill_file import SHIPPED_MILL, load
from millprint.demo.modbus_line import SerialLine
from millprint.demo.modbus_server import Units, serve_tcp
from millprint.demo.scene import Scene

_TAMPER = re.compile(r"([^:]+):([+-]\d{1,3}(?:\.\d{1,3})?)%", re.ASCII)


def tampered(arguments: Sequence[str], mill: Mill) -> dict[str, Fraction]:
    """By what each tampered meter's counters are multiplied.

    Args:
        arguments: Such as ``jet-02-power:+3%``.
        mill: The mill whose meters they are.

    Raises:
        Refused: An argument has another form, or there is no such meter.
    """
    found = {}
    meters = [device.name for device in mill.devices.values() if device.carrier != "plc"]
    for argument in arguments:
        match = _TAMPER.fullmatch(argument)
        factor = 1 + Fraction(match[2]) / 100 if match else Fraction(0)
        if match is None or factor <= 0:
            raise Refused(Problem("tamper-argument", f"--tamper {argument}"))
        if match[1] not in meters:
            values = {"device": match[1], "nearest": nearest(match[1], meters)}
            raise Refused(Problem("tamper-no-such-meter", f"--tamper {argument}", values=values))
        found[match[1]] = factor
    return found


class Endpoint(Protocol):
    """A bus that is being served."""

    @property
    def url(self) -> str:
        """Where it is, as a bus in ``collector.toml`` says it."""

    def close(self) -> None:
        """Take it away."""


Opening: TypeAlias = Callable[[], Awaitable[Endpoint]]


async def run(
    scene: pace.Scene, buses: Mapping[str, Opening], *, speed: float, history_ms: int = 0
) -> None:
    """Serve a scene until SIGTERM or SIGINT; prints where everything is once all of it is up."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        endpoints = {}
        for name, open_bus in buses.items():
            endpoint = await open_bus()
            stack.callback(endpoint.close)
            endpoints[name] = endpoint.url
        paced = pace.Pace(scene, speed=speed, history_ms=history_ms)
        stack.callback(paced.close)
        where = {"endpoints": endpoints, "pace": await paced.serve()}
        sys.stdout.write(orjson.dumps(where).decode() + "\n")
        sys.stdout.flush()
        await stop.wait()


def buses(scene: Scene) -> dict[str, Opening]:
    """How each bus of a mill is opened."""
    return {bus: partial(_open, scene.mill, bus, units) for bus, units in scene.units().items()}


async def _open(mill: Mill, bus: str, units: Units) -> Endpoint:
    spec = mill.buses[bus]
    return await serve_tcp(units) if spec.kind == "tcp" else SerialLine(units, baud=spec.baud)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="millprint.demo.simulator", description=__doc__)
    parser.add_argument("--mill", type=Path, default=SHIPPED_MILL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=0.0, help="times real time; 0: no limit")
    parser.add_argument("--once", action="store_true", help="the orders end")
    parser.add_argument("--history", type=int, default=0, help="as fast as it goes so long [ms]")
    parser.add_argument("--from", dest="resume", type=int, default=0, help="go on there [unix ms]")
    parser.add_argument("--tamper", action="append", default=[], metavar="DEVICE:+3%%")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 2 where the mill file or an argument cannot stand."""
    arguments = _arguments(words)
    try:
        mill = load(arguments.mill)
        meters = tampered(arguments.tamper, mill)
        scene = Scene(mill, seed=arguments.seed, once=arguments.once, tampered=meters)
    except Refused as refusal:
        for problem in refusal.problems:
            sys.stderr.write(say(problem) + "\n")
        return 2
    scene.advance(arguments.resume)
    history_ms = arguments.history
    asyncio.run(run(scene, buses(scene), speed=arguments.speed, history_ms=history_ms))
    return 0


if __name__ == "__main__":
    sys.exit(main())
