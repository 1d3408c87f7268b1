"""The collector: polls, spools and sends. ``python -m millprint.roots.collector --config DIR``.

It imports no web and no database library: an agent alone is installed without them.
"""

import argparse
import asyncio
import contextlib
import ctypes
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from collector.agent import Agent
from collector.clock import SystemClock
from collector.configuration import load
from collector.toml_files import say
from collector.wire.problem import Refused
from millprint import systemd

log = logging.getLogger("collector")

# M_ARENA_MAX, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h: otherwise each thread keeps what it
# freed for itself, and ever more of it, which is 3 MB of 44.
_MALLOC = ((-8, 1), (-1, 64 * 1024), (-3, 128 * 1024))
_SWITCH_S = 0.0005
"""How long polling waits for a thread that commits or sends; Python's own 5 ms make slots late."""


def run(folder: Path) -> None:
    """Poll until a signal; `Refused` before anything has started where it cannot.

    SIGHUP reads the configuration again; where it cannot stand, polling goes on by the one before.
    """
    agent = Agent(load(folder), SystemClock(), round_done=lambda: systemd.tell(systemd.ALIVE))

    async def read_again() -> None:
        try:
            await agent.reload(await asyncio.to_thread(load, folder))
        except Refused as refused:
            log.error("the configuration is not taken:\n%s", _said(refused))  # noqa: TRY400

    gc.freeze()  # what stays for years is not gone through again while a slot waits
    systemd.tell(systemd.READY)
    until_signal(agent.poll_and_commit(), read_again)


def until_signal(
    work: Coroutine[object, object, None],
    on_hangup: Callable[[], Coroutine[object, object, None]] | None = None,
) -> None:
    """Run until the work ends or SIGTERM or SIGINT asks to stop; what is open is committed.

    Args:
        work: What is done.
        on_hangup: Done at SIGHUP, one after the other.
    """

    async def body() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        listening = asyncio.ensure_future(_at_each_hangup(on_hangup)) if on_hangup else None
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if listening is not None:
            listening.cancel()

    asyncio.run(body())


async def _at_each_hangup(do: Callable[[], Coroutine[object, object, None]]) -> None:
    hangups: asyncio.Queue[None] = asyncio.Queue()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hangups.put_nowait, None)
    while True:
        await hangups.get()
        await do()


def _said(refused: Refused) -> str:
    return "\n".join(say(problem) for problem in refused.problems)


def _give_memory_back() -> None:
    """What is freed goes back to the kernel; where the C library is not glibc, it knows best."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for parameter, value in _MALLOC:
            libc.mallopt(parameter, value)


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-collector", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    given = parser.parse_args()
    _give_memory_back()
    sys.setswitchinterval(_SWITCH_S)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    try:
        run(given.config)
    except Refused as refused:
        sys.stderr.write(_said(refused) + "\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
