"""`millprint api`: the ledger, its pages and its keys."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from millprint.commands.manner import (
    BAD_CONFIGURATION,
    FAULT,
    SERVER,
    Folder,
    Language,
    become,
    check_parts,
    need,
    said,
)

app = typer.Typer(no_args_is_help=True, help="The ledger, its pages and its keys.")


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
    name: Annotated[str, typer.Argument(help="Who is to hold the key.")],
    role: Annotated[
        str, typer.Option(help="engineer, accountant, certifier or admin")
    ] = "engineer",
    config: Folder = Path(),
) -> None:
    """Make an API key; it is shown once."""
    need(*SERVER)
    from api import configuration
    from api.books import Books
    from api.books.keys import ROLES

    if role not in ROLES:
        print(f"{role!r} is no role; there are {', '.join(ROLES)}.", file=sys.stderr)
        raise typer.Exit(BAD_CONFIGURATION)
    with said():
        books = Books(configuration.load(config).books)
    books.migrate()
    print(books.keys.make(name, role, datetime.now(UTC)))
    books.close()


@app.command("explain")
def explain(
    batch: Annotated[str, typer.Argument(help="The batch's id.")],
    url: Annotated[str, typer.Option(help="Where the api is.")] = "http://127.0.0.1:8420",
    key: Annotated[str, typer.Option(envvar="MILLPRINT_KEY", help="An API key.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Where each number of a batch's footprint comes from, down to register readings."""
    body = _ask(url, f"/api/v1/batches/{quote(batch, safe='')}/explain", key)
    print(json.dumps(body, indent=1) if as_json else body["text"])


@app.command("new-seal-key")
def new_seal_key(config: Folder = Path()) -> None:
    """Put a new key for the seals in place of the old one, which endorses it."""
    need(*SERVER)
    from api import configuration
    from api.sealing import key

    with said():
        made = key.rotate(configuration.load(config).seal.key)
    print(made.public)


def _ask(url: str, path: str, key: str) -> Any:
    """What an api answers; where it refuses or there is none, that in a sentence and exit 1."""
    try:
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as fault:
        print(_detail(fault), file=sys.stderr)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        print(f"{url} does not answer: {fault}", file=sys.stderr)
    raise typer.Exit(FAULT)


def _detail(fault: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(fault)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{fault.url} answers {fault.code}, not as millprint would."
