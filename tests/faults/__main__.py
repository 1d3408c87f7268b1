"""``python -m tests.faults``: every fault row, as a table and as ``var/faults.json``.

Exit code 0 only if every row ran, nothing was lost or doubled, and every promise kept. With
``--trust-puback`` the collector takes the broker's word for the journal's, and the suite must go
red: then the exit code is 0 only if it did.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults import (
    backlog,
    clocks,
    damaged,
    failing,
    full,
    hostile,
    killed,
    links,
    powercut,
    refused,
    shuffled,
    stopped,
    stores,
    tampered,
)
from tests.faults.namespaces import with_mounts_of_our_own
from tests.faults.row import Dose, Row, Unrecovered

ROWS: dict[int, Callable[[Dose], Row]] = {
    1: killed.collector,
    2: killed.server,
    3: powercut.collector,
    4: powercut.server,
    5: killed.broker,
    6: backlog.of_the_broker,
    7: links.cable,
    8: stopped.broker,
    9: shuffled.deliveries,
    10: refused.messages,
    11: full.edge,
    12: full.office,
    13: failing.disk,
    14: damaged.spool,
    20: clocks.at_boot,
    21: clocks.while_running,
    22: hostile.messages,
    24: stores.projections,
    25: tampered.journal,
}


def injected(
    dose: Dose, wanted: Sequence[int], console: Console
) -> tuple[list[Row], dict[int, str]]:
    """The rows, and why some could not be run to their end, by number."""
    rows: list[Row] = []
    given_up: dict[int, str] = {}
    for number in wanted:
        began = time.monotonic()
        try:
            row = ROWS[number](dose)
        except Unrecovered as fault:
            given_up[number] = str(fault)
            console.print(f"row {number} was given up: {fault}", style="bold red")
        else:
            rows.append(row)
            took_s = time.monotonic() - began
            cost = f"{row.readings} readings, {row.lost} lost, {row.doubled} doubled"
            console.print(f"row {number}: {row.fault}, {took_s:.0f} s: {cost}", style="dim")
            for sentence in row.broken:
                console.print(f"row {number}: {sentence}", style="bold red")
    return rows, given_up


def table(rows: Sequence[Row]) -> Table:
    """Rows for people."""
    found = Table(title="Faults: what they cost")
    found.add_column("row", justify="right")
    found.add_column("fault")
    for heading in ("injected", "readings", "lost", "doubled", "recovered [s]"):
        found.add_column(heading, justify="right")
    for row in rows:
        counts = (row.injected, row.readings, row.lost, row.doubled)
        style = "" if row.harmless else "bold red"
        found.add_row(
            str(row.row),
            row.fault,
            *(f"{count:,}" for count in counts),
            f"{row.recovered_s:.1f}",
            style=style,
        )
    return found


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn, and said")
    parser.add_argument("--times", type=int, default=3, help="injections a row")
    parser.add_argument("--cuts", type=int, default=500, help="disks after a power cut")
    parser.add_argument("--stop", type=float, default=3.0, help="seconds that row 8 stops it for")
    parser.add_argument("--bound", type=float, default=180.0, help="seconds that a wait may take")
    parser.add_argument("--row", type=int, action="append", choices=sorted(ROWS), default=None)
    parser.add_argument("--trust-puback", action="store_true", help="the mutation: see above")
    parser.add_argument("--json", type=Path, default=Path("var/faults.json"))
    return parser.parse_args()


def main() -> int:
    """The command."""
    given = arguments()
    with_mounts_of_our_own()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    console = Console()
    console.print(f"seed {seed}, load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} CPUs")
    dose = Dose(seed, given.times, given.stop, given.bound, given.cuts)
    if given.trust_puback:
        return _mutated(replace(dose, trust_puback=True), given.row or MUTABLE, console)
    rows, given_up = injected(dose, given.row or sorted(ROWS), console)
    console.print(table(rows))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    forms = [row.form() for row in rows]
    forms += [{"row": number, "given_up": why} for number, why in given_up.items()]
    found = json.dumps(forms, indent=1, ensure_ascii=False)
    given.json.write_text(found + "\n", encoding="utf-8")
    return 0 if not given_up and all(row.harmless for row in rows) else 1


MUTABLE = (1, 2, 5, 10)
"""Rows that go red then; elsewhere the broker lives, and passes on what it took."""


def _mutated(dose: Dose, wanted: Sequence[int], console: Console) -> int:
    """Whether the suite notices a collector that trusts PUBACK; says which rows did.

    A row that was given up says nothing of that.
    """
    rows, _ = injected(dose, wanted, console)
    red = sorted(row.row for row in rows if row.lost)
    console.print(table(rows))
    console.print(f"red, as it must be: rows {', '.join(map(str, red)) or 'none'}")
    return 0 if red else 1


if __name__ == "__main__":
    sys.exit(main())
