"""``millprint api import`` and its kin: tables of a mill's own systems, templates, and undoing."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from millprint.commands.asking import HERE, Key, Url, ask, fetch, glance
from millprint.commands.manner import FAULT

app = typer.Typer(no_args_is_help=True, help="Tables of the mill's own systems.")

_MOST_MB = 32
_LOOKS_EVERY_S = 0.5
Kind = Annotated[str, typer.Argument(help="batches, runs, materials, readings, bills or factors")]


@app.command("import")
def import_table(  # noqa: PLR0913 - each is an option of the command
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX, as the mill's system gives it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what changes.")] = False,
    mapping: Annotated[str, typer.Option(help="A saved mapping of its columns.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="field=heading, where one is not recognised.")
    ] = None,
    mass_unit: Annotated[
        Literal["", "kg", "t"], typer.Option(help="Of masses whose heading names none.")
    ] = "",
    evidence: Annotated[
        list[Path] | None, typer.Option(help="A file that proves factors; kept before.")
    ] = None,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Take in a table, all of it or nothing; say first what it would change."""
    for proof in evidence or ():
        kept = ask(url, f"/api/v1/proofs?{urlencode({'name': proof.name})}", key, _content(proof))
        print(f"{proof.name} is kept: sha256 {kept['sha256']}")
    content = _content(file)
    asked: dict[str, Any] = {"name": file.name, "mapping": mapping, "mass_unit": mass_unit}
    asked |= {"dry_run": "true" if dry_run else "false", "column": column or []}
    path = f"/api/v1/imports/{quote(kind, safe='')}?{urlencode(asked, doseq=True)}"
    with _bar(url, key, file.name):
        body = ask(url, path, key, content)
    if "review" in body:
        print(f"It waits for a second person: review {body['review']}.")
        return
    _say(body)
    if body["counts"]["bad"]:
        raise typer.Exit(FAULT)


@app.command("undo")
def undo(
    number: Annotated[int, typer.Argument(help="Number of the import.")],
    why: Annotated[str, typer.Option(help="The reason, in words; it is kept.")],
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Undo an import: all is as if it had not been, and what it said stays to be read."""
    ask(url, f"/api/v1/imports/{number}/undo", key, {"reason": why})
    print(f"Import {number} is undone.")


@app.command("imports")
def imports(url: Url = HERE, key: Key = "") -> None:
    """What was imported, the newest first."""
    found = ask(url, "/api/v1/imports", key)["imports"]
    for one in found:
        undone = (
            f"  undone by {one['undone']['by']}: {one['undone']['why']}" if one["undone"] else ""
        )
        counts = f"{one['new']} new, {one['changed']} changed, {one['same']} same"
        print(f"{one['import']}  {one['kind']}  {one['file']}  {counts}"
              f"  {one['entered_at']} {one['by']}{undone}")  # fmt: skip
    if not found:
        print("Nothing was imported.")


@app.command("template")
def template(
    kind: Kind,
    out: Annotated[Path, typer.Argument(help="The file; its ending says the form: .xlsx, .csv")],
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Of the headings.")] = "en",
    url: Url = HERE,
    key: Key = "",
) -> None:
    """An empty table of a kind, to fill in."""
    asked = urlencode({"form": out.suffix.removeprefix(".") or "-", "lang": lang})
    found = fetch(url, f"/api/v1/imports/{quote(kind, safe='')}/template?{asked}", key)
    try:
        out.write_bytes(found)
    except OSError as fault:
        print(f"{out} cannot be written: {fault.strerror}.", file=sys.stderr)
        raise typer.Exit(FAULT) from fault
    print(f"{out}: {len(found):,} bytes.")


def _content(file: Path) -> bytes:
    """A file that is not read where it is too large to be sent."""
    try:
        size = file.stat().st_size // 2**20
        if size > _MOST_MB:
            print(f"{file} has {size} MB; at most {_MOST_MB} MB are read. Export one month at a "
                  "time.", file=sys.stderr)  # fmt: skip
            raise typer.Exit(FAULT)
        return file.read_bytes()
    except OSError as fault:
        print(f"{file} cannot be read: {fault.strerror}.", file=sys.stderr)
        raise typer.Exit(FAULT) from fault


@contextmanager
def _bar(url: str, key: str, name: str) -> Iterator[None]:
    """Says on a terminal how far the server is, while it is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    over = threading.Event()
    texts = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[lines]}")
    with Progress(*texts, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(f"{name}: sending", total=None, lines="")

        def follow() -> None:
            while not over.wait(_LOOKS_EVERY_S):
                state = glance(url, "/api/v1/imports/under-way", key).get("under_way")
                if state:
                    lines = f"{state['lines']:,} lines"
                    bar.update(task, description=f"{name}: {state['phase']}", lines=lines)

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=5)


def _say(body: dict[str, Any]) -> None:
    for one in body["notices"]:
        print(f"line {one['line']}: {one['allowed']}", file=sys.stderr)
    if body["unread"]:
        print(f"Not read: {', '.join(body['unread'])}.", file=sys.stderr)
    for row in body["rows"]:
        if row["change"] != "same":
            said = "  ".join(f"{name}={_cell(row, name)}" for name in row["said"])
            print(f"line {row['line']}  {row['change']}  {said}")
    for one in body["bad"]:
        place = f"line {one['line']}: {one['field']}={one['value']!r}"
        print(f"{place}: {one['allowed']}", file=sys.stderr)
    counts = ", ".join(f"{count} {change}" for change, count in body["counts"].items())
    number = body["import"]
    done = "Nothing was changed."
    if number is not None:
        done = f"It is import {number}; to undo: millprint api undo {number} --why …"
    print(f"{counts}. {done}")


def _cell(row: dict[str, Any], name: str) -> str:
    said = row["said"][name] or "-"
    return f"{row['was'][name] or '-'} -> {said}" if name in row["was"] else str(said)
