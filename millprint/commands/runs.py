"""``millprint api import-runs``: a table of runs from a file, looked at first or taken in."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from millprint.commands.asking import HERE, Key, Url, ask
from millprint.commands.manner import FAULT

app = typer.Typer(no_args_is_help=True, help="Runs that no PLC shows.")


@app.command("import-runs")
def import_runs(
    file: Annotated[Path, typer.Argument(help="CSV: machine,batch,process,start,end,kg")],
    url: Url = HERE,
    key: Key = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what changes.")] = False,
) -> None:
    """Take in a table of runs from a CSV, all of it or nothing."""
    try:
        content = file.read_bytes()
    except OSError as fault:
        print(f"{file} cannot be read: {fault.strerror}.", file=sys.stderr)
        raise typer.Exit(FAULT) from fault
    body = ask(url, "/api/v1/runs/import" + ("?dry_run=true" if dry_run else ""), key, content)
    for row in body["rows"]:
        print("  ".join(_cells(row)))
    for one in body["bad"]:
        place = f"line {one['line']}: {one['field']}={one['value']!r}"
        print(f"{place}: {one['allowed']}", file=sys.stderr)
    print(_sum(body))
    if body["bad"]:
        raise typer.Exit(FAULT)


def _cells(row: dict[str, Any]) -> list[str]:
    said = [row[name] or "-" for name in ("machine", "batch", "process", "start", "end", "kg")]
    return [f"line {row['line']}", row["change"], *said]


def _sum(body: dict[str, Any]) -> str:
    counts = Counter(row["change"] for row in body["rows"])
    said = ", ".join(f"{counts[change]} {change}" for change in ("new", "changed", "same"))
    number = body["import"]
    if number is None:
        done = "Nothing was changed."
    else:
        done = f"It is import {number}; to undo: POST /api/v1/runs/imports/{number}/undo"
    return f"{said}, {body['bad_rows']} bad. {done}"
