"""`millprint gateway`: from the broker to the journal."""

import sys
from dataclasses import asdict
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
    tell,
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
    from gateway.journal.reader import Reader
    from millprint.enrolment import joining
    from millprint.history.mapping import read_mapping
    from millprint.history.shipment import Shipment, Undelivered, survey
    from millprint.history.telling import survey_text

    with said(lang):
        gateway = load(config)
        how = read_mapping(mapping)
        journal = Reader(gateway.journal)
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
        broke_off = "Not all of it arrived: {why}. Start the same command again."
        print(sentence(broke_off, lang, why=fault), file=sys.stderr)
        raise typer.Exit(FAULT) from None
    print(sentence("{count} readings were brought in.", lang, count=told.new))


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
        print(sentence("{name}: made anew, {count} numbers.", lang, name=name, count=lines))


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
    compared = (
        "{name}: {compared} numbers compared, {missing} were missing and sent, "
        "{refused} of them it dropped again, {foreign} are of nobody."
    )
    for name, one in found.items():
        print(sentence(compared, lang, name=name, **asdict(one)))
    if any(one.refused or one.foreign for one in found.values()):
        raise typer.Exit(FAULT)


@app.command("copy")
def copy(
    to: Annotated[
        str,
        typer.Option(
            help="Where to: postgresql://user@host/database, or a folder for SQLite files.",
            show_default=False,
        ),
    ],
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Copy journal and books into PostgreSQL, or back into files; the server must be stopped."""
    need(*SERVER)
    import sqlalchemy as sa

    from gateway.journal import FAULTS, Unavailable
    from millprint.copying import copy as copy_site

    with said(lang), progress() as bar:
        task = bar.add_task("", total=None)

        def show(table: str, done: int, whole: int) -> None:
            bar.update(task, completed=done, total=whole, description=f"{table} {done} / {whole}")

        try:
            copied = copy_site(config, to, show)
        except Unavailable as fault:
            tell(fault.problems, lang)
            raise typer.Exit(FAULT) from None
        except (sa.exc.SQLAlchemyError, *FAULTS) as fault:
            broke_off = "It broke off: {why}. Start the same command again."
            print(sentence(broke_off, lang, why=fault), file=sys.stderr)
            raise typer.Exit(FAULT) from None
    tell(copied.findings, lang)
    done = (
        "{rows} rows were copied and read again; {records} records follow from one another. "
        "Before the server starts, write:"
    )
    print(sentence(done, lang, rows=copied.rows, records=copied.records))
    print(f'gateway.toml  [journal]  url = "{copied.journal}"')
    if copied.books:
        print(f'api.toml  [books]  url = "{copied.books}"')
    if copied.findings:
        raise typer.Exit(FAULT)
