"""`millprint api`: the ledger, its pages and its keys."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.admission import admission_problems
from api.rights import ROLES
from millprint.commands import results, runs
from millprint.commands.manner import (
    BAD_CONFIGURATION,
    SERVER,
    Folder,
    Language,
    become,
    check_parts,
    need,
    said,
    tell,
)

if TYPE_CHECKING:
    from api.books.keys import Key

app = typer.Typer(no_args_is_help=True, help="The ledger, its pages and its keys.")
app.add_typer(results.app)
app.add_typer(runs.app)


@app.command("run")
def run(config: Folder = Path()) -> None:
    """Run the api alone, on a journal that a gateway writes on this machine."""
    need(*SERVER)
    become("millprint.roots.server", "--config", str(config), "--part", "api")


@app.command("check")
def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check api.toml and the plant."""
    check_parts(config, ("api",), lang)
    print(f"{config}/api.toml and plant/: nothing is wrong.")


@app.command("keys")
def keys(
    name: Annotated[str, typer.Argument(help="Who is to hold a new key; none lists all.")] = "",
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES)}")] = "engineer",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which it ends, in UTC; 2026-12-31."),
    ] = None,
    revoke: Annotated[int, typer.Option(help="Number of a key to take back, for ever.")] = 0,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Make an API key, which is shown once; list all; or take one back."""
    need(*SERVER)
    from api import configuration
    from api.books import Books

    end, now = until.replace(tzinfo=UTC) if until else None, datetime.now(UTC)
    if name and (problems := admission_problems("keys", role, end, now)):
        tell(problems, lang)
        raise typer.Exit(BAD_CONFIGURATION)
    with said(lang):
        books = Books(configuration.load(config).books)
        books.migrate()
    if revoke:
        books.keys.revoke(revoke, now)
    elif name:
        print(books.keys.make(name, role, now, by=at_the_box(), until=end))
    if revoke or not name:
        print("\n".join(_key_line(one, now) for one in books.keys.all()) or "There is no key yet.")
    books.close()


def _key_line(key: "Key", now: datetime) -> str:
    """A key as a technician reads it over the phone."""
    state = f"revoked {key.revoked}" if key.revoked else f"until {key.until or 'revoked'}"
    state = state if key.revoked or key.holds(now) else f"ended {key.until}"
    by = f", made {key.made} by {key.made_by}" if key.made_by else f", made {key.made}"
    return f"{key.id:4}  {key.prefix}…  {key.role:10}  {key.name}  ({state}{by})"


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


def at_the_box() -> str:
    """Who does something at the box itself, as the books name him."""
    try:
        return f"{getpass.getuser()} (box)"
    except (OSError, KeyError):  # a container may have numbers of users and no names
        return "box"
