"""`millprint group`: the centre of several mills."""

import hashlib
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from millprint.commands.manner import (
    BAD_CONFIGURATION,
    FAULT,
    SERVER,
    Folder,
    Language,
    become,
    need,
    said,
    tell,
)
from millprint.commands.sentences import sentence
from millprint.commands.tables import headed

app = typer.Typer(no_args_is_help=True, help="The centre of several mills.")


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the centre: take what mills seal, and show their articles."""
    need(*SERVER)
    become("millprint.roots.group", "--config", str(config))


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check group.toml."""
    need(*SERVER)
    from api.group import configuration

    with said(lang):
        configuration.load(config)
    print(sentence("{file}: nothing is wrong.", lang, file=f"{config}/group.toml"))


@app.command("sites")
def sites(config: Folder = Path(), lang: Language = "en") -> None:
    """How far the seals of each mill have come."""
    need(*SERVER)
    from api.group import configuration
    from api.group.store import Store

    with said(lang):
        settings = configuration.load(config)
    store = Store(settings.books)
    store.prepare()
    lines = headed(lang, "mill", "site", "seals", "sealed day", "received", "batches")
    for mill in settings.mills.values():
        last = store.last(mill.name)
        batches = len({one.batch for one in store.results(mill.name)})
        seal = (str(last.number), last.day, last.received) if last else ("0", "-", "-")
        lines.add_row(mill.name, mill.site, *seal, str(batches))
    store.close()
    Console().print(lines)


@app.command("verify")
def verify(config: Folder = Path(), lang: Language = "en") -> None:
    """Whether what is held still is what the mills signed."""
    need(*SERVER)
    from api.group import configuration
    from api.group.store import Store
    from api.group.verification import verify as look

    with said(lang):
        settings = configuration.load(config)
    store, wrong = Store(settings.books), False
    for mill in settings.mills.values():
        found = list(look(store, mill))
        tell(found, lang)
        wrong = wrong or bool(found)
        if not found:
            seals = len(store.seals(mill.name))
            print(
                sentence(
                    "{name}: {seals} seals, as they were signed.", lang, name=mill.name, seals=seals
                )
            )
    store.close()
    if wrong:
        raise typer.Exit(FAULT)


@app.command("new-key")
def new_key(
    file: Annotated[
        Path | None,
        typer.Argument(help="Where a mill keeps the key that it sends with; else it is shown."),
    ] = None,
    lang: Language = "en",
) -> None:
    """Make a key, for a mill that sends or for a reader, and say its hash for group.toml."""
    key = f"mp_{secrets.token_urlsafe(24)}"
    if file is None:
        print(key)
    else:
        try:
            file.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            print(sentence("{file} is there already; it was left as it is.", lang, file=file))
            raise typer.Exit(BAD_CONFIGURATION) from None
        file.write_text(f"{key}\n", encoding="utf-8")
    print(f"sha256:{hashlib.sha256(key.encode()).hexdigest()}")
