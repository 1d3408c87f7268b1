"""``python -m tests.faults``: every fault row, as a table and as ``var/faults.json``.

Exit code 0 only if every row ran and nothing was lost or doubled.
"""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults import killed, shuffled, stopped
from tests.faults.row import Dose, Row, Unrecovered

ROWS: dict[int, Callable[[Dose], Row]] = {
    1: killed.collector,
    2: killed.server,
    5: killed.broker,
    8: stopped.broker,
    9: shuffled.delivery,
}


def injected(dose: Dose, wanted: Sequence[int], console: Console) -> tuple[list[Row], bool]:
    """The rows, and whether all of them could be run to their end."""
    rows, whole = [], True
    for number in wanted:
        console.print(f"row {number} …", style="dim")
        try:
            rows.append(ROWS[number](dose))
        except Unrecovered as fault:
            whole = False
            console.print(f"row {number} was given up: {fault}", style="bold red")
    return rows, whole


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


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="default: drawn, and said")
    parser.add_argument("--times", type=int, default=6, help="injections a row")
    parser.add_argument("--stop", type=float, default=3.0, help="seconds that row 8 stops it for")
    parser.add_argument("--bound", type=float, default=180.0, help="seconds a row may take")
    parser.add_argument("--row", type=int, action="append", choices=sorted(ROWS), default=None)
    parser.add_argument("--json", type=Path, default=Path("var/faults.json"))
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    console = Console()
    console.print(f"seed {seed}, load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} CPUs")
    dose = Dose(seed, given.times, given.stop, given.bound)
    rows, whole = injected(dose, given.row or sorted(ROWS), console)
    console.print(table(rows))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    found = json.dumps([row.form() for row in rows], indent=1, ensure_ascii=False)
    given.json.write_text(found + "\n", encoding="utf-8")
    return 0 if whole and all(row.harmless for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
