"""docs/evidence.md: what it shows by hand is run, on a seal that was handed out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.evidence.given import held

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
NAME = "keqiao-2026-03-02.json"


def by_hand(folder: Path) -> subprocess.CompletedProcess[str]:
    """The page's own code, in a folder where the seal is."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    command = [sys.executable, "-c", found[1]]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_seal_is_checked_by_hand_as_the_page_says(site: Path) -> None:
    done = by_hand(held(site)[0])

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("old", "new"), [("B0", "B9"), ('"number":1', '"number":2')])
def test_a_seal_that_was_edited_is_found_by_hand(site: Path, old: str, new: str) -> None:
    file = held(site)[0] / NAME
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    assert by_hand(held(site)[0]).returncode != 0
