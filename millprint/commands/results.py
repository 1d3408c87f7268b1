"""``millprint api …`` for results: explain, export, periods, restatements, newer factors, swaps.

All of them ask the running api, so that who decided what is always the holder of a key.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import typer

from millprint.commands.asking import HERE, Key, Url, ask, fetch
from millprint.commands.manner import FAULT

app = typer.Typer(no_args_is_help=True, help="Results: why, since when, and what waits.")

Why = Annotated[str, typer.Option(help="The reason, in words; it is kept.")]


@app.command("explain")
def explain(
    batch: Annotated[str, typer.Argument(help="The batch's id.")],
    url: Url = HERE,
    key: Key = "",
    view: Annotated[Literal["footprint", "inventory"], typer.Option()] = "footprint",
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Of the text.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Where each number of a batch's footprint comes from, down to register readings."""
    path = f"/api/v1/batches/{quote(batch, safe='')}/explain?view={view}&lang={lang}"
    body = ask(url, path, key)
    print(json.dumps(body, indent=1, ensure_ascii=False) if as_json else body["text"])


@app.command("export")
def export(  # noqa: PLR0913 - each is an option of the command
    out: Annotated[
        Path, typer.Argument(help="The file; its ending says the form: .xlsx, .csv, .pdf, .parquet")
    ],
    month: Annotated[str, typer.Option(help="Year and month: 2026-03")] = "",
    batch: Annotated[str, typer.Option(help="One batch alone.")] = "",
    article: Annotated[str, typer.Option(help="Over 12 months, or --from and --to.")] = "",
    start: Annotated[str, typer.Option("--from", help="2026-03-01T00:00+08:00")] = "",
    end: Annotated[str, typer.Option("--to", help="2026-03-08T00:00+08:00")] = "",
    as_of: Annotated[str, typer.Option(help="A month as it was kept then.")] = "",
    table: Annotated[
        Literal["batches", "lines", "factors", "problems"],
        typer.Option(help="Of a csv or parquet, which hold one table."),
    ] = "batches",
    view: Annotated[Literal["footprint", "inventory"], typer.Option()] = "footprint",
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Of the headings.")] = "en",
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Results of a month, a period, an article or a batch as a file."""
    asked = {
        "month": month,
        "batch": batch,
        "article": article,
        "from": start,
        "to": end,
        "as_of": as_of,
    }
    asked = {name: said for name, said in asked.items() if said}
    asked |= {"table": table, "view": view, "lang": lang}
    form = out.suffix.removeprefix(".") or "-"
    found = fetch(url, f"/api/v1/exports/{quote(form, safe='')}?{urlencode(asked)}", key)
    try:
        out.write_bytes(found)
    except OSError as fault:
        print(f"{out} cannot be written: {fault.strerror}.", file=sys.stderr)
        raise typer.Exit(FAULT) from fault
    print(f"{out}: {len(found):,} bytes.")


@app.command("periods")
def periods(url: Url = HERE, key: Key = "") -> None:
    """Which months are closed, by whom, and why."""
    found = ask(url, "/api/v1/periods", key)["periods"]
    for one in found:
        print(f"{one['month']}  closed {one['closed_at']} by {one['closed_by']}: {one['why']}")
    if not found:
        print("No month is closed.")


@app.command("close")
def close(
    month: Annotated[str, typer.Argument(help="Year and month: 2026-03")],
    why: Why,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Close a month: afterwards nothing in it changes unless a named person posts it."""
    body = ask(url, f"/api/v1/periods/{quote(month, safe='')}/close", key, {"why": why})
    print(f"{body['month']} is closed, by {body['closed_by']} at {body['closed_at']}.")


@app.command("restatements")
def restatements(url: Url = HERE, key: Key = "") -> None:
    """What waits for a person: closed months that would change, and newer factors."""
    found = ask(url, "/api/v1/restatements", key)["restatements"]
    for one in found:
        _say(one)
    if not found:
        print("Nothing waits.")


@app.command("post")
def post(
    number: Annotated[int, typer.Argument(help="Number of the restatement.")],
    why: Why,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Post a restatement: every batch of it gets its new revision at once."""
    _say(ask(url, f"/api/v1/restatements/{number}/post", key, {"why": why}))


@app.command("reject")
def reject(
    number: Annotated[int, typer.Argument(help="Number of the restatement.")],
    why: Why,
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Reject a restatement: everything stays as it is, and the decision is kept."""
    _say(ask(url, f"/api/v1/restatements/{number}/reject", key, {"why": why}))


@app.command("factor-changes")
def factor_changes(url: Url = HERE, key: Key = "") -> None:
    """Which batches newer factors would change, and by how much."""
    found = ask(url, "/api/v1/factors/changes", key)["changes"]
    for one in found:
        for moved in one["detail"]["carriers"]:
            old, new = (", ".join(moved[name]) or "none" for name in ("from", "to"))
            print(f"{moved['carrier']} [{moved['unit']}], {moved['view']}: {old} -> {new}")
        _say(one)
    if not found:
        print("No newer factor touches any batch.")


@app.command("swap")
def swap(  # noqa: PLR0913 - each is an option of the command
    meter: Annotated[str, typer.Argument(help="device.point")],
    at: Annotated[str, typer.Option(help="When, with its zone: 2026-03-01T13:00+08:00")],
    old_last: Annotated[str, typer.Option(help="What the old meter showed last.")],
    new_first: Annotated[str, typer.Option(help="What the new one showed first.")],
    why: Why,
    evidence: Annotated[str, typer.Option(help="What proves it.")] = "",
    url: Url = HERE,
    key: Key = "",
) -> None:
    """Enter that a meter was changed or reset: what was held goes to whom it belongs."""
    said = {"at": at, "old_last": old_last, "new_first": new_first}
    said |= {"why": why, "evidence": evidence}
    body = ask(url, f"/api/v1/meters/{quote(meter, safe='')}/swaps", key, said)
    print(f"{body['meter']} was changed at {body['at']}; entered by {body['by']}.")


def _say(one: dict[str, Any]) -> None:
    print(f"Restatement {one['id']}, {one['reason']}, {one['state']}, made {one['made_at']}:")
    for line in one["batches"]:
        before = line["kgco2e_from"] or "-"
        print(
            f"  {line['batch']}  {line['view']}  {before} -> {line['kgco2e_to']} kgCO2e"
            f"  ({line['difference'] or 'new'})"
        )
