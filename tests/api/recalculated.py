"""A workbook as a spreadsheet sees it: every formula computed again by LibreOffice."""

import os
import subprocess
from pathlib import Path

import openpyxl


def recalculated(path: Path) -> dict[str, dict[str, float | str]]:
    """By sheet: the second column by the first, after all that was computed before is forgotten."""
    forgotten = path.with_name("forgotten.xlsx")
    book = openpyxl.load_workbook(path)  # formulas alone: no value of them is kept
    book.save(forgotten)
    out = path.parent / "recalculated"
    profile = f"-env:UserInstallation=file://{path.parent}/office"
    words = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out)]
    done = subprocess.run(
        [*words, str(forgotten)],
        env=os.environ | {"HOME": str(path.parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    again = openpyxl.load_workbook(out / "forgotten.xlsx", data_only=True)
    return {
        sheet.title: {row[0]: row[1] for row in sheet.iter_rows(max_col=2, values_only=True)}
        for sheet in again
    }
