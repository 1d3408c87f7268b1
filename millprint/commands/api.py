"""`millprint api`: the ledger, its pages and its keys."""

from pathlib import Path
from typing import Annotated

import typer

from millprint.commands import imports, people, results, runs
from millprint.commands.manner import (
    SERVER,
    Folder,
    Language,
    become,
    check_parts,
    need,
    said,
)
from millprint.commands.sentences import sentence

app = typer.Typer(no_args_is_help=True, help="The ledger, its pages and its keys.")
app.add_typer(people.app)
app.add_typer(results.app)
app.add_typer(runs.app)
app.add_typer(imports.app)


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the api alone, on a journal that a gateway writes on this machine."""
    need(*SERVER)
    become("millprint.roots.server", "--config", str(config), "--part", "api")


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check api.toml and the plant."""
    check_parts(config, ("api",), lang)
    print(sentence("{file}: nothing is wrong.", lang, file=f"{config}/api.toml, plant/"))


@app.command("migrate")
def migrate(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, and try it on a copy.")
    ] = False,
    back: Annotated[
        bool, typer.Option("--back", help="Undo the last step, for an older version of millprint.")
    ] = False,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Bring the books to this version's form, as a start of the server does, or a step back.

    Stop millprint first. What only the newer form has a place for is gone after --back.
    """
    need(*SERVER)
    from api import configuration
    from api.books import Books, migration
    from millprint.door import door_of
    from millprint.keeping import site

    with said(lang):
        api = configuration.load(config)
        books = Books(api.books)
        steps = migration.backward(books.engine) if back else migration.forward(books.engine)
        for step in steps:
            print(f"{'back over' if back else 'to'} {step.number}: {step.about}")
        if not steps:
            print("There is nothing to do.")
            return
        do = migration.step_back if back else migration.migrate
        if dry_run:
            migration.try_out(books.engine, do)
            print("Tried on a copy, and it works. Nothing was changed.")
            return
        made = site.last_backup(api)
        print(f"The last backup: {made or 'none'}. (millprint backup FILE makes one.)")
        with door_of(api):
            do(books.engine)
    books.close()
    print("Done.")


@app.command("new-seal-key")
def new_seal_key(config: Folder = Path()) -> None:
    """Put a new key for the seals in place of the old one, which endorses it."""
    need(*SERVER)
    from api import configuration
    from api.sealing import key

    with said():
        made = key.rotate(configuration.load(config).seal.key)
    print(made.public)
