"""The collector: polls, spools and sends. ``python -m millprint.roots.collector --config DIR``.

It imports no web and no database library: an agent alone is installed without them.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path

from collector.agent import Agent
from collector.clock import SystemClock
from collector.configuration import load
from collector.toml_files import say
from collector.wire.problem import Refused


def run(folder: Path) -> None:
    """Poll until a signal; `Refused` before anything has started where it cannot."""
    agent = Agent(load(folder), SystemClock())
    until_signal(agent.poll_and_commit())


def until_signal(work: Coroutine[object, object, None]) -> None:
    """Run until the work ends or SIGTERM or SIGINT asks to stop; what is open is committed."""

    async def body() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(body())


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-collector", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration folder")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    try:
        run(given.config)
    except Refused as refused:
        sys.stderr.write("\n".join(say(problem) for problem in refused.problems) + "\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
