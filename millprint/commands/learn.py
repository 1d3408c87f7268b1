"""`millprint collector learn`: how a register is coded, from what the meter's face shows."""

import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from collector.bus import Bus, BusFault, RegisterReader
from collector.modbus import BusConnection
from collector.profiles import LAST_REGISTER
from collector.wire.problem import Problem
from millprint.commands.line import Line, Timeout, UnitNumber, bus_of, run
from millprint.commands.manner import FAULT, Language, said, tell
from millprint.commands.sentences import sentence
from millprint.commands.tables import headed, word
from millprint.commissioning import learn as learning
from millprint.commissioning.asking import Patient
from millprint.commissioning.learn import MOST_WORDS, Decoding, Look

RegisterTable = Literal["holding", "input"]

_SHOWN = 5
_QUESTIONS = ("What does the meter show now?", "What does the meter show after it has changed?")


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
    looks: dict[int, list[Look]] = {address: []}
    for question in _QUESTIONS:
        before = _registers(bus, unit, table, address, lang)
        shown = _asked(question, lang)
        after = _registers(bus, unit, table, address, lang)
        for at in before.keys() & after.keys():
            looks.setdefault(at, []).append(Look(before[at], shown, after[at]))
    _say(address, table, looks, lang)


def _registers(
    bus: Bus, unit: int, table: RegisterTable, address: int, language: str
) -> dict[int, tuple[int, ...]]:
    words = run(_words(bus, unit, table, address))
    if isinstance(words, str):
        values = {"unit": str(unit), "address": str(address), "reason": words}
        place = f"unit {unit}, register {address}"
        tell([Problem("register-unread", place, values=values)], language)
        raise typer.Exit(FAULT)
    return words


def _asked(question: str, language: str) -> Decimal:
    while True:
        typed = str(typer.prompt(sentence(question, language))).strip().replace(",", ".")
        try:
            shown = Decimal(typed)
        except InvalidOperation:
            shown = Decimal("NaN")
        if shown.is_finite() and shown:
            return shown
        print(sentence("A number that is not 0, such as 18230.4", language), file=sys.stderr)


async def _words(
    bus: Bus, unit: int, table: RegisterTable, address: int
) -> dict[int, tuple[int, ...]] | str:
    """What stands at the address, and one before and after it: manuals count from 0 or from 1."""
    line = Patient(BusConnection(bus))
    found: dict[int, tuple[int, ...]] = {}
    fault = BusFault("")
    try:
        for at in (address, address - 1, address + 1):
            try:
                found[at] = await _as_many_as_there_are(line, unit, table, at)
            except BusFault as refused:
                fault = refused
                if fault.silent:  # nobody is there, or nothing more is
                    break
    finally:
        await line.close()
    return found or fault.reason


async def _as_many_as_there_are(
    line: RegisterReader, unit: int, table: RegisterTable, at: int
) -> tuple[int, ...]:
    """The registers from an address on, as many as the widest value takes, or fewer."""
    fault = BusFault("exception-2")
    for count in (MOST_WORDS, 2, 1) if 0 <= at <= LAST_REGISTER else ():
        try:
            return tuple(await line.read(unit, table, at, count))
        except BusFault as refused:
            fault = refused
    raise fault


def _say(address: int, table: RegisterTable, looks: dict[int, list[Look]], language: str) -> None:
    places = sorted(looks, key=lambda at: abs(at - address))
    found = {at: learning.learn(looks[at]) for at in places if looks[at]}
    here = next((at for at in found if found[at]), None)
    if here is None:
        shown = ", ".join(str(look.shown) for look in max(looks.values(), key=len))
        values = {"address": str(address), "shown": shown}
        tell([Problem("nothing-learned", f"register {address}", values=values)], language)
        raise typer.Exit(FAULT)
    if here != address:
        beside = "Nothing fits at {address}, but at {here}: the manual counts from another number."
        print(sentence(beside, language, address=address, here=here))
    console, best = Console(), found[here][0]
    console.print(_table(found[here], looks[here], language))
    alike = [one for one in found[here] if learning.same(one, best, looks[here])]
    if len(alike) < len(found[here]):
        several = "More than one leads there: learn again after it has counted further."
        print(sentence(several, language))
    print(
        f'\ntable = "{table}"\naddress = {here}\ntype = "{best.type}"\n'
        f'order = "{best.order}"\nscale = "{best.scale}"'
    )


def _table(found: Sequence[Decoding], looks: Sequence[Look], language: str) -> Table:
    shown = headed(language, "type", "order", "scale")
    for look in looks:
        shown.add_column(f"{word('shown', language)} {look.shown}")
    for one in found[:_SHOWN]:
        values = [one.value(look.later or look.words) for look in looks]
        shown.add_row(one.type, one.order, one.scale, *(f"{float(v or 0):.10g}" for v in values))
    return shown
