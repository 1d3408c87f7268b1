"""``python -m tests.bench``: every benchmark, as a table and as ``var/bench.json``."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import (
    agent,
    asking,
    backlog,
    browsing,
    crowd,
    demo,
    footprint,
    ingest,
    lookup,
    memory,
    outage,
    pages,
    projecting,
    reading,
    reprice,
    values,
    written,
    year,
)
from tests.bench.row import Effort, Row, rounded

BENCHMARKS = (
    reading,
    values,
    ingest,
    written,
    lookup,
    memory,
    outage,
    projecting,
    backlog,
    agent,
    crowd,
    asking,
    demo,
    year,
    footprint,
    reprice,
    pages,
    browsing,
)


def measured(effort: Effort, console: Console) -> list[Row]:
    """The rows of every benchmark."""
    rows: list[Row] = []
    for benchmark in BENCHMARKS:
        console.print(f"{benchmark.__name__.rpartition('.')[2]} …", style="dim")
        rows += benchmark.measure(effort)
    return rows


def table(rows: Sequence[Row]) -> Table:
    """Rows for people."""
    found = Table(title="Benchmarks: medians, each beside a peer of the same run")
    found.add_column("what", ratio=3)
    for heading in ("value", "unit"):
        found.add_column(heading, justify="right" if heading == "value" else "left", no_wrap=True)
    found.add_column("peer", ratio=2)
    for heading in ("its value", "ratio", "runs"):
        found.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        found.add_row(
            row.name,
            f"{rounded(row.value):,g}",
            row.unit,
            row.peer,
            "–" if row.peer_value is None else f"{rounded(row.peer_value):,g}",
            "–" if row.ratio is None else f"{rounded(row.ratio):g}",
            str(row.runs),
        )
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that everything runs")
    parser.add_argument("--runs", type=int, default=3, help="runs of each benchmark")
    parser.add_argument("--values", type=int, default=10**8, help="values to look up among")
    parser.add_argument("--readings", type=int, default=10**7, help="readings to watch memory over")
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"))
    given = parser.parse_args()
    effort = Effort(1 if given.quick else given.runs, given.quick, given.values, given.readings)
    console = Console()
    before = os.getloadavg()[0]
    rows = measured(effort, console)
    console.print(table(rows))
    console.print(
        f"Load average before: {before:.2f}, after: {os.getloadavg()[0]:.2f}, "
        f"on {os.cpu_count()} processors."
    )
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(
        json.dumps([row.form() for row in rows], indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
