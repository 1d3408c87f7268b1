"""A writer that is killed between any two statements: what it said was stored is there, once.

The writer runs in a child process, which kills itself before its nth statement. All of them are
tried where MILLPRINT_LONG is set, else every eleventh from one that is drawn.
"""

import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal import Arrival
from gateway.journal.stores.sqlite import Sqlite
from tests.gateway.given import COLLECTOR, FAR, LONG, Agent, House, at, house, reading, unsure

STRIDE = 1 if LONG else 11
MOST_STATEMENTS = 1000


def messages() -> list[Arrival]:
    """Readings of two devices in three quarters of an hour; one boot learns its time late."""
    agent = Agent()
    made = [agent.is_born()]
    for n in range(6):
        made.append(agent.says(reading(300 * n, n), reading(300 * n + 10, n)))
        made.append(agent.says(reading(300 * n, n, device="jet-08-power")))
        made.append(agent.says(unsure(n, 50 + n), unsure(n, 70 + n, says=60 * n, clock="I")))
    return [*made, agent.knows(3, 4000), agent.lost(2, 2), agent.says(reading(2, 99))]


def live(mill: House, say: Callable[[int], None]) -> None:
    """Store, pack and say how far it has come."""
    for number, message in enumerate(messages()):
        mill.takes(message)
        say(mill.through())
        if number % 5 == 4:
            mill.writer.pack(at(150 * number))
    mill.writer.pack(FAR)


def killed(path: Path, nth: int) -> int | None:
    """How far the writer said it had come before its nth statement; None where it came to an end.

    The child is forked: a new interpreter would take longer than all that it does.
    """
    reads, writes = os.pipe()

    def child() -> None:
        left = [nth]

        def count(_: str) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        mill = House(Sqlite(path))
        mill.writer._db.set_trace_callback(count)
        live(mill, lambda through: os.write(writes, b"%d\n" % through) and None)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read().split()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return None if process.exitcode == 0 else int(said[-1]) if said else 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[list, list, list]:
    """What a writer leaves behind that nobody kills."""
    with house(tmp_path_factory.mktemp("whole") / "journal.db") as mill:
        live(mill, lambda _: None)
        return mill.forms(), mill.shown(), mill.shown("jet-08-power")


def test_a_writer_that_is_killed_between_two_statements_loses_and_doubles_nothing(tmp_path, whole):
    tried = 0
    for nth in range(random.randint(1, STRIDE), MOST_STATEMENTS, STRIDE):
        folder = tmp_path / str(nth)
        said = killed(folder / "journal.db", nth)
        if said is None:
            break
        tried += 1
        with house(folder / "journal.db") as mill:
            acks = mill.writer.acks(COLLECTOR)
            stored = [seq for seq, _, _ in mill.forms()]
            assert (acks[0].through if acks else 0) >= said, nth
            assert len(stored) == len(set(stored)), nth

            live(mill, lambda _: None)  # all of it comes again

            assert (mill.forms(), mill.shown(), mill.shown("jet-08-power")) == whole, nth
            assert mill.broken_at() == (), nth
            assert mill.journal.quarantined() == 0, nth
            assert list(mill.journal.unfaithful()) == [], nth
        shutil.rmtree(folder)
    assert tried * STRIDE > 100
