"""`millprint gateway`: from the broker to the journal."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from millprint.commands.manner import (
    FAULT,
    SERVER,
    Folder,
    Language,
    become,
    check_parts,
    need,
    progress,
    said,
)
from millprint.commands.sentences import sentence

app = typer.Typer(no_args_is_help=True, help="From the broker to the journal.")


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the gateway alone."""
    need(*SERVER)
    become("millprint.roots.server", "--config", str(config), "--part", "gateway")


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check gateway.toml."""
    check_parts(config, ("gateway",), lang)
    print(sentence("{file}: nothing is wrong.", lang, file=f"{config}/gateway.toml"))


@app.command("import")
def import_history(
    file: Annotated[Path, typer.Argument(help="A CSV file with a heading.")],
    mapping: Annotated[Path, typer.Option(help="Which column is which point; see docs/history.md")],
    config: Folder = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be brought in.")
    ] = False,
    identity: Annotated[
        Path | None,
        typer.Option(help="Where enrol join keeps the certificate of the mapping's collector."),
    ] = None,
    lang: Language = "en",
) -> None:
    """Bring history from a CSV file into the journal, through a gateway that is running."""
    need(*SERVER)
    from gateway.configuration import load
    from gateway.journal.sqlite_reader import SqliteJournal
    from millprint.enrolment import joining
    from millprint.history.mapping import read_mapping
    from millprint.history.shipment import Shipment, Undelivered, survey
    from millprint.history.telling import survey_text

    with said(lang):
        gateway = load(config)
        how = read_mapping(mapping)
        journal = SqliteJournal(gateway.journal)
        with progress() as bar:
            bar.add_task("reading the file", total=None)
            told = survey(file, how, journal)
    print(survey_text(told))
    if dry_run or not told.new:
        return
    try:
        with progress() as bar:
            task = bar.add_task("sending", total=told.rows)
            broker = joining.settings(identity) if identity else gateway.mqtt
            shipment = Shipment(broker, gateway.site, how, journal)
            shipment.send(file, told, lambda sent: bar.update(task, completed=sent))
    except Undelivered as fault:
        print(f"Not all of it arrived: {fault}. Start the same command again.", file=sys.stderr)
        raise typer.Exit(FAULT) from None
    print(f"{told.new} readings were brought in.")


@app.command("project")
def project(
    config: Folder = Path(),
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make it anew from nothing, and stop.")
    ] = False,
    lang: Language = "en",
) -> None:
    """Fill the time-series stores from the journal, for ever."""
    need(*SERVER)
    if not rebuild:
        become("millprint.roots.projector", "--config", str(config))
    from millprint.projecting.asked import Asked

    with said(lang), progress() as bar:
        sent = Asked(config, bar, datetime.now(UTC)).rebuild()
    for name, lines in sent.items():
        print(f"{name}: made anew, {lines} numbers.")


@app.command("reconcile")
def reconcile(
    config: Folder = Path(),
    days: Annotated[
        int, typer.Option("--days", min=0, help="The last so many days; 0: everything.")
    ] = 0,
    lang: Language = "en",
) -> None:
    """Compare the time-series stores with the journal, and send what they lack."""
    need(*SERVER)
    from millprint.projecting.asked import Asked

    with said(lang), progress() as bar:
        found = Asked(config, bar, datetime.now(UTC)).reconcile(days)
    for name, one in found.items():
        print(
            f"{name}: {one.compared} numbers compared, {one.missing} were missing and sent, "
            f"{one.refused} of them it dropped again, {one.foreign} are of nobody."
        )
    if any(one.refused or one.foreign for one in found.values()):
        raise typer.Exit(FAULT)
