"""The model of a disk after a power cut: what was synced is there, the rest perhaps."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.faults.disk import Disk, calls
from tests.faults.stracing import inject, recording

ROWS = 30
CUTS = 40
WRITER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode = WAL", f"synchronous = {sys.argv[2]}"):
    db.execute(f"PRAGMA {pragma}")
db.execute("CREATE TABLE rows (n INTEGER)")
for number in range(int(sys.argv[3])):
    try:
        db.execute("INSERT INTO rows VALUES (?)", (number,))
    except sqlite3.OperationalError:
        continue
    open(sys.argv[4], "a").write(f"{number}\\n")
"""


def recorded(folder: Path, synchronous: str, *more: str) -> Path:
    (folder / "disk").mkdir()
    said = folder / "said"
    arguments = [str(folder / "disk" / "a.db"), synchronous, str(ROWS), str(said)]
    before = recording(folder / "record", *more)
    subprocess.run([*before, sys.executable, "-c", WRITER, *arguments], check=True)
    return folder / "record"


def after_cuts(folder: Path, record: Path) -> list[tuple[int, int]]:
    """For each cut: how many rows had been committed, and how many of these are found."""
    happened, drawn = list(calls(record)), Random(1)
    found = []
    for instant in sorted(drawn.randrange(len(happened)) for _ in range(CUTS)):
        disk = Disk(folder / "disk", Random(2))
        said = b""
        for call in happened[:instant]:
            disk.take(call)
            if call.name == "write" and call.ended and call.path == str(folder / "said"):
                said += call.strings()[0]
        committed = {int(line) for line in said.split()}
        found.append((len(committed), len(committed & rows(folder / "image", disk, drawn))))
    return found


def rows(image: Path, disk: Disk, drawn: Random) -> set[int]:
    image.mkdir(exist_ok=True)
    for old in image.iterdir():
        old.unlink()
    for name, content in disk.after_cut(drawn).items():
        (image / name).write_bytes(content)
    db = sqlite3.connect(image / "a.db")
    try:
        return {number for (number,) in db.execute("SELECT n FROM rows")}
    except sqlite3.DatabaseError:
        return set()
    finally:
        db.close()


def test_what_sqlite_has_synced_is_found_after_every_cut(tmp_path: Path) -> None:
    cuts = after_cuts(tmp_path, recorded(tmp_path, "FULL"))

    assert max(committed for committed, _ in cuts) > ROWS / 2
    assert [(committed, found) for committed, found in cuts if found < committed] == []


def test_what_sqlite_has_not_synced_is_lost_by_some_cut(tmp_path: Path) -> None:
    cuts = after_cuts(tmp_path, recorded(tmp_path, "OFF"))

    assert any(found < committed for committed, found in cuts)


def test_a_sync_that_fails_costs_nothing_that_was_said_to_be_committed(tmp_path: Path) -> None:
    record = recorded(tmp_path, "FULL", inject(("fdatasync",), "EIO", "12"))
    cuts = after_cuts(tmp_path, record)

    assert cuts[-1][0] == ROWS - 1  # the one that failed was not said to be committed
    assert [(committed, found) for committed, found in cuts if found < committed] == []


@pytest.mark.parametrize("halves", [False, True])
def test_a_call_that_others_came_between_is_read_like_one_that_was_not_cut(
    tmp_path: Path, halves: bool
) -> None:
    start = '1 1.0 pwrite64(3<\\x2f\\x64\\x2f\\x61>, "\\x68\\x69", 2, 7'
    whole = [f"{start}) = 2"]
    cut = [f"{start} <unfinished ...>", "2 1.1 fsync(4<\\x2f\\x62>) = 0"]
    cut.append("1 1.2 <... pwrite64 resumed>) = 2")
    (tmp_path / "record").write_text("\n".join(cut if halves else whole) + "\n")

    found = [call for call in calls(tmp_path / "record") if call.name == "pwrite64"]

    assert [call.ended for call in found] == [False, True]
    assert [(call.path, call.strings(), call.number(-1)) for call in found] == [
        ("/d/a", [b"hi"], 7)
    ] * 2
