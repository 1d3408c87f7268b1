"""A sync fails, the server ends, and the power is cut a good while after it runs again."""

import subprocess
import sys
from pathlib import Path
from random import Random

from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.faults.disk import Disk, calls
from tests.faults.stracing import inject, recording

SEEDS = range(4)
SYNCS_BEFORE = 9  # of the file's making, and of the first messages
SERVER = """
import os, sqlite3, sys
from pathlib import Path
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from tests.gateway.given import COLLECTOR, NOW, SITE, Agent, reading

messages = Agent().each(*[reading(60 * n, n) for n in range(9)])
writer = Writer(Sqlite(Path(sys.argv[1])), site=SITE)
acks = writer.acks(COLLECTOR)
try:
    for message in messages[acks[0].through if acks else 0:int(sys.argv[2])]:
        writer.store([message], NOW)
except sqlite3.OperationalError:
    os._exit(3)
print(writer.acks(COLLECTOR)[0].through)
sys.stdout.flush()
os._exit(0)  # without closing the file, as after kill -9
"""


def served(folder: Path, until: int, *more: str) -> subprocess.CompletedProcess[str]:
    """A server on a recorded disk, until it has stored so many messages or one cannot be."""
    command = [sys.executable, "-c", SERVER, str(folder / "disk" / "journal.db"), str(until)]
    recorded = [*recording(folder / "record", *more), *command]
    return subprocess.run(recorded, capture_output=True, text=True, timeout=60, check=False)


def test_what_was_read_from_a_log_that_a_failed_sync_left_in_memory_outlives_a_power_cut(
    tmp_path: Path,
) -> None:
    """What is in the kernel's memory alone reads as if it were on the medium."""
    (tmp_path / "disk").mkdir()
    failed = served(tmp_path, 4, inject(("fdatasync",), "EIO", f"{SYNCS_BEFORE + 1}+"))
    assert failed.returncode == 3, "the sync did not fail while a message was stored"

    told = served(tmp_path, 6)

    assert (told.returncode, told.stdout) == (0, "6\n")
    disk = Disk(tmp_path / "disk", Random(1))
    for call in calls(tmp_path / "record"):
        disk.take(call)
    assert [through(tmp_path / f"{seed}", disk, Random(seed)) for seed in SEEDS] == [6] * len(SEEDS)


def through(image: Path, disk: Disk, drawn: Random) -> int:
    """How far the journal accounts for what came, on a disk as it is found after a power cut."""
    image.mkdir()
    for name, content in disk.after_cut(drawn).items():
        (image / name).write_bytes(content)
    writer = Writer(Sqlite(image / "journal.db"), site="keqiao")
    acks = writer.acks("dyehouse-a")
    writer.close()
    return acks[0].through if acks else 0
