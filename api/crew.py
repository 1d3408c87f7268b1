"""The crew: short-lived processes that share out what is to be done for very many batches.

Pricing a hundred thousand batches takes a minute of both processors. The server's own
interpreter takes in readings meanwhile, so it only hands out pages and writes what comes back.
"""

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST = 4
_FEW_PAGES = 4
"""So many are done sooner than a process starts."""
_BEHIND_INGEST = 5
_work: Callable[[Any], Any]


def shared_out(work: Callable[[T], R], pages: Sequence[T]) -> Iterator[R]:
    """What each page comes to, in their order.

    Args:
        work: Does a page. It is copied into each process, and with it the address of the books.
        pages: What is to be done.
    """
    if len(pages) <= _FEW_PAGES:
        yield from map(work, pages)
        return
    hands = min(_MOST, os.cpu_count() or 1)
    crew = ProcessPoolExecutor(hands, get_context("spawn"), initializer=_take, initargs=(work,))
    under_way: deque[tuple[T, Future[R]]] = deque()
    try:
        for page in pages:
            under_way.append((page, _handed(crew, page)))
            if len(under_way) > 2 * hands:  # what is done and not yet taken stays in memory
                yield _done(work, *under_way.popleft())
        while under_way:
            yield _done(work, *under_way.popleft())
    finally:
        crew.shutdown(cancel_futures=True)


def _handed(crew: ProcessPoolExecutor, page: T) -> Future[Any]:
    try:
        return crew.submit(_do, page)
    except BrokenProcessPool as fault:
        failed: Future[Any] = Future()
        failed.set_exception(fault)
        return failed


def _done(work: Callable[[T], R], page: T, future: "Future[R]") -> R:
    try:
        return future.result()
    except BrokenProcessPool:
        return work(page)  # one was killed, such as for want of memory: then it takes longer


def _take(work: Callable[[Any], Any]) -> None:
    global _work  # noqa: PLW0603 - what this process is for
    os.nice(_BEHIND_INGEST)
    threading.Thread(target=_leave_with_the_server, daemon=True).start()
    _work = work
    # Half of a page stays until its end, so looking for what is no longer used is done behind it.
    gc.freeze()
    gc.disable()


def _leave_with_the_server() -> None:
    """Where the server is killed nobody tells its crew, which would wait for pages for ever."""
    server = parent_process()
    if server is not None:
        server.join()
    os._exit(1)


def _do(page: Any) -> Any:
    try:
        return _work(page)
    finally:
        gc.collect()
