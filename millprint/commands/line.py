"""The line that a commissioning command talks over: what one types, made into a bus."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from collector import bus as buses
from collector.bus import Bus
from collector.device_tables import period_ms
from collector.wire.problem import Problem, Refused

Line = Annotated[
    str,
    typer.Argument(help="/dev/ttyUSB0, tcp://host:502, rtu+tcp://host:port, rtu:///…?baud=…"),
]
Timeout = Annotated[str, typer.Option(help="How long an answer may take.")]
UnitNumber = Annotated[int, typer.Option("--unit", help="The device's number on the line.")]

T = TypeVar("T")
_RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_LAST_UNIT = 255


def bus_of(line: str, timeout: str) -> Bus:
    """A line as a bus; `Refused` where it is none."""
    url = f"rtu://{line}" if line.startswith("/") else line
    problems: list[Problem] = []
    timeout_ms = period_ms(timeout, f"--timeout {timeout}", problems, least_ms=1)
    try:
        bus = buses.parse("line", url, timeout_ms)
    except ValueError as fault:
        values = {"url": line, "why": str(fault), "forms": buses.FORMS}
        raise Refused(*problems, Problem("bad-bus-url", line, values=values)) from None
    if problems:
        raise Refused(*problems)
    return bus


def url_of(bus: Bus) -> str:
    """A bus as ``collector.toml`` says it."""
    if bus.kind == "rtu":
        return f"rtu://{bus.device}?baud={bus.baud}&parity={bus.parity}&stopbits={bus.stopbits}"
    return f"{bus.kind}://{bus.host}:{bus.port}"


def says_its_speed(line: str) -> bool:
    """Whether a serial line is given with its speed; if not, it is searched for."""
    return "baud=" in line or "parity=" in line


def numbers_of(text: str) -> tuple[int, ...]:
    """Unit numbers such as ``1-16,20``; `Refused` where they are none."""
    numbers: dict[int, None] = {}
    for part in text.split(",") if text else ():
        match = _RANGE.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last <= _LAST_UNIT:
            raise Refused(Problem("bad-unit-numbers", f"--units {text}", values={"part": part}))
        numbers |= dict.fromkeys(range(first, last + 1))
    return tuple(numbers)


def profile_and_unit(argument: str) -> tuple[str, int | None]:
    """A profile's name and the unit number behind a colon, if there is one."""
    name, colon, number = argument.partition(":")
    if not colon:
        return name, None
    if not (number.isascii() and number.isdigit() and int(number) <= _LAST_UNIT):
        raise Refused(Problem("bad-unit-numbers", argument, values={"part": number}))
    return name, int(number)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do it to the end; Ctrl-C ends it in peace."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit from None
