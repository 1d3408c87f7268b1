"""The demo's collector: the real agent on the simulated mill's clock.

``python -m millprint.demo.collector --config DIR --pace HOST:PORT``. The clock moves only after
every bus has done its round and the round is committed (with ``--commit-by-clock``, as in a mill,
only as often as the configuration says), and while no more than so much waits for the journal: what
is live goes first, and a mill in a hurry would never let a backlog through.
"""

import argparse
import asyncio
import logging
from pathlib import Path

from collector.agent import Agent
from collector.configuration import load
from millprint.demo.paced_clock import PacedClock
from millprint.roots.collector import until_signal

_RESEND_AFTER_S = 2.0
_MOST_WAITING = 4000
_LOOK_EVERY_S = 0.02


async def poll(folder: Path, pace: str, *, by_clock: bool, ahead: int) -> None:
    """Poll the demo mill until a signal."""
    configuration = load(folder)
    host, _, port = pace.partition(":")
    buses = {device.bus for device in configuration.devices}
    agents: list[Agent] = []

    async def before_advance() -> None:
        if not by_clock:
            await agents[0].commit()
        while await agents[0].waiting() > ahead:
            await asyncio.sleep(_LOOK_EVERY_S)

    clock = await PacedClock.connect(
        host, int(port), participants=len(buses) + by_clock, before_advance=before_advance
    )
    agent = Agent(configuration, clock, resend_after_s=_RESEND_AFTER_S, apart_ms=0)
    agents.append(agent)
    await (agent.poll_and_commit() if by_clock else agent.poll())


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(prog="millprint-demo-collector", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--pace", required=True)
    parser.add_argument("--ahead", type=int, default=_MOST_WAITING, help="records of the journal")
    parser.add_argument("--commit-by-clock", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    until_signal(poll(given.config, given.pace, by_clock=given.commit_by_clock, ahead=given.ahead))


if __name__ == "__main__":
    main()
