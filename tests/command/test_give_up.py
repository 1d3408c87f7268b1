"""A server whose thread has failed ends, so that it is started again."""

import subprocess
import sys
from pathlib import Path

FAILING = """
import threading, time
from millprint.roots.server import give_up
threading.excepthook = give_up
threading.Thread(target=lambda: 1 / 0, name="bookkeeper").start()
time.sleep(30)
"""


def test_a_server_does_not_go_on_without_one_of_its_threads() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, timeout=25, check=False
    )

    assert done.returncode == 1
    assert "bookkeeper has failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_server_says_in_a_sentence_that_its_journal_is_damaged_and_ends_with_1(
    folder: Path,
) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "journal.db").write_bytes(b"this is a letter, and no database\n" * 200)

    done = subprocess.run(
        [sys.executable, "-m", "millprint.roots.server", "--config", str(folder)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("journal-damaged   ")
    assert "file is not a database" in done.stderr
    assert "Traceback" not in done.stderr
