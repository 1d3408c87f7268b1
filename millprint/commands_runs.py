"""``millprint api import-runs``: a table of runs from a file, looked at first or taken in."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_FAULT = 1


def import_runs(file: Path, url: str, key: str, *, dry_run: bool) -> int:
    """Send a CSV of runs to an api and say what it changes; all of it or nothing.

    Args:
        file: The table: machine, batch, process, start, end, kg, the heads in English or Chinese.
        url: Where the api is.
        key: An API key that may write.
        dry_run: Only say what it would change.

    Returns:
        The exit code: 0 taken in (or nothing wrong with it), 1 refused.
    """
    try:
        content = file.read_bytes()
    except OSError as fault:
        return _said(f"{file} cannot be read: {fault.strerror}.")
    path = f"{url}/api/v1/runs/import" + ("?dry_run=true" if dry_run else "")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}
    request = urllib.request.Request(path, content, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as fault:
        return _refused(fault)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        return _said(f"{url} does not answer: {fault}")
    _tell(body, dry_run=dry_run)
    return _FAULT if body["bad"] else 0


def _tell(body: dict[str, Any], *, dry_run: bool) -> None:
    table = Table("line", "change", "machine", "batch", "process", "start", "end", "kg")
    for row in body["rows"]:
        cells = [row[name] or "" for name in ("process", "start", "end", "kg")]
        table.add_row(str(row["line"]), row["change"], row["machine"], row["batch"], *cells)
    Console().print(table)
    _tell_bad(body)
    counts = {
        change: sum(row["change"] == change for row in body["rows"])
        for change in ("new", "changed", "same")
    }
    said = ", ".join(f"{count} {change}" for change, count in counts.items())
    sys.stdout.write(f"{said}, {body['bad_rows']} bad. ")
    if dry_run:
        sys.stdout.write("Nothing was changed: a dry run.\n")
    elif body["import"] is None:
        sys.stdout.write("Nothing was changed.\n")
    else:
        number = body["import"]
        sys.stdout.write(
            f"It is import {number}; to undo: POST /api/v1/runs/imports/{number}/undo\n"
        )


def _tell_bad(body: dict[str, Any]) -> None:
    for one in body["bad"]:
        sys.stderr.write(
            f"line {one['line']}  {one['field']} = {one['value']!r}: {one['allowed']}\n"
        )


def _refused(fault: urllib.error.HTTPError) -> int:
    try:
        body = json.load(fault)
        detail = str(body["detail"])
    except (ValueError, KeyError, TypeError):
        return _said(f"{fault.url} answers {fault.code}, not as millprint would.")
    if body.get("bad"):
        _tell_bad(body)
        return _said(f"{body['bad_rows']} bad; nothing was changed.")
    return _said(detail)


def _said(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return _FAULT
