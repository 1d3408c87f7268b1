"""`millprint collector scan`: who is on a line, at which speed, and which profile fits."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import Progress

from collector import profile_files
from collector.bus import Bus
from collector.modbus import BusConnection
from collector.profiles import Profile
from collector.wire.problem import Problem
from millprint.commands.line import Line, Timeout, bus_of, numbers_of, run, says_its_speed, url_of
from millprint.commands.manner import FAULT, Folder, Language, progress, said, tell
from millprint.commands.profiles import folders_of, on_site, sourced
from millprint.commands.sentences import sentence
from millprint.commands.tables import headed, word
from millprint.commissioning import scan as scanning
from millprint.commissioning.asking import Patient
from millprint.commissioning.identify import Fit, Identified, identify
from millprint.commissioning.knocks import FIRST, knocks
from millprint.commissioning.scan import Heard, Silence

_MOST_OTHERS = 3


class Unit(NamedTuple):
    """What is known of a unit that was heard: its answer, what it is, what it calls itself."""

    heard: Heard
    identified: Identified | None
    name: str


Found = list[Unit]


def scan(
    line: Line,
    units: Annotated[
        str, typer.Option(help="Unit numbers, such as 1-16,20 or 1-247. [default: 1-32]")
    ] = "",
    timeout: Timeout = "300ms",
    mute: Annotated[
        bool,
        typer.Option(
            "--mute",
            help="Also find meters that say nothing where they have no register: knock wherever a "
            "model has a value. 30 times as long; name the speed, and --units.",
        ),
    ] = False,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Find the meters on a line: its speed and parity, their unit numbers, the profiles that fit.

    It only reads. On a serial line nobody else may be asking meanwhile: stop the agent first.
    """
    with said(lang):
        bus = bus_of(line, timeout)
        numbers = numbers_of(units)
        folders = folders_of(config)
        profiles = [profile_files.load(n, folders, n) for n in profile_files.names(folders)]
    search = bus.kind == "rtu" and not says_its_speed(line)
    with progress() as bar:
        scanned = Search(profiles, mute, bar)
        if search:
            bus, found = run(scanned.everywhere(bus, numbers))
        else:
            found = run(scanned.units(bus, numbers))
    if not found:
        tell([_nothing(line, scanned.silence)], lang)
        raise typer.Exit(FAULT)
    _say(bus, found, lang)


@dataclass(slots=True)
class Search:
    """One scan: what is looked for, and how far it has come."""

    profiles: list[Profile]
    mute: bool
    bar: Progress
    silence: Silence = field(default_factory=Silence)

    async def everywhere(self, bus: Bus, numbers: tuple[int, ...]) -> tuple[Bus, Found]:
        """The units of a line whose speed nobody has said, and where they were found."""
        settings = scanning.settings(bus, self.profiles)
        first = numbers or scanning.USUAL_UNITS
        task = self.bar.add_task("speed and parity", total=len(settings) * len(first))
        step = partial(self.bar.advance, task)
        at = await scanning.speed(settings, BusConnection, first, self.silence, step)
        self.bar.remove_task(task)
        return (bus, []) if at is None else (at, await self.units(at, numbers))

    async def units(self, bus: Bus, numbers: tuple[int, ...]) -> Found:
        """Every unit that is heard, and what it is."""
        line = BusConnection(bus)
        try:
            if not numbers and bus.kind == "tcp" and await scanning.answers_to_every_number(line):
                numbers = (1,)
            return await self._knock(line, numbers or scanning.FIRST_UNITS)
        finally:
            await line.close()

    async def _knock(self, line: BusConnection, numbers: tuple[int, ...]) -> Found:
        """Ask all that are silent one thing, then all that still are another one."""
        questions = dict.fromkeys((FIRST, *(knocks(self.profiles) if self.mute else ())))
        task = self.bar.add_task("unit numbers", total=len(questions) * len(numbers))
        found: dict[int, Unit] = {}
        for number, knock in ((n, k) for k in questions for n in numbers):
            self.bar.update(task, advance=1, description=f"unit {number}, {len(found)} found")
            if number in found:
                continue
            heard = await scanning.listen(Patient(line), number, self.silence, knock)
            if heard is not None:
                found[number] = await self._known(line, heard)
        return [found[number] for number in sorted(found)]

    async def _known(self, line: BusConnection, heard: Heard) -> Unit:
        """What a unit is that was heard."""
        models = self.bar.add_task(f"unit {heard.unit}: models", total=len(self.profiles))
        step = partial(self.bar.advance, models)
        identified = await identify(heard.unit, line, self.profiles, step)
        self.bar.remove_task(models)
        # Asked last: a unit that does not know this question may be silent for a while.
        return Unit(heard, identified, await scanning.own_name(line, heard.unit))


def _nothing(line: str, silence: Silence) -> Problem:
    if silence.unconnected:
        return Problem("line-not-opened", line)
    return Problem("line-noisy", line) if silence.noisy else Problem("line-silent", line)


def _say(bus: Bus, found: Found, language: str) -> None:
    print(sentence("{where}: {count} unit(s)", language, where=url_of(bus), count=len(found)))
    headings = ("unit no.", "profile", "how sure", "speaks for it", "sourced")
    units = headed(language, *headings)
    for heard, identified, _ in found:
        units.add_row(*_row(heard, identified, language))
    Console().print(units)
    for heard, identified, name in found:
        if name:
            told = sentence(
                "Unit {unit} calls itself {name}.", language, unit=heard.unit, name=name
            )
            print(told)
        for check in on_site(identified.best[0].profile, language) if identified else ():
            told = sentence("Unit {unit}, on site: {check}", language, unit=heard.unit, check=check)
            print(told)
    print(sentence("For collector.toml, with names of your own:", language))
    print(f"\n{_toml(bus, found, language)}")


def _row(heard: Heard, identified: Identified | None, language: str) -> tuple[str, ...]:
    if identified is None:
        return str(heard.unit), word("none fits", language), "", heard.how, ""
    best = identified.best[0]
    names = [_named(fit) for fit in identified.best]
    if identified.certainty == "possible":
        others = identified.others[:_MOST_OTHERS]
        names += [sentence("or {profile}", language, profile=_named(fit)) for fit in others]
    all_ = len(best.profile.points)
    speaks = sentence("{count} of {all} values", language, count=best.plausible, all=all_)
    if best.named:
        speaks = sentence("its own name, {values}", language, values=speaks)
    return (
        str(heard.unit),
        "\n".join(names),
        word(identified.certainty, language),
        speaks,
        word(sourced(best.profile), language),
    )


def _named(fit: Fit) -> str:
    return f"{fit.profile.name}, base = {fit.base}" if fit.base else fit.profile.name


def _toml(bus: Bus, found: Found, language: str) -> str:
    lines = ["[buses.line-1]", f'url = "{url_of(bus)}"']
    for heard, identified, _ in found:
        if identified is None:
            continue
        best = identified.best[0]
        lines += ["", f"[devices.meter-{heard.unit}]", 'bus = "line-1"', f"unit = {heard.unit}"]
        lines.append(f'profile = "{best.profile.name}"')
        lines += [f"base = {best.base}"] if best.profile.movable else []
        lines.append('every = "10s"')
        ratios = sorted({ratio for point in best.profile.points for ratio in point.ratios})
        meaning = sentence("the ratio of its transformers", language)
        lines += [f'{ratio} = "1"      # {meaning}' for ratio in ratios]
    return "\n".join(lines)
