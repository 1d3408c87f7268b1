"""What a check says beyond what cannot stand: how busy each bus will be."""

from pathlib import Path

import typer
from rich.console import Console

from collector.configuration import load
from collector.cost import ROUND_TRIP_US, THINKS_US
from millprint.commands.manner import BAD_CONFIGURATION, tell
from millprint.commands.sentences import sentence
from millprint.commands.tables import headed
from millprint.commissioning.utilisation import loads, overloaded


def say_utilisation(folder: Path, language: str) -> None:
    """A table of the buses of a folder; one that cannot keep its pace is a fault."""
    configuration = load(folder)
    lines = headed(language, "bus", "devices", "requests/s", "longest round", "busy")
    for bus in loads(configuration):
        lines.add_row(
            bus.bus.name,
            str(bus.devices),
            f"{bus.requests_s:.2f}",
            f"{bus.slowest_ms:.0f} ms",
            f"{bus.share:.0%}",
        )
    Console().print(lines)
    thinks_ms, trip_ms = THINKS_US // 1000, ROUND_TRIP_US // 1000
    assumed = "Assumed: {thinks_ms} ms of thinking a read, {trip_ms} ms a read over TCP."
    print(sentence(assumed, language, thinks_ms=thinks_ms, trip_ms=trip_ms))
    problems = overloaded(configuration, f"{folder}/collector.toml")
    if problems:
        tell(problems, language)
        raise typer.Exit(BAD_CONFIGURATION)
