"""A disk whose writes fail: nothing is said to be stored that is not, and nothing twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.given import at, house

FAILING = """
import sqlite3, sys
from pathlib import Path
from gateway.journal.stores.sqlite import Sqlite
from tests.gateway.given import Agent, House, at, reading
mill, failures = House(Sqlite(Path(sys.argv[1]))), 0

def until_done(work):
    global failures
    while True:
        try:
            return work()
        except sqlite3.Error:
            failures += 1
        try:
            mill.writer.reopen()
        except sqlite3.Error:
            failures += 1

for n, message in enumerate(Agent().each(*[reading(60 * n, n) for n in range(60)])):
    until_done(lambda: mill.takes(message))
    if n % 10 == 9:
        until_done(lambda: mill.writer.pack(at(60 * n)))
until_done(mill.writer.close)
print(failures)
"""


@pytest.mark.parametrize("nth", [90, 113])
def test_a_write_that_fails_is_not_stored_and_is_stored_once_later(tmp_path: Path, nth: int):
    (tmp_path / "failing.py").write_text(FAILING, encoding="utf-8")
    calls = "fdatasync,fsync,pwrite64"
    done = subprocess.run(
        ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}",
         "-e", f"inject={calls}:error=EIO:when={nth}+37",
         sys.executable, str(tmp_path / "failing.py"), str(tmp_path / "journal.db")],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    assert int(done.stdout) > 0
    with house(tmp_path / "journal.db") as mill:
        assert mill.shown() == [(at(60 * n), n) for n in range(60)]
        assert mill.through() == 60
        assert mill.broken_at() == ()
        assert mill.journal.quarantined() == 0
        assert list(mill.journal.unfaithful()) == []
