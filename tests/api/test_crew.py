"""The crew: pages done by other processes come back in order, whatever becomes of the processes."""

import os
import pickle
import signal
import time
from multiprocessing import get_context, parent_process
from pathlib import Path

import pytest

from api.composing import Composer
from api.crew import shared_out
from api.repricing import Repricing
from tests.collector.gateways import until

MANY = list(range(6))


def squared(page: int) -> tuple[int, bool]:
    """The square of a number, and whether another process made it."""
    return page * page, parent_process() is not None


def killed(page: int) -> int:
    """Kills whatever process is asked, but the one that hands out."""
    if parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return page


def refused(page: int) -> int:
    raise ValueError(f"page {page}")


def test_few_pages_are_done_here():
    assert list(shared_out(squared, [1, 2, 3])) == [(1, False), (4, False), (9, False)]


def test_many_pages_are_done_elsewhere_and_come_back_in_order():
    assert list(shared_out(squared, MANY)) == [(n * n, True) for n in MANY]


def test_what_a_killed_process_had_in_hand_is_done_here():
    assert list(shared_out(killed, MANY)) == MANY


def test_a_fault_in_a_page_is_a_fault_of_all():
    with pytest.raises(ValueError, match="page 0"):
        list(shared_out(refused, MANY))


def asleep(page: Path) -> None:
    """Says who it is, and is at it for longer than anybody waits."""
    page.write_text(str(os.getpid()))
    time.sleep(600)


def server(pages: list[Path]) -> None:
    list(shared_out(asleep, pages))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_crew_does_not_outlive_its_server(tmp_path):
    pages = [tmp_path / str(number) for number in range(6)]
    one = get_context("spawn").Process(target=server, args=(pages,))
    one.start()
    until(lambda: pages[0].exists() and pages[0].read_text() != "")
    hand = int(pages[0].read_text())

    one.kill()
    one.join()

    until(lambda: not alive(hand))


def test_batches_are_repriced_in_another_process_as_they_are_here(mill):
    service = mill.service
    reporter = service.reporter
    composer = Composer(service.books, reporter.pricer, reporter.plants, software="2")
    at = "2026-09-01T00:00:00.000Z"
    work = Repricing(service.books, composer, "2020-01-01T00:00:00.000Z", frozenset(["x"]), at)
    page = {"B2601": ("footprint", "inventory")}

    sent = pickle.loads(pickle.dumps(work))

    assert sent(page) == work(page) != []
