"""A server whose thread has failed ends, so that it is started again."""

import subprocess
import sys

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
