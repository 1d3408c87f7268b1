"""`millprint collector profiles`: the register maps that are there, one of them, a new one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from collector import profile_checks, profile_files
from collector.profiles import TWO_SOURCES, Profile, ProfilePoint
from collector.toml_files import SHIPPED
from collector.wire.problem import Refused
from collector.wire.reading import Kind
from millprint.commands.manner import Folder, Language, said
from millprint.commands.sentences import sentence
from millprint.commands.tables import headed, word

app = typer.Typer(help="Register maps: which there are; search, show and validate them.")


def folders_of(config: Path) -> tuple[Path, ...]:
    """Where profiles are looked for: a mill's own folder first."""
    return (config / "profiles", SHIPPED / "profiles")


def sourced(profile: Profile) -> str:
    """Whether a profile may be trusted as it is."""
    return "verified" if profile.verified else "check on site"


def on_site(profile: Profile, language: str) -> list[str]:
    """What must be looked at on the device before its values may be trusted."""
    weak = [
        f"{point.name} ({point.confidence})"
        for point in profile.points
        if point.kind is Kind.COUNTER and point.confidence != TWO_SOURCES
    ]
    compare = sentence("Compare with the display: {points}.", language, points=", ".join(weak))
    return [*profile.check_on_site, *([compare] if weak else [])]


@app.callback(invoke_without_command=True)
def profiles(context: typer.Context) -> None:
    """Register maps: which there are; search, show and validate them."""
    if context.invoked_subcommand is None:
        search()


@app.command("search")
def search(
    words: Annotated[
        list[str] | None, typer.Argument(help="Parts of a maker, model or kind of meter.")
    ] = None,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """The models that are known, and how well each is sourced."""
    models = headed(lang, "profile", "model", "points", "sourced")
    folders = folders_of(config)
    with said(lang):
        for name in profile_files.names(folders):
            profile = profile_files.load(name, folders, name)
            text = f"{name} {profile.maker} {profile.model} {profile.title}".lower()
            if all(word.lower() in text for word in words or ()):
                how = word(sourced(profile), lang)
                models.add_row(name, profile.title, str(len(profile.points)), how)
    Console().print(models)
    if not models.row_count:
        none = "No model fits. Its registers can be learned: millprint collector learn --help"
        print(sentence(none, lang))
        raise typer.Exit(1)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A profile's name.")],
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """One model: every point with its register, and what to look at on site."""
    with said(lang):
        profile = profile_files.load(name, folders_of(config), name)
    console = Console()
    version = sentence("version {version}", lang, version=profile.version)
    console.print(f"[bold]{profile.title}[/bold]  ({word(sourced(profile), lang)}, {version})")
    for line in _facts(profile, lang):
        console.print(line, highlight=False)
    headings = ["point", "kind", "on the wire", "in the manual", "coded", "unit", "sourced"]
    confidences = {point.confidence for point in profile.points}
    if len(confidences) == 1:  # said once, it leaves the others their width
        (how,) = confidences
        print(sentence("Every point: {how}", lang, how=word(how, lang)))
        headings.pop()
    points = headed(lang, *headings)
    for point in profile.points:
        points.add_row(*_row(point, profile, lang)[: len(headings)])
    console.print(points)
    for point in profile.points:
        if point.note:
            console.print(f"{point.name}: {point.note}", highlight=False)


@app.command("validate")
def validate(
    files: Annotated[list[Path], typer.Argument(help="Profiles that you wrote.")],
    lang: Language = "en",
) -> None:
    """Check profiles: registers, units, probe, and that examples decode to what was shown."""
    with said(lang):
        problems = []
        for file in files:
            try:
                problems += profile_checks.check(profile_files.read(file), str(file))
            except Refused as refused:
                problems += refused.problems
        if problems:
            raise Refused(*problems)
    for file in files:
        print(sentence("{file}: nothing is wrong.", lang, file=file))


def _facts(profile: Profile, language: str) -> list[str]:
    delivered, facts = (
        profile.delivered,
        [sentence("Source: {source}", language, source=profile.source)],
    )
    unit = delivered.unit or "?"
    if delivered.baud:
        said_ = "As delivered: {baud} baud, parity {parity}, unit {unit}"
        parity = delivered.parity or "?"
        facts.append(sentence(said_, language, baud=delivered.baud, parity=parity, unit=unit))
    if delivered.port:
        said_ = "As delivered: TCP port {port}, unit {unit}"
        facts.append(sentence(said_, language, port=delivered.port, unit=unit))
    if profile.sunspec is not None:
        said_ = "Addresses count from where SunSpec model {number} begins (base)."
        facts.append(sentence(said_, language, number=profile.sunspec))
    checks = on_site(profile, language)
    return facts + [sentence("Look at it on site: {check}", language, check=one) for one in checks]


def _row(point: ProfilePoint, profile: Profile, language: str) -> tuple[str, ...]:
    registers = point.registers[:-1] if point.exponent else point.registers
    coded = " + ".join(
        one.type + (f" {one.order}" if one.count > 1 and one.type != "string" else "")
        + (f" × {one.scale}" if one.scale != "1" else "")
        for one in registers
    )  # fmt: skip
    if point.exponent:
        coded += f" × 10^[{point.registers[-1].address}]"
    addresses = [one.address for one in registers]
    printed = [address + profile.manual_counts_from for address in addresses]
    return (
        point.name,
        point.kind.value,
        f"{point.table} " + " + ".join(map(str, addresses)),
        " + ".join(map(str, printed)),
        coded,
        point.unit,
        word(point.confidence, language),
    )
