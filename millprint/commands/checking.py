"""What a check says beyond what cannot stand: how busy each bus will be."""

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from collector.configuration import load
from millprint.commands.manner import BAD_CONFIGURATION, tell
from millprint.commissioning.utilisation import TCP_MS, THINKING_MS, loads, overloaded


def say_utilisation(folder: Path, language: str) -> None:
    """A table of the buses of a folder; one that cannot keep its pace is a fault."""
    configuration = load(folder)
    table = Table("bus", "devices", "requests/s", "longest round", "busy")
    for bus in loads(configuration):
        table.add_row(
            bus.bus.name,
            str(bus.devices),
            f"{bus.requests_s:.2f}",
            f"{bus.slowest_ms:.0f} ms",
            f"{bus.share:.0%}",
        )
    Console().print(table)
    print(f"Assumed: {THINKING_MS:.0f} ms of thinking a read, {TCP_MS:.0f} ms a read over TCP.")
    problems = overloaded(configuration, f"{folder}/collector.toml")
    if problems:
        tell(problems, language)
        raise typer.Exit(BAD_CONFIGURATION)
