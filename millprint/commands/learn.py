"""`millprint collector learn`: how a register is coded, from what the meter's face shows."""

import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from collector.bus import Bus, BusFault
from collector.modbus import BusConnection
from collector.profiles import LAST_REGISTER
from collector.wire.problem import Problem
from millprint.commands.line import Line, Timeout, UnitNumber, bus_of, run
from millprint.commands.manner import FAULT, Language, said, tell
from millprint.commissioning import learn as learning
from millprint.commissioning.learn import MOST_WORDS, Decoding, Look

RegisterTable = Literal["holding", "input"]

_SHOWN = 5


def learn(
    line: Line,
    unit: UnitNumber,
    address: Annotated[int, typer.Option(help="Of the register, counted from 0.")],
    table: Annotated[
        RegisterTable, typer.Option(help="Holding registers (function code 3) or input (4).")
    ] = "holding",
    timeout: Timeout = "1s",
    lang: Language = "en",
) -> None:
    """Learn a register's type, byte order and scale from two values on the meter's face.

    Type what the meter shows, with all its digits, while it shows it; let it count on; type again.
    """
    with said(lang):
        bus = bus_of(line, timeout)
    looks: dict[int, list[Look]] = {}
    for turn in ("now", "after it has changed"):
        shown = _asked(f"What does the meter show {turn}?")
        words = run(_words(bus, unit, table, address))
        if isinstance(words, str):
            values = {"unit": str(unit), "address": str(address), "reason": words}
            tell([Problem("register-unread", line, values=values)], lang)
            raise typer.Exit(FAULT)
        for at, registers in words.items():
            looks.setdefault(at, []).append(Look(registers, shown))
    _say(address, table, {at: learning.learn(both) for at, both in looks.items()}, looks, lang)


def _asked(question: str) -> Decimal:
    while True:
        typed = str(typer.prompt(question)).strip().replace(",", ".")
        try:
            shown = Decimal(typed)
        except InvalidOperation:
            shown = Decimal("NaN")
        if shown.is_finite() and shown:
            return shown
        print("A number that is not 0, such as 18230.4", file=sys.stderr)


async def _words(
    bus: Bus, unit: int, table: RegisterTable, address: int
) -> dict[int, tuple[int, ...]] | str:
    """What stands at the address, and one before and after it: manuals count from 0 or from 1."""
    line = BusConnection(bus)
    found: dict[int, tuple[int, ...]] = {}
    reason = ""
    try:
        for at in (address, address - 1, address + 1):
            for count in (MOST_WORDS, 2, 1) if 0 <= at <= LAST_REGISTER else ():
                try:
                    found[at] = tuple(await line.read(unit, table, at, count))
                    break
                except BusFault as fault:
                    reason = reason or fault.reason
                    if fault.silent:
                        return reason
    finally:
        await line.close()
    return found or reason


def _say(
    address: int,
    table: RegisterTable,
    found: dict[int, list[Decoding]],
    looks: dict[int, list[Look]],
    language: str,
) -> None:
    here = next((at for at in found if found[at]), None)
    if here is None:
        shown = " and ".join(str(look.shown) for look in next(iter(looks.values())))
        values = {"address": str(address), "shown": shown}
        tell([Problem("nothing-learned", f"register {address}", values=values)], language)
        raise typer.Exit(FAULT)
    if here != address:
        print(f"Nothing fits at {address}, but at {here}: the manual counts from another number.")
    console, best = Console(), found[here][0]
    console.print(_table(found[here], looks[here]))
    alike = [one for one in found[here] if learning.same(one, best, looks[here])]
    if len(alike) < len(found[here]):
        print("More than one leads there: learn again after it has counted further.")
    print(
        f'\ntable = "{table}"\naddress = {here}\ntype = "{best.type}"\n'
        f'order = "{best.order}"\nscale = "{best.scale}"'
    )


def _table(found: Sequence[Decoding], looks: Sequence[Look]) -> Table:
    table = Table("type", "order", "scale", *(f"shown {look.shown}" for look in looks))
    for one in found[:_SHOWN]:
        values = [one.value(look.words) for look in looks]
        table.add_row(one.type, one.order, one.scale, *(f"{float(v or 0):.10g}" for v in values))
    return table
